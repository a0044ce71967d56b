"""The list of boxes narrowed by whatever is known of them, with the columns one wants, and kept under a name."""
