"""The tests mirror the source; what several of them share is here and in ``conftest``."""
