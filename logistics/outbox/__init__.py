"""Messages written in the transaction that causes them, and sent by a worker afterwards, once."""
