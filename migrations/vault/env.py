"""Gives Alembic the database of the keys: the connection that it is handed."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="vault_version")
with context.begin_transaction():
    context.run_migrations()
