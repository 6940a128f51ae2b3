"""The queue itself, pure: no clock, no randomness, no input or output, standard library only.

Read in this order: ``plan`` (what a store decided beforehand), ``commands`` (what can be asked),
``events`` (what can have happened), ``state`` (what is true now), ``dispatch`` (who is next, and by
whom), ``decide`` with ``floor_rules``, ``shopper_rules``, ``serving_rules``, ``offers`` and
``deadlines`` (what a command does), ``evolve`` with ``changes`` (the state after an event), ``effects``
(what the world must be told), ``refusals``, and ``views`` (what each screen shows).
"""
