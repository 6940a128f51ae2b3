"""What salespeople and managers use: the app for one thumb, the live floor. Shells here, what moves in ``static``."""
