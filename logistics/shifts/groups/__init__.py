"""Several shifts or several people at once: stays and convoys."""
