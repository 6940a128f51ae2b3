"""Fresh databases for tests: migrated once a run, then copied."""

import tempfile
from functools import cache
from pathlib import Path

from server.journal.migrate import migrate


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


def fresh(path: Path) -> Path:
    """An empty database with its tables at ``path``."""
    path.write_bytes(_template())
    return path
