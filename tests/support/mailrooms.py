"""A mail room for each test, on both databases where it is asked for."""

from collections.abc import Iterator

import pytest

from kit.storage.database import Database
from tests.support.mailroom import Mailroom, mailroom


@pytest.fixture
def room(database: Database) -> Iterator[Mailroom]:
    """On SQLite and on PostgreSQL."""
    with mailroom(database) as opened:
        yield opened


@pytest.fixture
def small_room(sqlite_database: Database) -> Iterator[Mailroom]:
    """On SQLite only, for when the database makes no difference."""
    with mailroom(sqlite_database) as opened:
        yield opened
