"""Hours worked: counted, corrected, certified and summed up."""
