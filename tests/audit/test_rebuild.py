"""Either record is lost, and rebuilt from the other: n of n cases, deadlines as they were, nothing twice."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.archive import Archive
from activities.book import Book
from activities.calendar import french_calendar
from audit.log import look_through
from audit.rebuild import restore_all, start_again
from audit.records import Records
from audit.restore import DoesNotChain, remembered, restore
from audit.verify import Verifier
from domain.parts.files import AttachFile, RemoveFile
from domain.values import day_of
from domain.vocabulary import Door
from kit.storage.archive import FolderArchive
from kit.storage.database import Database
from kit.storage.store import FolderStore
from models.evidence import MB, Evidence
from models.tables import mails
from tests.audit.rebuilt import SHOWN, armed, lines, next_due, rows
from tests.people import LOU, SUPERVISOR, WORKER
from tests.support.builders import a_file, complaint, journey, note
from tests.support.good_files import SAMPLES
from tests.support.harness import Running, audit, is_sound, running_case_worker
from tests.support.intakes import attaching, by_intake
from tests.support.seals import PUBLIC, off, sealer
from tests.support.servers import KEYS, Engine, until_async
from workflows.cases import CaseClient

CASES = 12


async def lives(running: Running, count: int = CASES) -> list[str]:
    """So many cases, each as far on its way as its number says; every other one through a session."""
    queue = running.task_queue
    desks = (running.desk, CaseClient(running.client, queue, KEYS.mint, timedelta(minutes=2), door=Door.SESSION))

    async def one(number: int) -> str:
        content, desk = complaint(), desks[number % 2]
        reference = (await desk.open(content, WORKER)).reference
        for command, who, _ in journey(day_of(content.received_at))[: number % 16]:
            await desk.submit(reference, command, who)
        return reference

    return list(await asyncio.gather(*map(one, range(count))))


def records(running: Running, client: Client | None, folder: Path) -> Records:
    return Records(running.database, FolderArchive(folder), KEYS, client)


async def findings(database: Database, client: Client, folder: Path) -> list[str]:
    verifier = Verifier(database, KEYS, Records(database, FolderArchive(folder), KEYS, client),
                     french_calendar(), client)  # fmt: skip
    return [f.kind for f in look_through(database, [PUBLIC])] + [
        f.kind async for _, looked in verifier.every() for f in looked.findings
    ]


# --- The engine is lost ----------------------------------------------------------------------------------


async def test_every_case_starts_again_on_an_empty_engine(
    engine: Engine,
    sqlite_database: Database,
    tmp_path: Path,
) -> None:
    client = await engine.client()
    async with running_case_worker(client, sqlite_database, sandboxed=False, task_queue="ours") as running:
        references = await lives(running)
        views = {reference: await running.view(reference) for reference in references}
    before, shown = lines(sqlite_database), rows(sqlite_database, *SHOWN)
    engine.kill()
    await asyncio.to_thread(lose_the_engine, tmp_path)
    engine.start()
    client = await engine.client()

    async with running_case_worker(client, sqlite_database, sandboxed=False, task_queue="ours") as running:
        first = asyncio.create_task(start_again(client, running.desk, sqlite_database, KEYS, 200, lambda _: None))
        await until_async(lambda: first.done() or bool(running.book), "it has begun")
        first.cancel()  # stopped somewhere on the way, and run again
        with pytest.raises(asyncio.CancelledError):
            await first
        found = await start_again(client, running.desk, sqlite_database, KEYS, 200, lambda _: None)
        again = await start_again(client, running.desk, sqlite_database, KEYS, 1000, lambda _: None)
        assert (found.cases, found.started + found.already, found.failed) == (CASES, CASES, [])
        assert (again.cases, again.already) == (CASES, CASES)

        assert lines(sqlite_database) == before, "something was written"
        assert rows(sqlite_database, *SHOWN) == shown
        for reference in references:
            assert await running.view(reference) == views[reference]
            due, timer = next_due(sqlite_database, reference), armed(await running.events(reference))
            assert due is None or abs(due - timer) < 2, "a deadline has moved"
        receipt = await running.desk.submit(references[3], note(), WORKER)
        assert receipt.version == views[references[3]].version + 1
        assert is_sound(audit(sqlite_database))
        assert await findings(sqlite_database, client, running.folder / "kept") == []
    print(f"\nrebuild: engine lost, {found.started + found.already} of {CASES} cases resumed, none doubled")


def lose_the_engine(folder: Path) -> None:
    for file in folder.glob("engine.db*"):
        file.unlink()


# --- The book is lost ------------------------------------------------------------------------------------

Loss = Callable[[Database], None]


def an_older_backup(database: Database) -> None:
    """The lists are those of the backup too: some cases are behind, some are not there at all."""
    off(database)
    with database.write() as tx:
        half = tx.execute(text("select max(id) / 2 from book")).scalar_one()
        for table in SHOWN:
            tx.execute(text(f"delete from {table}"))  # noqa: S608
        tx.execute(text("delete from book where id > :half"), {"half": half})


def an_attacker(database: Database) -> None:
    """Lines cut off the book alone: the lists show what it no longer tells."""
    off(database)
    with database.write() as tx:
        tx.execute(text("delete from book where version > 3"))


def everything(database: Database) -> None:
    off(database)
    with database.write() as tx:
        for table in (*SHOWN, "book"):
            tx.execute(text(f"delete from {table}"))  # noqa: S608


@pytest.mark.parametrize("lose", [an_older_backup, an_attacker, everything])
@pytest.mark.parametrize("source", ["engine", "storage"])
async def test_what_the_book_lost_comes_back_from_the_histories(
    dev_server: WorkflowEnvironment, database: Database, lose: Loss, source: str
) -> None:
    client = dev_server.client
    async with running_case_worker(client, database, sandboxed=False) as running:
        references = await lives(running, 6)
        sealer(database).seal()
        kept = running.folder / "kept"
        if source == "storage":
            archive = Archive(database, client, FolderArchive(kept), KEYS)
            for reference in references:
                described = await client.get_workflow_handle(reference).describe()
                await archive.keep_history(reference, described.run_id or "")
        before, shown = lines(database), rows(database, *SHOWN)
        lose(database)
        lost = len(before) - len(lines(database))
        assert lost > 0

        where = client if source == "engine" else None
        mine = records(running, where, kept)
        found = await restore_all(None, mine, database, KEYS, french_calendar(), lambda _: None)
        if lose is everything and source == "engine":  # then only the engine knows which cases there are
            for reference in references:
                found.lines += restore(database, KEYS, reference, await remembered(mine, reference), french_calendar())
        assert (found.lines, found.refused) == (lost, [])
        assert lines(database) == before, "the very same lines, hashes and all"
        assert rows(database, *SHOWN) == shown
        again = await restore_all(None, mine, database, KEYS, french_calendar(), lambda _: None)
        assert (again.lines, again.restored) == (0, 0)
        await running.desk.submit(references[0], note(), WORKER)
        assert await findings(database, client, kept) == []
    print(f"\nrebuild: {lose.__name__}, from the {source}: {lost} lines of {len(before)} restored, none doubled")


async def test_no_line_is_written_where_lost_ones_belong(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """Whoever goes on with a case before its tail is restored waits: two histories of one case could never be one."""
    client = dev_server.client
    async with running_case_worker(client, sqlite_database, sandboxed=False) as running:
        (reference,) = await lives(running, 1)
        await running.desk.submit(reference, note(), WORKER)
        before = lines(sqlite_database)
        off(sqlite_database)
        with sqlite_database.write() as tx:
            tx.execute(text("delete from book where version = 3"))
            tx.execute(text("update cases set version = 2"))
        running.book._cases = Book(sqlite_database, KEYS, french_calendar())._cases  # as after a restart
        waiting = asyncio.create_task(running.desk.submit(reference, note("Later"), WORKER))
        await _has(running, reference, "activity_task_scheduled_event_attributes")
        assert len(lines(sqlite_database)) == 2
        entries = await remembered(records(running, client, running.folder / "kept"), reference)
        assert restore(sqlite_database, KEYS, reference, entries, french_calendar()) == 1
        assert (await waiting).version == 4
        assert lines(sqlite_database)[:3] == before
        assert is_sound(audit(sqlite_database))


async def test_a_case_that_people_were_written_to_about_comes_back_and_its_mails_stay(
    dev_server: WorkflowEnvironment, database: Database
) -> None:
    client = dev_server.client
    async with running_case_worker(client, database, sandboxed=False) as running:
        (reference,) = await lives(running, 1)
        await running.desk.submit(reference, note(), WORKER)
        with database.write() as tx:
            mail = {"id": "m-1", "kind": "NOTICE", "account": "somebody", "reference": reference, "alerts": ""}
            tx.execute(insert(mails).values(**mail, state="SENT", tries=1, on_case=False, not_before=datetime.now(UTC)))
        before, shown = lines(database), rows(database, *SHOWN, "mails")
        off(database)
        with database.write() as tx:
            tx.execute(text("delete from book where version > 2"))
            tx.execute(text("update cases set version = 2, step = 'INTAKE'"))
        entries = await remembered(records(running, client, running.folder / "kept"), reference)
        assert restore(database, KEYS, reference, entries, french_calendar()) == len(before) - 2 > 0
        assert lines(database) == before
        assert rows(database, *SHOWN, "mails") == shown


@pytest.mark.parametrize("lose", [an_older_backup, an_attacker, everything])
async def test_a_file_comes_back_with_its_case_and_can_be_fetched(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path, lose: Loss
) -> None:
    client, evidence = dev_server.client, Evidence(FolderStore(tmp_path / "files"), KEYS, 10 * MB)
    told = LOU | {"email": "lou@example.org"}
    async with running_case_worker(client, database, sandboxed=False) as running:
        reference = (await running.desk.open(complaint(complainant=told), WORKER)).reference
        for name, content in (("bail.pdf", SAMPLES[".pdf"]), ("photo.png", SAMPLES[".png"])):
            taken = evidence.take_in(reference, name, [content])
            await running.desk.submit(reference, attaching(database, reference, taken), WORKER)
        await running.desk.submit(reference, RemoveFile(file="D1", reason="Of somebody else"), SUPERVISOR)
        before, shown = lines(database), rows(database, *SHOWN)
        assert (len(shown["files"]), len(shown["blind_index"])) == (1, 2)
        lose(database)
        mine = records(running, client, running.folder / "kept")
        entries = await remembered(mine, reference)
        assert restore(database, KEYS, reference, entries, french_calendar()) > 0
        assert (lines(database), rows(database, *SHOWN)) == (before, shown)
        looked = await Verifier(database, KEYS, mine, french_calendar(), client, evidence).case(reference)
        assert (looked.files, looked.findings) == (1, [])
        (gone, held) = running.case(reference).files
        assert not gone.is_held and b"".join(evidence.read(reference, held)) == SAMPLES[".png"]


async def test_lists_that_lost_their_rows_are_brought_back_to_a_book_that_is_whole(
    dev_server: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(dev_server.client, database, sandboxed=False) as running:
        first, second = await lives(running, 2)
        attached = AttachFile.model_validate({"piece": "EV001", "description": "-", "to_scan": False, **a_file()})
        await running.desk.submit(first, by_intake(database, first, attached), WORKER)
        shown, before = rows(database, *SHOWN), lines(database)
        mine = records(running, None, running.folder / "kept")  # without any history: the book says it all
        for gone in (("parties",), ("blind_index",), ("files",), SHOWN):
            with database.write() as tx:
                for table in gone:
                    tx.execute(text(f"delete from {table}"))  # noqa: S608
                tx.execute(text("update cases set holder = 'somebody' where reference = :r"), {"r": second})
            found = await restore_all(None, mine, database, KEYS, french_calendar(), lambda _: None)
            # A case that lists have lost wholly is restored with its book; one that they tell otherwise is counted.
            assert (found.cases, found.lines, found.refused) == (2, 0, [])
            assert found.shown == (0 if gone == SHOWN else 2)
            assert (lines(database), rows(database, *SHOWN)) == (before, shown)
            again = await restore_all(None, mine, database, KEYS, french_calendar(), lambda _: None)
            assert (again.lines, again.shown) == (0, 0)
        assert await findings(database, dev_server.client, running.folder / "kept") == []


async def test_lists_that_know_more_than_the_book_are_left_as_they_are(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """They may be all that tells that lines were cut off."""
    async with running_case_worker(dev_server.client, sqlite_database, sandboxed=False) as running:
        (reference,) = await lives(running, 1)
        for _ in range(3):
            await running.desk.submit(reference, note(), WORKER)
        an_attacker(sqlite_database)
        shown = rows(sqlite_database, *SHOWN)
        mine = records(running, None, running.folder / "kept")  # nothing was put away yet, and the engine is not asked
        found = await restore_all(None, mine, sqlite_database, KEYS, french_calendar(), lambda _: None)
        assert (found.lines, found.shown, found.refused) == (0, 0, [(reference, "v4")])
        assert rows(sqlite_database, *SHOWN) == shown


async def _has(running: Running, reference: str, attributes: str) -> None:
    async with asyncio.timeout(30):
        while not any(event.HasField(attributes) for event in await running.events(reference)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_what_does_not_chain_is_refused_and_nothing_of_it_written(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    client, calendar = dev_server.client, french_calendar()
    async with running_case_worker(client, sqlite_database, sandboxed=False) as running:
        (reference,) = await lives(running, 1)
        for _ in range(3):
            await running.desk.submit(reference, note(), WORKER)
        sealer(sqlite_database).seal()
        entries = await remembered(records(running, client, running.folder / "kept"), reference)
        off(sqlite_database)

        def cut() -> list[tuple[object, ...]]:
            with sqlite_database.write() as tx:
                tx.execute(text("delete from book where version > 3"))
            return lines(sqlite_database)

        kept = cut()
        somebody = entries[3].actor.model_copy(update={"account": "somebody"})
        forged = [*entries[:3], entries[3].model_copy(update={"actor": somebody}), *entries[4:]]
        with pytest.raises(DoesNotChain, match="v4"):  # it would not be the line that was sealed
            restore(sqlite_database, KEYS, reference, forged, calendar)
        other = [entries[0].model_copy(update={"actor": somebody}), *entries[1:]]
        with pytest.raises(DoesNotChain, match="v1"):  # the book tells it otherwise
            restore(sqlite_database, KEYS, reference, other, calendar)
        assert lines(sqlite_database) == kept
        assert restore(sqlite_database, KEYS, reference, entries, calendar) == 2

        cut()
        with sqlite_database.write() as tx:
            tx.execute(text("update book set account = 'somebody' where version = 2"))
        with pytest.raises(DoesNotChain, match="v2"):  # what is left was changed
            restore(sqlite_database, KEYS, reference, entries, calendar)
