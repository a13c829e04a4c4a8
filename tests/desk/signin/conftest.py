"""The office of the tests of sign-in."""

import pytest

from desk.office import Office
from kit.storage.database import Database
from tests.support.signing_in import signin_office


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return signin_office(sqlite_database)


@pytest.fixture
def either(database: Database) -> Office:
    """The same, on SQLite and on PostgreSQL."""
    return signin_office(database)
