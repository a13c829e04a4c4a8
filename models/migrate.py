"""Bringing a database to the schema that this version of the code needs. Forward only: going back is a restore."""

import logging
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from kit.storage.database import Database
from models import walls

logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)  # two lines at each look at the schema

_FOLDER = Path(__file__).resolve().parent.parent / "migrations"


class Schema:
    """One of our schemas: the scripts that bring a database to it, and the table that notes how far it is."""

    def __init__(self, folder: Path, version_table: str) -> None:
        self._folder, self._version_table = folder, version_table

    def config(self) -> Config:
        """The configuration that Alembic needs."""
        config = Config()
        config.set_main_option("script_location", str(self._folder))
        return config

    def wanted(self) -> str:
        """The revision that this code needs."""
        head = ScriptDirectory.from_config(self.config()).get_current_head()
        if head is None:
            raise RuntimeError("no migration found")
        return head

    def current(self, database: Database) -> str | None:
        """The revision that the database has; None when it is empty."""
        with database.engine.connect() as connection:
            options = {"version_table": self._version_table}
            return MigrationContext.configure(connection, opts=options).get_current_revision()

    def migrate(self, database: Database, also: Callable[[Connection], object] | None = None) -> bool:
        """Upgrades the database, and does `also` in the same transaction; False if the schema was right already."""
        is_right = self.current(database) == self.wanted()
        if is_right and also is None:
            return False
        config = self.config()
        with database.write() as connection:
            if not is_right:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
            if also is not None:
                also(connection)
        return not is_right


BOOK = Schema(_FOLDER, "alembic_version")
VAULT = Schema(_FOLDER / "vault", "vault_version")
"""The keys have a database of their own."""


def wanted_revision() -> str:
    """The revision of the book that this code needs."""
    return BOOK.wanted()


def current_revision(database: Database) -> str | None:
    """The revision of the book that the database has; None when it is empty."""
    return BOOK.current(database)


def migrate(database: Database) -> bool:
    """Upgrades the database of the book and grants what its users may do; False when there was nothing to upgrade."""
    return BOOK.migrate(database, also=walls.grant)
