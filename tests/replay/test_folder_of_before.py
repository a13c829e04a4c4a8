"""What version 0.1.0 has written, its book, keys, files, mails and the engine's own, is taken over, and cases go on.

The folder was recorded by that version itself (tests/replay/record_folder.py): cases that are open, closed and erased,
with alerts that were told, mails that went out, and two files.
"""

import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from alembic import command
from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from bootstrap import office_of
from desk.office import Office
from desk.submitting import submit_command
from desk.sweeping import sweep_now
from desk.verifying import verify_all
from domain.actors import OPERATOR
from domain.errors import Refused
from domain.vocabulary import Step
from kit.settings import Settings
from kit.storage.database import Database, sqlite_url
from models import migrate as schema
from tests.people import OFFICE_AUDITOR
from tests.support.builders import note
from tests.support.folders import unpack
from tests.support.harness import audit, is_sound
from tests.support.servers import Engine, Postgres, Process, RealWorker
from tests.support.starter import Folder

VERSION, LAST_REVISION = "0.1.0", "0013"
"""The version, and the last revision of its schema."""
QUEUE = "aboutir"


def lines(database: Path, left: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """What the book has now of the line that each case ended with then."""
    with closing(sqlite3.connect(database)) as book:
        query = "select version, hex(hash) from book where reference = ? and version = ?"
        rows = {name: book.execute(query, (name, version)).fetchone() for name, (version, _) in left.items()}
    return {name: (version, hash.lower()) for name, (version, hash) in rows.items()}


# --- The embedded stack, on SQLite -----------------------------------------------------------------------


@dataclass
class TakenOver:
    """A stack of today on the folder of before."""

    folder: Folder
    left: dict[str, tuple[int, str]]
    mails: dict[str, bytes]
    """The mails that had gone out."""
    settled: list[tuple[str, str]]
    """When each of them was noted as sent."""

    def outbox(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.folder.path / "outbox").iterdir()}

    def sent(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self.folder.path / "aboutir.db")) as book:
            return book.execute("select id, settled_at from mails where state = 'SENT' order by id").fetchall()

    def at(self, step: Step) -> list[str]:
        with closing(sqlite3.connect(self.folder.path / "aboutir.db")) as book:
            return [name for (name,) in book.execute("select reference from cases where step = ?", (step,))]

    def holder(self, reference: str) -> str:
        with closing(sqlite3.connect(self.folder.path / "aboutir.db")) as book:
            return str(book.execute("select holder from cases where reference = ?", (reference,)).fetchone()[0])

    def verified(self) -> dict[str, Any]:
        verdict: dict[str, Any] = self.folder.ask("verify", "--all", "--as", "auditeur")
        return verdict


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TakenOver]:
    path = tmp_path_factory.mktemp("before") / "data"
    path.mkdir(mode=0o700)
    over = TakenOver(Folder(path), unpack(VERSION, path), {}, [])
    over.mails, over.settled = over.outbox(), over.sent()
    assert over.mails and over.settled
    over.folder.up()
    over.folder.ask("sweep")  # as every night: what is due next is counted as it is today
    yield over
    assert over.folder.end(signal.SIGTERM) == 0


def test_every_line_is_there_as_it_was_and_the_records_agree(taken: TakenOver) -> None:
    assert lines(taken.folder.path / "aboutir.db", taken.left) == taken.left
    verdict = taken.verified()
    assert verdict["findings"] == []
    assert (verdict["cases"], verdict["erased"], verdict["files"]) == (len(taken.left), 1, 2)


def test_a_mail_that_went_out_is_not_sent_again(taken: TakenOver) -> None:
    now = taken.outbox()
    assert {name: now[name] for name in taken.mails} == taken.mails
    assert set(taken.settled) <= set(taken.sent())


def test_an_open_case_goes_on(taken: TakenOver) -> None:
    open_cases = [
        name for step in (Step.INTAKE, Step.REFERRAL, Step.EVIDENCE, Step.ESCALATION) for name in taken.at(step)
    ]
    assert len(open_cases) >= 3
    for reference in open_cases:
        before = taken.folder.versions()[reference]
        words = ("submit", reference, "add_note", "--set", "text=Suite", "--as", taken.holder(reference))
        assert taken.folder.ask(*words)["version"] > before


def test_a_closed_case_is_opened_again(taken: TakenOver) -> None:
    closed = taken.at(Step.CLOSED)
    assert closed
    for reference in closed:
        answer = taken.folder.decide(reference, "reopen", "--set", "reason=Un témoin", "--as", "superviseur")
        assert answer["step"] != Step.CLOSED


