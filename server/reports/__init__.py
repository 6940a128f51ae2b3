"""What a manager reads afterwards: a period in figures that add up, computed from the store's facts and nothing else.

Pure: records in, plain dicts out, no clock, no I/O. Read ``visits`` (a visit out of its steps), ``survival`` (waits when
some gave up), ``report`` (the whole), ``compare`` (two periods).
"""
