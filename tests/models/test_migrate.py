"""From the first schema to this one, on a database with cases in it."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import column, insert, inspect, select, text
from sqlalchemy import table as table_of

from domain.vocabulary import Step
from kit.storage.database import Database, UtcDateTime, sqlite_url
from models import book as lines
from models import migrate as schema
from models import policies
from models.cases import under_another_policy
from models.tables import alerts, book, cases
from tests.support.lives import MONDAY, Lives
from tests.support.servers import KEYS, Postgres

NEW = ("alerts", "policies", "absences")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any schema."""
    if request.param == "sqlite":
        with closing(Database(sqlite_url(tmp_path / "old.db"))) as database:
            yield database
        return
    server: Postgres = request.getfixturevalue("postgres")
    server.run("create database before_0002")
    with closing(Database(server.url("before_0002"))) as database:
        yield database
    server.run("drop database before_0002 with (force)")


def to_first(database: Database) -> None:
    config = schema.BOOK.config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")


def tell(old: Database, new: Database) -> list[str]:
    """Lives told to a database of today, and their book and rows carried by raw SQL into one of the first schema."""
    lives = Lives(new, seed=11)
    references = [lives.live(30) for _ in range(6)]
    left = lives.open()
    lives.times[left] = MONDAY + timedelta(days=40)
    lives.ring(left)
    with new.read() as tx, old.write() as into:
        for table, gone in (
            (cases, {"policy_version", "closed_to", "proposed_to", "proposed_organisation"}),
            (book, {"id", "door"}),
        ):
            names = [column.name for column in table.c if column.name not in gone]
            rows: list[Any] = [
                dict(zip(names, row, strict=True)) for row in tx.execute(select(*(table.c[n] for n in names)))
            ]
            for row in rows if table is book else ():
                # The first schema had its events in clear.
                place = lines.place(row["reference"], row["version"])
                row["event"] = KEYS.of(row["reference"]).open(row["event"], place)
                row["written_at"] = row["recorded_at"]
            into.execute(_insert(table, names), rows)
    return [*references, left]


def _insert(table: Any, names: list[str]) -> Any:
    then = [column("written_at", UtcDateTime())] if table is book else []  # the first schema had it, this one has not
    return insert(table_of(table.name, *(column(n, table.c[n].type) for n in names), *then))


def test_cases_are_still_there_and_their_alerts_are_rows(empty: Database, sqlite_database: Database) -> None:
    to_first(empty)
    assert schema.current_revision(empty) == "0001"
    assert not set(NEW) & set(inspect(empty.engine).get_table_names())
    references = tell(empty, sqlite_database)

    with empty.read() as tx:
        before = tx.execute(
            text("select reference, version, step, holder, next_due from cases order by reference")
        ).all()
        lines = tx.execute(text("select count(*) from book")).scalar_one()
    assert schema.migrate(empty)
    assert not schema.migrate(empty)

    with empty.read() as tx:
        after = tx.execute(
            text("select reference, version, step, holder, next_due from cases order by reference")
        ).all()
        assert after == before
        assert sorted(row.reference for row in after) == sorted(references)
        assert tx.execute(text("select count(*) from book")).scalar_one() == lines
        assert {row[0] for row in tx.execute(text("select policy_version from cases"))} == {None}
        assert policies.in_force(tx) == policies.BEGINNING
        assert len(under_another_policy(tx, 1, 100, "")) == sum(row.step != Step.ERASED for row in after)
        found = sorted(map(tuple, tx.execute(select(alerts))), key=str)
    with sqlite_database.read() as tx:
        assert found == sorted(map(tuple, tx.execute(select(alerts))), key=str)
    assert len(found) > 30
    answered = sum(row[7] is not None for row in found)
    print(f"{len(after)} cases, {len(found)} alerts told from {lines} lines, {answered} of them answered")
    assert 0 < answered < len(found)


def test_what_was_migrated_goes_on(empty: Database, sqlite_database: Database) -> None:
    to_first(empty)
    *_, left = tell(empty, sqlite_database)
    schema.migrate(empty)
    lives = Lives(empty)
    before = len(lives.case(left).alerts)
    lives.times[left] = MONDAY + timedelta(days=80)
    lives.ring(left)
    case = lives.case(left)
    with empty.read() as tx:
        rows = {row.key for row in tx.execute(select(alerts).where(alerts.c.reference == left))}
    assert rows == {alert.key for alert in case.alerts}
    assert len(rows) > before
