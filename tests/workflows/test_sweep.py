"""The sweep on the real engine: what does not agree is found, repaired where it can be, and said once."""

import asyncio
import sqlite3
import uuid
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update
from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities import sweep as hands
from activities.calendar import french_calendar
from domain.exchange.cases import Opening
from domain.exchange.sweep import Finding, Report, Sweep
from domain.parts.contact import AddNote
from domain.parts.intake import Open
from domain.values import new_reference
from domain.vocabulary import Disagreement
from kit.crypto.vault import KeyFile
from kit.storage.database import Database, sqlite_url
from models import sweeps
from models.keys import CaseKeys, case_keys
from models.migrate import VAULT
from models.tables import book, cases, findings
from tests.people import WORKER
from tests.support.servers import KEYS, RealWorker, pause, starting_on, until_async
from tests.workflows.rollouts import LAX, STRICT, Cases, begin, in_force, working
from workflows import schedules
from workflows.complaint import ComplaintWorkflow
from workflows.schedules import ensure


async def swept(client: Client, database: Database, queue: str, **more: timedelta) -> tuple[Report, dict[str, Finding]]:
    report = await (await begin(client, queue, **more)).result()
    with database.read() as tx:
        assert sweeps.last(tx) == report
        return report, {finding.reference: finding for finding in sweeps.found_by(tx, report.id)}


def _next_due(database: Database) -> datetime:
    with database.read() as tx:
        due: datetime = tx.execute(select(cases.c.next_due)).scalar_one()
    return due


async def length(client: Client, reference: str) -> int:
    return (await client.get_workflow_handle(reference).describe()).history_length


async def test_what_does_not_agree_is_found_and_repaired_and_what_agrees_is_left_alone(
    dev_server: WorkflowEnvironment, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "ANSWER", timedelta(seconds=1.5))
    client, queue = dev_server.client, f"sweep-{uuid.uuid4()}"
    told = Cases(client, database, queue)
    in_force(database, LAX)
    async with working(client, database, queue):
        await told.open_all(8)
        fine = told.references[:4]
        stopped, noted = told.references[4:6], told.references[6]
        missing, late, ahead, silent = (told.open() for _ in range(4))
        for reference in stopped:
            await client.get_workflow_handle(reference).terminate("an operator's mistake")
        told.lives.times[noted] = datetime.now(UTC)
        told.lives.ask(noted, AddNote(text="Behind its workflow's back"), WORKER)
        await told.start(late, next_due=datetime.now(UTC) + timedelta(days=3000))
        await told.start(ahead, knows=7)
        told.task_queue = "nobody-works-here"
        await told.start(silent)
        told.task_queue, stranger = queue, new_reference()
        KEYS.mint(stranger)
        opening = Open(complaint=told.lives.case(fine[0]).complaint)
        start = {"reference": stranger, "opening": {"command": opening, "command_id": "a-stranger", "actor": WORKER}}
        missed = {"state": {"case": told.lives.case(fine[0]).model_copy(update={"reference": stranger}), "recent": ()}}
        missed["state"] |= {"next_due": None, "shown": {"step": "INTAKE", "domain": "-", "territory": "-"}}
        missed["state"]["shown"]["stalled"] = False
        missed["state"]["opened"] = {"reference": stranger, "version": 2, "step": "INTAKE", "events": ()}
        await client.start_workflow(ComplaintWorkflow.run, start | missed, id=stranger, task_queue=queue)
        told.references.append(stranger)
        await until_async(lambda: told.lines() == 12 * 2 + 1, "all is written")
        for reference in fine:
            await client.get_workflow_handle(reference).query(ComplaintWorkflow.armed)  # it has begun, and sleeps
        before = {reference: await length(client, reference) for reference in fine}

        report, found = await swept(client, database, queue, opening=timedelta(0))
        # Other tests of this process have left keys that no case of this book names.
        own = {reference: one for reference, one in found.items() if one.kind is not Disagreement.KEY_UNUSED}
        assert {reference: (one.kind, one.repaired) for reference, one in own.items()} == {
            **dict.fromkeys([*stopped, missing], (Disagreement.NO_WORKFLOW, True)),
            noted: (Disagreement.BEHIND, True),
            late: (Disagreement.LATE_TIMER, True),
            ahead: (Disagreement.AHEAD, False),
            silent: (Disagreement.NO_ANSWER, False),
            stranger: (Disagreement.NO_CASE, False),
        }
        unused = len(found) - len(own)
        assert (report.cases, report.found - unused, report.repaired - unused, report.overdue) == (12, 8, 5, 0)
        assert report.workflows >= 10
        assert report.finished_at is not None
        # What agrees is not touched: no line in the book, no event in a history.
        assert {reference: await length(client, reference) for reference in fine} == before
        for reference in (*stopped, missing):
            receipt = await client.get_workflow_handle(reference).query("view")
            assert receipt["version"] == told.lives.case(reference).version == 2

        # Of a workflow that began a moment ago it is not said that its case is missing: it may be opening it.
        again, left = await swept(client, database, queue)
        assert set(left) == {ahead, silent}
        assert (again.found, again.repaired) == (2, 0)
        assert told.lines() == 12 * 2 + 1
        await told.end()


