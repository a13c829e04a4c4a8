"""kill -9, in the middle of everything: what was acknowledged is in the book, once, and every case goes on."""

import asyncio
import contextlib
import random
import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from temporalio.service import RPCError

from domain.actors import Actor
from domain.case import Case
from domain.complaint import Complaint
from domain.errors import Away, Refused
from domain.events import Entry
from domain.exchange.cases import Receipt
from domain.lifecycle import decide, fold
from domain.parts.base import Command
from domain.values import day_of, new_reference
from kit.storage.database import Database
from tests.people import LILLE, SUPERVISOR, WORKER
from tests.support.builders import complaint, note, samples, somebody_for
from tests.support.desks import Looking
from tests.support.harness import audit, entries, is_sound
from tests.support.intakes import by_intake
from tests.support.servers import KEYS, Engine, RealWorker, until_async
from workflows.cases import CaseClient

QUEUE = "killed"


@dataclass
class Sent:
    """A command on its way, and what became of it."""

    command_id: str
    reference: str
    receipt: Receipt | None = None
    refused: str = ""
    """The code of the refusal."""
    not_answered: int = 0
    """The number of times that its sender was told to send it again."""

    def is_once_in(self, book: "dict[str, list[tuple[str, Entry]]]") -> bool:
        """True if the book holds what the receipt says: those events, once, up to that version, in that case."""
        assert self.receipt is not None
        last, events = self.receipt.version, self.receipt.events
        expected = list(zip(range(last - len(events) + 1, last + 1), events, strict=True))
        lines = book[self.command_id]
        return [(e.version, e.what) for _, e in lines] == expected and {r for r, _ in lines} == {self.reference}


