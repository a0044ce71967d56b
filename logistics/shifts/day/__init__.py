"""Running the day: who is here, who came, who leads."""
