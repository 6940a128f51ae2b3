"""Bring a database to the tables of this version. The only importer of alembic: 40 ms that only start-up pays."""

from pathlib import Path

POSTGRES = "postgresql://"


class UnusableDatabase(ValueError):
    """What is at this address is no database, or none of this version; the text says why in a few words."""


def migrate(url: str) -> None:
    """Create or upgrade the tables behind ``url`` (sqlite:///FILE or postgresql://…); harmless when they are up to date.

    Raises UnusableDatabase.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy.exc import DatabaseError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["url"] = "postgresql+psycopg://" + url.removeprefix(POSTGRES) if url.startswith(POSTGRES) else url
    try:
        command.upgrade(config, "head")
    except DatabaseError as trouble:  # not SQLite, a directory, not ours to write
        raise UnusableDatabase(str(trouble.orig)) from trouble
    except CommandError:
        raise UnusableDatabase("a later version of À Vous made it") from None
