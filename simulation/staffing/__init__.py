"""Whom a store needs when: ``problem`` says what is asked, ``search`` finds people per interval, ``shifts`` and ``rota`` who works.

``erlang`` and ``textbook`` are what it is compared with; ``labour`` reads the rules about working time.
"""
