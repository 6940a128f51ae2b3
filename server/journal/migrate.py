"""Bring a database to the tables of this version. The only importer of alembic: 40 ms that only start-up pays."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config

POSTGRES = "postgresql://"


class UnusableDatabase(ValueError):
    """What is at this address is no database, or none of this version; the text says why in a few words."""


def migrate(url: str) -> None:
    """Create or upgrade the tables behind ``url`` (sqlite:///FILE or postgresql://…); harmless when they are up to date.

    Raises UnusableDatabase.
    """
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


def head() -> str:
    """The version of the tables that this program uses."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(configured("")).get_current_head())


def configured(url: str) -> "Config":
    """What alembic needs to know."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["url"] = "postgresql+psycopg://" + url.removeprefix(POSTGRES) if url.startswith(POSTGRES) else url
    return config
