"""Labels: codes on boxes, blank ones, and the sheets they are printed on."""
