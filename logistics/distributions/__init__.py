"""Sites and distributions: what happens where, when and for how many."""
