"""The Python client of À Vous, see ``avous.client``. The server itself lives in the package ``server``."""
