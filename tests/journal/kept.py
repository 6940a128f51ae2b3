"""A journal with the place where its files lie, to look for what should not be in them."""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from server.journal.port import Journal
from server.settings import Settings


@dataclass
class Kept:
    """A journal, where its database lies, and a word that is nowhere else."""

    journal: Journal
    settings: Settings
    folder: Path
    canary: str

    def places(self) -> list[str]:
        """The files of the database with the canary in them."""
        word = self.canary.encode()
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file() and word in _bytes(path))

    def on_disk(self) -> None:
        """Have PostgreSQL write down what it holds, its planner's samples too."""
        if self.settings.shared:
            with psycopg.connect(self.settings.database, autocommit=True) as connection:
                connection.execute("ANALYZE")
                connection.execute("CHECKPOINT")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a file of the server's that went meanwhile
        return b""
