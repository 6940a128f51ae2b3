"""The journal: the append-only record of events, which is the truth, and the tables beside it."""
