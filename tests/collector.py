"""No collecting of garbage for tests: a full collection at every start costs more than the server that starts, and hundreds start."""

from server.live.collector import Collector


class NoCollector(Collector):
    """Does nothing; ``tests/live/test_listener.py`` looks at the real one."""

    def start(self) -> None:
        """Nothing is forgotten."""

    def connected(self) -> None:
        """Nobody counts."""

    def clean(self) -> None:
        """Nothing is looked for."""

    def stop(self) -> None:
        """Nothing is remembered again."""
