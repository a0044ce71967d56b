"""How much of a product is to be kept: minimums and targets, what is below them, and so what is needed."""
