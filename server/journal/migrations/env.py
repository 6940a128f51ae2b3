"""Run by alembic: where the database is, and what the tables should be."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from server.journal.personal import REGISTRY
from server.journal.tables import metadata


def keep_no_samples(connection: Connection) -> None:
    """PostgreSQL keeps the commonest values of a column for its planner, also of rows that are gone: of people none, please."""
    sampled = text("SELECT a.attname FROM pg_attribute a WHERE a.attrelid = to_regclass(:table) AND coalesce(a.attstattarget, -1) <> 0")
    for kind in REGISTRY:
        for table, column in (place.split(".") for place in kind.where if kind.erase is not None):
            if column in connection.execute(sampled, {"table": table}).scalars().all():
                connection.exec_driver_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET STATISTICS 0')


url: str = context.config.attributes["url"]
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    if connection.dialect.name == "postgresql":  # several nodes may start at once: one migrates, the others wait and find it done
        connection.exec_driver_sql("SELECT pg_advisory_lock(7317)")
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "postgresql":
            keep_no_samples(connection)
    connection.commit()