@dataclass
class Crowd:
    """Clients that submit without a pause, each command under an id of its own, until it is answered."""

    desk: CaseClient
    database: Database
    chance: random.Random
    references: list[str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    stopping: bool = False

    @property
    def acknowledged(self) -> list[Sent]:
        return [sent for sent in self.sent if sent.receipt]

    @property
    def under_way(self) -> int:
        return sum(sent.receipt is None and not sent.refused for sent in self.sent)

    async def open(self, told: Complaint) -> str:
        sent = Sent(str(uuid.uuid4()), new_reference())
        await self._until_answered(
            sent,
            lambda: self.desk.open(told, WORKER, reference=sent.reference, command_id=sent.command_id),
        )
        self.references.append(sent.reference)
        return sent.reference

    async def client(self) -> None:
        """Opens a case, then goes on with it, and now and then with somebody else's."""
        own = await self.open(complaint(commune=self.chance.choice((LILLE, None))))
        while not self.stopping:
            reference = own if self.chance.random() < 0.8 else self.chance.choice(self.references)
            command, who = self._something_acceptable(fold(reference, entries(self.database, reference)))
            await self.submit(reference, command, who)

    async def submit(self, reference: str, command: Command, who: Actor) -> None:
        command = by_intake(self.database, reference, command)
        sent = Sent(str(uuid.uuid4()), reference)
        await self._until_answered(sent, lambda: self.desk.submit(reference, command, who, command_id=sent.command_id))

    async def _until_answered(self, sent: Sent, ask: Callable[[], Awaitable[Receipt]]) -> None:
        self.sent.append(sent)
        while not (sent.receipt or sent.refused):
            try:
                sent.receipt = await ask()
            except Away as away:
                assert away.code in ("not_confirmed", "engine_away")
                sent.not_answered += 1
                assert sent.not_answered < 20, "a command was never answered"
            except Refused as refused:  # somebody else was quicker
                sent.refused = refused.code

    async def has_answers(self, more: int) -> None:
        """Waits until so many more commands were acknowledged."""
        enough = len(self.acknowledged) + more
        await until_async(lambda: len(self.acknowledged) >= enough, f"{more} more answers", 45)

    async def view(self, reference: str) -> Case:
        """The case as its workflow tells it, as soon as the worker is there to ask."""
        handle = self.desk._client.get_workflow_handle(reference)
        for _ in range(10):
            with contextlib.suppress(RPCError):
                case: Case = await handle.query("view", result_type=Case)
                return case
        raise AssertionError("the case does not tell what it knows")

    def _something_acceptable(self, case: Case) -> tuple[Command, Actor]:
        at = datetime.now(UTC)
        for command in samples(case, day_of(at), self.chance):
            if who := somebody_for(case, command, self.chance):
                try:
                    decide(case, command, who, at)
                except Refused:
                    continue
                return command, who
        return note(), SUPERVISOR


@pytest.mark.parametrize("between", [15, pytest.param(60, marks=pytest.mark.proof)])
async def test_what_was_acknowledged_survives_kill_9_of_worker_and_engine_exactly_once(
    between: int,
    engine: Engine,
    worker_of: Callable[..., RealWorker],
    sqlite_database: Database,
    record_property: Callable[[str, object], None],
) -> None:
    """Five kills, with so many answers between one and the next."""
    worker = worker_of(engine.address, sqlite_database, QUEUE)
    await asyncio.to_thread(worker.start)
    desk = Looking(sqlite_database, await engine.client(), QUEUE, KEYS.mint, timedelta(seconds=5))
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    crowd = Crowd(desk, sqlite_database, random.Random(seed))  # noqa: S311 - dice
    kills = 0
    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(crowd.client())
        for victims in ([worker], [engine], [worker], [engine, worker], [engine]):
            await crowd.has_answers(between)
            assert crowd.under_way, "a kill in the middle of nothing proves nothing"
            for victim in victims:
                victim.kill()
                kills += 1
            for victim in victims:  # the engine first: a worker is ready when it reaches it
                await asyncio.to_thread(victim.start)
            for _ in range(2):  # newcomers: those who were answered when the worker died wait for its task to time out
                group.create_task(crowd.client())
        await crowd.has_answers(between)
        crowd.stopping = True

    # Once more, so that what the workflows say is read back from their histories.
    worker.kill()
    await asyncio.to_thread(worker.start)

    book = lines_by_command(sqlite_database)
    lost = [sent for sent in crowd.acknowledged if sent.command_id not in book]
    doubled = [sent for sent in crowd.acknowledged if sent not in lost and not sent.is_once_in(book)]
    numbers = {
        "acknowledged": len(crowd.acknowledged),
        "in the book": len(crowd.acknowledged) - len(lost),
        "lost": len(lost),
        "doubled": len(doubled),
        "kills": f"{kills} ({sum(sent.not_answered for sent in crowd.sent)} times told to send again)",
    }
    for name, number in numbers.items():
        record_property(f"faults: {name}", number)
    assert lost == []
    assert doubled == []
    assert any(sent.not_answered for sent in crowd.sent), "no kill was felt"

    # Nothing else is in the book: neither what was refused nor what nobody asked.
    assert {sent.command_id: sent.refused for sent in crowd.sent if sent.refused and sent.command_id in book} == {}
    asked = {sent.command_id for sent in crowd.acknowledged}
    assert {id for id in book if not id.startswith("clock:")} == asked

    found = audit(sqlite_database)
    assert is_sound(found)
    assert set(found.references) == set(crowd.references)
    cases = [fold(reference, entries(sqlite_database, reference)) for reference in crowd.references]
    assert await asyncio.gather(*(crowd.view(reference) for reference in crowd.references)) == cases
    for case in cases:
        assert shown(sqlite_database, case.reference) == (case.version, case.step)
        receipt = await desk.submit(case.reference, note(), SUPERVISOR, expected_version=case.version)
        assert receipt.version == case.version + 1


def lines_by_command(database: Database) -> dict[str, list[tuple[str, Entry]]]:
    """Everything that the book holds, with the case in which it stands."""
    by_command: dict[str, list[tuple[str, Entry]]] = {}
    for reference in audit(database).references:
        for entry in entries(database, reference):
            by_command.setdefault(entry.command_id, []).append((reference, entry))
    return by_command


def shown(database: Database, reference: str) -> tuple[int, str]:
    """A case's row in the lists."""
    with database.read() as tx:
        row = tx.execute(text("select version, step from cases where reference = :it"), {"it": reference}).one()
    return row.version, row.step