async def test_the_night_makes_a_policy_effective_that_nobody_rolled_out_and_raises_what_is_overdue_once(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    client, queue = dev_server.client, f"sweep-{uuid.uuid4()}"
    told = Cases(client, sqlite_database, queue)
    in_force(sqlite_database, LAX)
    async with working(client, sqlite_database, queue):
        await told.open_all(5)
        await client.get_workflow_handle(told.references[0]).terminate()
        in_force(sqlite_database, STRICT)
        report, found = await swept(client, sqlite_database, queue)
        kinds = Counter(one.kind for one in found.values())
        assert kinds == {Disagreement.OVERDUE: 4, Disagreement.NO_WORKFLOW: 1}
        assert (report.found, report.repaired) == (5, 5)
        assert report.overdue == 5 * 4  # three rungs of the stall, one of the person who was not reached
        alerts = told.check(STRICT, told.references)
        assert (alerts["STALL"], alerts["NO_CONTACT"]) == (15, 5)
        lines = told.lines()
        assert (await swept(client, sqlite_database, queue))[0].found == 0
        assert told.lines() == lines
        await told.end()


async def test_what_is_listed_as_due_next_is_counted_as_today_though_an_earlier_version_counted_otherwise(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    client, queue = dev_server.client, f"sweep-{uuid.uuid4()}"
    told = Cases(client, sqlite_database, queue)
    async with working(client, sqlite_database, queue):
        await told.open_all(1)
        listed = select(cases.c.next_due, cases.c.next_kind)
        # What was due already is told first: its repetition is what is listed then.
        await until_async(lambda: _next_due(sqlite_database) > datetime.now(UTC), "nothing is overdue")
        with sqlite_database.write() as tx:
            before = tx.execute(listed).one()
            tx.execute(update(cases).values(next_kind="ANOTHER", next_due=datetime.now(UTC) + timedelta(days=900)))
        assert (await swept(client, sqlite_database, queue))[1] == {}
        with sqlite_database.read() as tx:
            assert tx.execute(listed).one() == before
        await told.end()


async def test_a_sweep_goes_on_after_its_worker_was_killed_halfway(
    dev_server: WorkflowEnvironment, sqlite_database: Database, tmp_path: Path
) -> None:
    client, queue = dev_server.client, f"sweep-{uuid.uuid4()}"
    url = sqlite_database.url.render_as_string(hide_password=False)
    worker = RealWorker(tmp_path, client.service_client.config.target_host, url, queue)
    told = Cases(client, sqlite_database, queue)
    in_force(sqlite_database, LAX)
    await asyncio.to_thread(worker.start)

    def repaired() -> int:
        with sqlite_database.read() as tx:
            last = sweeps.last(tx)
            return sum(one.repaired for one in sweeps.found_by(tx, last.id)) if last else 0

    try:
        for _ in range(20):  # none has a workflow: as after the loss of an engine
            told.open()
        handle = await begin(client, queue, per_second=20)
        await until_async(lambda: repaired() >= 5, "five are taken up")
        worker.kill()
        halfway = repaired()
        assert 5 <= halfway < 20
        await asyncio.to_thread(worker.start)
        report = await asyncio.wait_for(handle.result(), 90)
    finally:
        worker.kill()
    assert (report.cases, report.overdue) == (20, 0)
    assert (report.found, report.repaired) == (20, 20)
    print(f"killed after {halfway} of 20; in the end {report.repaired} taken up")
    await told.end()


async def test_a_long_sweep_goes_on_in_another_run(
    short_runs: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "AT_ONCE", 2)
    monkeypatch.setattr(hands, "PAGE", 3)
    client, queue = short_runs.client, f"sweep-{uuid.uuid4()}"
    told = Cases(client, sqlite_database, queue)
    async with working(client, sqlite_database, queue):
        await told.open_all(15)
        lost = told.open()
        handle = await begin(client, queue)
        report = await handle.result()
        assert (report.cases, report.found, report.repaired) == (16, 1, 1)
        assert report.workflows >= 15
        first = await client.get_workflow_handle(handle.id, run_id=handle.result_run_id).describe()
        assert first.status is not None and first.status.name == "CONTINUED_AS_NEW"
        with sqlite_database.read() as tx:
            assert [one.reference for one in sweeps.found_by(tx, report.id)] == [lost]
        await told.end()


def spoil(database: Database, reference: str, byte: int) -> None:
    """Changes one byte of the first line of a case, as a disk or somebody with the database in hand would."""
    of_case = (book.c.reference == reference, book.c.version == 1)
    with database.write() as tx:
        tx.execute(text("drop trigger if exists book_refuses_update"))
        event = bytearray(tx.execute(select(book.c.event).where(*of_case)).scalar_one())
        event[byte] ^= 1
        tx.execute(update(book).where(*of_case).values(event=bytes(event)))


async def test_a_case_that_cannot_be_read_is_said_and_keeps_no_other_from_being_looked_at(
    dev_server: WorkflowEnvironment, sqlite_database: Database, tmp_path: Path
) -> None:
    client, queue = dev_server.client, f"sweep-{uuid.uuid4()}"
    told = Cases(client, sqlite_database, queue)
    in_force(sqlite_database, LAX)
    for _ in range(5):
        told.open()
    sealed, bare, damaged, erased, stopped = told.references
    restored = sqlite_url(tmp_path / "keys.db")
    with closing(sqlite3.connect(KEYS.store.url.database or "")) as now, closing(Database(restored)) as store:
        with closing(sqlite3.connect(tmp_path / "keys.db")) as copy:
            now.backup(copy)
        newer = told.open()  # after the back-up of the keys: they know nothing of it
        keys = CaseKeys(store, KEYS.master, life=0)
        async with working(client, sqlite_database, queue, keys):
            await asyncio.gather(*(told.start(reference) for reference in told.references if reference != stopped))
            spoil(sqlite_database, sealed, -1)
            spoil(sqlite_database, bare, 0)
            with store.write() as tx:
                tx.execute(update(case_keys).where(case_keys.c.reference == damaged).values(wrapped=bytes(60)))
            keys.destroy(erased)  # while the sweep is on its way

            report, found = await asyncio.wait_for(swept(client, sqlite_database, queue), 30)
            assert {reference: (one.kind, one.repaired) for reference, one in found.items()} == {
                **dict.fromkeys((sealed, bare, damaged, newer), (Disagreement.UNREADABLE, False)),
                stopped: (Disagreement.NO_WORKFLOW, True),
            }
            assert (report.cases, report.found, report.repaired) == (6, 5, 1)
            await told.end()


async def test_a_store_of_keys_that_is_another_one_is_said_once(
    dev_server: WorkflowEnvironment, sqlite_database: Database, tmp_path: Path
) -> None:
    """A restore gone wrong: one finding that says what to restore, and not one for each case."""
    told = Cases(dev_server.client, sqlite_database, "nobody-works-here")
    for _ in range(12):
        told.open()
    with closing(Database(sqlite_url(tmp_path / "keys.db"))) as store:
        VAULT.migrate(store)
        keys = CaseKeys(store, KeyFile.made_if_missing(tmp_path / "another.key"))
        keys.mint(told.references[0])  # opened since

        async def never(_: str, __: Opening) -> None:
            raise AssertionError("nothing can be taken up without its key")

        sweeper = hands.Sweeper(sqlite_database, keys, french_calendar(), dev_server.client, never)
        look = Sweep(id="sweep-other-keys", per_second=500, cases=12)
        await ActivityEnvironment().run(sweeper.begin_sweep, look.id)
        swept = await ActivityEnvironment().run(sweeper.sweep_book, look)
        assert (swept.looked_at, swept.done) == (12, True)
        report = await ActivityEnvironment().run(sweeper.end_sweep, look)
    with sqlite_database.read() as tx:
        found = {one.reference: (one.kind, one.cases) for one in sweeps.found_by(tx, report.id)}
    assert found == {"": (Disagreement.OTHER_KEYS, 11), told.references[0]: (Disagreement.UNREADABLE, 1)}
    assert report.found == 2


async def test_a_master_key_that_is_not_at_hand_is_waited_for(
    dev_server: WorkflowEnvironment, sqlite_database: Database, tmp_path: Path
) -> None:
    """It is not the trouble of any one case: nothing is said of cases while none can be read."""
    client, queue = dev_server.client, f"sweep-{uuid.uuid4()}"
    told = Cases(client, sqlite_database, queue)
    told.open()
    another = CaseKeys(KEYS.store, KeyFile.made_if_missing(tmp_path / "another.key"))
    async with working(client, sqlite_database, queue, another):
        handle = await begin(client, queue)

        async def tried() -> bool:
            pending = (await handle.describe()).raw_description.pending_activities
            return [(one.activity_type.name, one.attempt > 1) for one in pending] == [("sweep_book", True)]

        async with asyncio.timeout(30):
            while not await tried():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    with sqlite_database.read() as tx:
        assert not tx.execute(select(findings)).all()
    await handle.terminate()


async def test_schedules_are_made_once_and_brought_up_to_date(
    dev_server: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, queue = dev_server.client, f"sweep-{uuid.uuid4()}"
    (planned,) = (one for one in schedules.SCHEDULES if one.id == "nightly-sweep")
    handle = client.get_schedule_handle(planned.id)
    await ensure(client, "elsewhere")
    try:
        await pause(handle, "An operator looks into something")
        await ensure(client, queue)
        found = await starting_on(handle, queue)
        assert found.policy.overlap is ScheduleOverlapPolicy.SKIP
        assert found.policy.catchup_window == planned.catch_up <= timedelta(hours=12)
        assert found.state.paused, "what an operator paused stays paused"
        await handle.unpause()
        times = (await handle.describe()).info.next_action_times
        assert times
        assert {time.astimezone(ZoneInfo("Europe/Paris")).strftime("%H:%M") for time in times} == {"04:00"}

        async with working(client, sqlite_database, queue):
            await handle.trigger()

            def done() -> bool:
                with sqlite_database.read() as tx:
                    last = sweeps.last(tx)
                    return last is not None and last.finished_at is not None

            await until_async(done, "the sweep that was triggered is done")
    finally:
        await handle.delete()
