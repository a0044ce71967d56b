"""A believable charity to look at, made through the same services as a real one."""
