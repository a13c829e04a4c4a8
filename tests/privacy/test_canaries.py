"""A word that stands nowhere else is put wherever a person's words can be; then it is looked for everywhere."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client

from domain import commands as c
from domain.case import Case
from domain.errors import Problem
from domain.parts.alert import AnswerAlert
from domain.parts.closure import CountersignClosure
from domain.parts.piece import ReceivePiece
from kit.engine.temporal import connect
from kit.settings import Settings
from kit.storage.database import Database, sqlite_url
from models.book import event_of
from models.migrate import migrate
from models.tables import book
from tests.people import SUPERVISOR, WORKER
from tests.privacy.proxy import Recorder
from tests.support.accounts import open_accounts
from tests.support.builders import note
from tests.support.canaries import PERSONAL, Canaries, a_full_complaint
from tests.support.desks import Looking
from tests.support.intakes import by_intake
from tests.support.journeys import everything, for_lack_of_proof, settle_in, to_the_end
from tests.support.places import Places, descendants, found_in, in_sight, on_disk
from tests.support.servers import KEYS, Engine, RealWorker
from workflows.cases import CaseClient

QUEUE = "canaries"
WORDLESS = {"answer_alert", "erase", "open", "record_departure", *c.OF_THE_CLOCK}
"""Commands not told here: an alert takes days, erasing takes no words, the others are not submitted."""


@dataclass
class Told:
    """A whole installation in which everything was told, and where to look."""

    folder: Path
    database: Database
    wire: Recorder
    client: Client
    worker: RealWorker
    references: list[str] = field(default_factory=list)
    canaries: Canaries = field(default_factory=Canaries)
    asked: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    async def everywhere(self) -> Places:
        """Every place that somebody without a key can look at."""
        places = await asyncio.to_thread(on_disk, self.folder)
        places |= in_sight(descendants())
        places["the wire"] = self.wire.seen
        places["metrics"] = self.worker.get("/metrics")[1].encode()
        places["what errors say"] = "\n".join(self.errors).encode()
        async for listed in self.client.list_workflows():
            described = await self.client.get_workflow_handle(listed.id, run_id=listed.run_id).describe()
            places[f"description of {listed.id}"] = described.raw_description.SerializeToString()
            history = GetWorkflowExecutionHistoryRequest(namespace="default")
            history.execution.workflow_id, history.execution.run_id = listed.id, listed.run_id
            exported = await self.client.workflow_service.get_workflow_execution_history(history)
            places[f"history of {listed.id}"] = exported.SerializeToString()
        return places


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    """Three cases told to a stack of processes of its own, all of it through a wire that remembers."""
    folder = tmp_path_factory.mktemp("canaries")
    engine = Engine(folder)
    engine._arguments = ["info" if word == "never" else word for word in engine._arguments]  # its log is searched too
    await asyncio.to_thread(engine.start)
    wire = Recorder(engine.port)
    with closing(Database(sqlite_url(folder / "aboutir.db"))) as database:
        migrate(database)
        open_accounts(database)
        settle_in(database)
        worker = RealWorker(folder, wire.address, database.url.render_as_string(), QUEUE, ABOUTIR_LOG_LEVEL="DEBUG")
        try:
            await asyncio.to_thread(worker.start)
            client = await connect(Settings(temporal_address=wire.address), KEYS)
            everything = Told(folder, database, wire, client, worker)
            await tell(everything, Looking(database, client, QUEUE, KEYS.mint))
            yield everything
        finally:
            worker.kill()
            engine.kill()
            wire.close()


async def tell(told: Told, desk: CaseClient) -> None:
    for number, life in enumerate((everything, to_the_end, None)):
        complaint, planted = told.canaries.in_all(a_full_complaint())
        assert planted == PERSONAL
        source = complaint.source.model_copy(update={"system": f"register-{number}"}) if complaint.source else None
        complaint = complaint.model_copy(update={"source": source})
        reference = (await desk.open(complaint, WORKER)).reference
        told.references.append(reference)
        case = await view(told, reference)
        for command, who in life(complaint) if life else for_lack_of_proof(case):
            marked, _ = told.canaries.in_all(command)
            told.asked.add(command.name())
            await desk.submit(reference, by_intake(told.database, reference, marked), who)
    # And what is refused: at the door, by the book, for want of rights.
    for command, who, expected in (
        (note(told.canaries.one()), WORKER, 1),
        (ReceivePiece(piece="P9", description=told.canaries.one()), WORKER, None),
        (CountersignClosure(comment=told.canaries.one()), WORKER, None),
        (AnswerAlert(alert="none", decision="ACT", reason=told.canaries.one()), SUPERVISOR, None),
    ):
        with pytest.raises(Problem) as refused:
            await desk.submit(told.references[0], command, who, expected_version=expected)
        told.errors.append(f"{refused.value} {refused.value.as_dict()}")


def seen_by_all(word: str) -> "subprocess.Popen[bytes]":
    """A child with a word on its command line."""
    return subprocess.Popen([sys.executable, "-c", "input()", word], stdin=subprocess.PIPE)


async def view(told: Told, reference: str) -> Case:
    case: Case = await told.client.get_workflow_handle(reference).query("view", result_type=Case)
    return case


def test_everything_was_told(told: Told) -> None:
    assert told.asked >= set(c.COMMANDS) - WORDLESS - {"answer_referral"}
    with told.database.read() as tx:
        rows = tx.execute(select(book)).all()
    known = b"".join(event_of(row, KEYS.of(row.reference)) for row in rows).decode()
    missing = [word for word in told.canaries.let_out[:-4] if word not in known]
    assert missing == [], "with the keys, all of it is there"


async def test_no_word_of_a_person_is_found_anywhere(told: Told) -> None:
    places = await told.everywhere()
    searched = {Path(name).name for name in places}
    assert {"engine.db", "engine.db-wal", "engine.log", "aboutir.db", "the wire", "metrics"} <= searched
    assert len(places[str(told.folder / "engine.log")]) > 1_000
    assert len(places["metrics"]) > 1_000
    assert len(places["the wire"]) > 100_000
    hits = found_in(places, told.canaries.let_out)
    print(
        f"\ncanaries: {len(told.canaries.let_out)} words looked for in {len(places)} places "
        f"({sum(map(len, places.values())) / 1e6:.1f} MB): {len(hits)} found"
    )
    assert hits == []


async def test_a_word_that_is_left_in_clear_is_found(told: Told, tmp_path: Path) -> None:
    """The same search, with a word left on purpose in each place: what it does not find elsewhere is not there."""
    word = "Kanari left on purpose"
    plain = await Client.connect(told.wire.address)
    handle = await plain.start_workflow("nobody", word, id=f"left-{os.getpid()}", task_queue="nobody")
    log = told.folder / "left.log"
    log.write_text(f'{{"event": "{word}"}}\n')
    named = told.folder / f"{word}.txt"
    named.touch()
    with told.database.write() as tx:
        tx.exec_driver_sql("create table left_in_clear (word text)")
        tx.exec_driver_sql("insert into left_in_clear values (?)", (word,))
    child = seen_by_all(word)
    try:
        found = {place.removeprefix(str(told.folder) + "/") for _, place in found_in(await told.everywhere(), [word])}
    finally:
        child.kill()
        child.communicate()
        log.unlink()
        named.unlink()
        with told.database.write() as tx:
            tx.exec_driver_sql("drop table left_in_clear")
        await handle.terminate()
    assert {
        "the wire",
        "engine.db by rows",
        "aboutir.db by rows",
        "left.log",
        f"{word}.txt",
        f"/proc/{child.pid}/cmdline",
        f"history of {handle.id}",
    } <= found
    assert found & {"engine.db", "engine.db-wal"}
    assert found & {"aboutir.db", "aboutir.db-wal"}
