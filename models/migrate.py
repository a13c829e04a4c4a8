"""Bringing a database to the schema that this version of the code needs. Forward only: going back is a restore."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from kit.database import Database
from models import walls

logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)  # two lines at each look at the schema

_FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def wanted_revision() -> str:
    """The schema that this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("no migration found")
    return head


def current_revision(database: Database) -> str | None:
    """The schema that the database has; None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(database: Database) -> bool:
    """Upgrades the database and grants what its users may do, in one transaction; False if it was right already."""
    is_right = current_revision(database) == wanted_revision()
    config = _config()
    with database.write() as connection:
        if not is_right:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        walls.grant(connection)
    return not is_right
