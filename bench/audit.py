"""Holding the records against each other: how long it takes to tell, to verify, to prove and to start again."""

import asyncio
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from temporalio.client import Client

from activities.book import Book
from activities.calendar import french_calendar
from activities.seal import Seal
from audit.bundle import bundle
from audit.log import look_through
from audit.rebuild import start_again
from audit.records import Records
from audit.strict import replay
from audit.told import told
from audit.verify import Verifier
from bench.lives import LIVES, OPENED, OPENER
from bench.say import progress
from bench.speed import by_callers
from cli.stack.contents import ENGINE_FILE
from cli.stack.embedded import Running, embedded
from domain import commands as c
from domain.exchange.cases import Ask, CommitRequest
from domain.lifecycle import fold
from domain.log.chain import FIRST
from domain.log.checkpoint import PublicKey
from domain.log.merkle import Tree
from domain.parts.contact import AddNote
from domain.parts.intake import Open
from domain.values import new_reference
from kit.crypto.signing import SigningKey
from kit.crypto.vault import KeyFile
from kit.engine.histories import at_rest
from kit.engine.temporal import connect
from kit.storage.archive import FolderArchive
from kit.storage.database import Database, sqlite_url
from models import book, seals
from models.keys import CaseKeys
from models.migrate import VAULT, migrate
from models.tables import blind_index, cases, parties
from models.tables import book as lines
from workflows.cases import CaseClient
from workflows.complaint import ComplaintWorkflow

ORIGIN, KEY = "bench.example", SigningKey(bytes(32))


@dataclass(frozen=True)
class Size:
    """Sizes of the records that are looked through."""

    entries: int
    """Lines of the book to be sealed and verified, ten to a case."""
    events: int
    """Lines of the one long case."""
    cases: int
    """Cases to be started again on an empty engine."""
    tells: int
    """Times that the long case is read, replayed and verified."""


NORMAL, QUICK = Size(100_000, 300, 2_000, 9), Size(10_000, 300, 100, 5)


