"""Stock-takes: what somebody counted at a moment, and what follows from it."""
