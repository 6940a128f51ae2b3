"""What ``avous bench live`` and ``avous bench journal`` are made of: a load, a stopwatch, and the limit of this very machine.

Every figure is given beside its limit, measured in the same run: absolute numbers tell more about the
machine and its neighbours than about the code.
"""
