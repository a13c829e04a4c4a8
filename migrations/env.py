"""Gives Alembic the database: the connection that it is handed, never an address of its own."""

from alembic import context
from sqlmodel import SQLModel

from models import tables  # noqa: F401 - declares the tables
from models.signin import tables as signin  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
