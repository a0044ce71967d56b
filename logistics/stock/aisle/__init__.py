"""In the aisle, with or without a signal: what a phone is given of a warehouse, and what was done there since."""
