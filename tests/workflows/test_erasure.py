"""Erased: no key, no copy and no backup tells a word of it again; the chain still holds; nothing else is touched."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowExecutionStatus, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.erasure import Eraser
from desk.certificate import certificate_of
from domain.errors import Refused
from domain.identity import Trait, mark
from domain.parts.contact import AddNote
from domain.parts.erasure import CaseErased, Erase, ProposeErasure
from domain.values import new_reference
from kit.crypto.codec import key_name, opened
from kit.crypto.vault import KeyDestroyed, KeyFile, is_sealed
from kit.storage.database import Database, sqlite_url
from models import book as lines
from models.cases import find_case
from models.destroyed_keys import erase_again
from models.finding import cases_marked
from models.keys import CaseKeys
from models.migrate import VAULT, migrate
from models.sources import opened_from, source_key
from models.tables import blind_index, book, destroyed_keys
from tests.desk.offices import office_on
from tests.people import SUPERVISOR, SUPERVISOR_2, WORKER
from tests.support.accounts import open_accounts
from tests.support.builders import closing as ended
from tests.support.builders import complaint
from tests.support.canaries import Canaries, a_full_complaint
from tests.support.harness import Running, audit, running_case_worker
from tests.support.intakes import by_intake
from tests.support.journeys import everything, settle_in
from tests.support.outages import until_so
from tests.support.places import found_in, on_disk
from tests.support.servers import KEYS, MASTER_KEY, Engine
from workflows.erasure import workflow_id


@dataclass
class Erased:
    """An installation in which one case of two was erased, and copies of everything that were taken before."""

    folder: Path
    backup: Path
    running: Running
    gone: str
    kept: str
    canaries: Canaries
    exported: WorkflowHistory
    """The history of the erased case, as it was exported before."""
    origin: str

    @property
    def database(self) -> Database:
        return self.running.database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def erased(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Erased]:
    folder = tmp_path_factory.mktemp("erased")
    engine = Engine(folder)
    await asyncio.to_thread(engine.start)
    try:
        client = await engine.client()
        with closing(Database(sqlite_url(folder / "aboutir.db"))) as database:
            migrate(database)
            open_accounts(database)
            settle_in(database)
            async with running_case_worker(client, database, sandboxed=False, task_queue="erasure") as running:
                yield await _erase_one(folder, running)
    finally:
        engine.kill()


async def _destroyed(running: Running, reference: str) -> None:
    """Waits for the workflow that destroys the key: the engine starts it a moment after the case has ended."""
    async with asyncio.timeout(60):
        while True:
            try:
                await running.client.get_workflow_handle(workflow_id(reference)).result()
                return
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            await asyncio.sleep(0.05)


async def _erase_one(folder: Path, running: Running) -> Erased:
    canaries, submit = Canaries(), running.desk.submit
    content, _ = canaries.in_all(a_full_complaint())
    gone = (await running.desk.open(content, WORKER)).reference
    kept = (await running.desk.open(complaint(), WORKER)).reference
    for command, who in everything(content)[:-1]:  # to its closure
        marked, _ = canaries.in_all(command)
        await submit(gone, by_intake(running.database, gone, marked), who)
    await submit(gone, ProposeErasure(reason=canaries.one()), SUPERVISOR)
    backup = folder.parent / f"{folder.name}-backup"
    await asyncio.to_thread(shutil.copytree, folder, backup)
    exported = await running.client.get_workflow_handle(gone).fetch_history()
    with suppress(KeyDestroyed):  # on a busy machine the key of the answer is gone before it is opened
        receipt = await submit(gone, Erase.model_validate({"reason": "PERSON_ASKED"}), SUPERVISOR_2)
        assert (receipt.step, receipt.events) == ("ERASED", ("case_erased.1",))
    await _destroyed(running, gone)
    assert content.source is not None
    return Erased(folder, backup, running, gone, kept, canaries, exported, source_key(KEYS.digest, content.source))


# --- What is left ----------------------------------------------------------------------------------------


def payloads(history: WorkflowHistory) -> list[Payload]:
    """Every payload in a history, wherever it stands."""
    collected: list[Payload] = []

    def look(message: Any) -> None:
        if isinstance(message, Payload):
            collected.append(message)
            return
        for field, value in message.ListFields():
            if field.message_type is not None:
                for each in value.values() if _is_map(field) else value if field.is_repeated else [value]:
                    if hasattr(each, "ListFields"):
                        look(each)

    for event in history.events:
        look(event)
    return collected


def _is_map(field: Any) -> bool:
    return field.message_type.GetOptions().map_entry


async def test_nothing_sealed_opens_again_in_the_backup_or_in_what_was_exported(erased: Erased) -> None:
    fresh = CaseKeys(KEYS.store, KeyFile(MASTER_KEY))  # somebody with the master key and the store of today
    with pytest.raises(KeyDestroyed):
        fresh.of(erased.gone)
    with closing(Database(sqlite_url(erased.backup / "aboutir.db"))) as backup, backup.read() as tx:
        rows = tx.execute(select(book).where(book.c.reference == erased.gone)).all()
        assert len(rows) > 20
        assert all(is_sealed(bytes(row.event)) for row in rows)
        with pytest.raises(Refused, match="case_erased"):
            lines.history(tx, fresh, erased.gone)
        assert lines.history(tx, fresh, erased.kept), "another case of the same backup opens"
    sealed = [payload for payload in payloads(erased.exported) if key_name(payload) == erased.gone]
    assert len(sealed) > 60
    for payload in sealed:
        with pytest.raises(KeyDestroyed):
            opened(payload, fresh.of)
    places = await asyncio.to_thread(on_disk, erased.folder, erased.backup, MASTER_KEY.parent)
    hits = found_in(places, erased.canaries.let_out)
    print(
        f"\nerasure: {len(erased.canaries.let_out)} words, {len(rows)} lines of a backup and {len(sealed)} payloads of "
        f"an export, {len(places)} places: {len(hits)} found, 0 opened"
    )
    assert hits == []


async def test_the_workflow_ended_and_its_history_cannot_be_read(erased: Erased) -> None:
    handle = erased.running.client.get_workflow_handle(erased.gone)
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED
    with pytest.raises(Exception) as failed:
        await asyncio.wait_for(handle.query("view"), 5)
    assert not any(word in str(failed.value) for word in erased.canaries.let_out)
    with pytest.raises(Refused, match="case_erased"):
        await erased.running.desk.submit(erased.gone, AddNote(text="-"), SUPERVISOR)
    with pytest.raises(Refused, match="case_erased"):
        await erased.running.desk.open(complaint(), WORKER, reference=erased.gone)
    ended = erased.running.client.get_workflow_handle(workflow_id(erased.gone))
    assert (await ended.describe()).status is WorkflowExecutionStatus.COMPLETED


def test_the_chain_holds_and_the_anonymous_facts_are_there(erased: Erased) -> None:
    with erased.database.read() as tx:
        assert lines.broken_link(tx, erased.gone) is None
    found = certificate_of(office_on(erased.database), SUPERVISOR, erased.gone)
    assert audit(erased.database).broken == []
    assert (found.erased_by, found.facts.proposed_by, found.chain_holds) == ("alix", "sacha", True)
    assert found.key_destroyed_at > found.key_made_at
    assert found.facts.domain == "SANTE" and found.facts.criteria == ("AGE",)
    said = json.dumps(found.model_dump(mode="json")) + found.digest
    assert found_in({"certificate": said.encode()}, erased.canaries.let_out) == []


def test_nobody_finds_the_person_again_and_what_was_imported_is_not_opened_anew(erased: Erased) -> None:
    with erased.database.read() as tx:
        rows = tx.execute(select(blind_index).where(blind_index.c.reference == erased.gone)).all()
        assert rows == []
        wanted = mark(Trait.NAME, "Lou Exemple")
        assert wanted is not None
        assert [row.reference for row in cases_marked(tx, SUPERVISOR, KEYS.digest, wanted)] == [erased.kept]
        row = find_case(tx, SUPERVISOR, erased.gone)
        assert row is not None
        assert (row.step, row.domain, row.outcome) == ("ERASED", "SANTE", "NO_RESULT")
        assert (row.next_due, row.stalled) == (None, False)
        assert opened_from(tx, [erased.origin]) == {erased.origin: erased.gone}


async def test_another_case_lives_on(erased: Erased) -> None:
    receipt = await erased.running.desk.submit(erased.kept, AddNote(text="-"), WORKER)
    assert receipt.step == "INTAKE"
    assert erased.running.case(erased.kept) == await erased.running.view(erased.kept)


# --- What could go wrong ---------------------------------------------------------------------------------


async def test_the_key_of_a_case_that_was_not_erased_is_never_destroyed(erased: Erased) -> None:
    eraser, unknown = Eraser(erased.database, KEYS, erased.running.client), new_reference()
    KEYS.mint(unknown)
    with pytest.raises(ApplicationError) as refused:
        await ActivityEnvironment().run(eraser.destroy_key, erased.kept)
    assert (refused.value.type, refused.value.non_retryable) == ("Running", False)
    with pytest.raises(ApplicationError) as refused:
        await ActivityEnvironment().run(eraser.destroy_key, unknown)
    assert (refused.value.type, refused.value.non_retryable) == ("NotErased", True)
    KEYS.of(unknown)
    KEYS.of(erased.kept)


async def test_destroying_twice_destroys_once(erased: Erased) -> None:
    eraser, before = Eraser(erased.database, KEYS, erased.running.client), KEYS.destroyed(erased.gone)
    assert before is not None
    again = await ActivityEnvironment().run(eraser.destroy_key, erased.gone)
    assert again.destroyed_at == before.destroyed_at


def test_keys_that_an_old_copy_of_their_store_brings_back_are_destroyed_again(erased: Erased, tmp_path: Path) -> None:
    with closing(Database(sqlite_url(tmp_path / "old.db"), wipes=True)) as old:
        VAULT.migrate(old)
        keys = CaseKeys(old, KeyFile.made_if_missing(tmp_path / "master.key"))
        for reference in (erased.gone, erased.kept):
            keys.mint(reference)
        copy = tmp_path / "aboutir.db"
        shutil.copy(erased.folder / "aboutir.db", copy)
        wal = erased.folder / "aboutir.db-wal"
        if wal.exists():
            shutil.copy(wal, tmp_path / "aboutir.db-wal")
        with closing(Database(sqlite_url(copy))) as later:
            with later.write() as tx:
                # As in a book of before destroyed keys were noted.
                tx.exec_driver_sql("drop trigger destroyed_keys_refuses_delete")
                tx.execute(delete(destroyed_keys))
            assert erase_again(later, keys) == [], "an erasure of today may still be under way"
            with later.write() as tx:
                tx.exec_driver_sql("drop trigger book_refuses_update")
                long_ago = datetime.now(UTC) - timedelta(days=3)
                tx.execute(update(book).where(book.c.tag == "case_erased.1").values(recorded_at=long_ago))
            assert erase_again(later, keys) == [erased.gone]
        with pytest.raises(KeyDestroyed):
            keys.of(erased.gone)
        keys.of(erased.kept)


async def test_at_the_end_of_retention_one_supervisor_erases(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = (await running.desk.open(complaint(), WORKER)).reference
        await running.desk.submit(reference, ended(), WORKER)
        (due,) = [a for a in _agenda(running, reference) if a.kind == "ARCHIVE_END"]
        await time_skipping.sleep(due.due - await time_skipping.get_current_time() + timedelta(hours=1))
        await until_so(lambda: _is_told(running, reference), "the end of retention")
        ending = Erase.model_validate({"reason": "RETENTION_ENDED"})
        assert (await running.desk.submit(reference, ending, SUPERVISOR)).step == "ERASED"
        await until_so(lambda: _is_destroyed(reference), "the key is destroyed")
        with sqlite_database.read() as tx:
            found = lines.erasure(tx, reference)
        assert found is not None and isinstance(found[1], CaseErased)
        assert found[1].proposed_by is None


def _agenda(running: Running, reference: str) -> Any:
    from activities.calendar import french_calendar
    from domain.time.clocks import agenda
    from domain.time.policy import DEFAULT_POLICY

    return agenda(running.case(reference), DEFAULT_POLICY, french_calendar())


async def _is_told(running: Running, reference: str) -> bool:
    return any(a.kind == "ARCHIVE_END" for a in running.case(reference).alerts)


async def _is_destroyed(reference: str) -> bool:
    return KEYS.destroyed(reference) is not None
