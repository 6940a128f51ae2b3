"""Bring a database to the tables of this version. The only importer of alembic: 40 ms that only start-up pays."""

from pathlib import Path


def migrate(url: str) -> None:
    """Create or upgrade the tables behind ``url`` ("sqlite:///file.db"); harmless when they are up to date."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["url"] = url
    command.upgrade(config, "head")
