"""The twin of a store's day. ``reference`` drives the rules in SimPy, ``kernel`` plays the identical day some thirty times faster;
``demand`` draws who comes, ``metrics`` counts what came of it, ``simulate`` repeats it.
"""
