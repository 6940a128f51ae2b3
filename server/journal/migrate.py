"""Bring a database to the tables of this version. The only importer of alembic, which a start on the newest tables does without."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config

SQLITE, POSTGRES = "sqlite:///", "postgresql://"
MIGRATIONS = Path(__file__).with_name("migrations")


class UnusableDatabase(ValueError):
    """What is at this address is no database, or none of this version; the text says why in a few words."""


def migrate(url: str) -> None:
    """Create or upgrade the tables behind ``url`` (sqlite:///FILE or postgresql://…); harmless when they are up to date.

    Raises UnusableDatabase.
    """
    if url.startswith(SQLITE) and _is_current(Path(url.removeprefix(SQLITE))):
        return
    from alembic import command
    from alembic.util import CommandError
    from sqlalchemy.exc import DatabaseError

    config = configured(url)
    try:
        command.upgrade(config, "head")
    except DatabaseError as trouble:  # not SQLite, a directory, not ours to write
        raise UnusableDatabase(str(trouble.orig)) from trouble
    except CommandError:
        raise UnusableDatabase("a later version of À Vous made it") from None


def _is_current(file: Path) -> bool:
    """Whether this is a database with the newest tables, said by the file itself; False leaves it to alembic."""
    if not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest(),)]
    except sqlite3.Error:
        return False


def newest() -> str:
    """``head`` by the names of the files, without alembic."""
    return max(path.stem for path in (MIGRATIONS / "versions").glob("v*.py"))[1:5]


def head() -> str:
    """The version of the tables that this program uses."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(configured("")).get_current_head())


def configured(url: str) -> "Config":
    """What alembic needs to know."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = "postgresql+psycopg://" + url.removeprefix(POSTGRES) if url.startswith(POSTGRES) else url
    return config
