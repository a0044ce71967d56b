"""Stand-ins: what may be handed out instead of what is short, and what somebody chose to."""
