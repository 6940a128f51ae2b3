"""Run by alembic: where the database is, and what the tables should be."""

from alembic import context
from sqlalchemy import create_engine, pool

from server.journal.tables import metadata

url: str = context.config.attributes["url"]
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    if connection.dialect.name == "postgresql":  # several nodes may start at once: one migrates, the others wait and find it done
        connection.exec_driver_sql("SELECT pg_advisory_lock(7317)")
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
