"""On PostgreSQL the role that works with the tables cannot change what is only added to, nor lift what guards it."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import ProgrammingError

from kit.storage.database import Database
from models import walls
from models.journal import Access
from models.migrate import migrate
from models.reading import read_case
from tests.people import WORKER
from tests.support.builders import note
from tests.support.clerk import Clerk
from tests.support.harness import audit, is_sound
from tests.support.seals import kinds, sealer
from tests.support.servers import KEYS, Postgres

ROLE = "works_with_them"


@pytest.fixture
def works(postgres: Postgres, postgresql_database: Database) -> Iterator[Database]:
    """The same database, for a role that owns nothing in it."""
    postgres.run(f"create role {ROLE} login")
    with postgresql_database.write() as tx:
        assert walls.grant(tx, ROLE)
    with closing(Database(postgresql_database.url.set(username=ROLE).render_as_string(False))) as database:
        yield database
    with postgresql_database.write() as tx:
        tx.execute(text(f"drop owned by {ROLE}"))
    postgres.run(f"drop role {ROLE}")


def test_the_role_does_all_that_is_to_be_done(works: Database) -> None:
    clerk = Clerk(works)
    reference = clerk.open()
    clerk.ask(reference, note())
    assert sealer(works).seal().added == 3
    assert is_sound(audit(works))
    assert kinds(works) == set()
    with works.write() as tx:
        assert len(read_case(tx, KEYS, WORKER, reference, Access.SHOW)) == 3


def test_the_role_changes_nothing_that_is_only_added_to(works: Database) -> None:
    reference = Clerk(works).open()
    sealer(works).seal()
    with works.write() as tx:
        read_case(tx, KEYS, WORKER, reference, Access.SHOW)
    tries = [
        statement
        for table in sorted(walls.APPEND_ONLY)
        for statement in (
            f"update {table} set {_column(works, table)} = {_column(works, table)}",  # noqa: S608
            f"delete from {table}",  # noqa: S608
            f"truncate {table} cascade",
            f"alter table {table} disable trigger all",
            f"drop trigger {table}_refuses_change on {table}",
            f"drop table {table} cascade",
        )
    ]
    tries += [
        "create or replace function book_is_append_only() returns trigger language plpgsql as 'begin return old; end'",
        "set session_replication_role = replica",
        "update alembic_version set version_num = '0001'",
        "create table mine (n int)",
    ]
    for statement in tries:
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), works.write() as tx:
            tx.execute(text(statement))
    print(f"\nwalls: {len(tries)} statements, all refused to the role")


def _column(database: Database, table: str) -> str:
    return str(inspect(database.engine).get_columns(table)[0]["name"])


def test_every_table_has_been_thought_of(works: Database, postgresql_database: Database) -> None:
    """A new table is append-only, or is not: `models/walls.py` says which, and its triggers agree."""
    query = text("select distinct event_object_table from information_schema.triggers where trigger_name like :name")
    with postgresql_database.read() as tx:
        guarded = set(tx.execute(query, {"name": "%refuses%"}).scalars())
    assert guarded == walls.APPEND_ONLY


def test_migrating_again_grants_again_and_where_there_is_one_role_nothing_is_granted(
    postgresql_database: Database, sqlite_database: Database
) -> None:
    assert migrate(postgresql_database) is False
    with postgresql_database.write() as tx:
        assert walls.grant(tx) is False, "the tests' own role owns the tables"
        assert walls.grant(tx, "nobody_of_that_name") is False
    with sqlite_database.write() as tx:
        assert walls.grant(tx) is False
