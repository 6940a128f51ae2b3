"""Stores that come with the project: ``volt.toml`` is what the server reads, ``volt.crowd.toml`` what the crowd does in it."""
