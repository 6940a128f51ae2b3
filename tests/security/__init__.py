"""Attacks on the whole server, in process where that is enough."""
