"""À Vous: the queue of a physical store, its live server and everything they need."""
