"""What every process of the store begins with: its journal and its store files, or one sentence why not."""

from server.journal.migrate import UnusableDatabase, migrate
from server.journal.port import Journal
from server.journal.sqlite import SqliteJournal
from server.live.stores import BadStore, StoreConfig, load_store
from server.settings import Settings


class BadSettings(ValueError):
    """The server cannot start like this; the text is one sentence for whoever set it up."""


def load_stores(settings: Settings) -> list[StoreConfig]:
    """The store files of the settings. Raises BadStore, naming file and field."""
    configs = [load_store(path) for path in settings.stores]
    names = [config.id for config in configs]
    for path, config in zip(settings.stores, configs, strict=True):
        if names.count(config.id) > 1:
            raise BadStore(f"{path}: id: two stores are called {config.id!r}")
        for person_id, person in config.salespeople.items():
            if person.pin and not settings.demo:
                raise BadStore(f"{path}: salespeople.{person_id}.pin: a PIN in a store file is for the demonstration only (AVOUS_DEMO=1)")
    return configs


def open_journal(settings: Settings) -> Journal:
    """The journal, its tables brought to this version. Raises BadSettings."""
    if settings.shared:
        return _on_postgres(settings)
    path = settings.database_file
    if not path.parent.is_dir():
        raise BadSettings(f"AVOUS_DATABASE: there is no directory {str(path.parent)!r}")
    try:
        migrate(settings.database)
    except UnusableDatabase as why:
        raise BadSettings(f"AVOUS_DATABASE: {str(path)!r} cannot be used: {why}") from None
    return SqliteJournal(path)


def _on_postgres(settings: Settings) -> Journal:
    """PostgreSQL's driver is an extra: a store on SQLite does not need it."""
    try:
        from server.journal.postgres import PostgresJournal
    except ModuleNotFoundError as missing:
        raise BadSettings(f"AVOUS_DATABASE: PostgreSQL needs {missing.name!r}: install avous[postgres]") from None
    try:
        migrate(settings.database)
    except UnusableDatabase as why:  # the reason names host and port, never the password
        raise BadSettings(f"AVOUS_DATABASE: PostgreSQL cannot be used: {' '.join(str(why).split())}") from None
    return PostgresJournal(settings.database)
