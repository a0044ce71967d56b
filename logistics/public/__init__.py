"""What the world sees: home, needs, privacy."""
