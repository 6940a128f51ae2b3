"""The queue itself, pure: no clock, no randomness, no input or output, standard library only.

Read in this order: ``plan`` (what a store decided beforehand), ``commands`` (what can be asked),
``events`` (what can have happened), ``state`` (what is true now), ``dispatch`` (who is next, and by
whom); then ``decide`` with ``floor_rules``, ``shopper_rules``, ``serving_rules``, ``offers`` and
``deadlines`` (what a command does); then ``evolve`` with ``floor_events``, ``shopper_events``,
``serving_events`` and ``changes`` (the state after an event); last ``effects`` (what the world must be
told), ``refusals``, ``views`` and ``answers`` (what screens and senders get).
"""
