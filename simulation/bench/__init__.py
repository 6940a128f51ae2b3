"""How good and how fast: the verbs of ``avous bench`` that need the twin. Nothing a store runs on imports this."""
