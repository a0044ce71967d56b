"""Shoreline: the crew, the goods and the money of a refugee-aid charity's distributions."""
