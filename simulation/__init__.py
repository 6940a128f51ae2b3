"""The simulated copy of a store: scenarios, the twin that drives ``server.rules``, what-if, replay, staffing.

Nothing here knows a database, a socket or the live server: it is given plain records and scenario files. Read ``scenario``, then ``twin``,
then ``whatif`` and ``staffing``.
"""