async def measure(folder: Path, size: Size) -> dict[str, Any]:
    """All of it, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="aboutir-bench-", dir=folder) as place:
        figures = await _book(Path(place), size)
        figures |= await _stack(Path(place) / "data", size)
    return figures


# --- A long book, without an engine ----------------------------------------------------------------------


async def _book(place: Path, size: Size) -> dict[str, Any]:
    progress(f"audit: a book of {size.entries} lines")
    database = Database(sqlite_url(place / "book.db"))
    migrate(database)
    keys = _keys(place)
    entries = _filled(database, keys, size.entries)
    with _timed() as sealing:
        Seal(database, keys, ORIGIN, lambda: [KEY]).seal()
    progress("audit: verify")
    with _timed() as of_log:
        findings = look_through(database, [PublicKey(ORIGIN, KEY.public)])
    verifier = Verifier(database, keys, Records(database, FolderArchive(place / "none"), keys, None),
                        french_calendar(), None)  # fmt: skip
    looked = 0
    with _timed() as of_cases:
        async for _, page in verifier.every():
            looked += page.entries
            findings += page.findings
    assert (looked, findings) == (entries, [])
    with database.read() as tx:
        last = seals.last_checkpoint(tx)
        assert last is not None
        with _timed() as proving:
            proof = Tree(seals.leaf_hashes(tx, last.size)).inclusion(last.size // 3)
    keys.close()
    database.close()
    return {
        "entries": entries,
        "seal_per_s": entries / sealing.seconds,
        "log_per_s": entries / of_log.seconds,
        "verify_s": of_log.seconds + of_cases.seconds,
        "verify_cpu_s": of_log.cpu + of_cases.cpu,
        "seal_cpu_s": sealing.cpu,
        "verify_per_s": entries / (of_log.seconds + of_cases.seconds),
        "proof_bytes": 32 * len(proof),
        "proof_ms": proving.seconds * 1e3,
    }


def _keys(place: Path) -> CaseKeys:
    store = Database(sqlite_url(place / "keys.db"))
    VAULT.migrate(store)
    return CaseKeys(store, KeyFile.made_if_missing(place / "master.key"))


def _filled(database: Database, keys: CaseKeys, size: int) -> int:
    """One case of ten lines, told by the rules, and copies of it under other names with chains of their own."""
    reference, _ = _case(database, keys, 10)
    with database.read() as tx:
        model = [dict(row._mapping) for row in tx.execute(select(lines).order_by(lines.c.version))]
        entries = book.history(tx, keys, reference)
        row = dict(tx.execute(select(cases)).one()._mapping)
        beside = {table: [dict(row._mapping) for row in tx.execute(select(table))] for table in (parties, blind_index)}
    copies = size // len(model) - 1
    for start in range(0, copies, 500):
        with database.write() as tx:
            for _ in range(min(500, copies - start)):
                name, number = new_reference(), uuid.uuid4().hex
                key, head = keys.mint(name), FIRST
                for of_command in _by_command(entries, number):
                    head = book.append(tx, key, name, head, of_command)
                tx.execute(insert(cases), [row | {"reference": name, "head": head}])
                for table, rows in beside.items():
                    tx.execute(insert(table), [row | {"reference": name} for row in rows])
    return (copies + 1) * len(model)


def _by_command(entries: Any, number: str) -> Iterator[list[Any]]:
    by_command: dict[str, list[Any]] = {}
    for entry in entries:
        copy = entry.model_copy(update={"command_id": f"{number}-{entry.command_id}"})
        by_command.setdefault(entry.command_id, []).append(copy)
    yield from by_command.values()


def _case(database: Database, keys: CaseKeys, events: int) -> tuple[str, datetime]:
    """A case of so many lines, told straight to the book."""
    at, reference = datetime.now(UTC), new_reference()
    keys.mint(reference)
    writer, version = Book(database, keys, french_calendar()), 0
    command: c.AnyCommand = Open(complaint=OPENED.model_copy(update={"received_at": at - timedelta(hours=1)}))
    while version < events:
        ask = Ask(command=command, command_id=str(uuid.uuid4()), actor=OPENER)
        committed = writer.commit(CommitRequest(reference=reference, known_version=version, ask=ask, at=at))
        version = committed.receipt.version
        command = AddNote(text="Appel de suivi : rien de nouveau.")
    return reference, at


# --- A stack ---------------------------------------------------------------------------------------------


async def _stack(data: Path, size: Size) -> dict[str, Any]:
    progress(f"audit: {size.cases} cases on a stack")
    async with embedded(data, 0, 0, lambda *_: None, asyncio.Event()) as running:
        client = await connect(running.settings, running.keys)
        desk = CaseClient(client, running.settings.task_queue, running.keys.mint)
        long = await _long(desk, size.events)
        figures = await _tell(running, client, long, size)
        await by_callers(range(size.cases - 1), lambda number: _lived(desk, number))
    await asyncio.to_thread(_lose_the_engine, data)
    progress("audit: started again on an empty engine")
    async with embedded(data, 0, 0, lambda *_: None, asyncio.Event()) as running:
        client = await connect(running.settings, running.keys)
        desk = CaseClient(client, running.settings.task_queue, running.keys.mint)
        with _timed() as starting:
            started = await start_again(client, desk, running.database, running.keys, 1_000, lambda _: None)
        assert (started.cases, started.started, started.failed) == (size.cases, size.cases, [])
    return figures | {"rebuilt": started.started, "rebuild_per_s": started.started / starting.seconds}


def _lose_the_engine(data: Path) -> None:
    for file in data.glob(f"{ENGINE_FILE}*"):
        file.unlink()


async def _long(desk: CaseClient, events: int) -> str:
    receipt = await desk.open(OPENED, OPENER)
    while receipt.version < events:
        receipt = await desk.submit(receipt.reference, AddNote(text="Appel de suivi : rien de nouveau."), OPENER)
    return receipt.reference


async def _lived(desk: CaseClient, number: int) -> None:
    reference = (await desk.open(OPENED, OPENER)).reference
    for actor, command in LIVES[number % len(LIVES)][:2]:
        await desk.submit(reference, command, actor)


async def _tell(running: Running, client: Client, reference: str, size: Size) -> dict[str, Any]:
    """The long case: from the book, from its history, replayed strictly, verified, in a bundle."""
    progress(f"audit: a case of {size.events} lines is told")
    seal = Seal(running.database, running.keys, ORIGIN, lambda: [KEY])
    seal.seal()
    records = Records(running.database, FolderArchive(running.settings.histories), running.keys, client)
    verifier = Verifier(running.database, running.keys, records, french_calendar(), client)
    taken: dict[str, list[float]] = {name: [] for name in ("book", "history", "strict", "strict_cpu", "verify")}
    for _ in range(size.tells):
        with _timed() as watch, running.database.read() as tx:
            fold(reference, book.history(tx, running.keys, reference))
        taken["book"].append(watch.seconds)
        with _timed() as watch:
            (run,) = (await records.of(reference)).runs
            fold(reference, told(run.history).entries)
        taken["history"].append(watch.seconds)
        with _timed() as watch:
            (replayed,) = await replay([at_rest(run.history)], ComplaintWorkflow)
        assert replayed.is_faithful
        taken["strict"].append(watch.seconds)
        taken["strict_cpu"].append(watch.cpu)
        with _timed() as watch:
            looked = await verifier.case(reference)
        assert looked.findings == [], looked.findings
        taken["verify"].append(watch.seconds)
    content, _ = await bundle(running.database, running.keys, records, reference, KEY, ORIGIN)
    told_ms = {f"{name}_ms": statistics.median(seconds) * 1e3 for name, seconds in taken.items()}
    return {"events": size.events, **told_ms, "bundle_bytes": len(content)}


# --- Clocks ----------------------------------------------------------------------------------------------


class _Timed:
    seconds = cpu = 0.0


@contextmanager
def _timed() -> Iterator[_Timed]:
    """Time that it takes, and time of this process's processor, which says more on a machine with other work."""
    timed, began, used = _Timed(), time.perf_counter(), time.process_time()
    yield timed
    timed.seconds, timed.cpu = time.perf_counter() - began, time.process_time() - used
