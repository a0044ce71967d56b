"""Products, boxes, locations, movements; what is on hand, promised and available."""