def test_an_erased_case_stays_erased(taken: TakenOver) -> None:
    (erased,) = taken.at(Step.ERASED)
    refusal = taken.folder.refused("submit", erased, "add_note", "--set", "text=Suite", "--as", "superviseur")
    assert refusal["code"] in ("case_erased", "no_such_case")
    assert taken.folder.ask("certificate", erased, "--as", "superviseur")["reference"] == erased


def test_files_are_given_out_as_they_came_and_others_are_taken(taken: TakenOver, tmp_path: Path) -> None:
    with closing(sqlite3.connect(taken.folder.path / "aboutir.db")) as book:
        reference, id = book.execute("select reference, id from files order by id desc").fetchone()
    target = tmp_path / "notes.txt"
    taken.folder.ask("fetch", reference, id, "--out", target)
    assert target.read_bytes() == b"Appel du matin.\n"
    attached = taken.folder.ask("attach", reference, "EV001", target)
    assert attached["id"] == "D3"


def test_the_records_still_agree(taken: TakenOver) -> None:
    taken.folder.ask("seal")
    assert taken.verified()["findings"] == []


# --- Carried to PostgreSQL -------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The same records, with the book on PostgreSQL as that version had it there, and a worker of today at work."""
    folder = tmp_path_factory.mktemp("carried")
    unpack(VERSION, folder)
    (folder / "temporal.db").rename(folder / "engine.db")
    keys = sqlite_url(folder / "aboutir-keys.db")
    postgres.run("create database before_0014")
    engine, url, running = Engine(folder), postgres.url("before_0014"), list[Process]()
    with closing(Database(sqlite_url(folder / "aboutir.db"))) as old, closing(Database(url)) as database:
        carry(old, database)
        assert schema.migrate(database)
        with closing(Database(keys, wipes=True)) as vault:
            assert schema.VAULT.migrate(vault)
        settings = Settings(
            database_url=url, vault_url=keys, master_key_file=folder / "master.key", data=folder, task_queue=QUEUE
        )
        env = {"ABOUTIR_VAULT_URL": keys, "ABOUTIR_MASTER_KEY_FILE": str(folder / "master.key"),
               "ABOUTIR_DATA": str(folder)}  # fmt: skip
        worker = RealWorker(folder, engine.address, url, QUEUE, **env)
        try:
            for process in (engine, worker):
                running.append(process)
                process.start()
            office = office_of(settings, engine.address)
            yield office
            office.keys.close()
            office.database.close()
        finally:
            for process in reversed(running):
                process.kill()
    postgres.run("drop database before_0014 with (force)")


def carry(old: Database, new: Database) -> None:
    """The rows of a database of then, into one that was just made with the schema of then."""
    config = schema.BOOK.config()
    with old.read() as source, new.write() as target:
        config.attributes["connection"] = target
        command.upgrade(config, LAST_REVISION)
        then, tables = MetaData(), MetaData()
        then.reflect(source)
        tables.reflect(target)
        for table in tables.sorted_tables:
            rows = [_as_instants(row) for row in source.execute(select(then.tables[table.name])).mappings()]
            if table.name == "alembic_version" or not rows:
                continue
            target.execute(table.delete())
            target.execute(insert(table), rows)
            _count_on(target, table)


def _as_instants(row: Any) -> dict[str, Any]:
    return {k: v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for k, v in row.items()}


def _count_on(target: Connection, table: Table) -> None:
    """What numbers its rows goes on after the last."""
    for column in table.primary_key.columns:
        if counter := target.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar():
            target.execute(select(func.setval(counter, select(func.max(column)).scalar_subquery())))


async def test_on_postgresql_the_records_agree_and_every_case_goes_on(office: Office) -> None:
    await sweep_now(office, OPERATOR, 50.0)
    assert (await verify_all(office, OFFICE_AUDITOR)).findings == ()
    with office.reading() as tx:
        rows = tx.execute(text("select reference, step, holder, version from cases order by reference")).all()
    for row in rows:
        actor = office.actor("superviseur" if row.step == Step.ERASED else row.holder)
        if row.step == Step.ERASED:
            with pytest.raises(Refused):
                await submit_command(office, actor, row.reference, note())
        else:
            assert (await submit_command(office, actor, row.reference, note())).version > row.version
    assert is_sound(audit(office.database))
    assert (await verify_all(office, OFFICE_AUDITOR)).findings == ()
