"""Run inside Alembic: migrates the one file whose connection the caller hands over."""

from alembic import context

from edge.store.database import DURABLE

connection = context.config.attributes["connection"]
metadata = context.config.attributes["metadata"]

# Each file migrates in one durable transaction: a power cut leaves the old schema or the new one.
assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == {"FULL": 2}[DURABLE]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
