"""Tells a retailer's own systems what happens: read ``happenings`` (what), ``tail`` (when), ``courier`` (how), ``target`` (where to)."""
