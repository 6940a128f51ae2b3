"""A crowd for a live server: shoppers and salespeople that are real HTTP and WebSocket clients.

It runs in a process of its own, knows the server only by its public interface (nothing of ``server`` is
imported) and lives in store time, read from ``GET /api/v1/clock``. ``avous demo`` starts it; the fault
tests reuse its clients and its history.
"""
