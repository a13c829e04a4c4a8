"""Keys of openings that came to nothing go within a day or two: never one of a case, nor of an opening under way."""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.calendar import french_calendar
from activities.sweep import Sweeper
from desk.opening import open_case
from domain.errors import Refused
from domain.exchange.cases import CaseStart, Opening
from domain.exchange.sweep import Sweep
from domain.parts.intake import Open
from domain.values import new_reference
from domain.vocabulary import Disagreement
from kit.settings import Settings
from kit.storage.database import Database
from models import book, sweeps, unused_keys
from models.accounts import add_account
from models.keys import case_keys
from tests.desk.scene import BookOffice
from tests.people import WORKER
from tests.support.builders import complaint
from tests.support.harness import running_case_worker
from tests.support.servers import KEYS, MASTER_KEY, ROOT, VAULT_URL
from workflows.complaint import ComplaintWorkflow

Aging = Callable[[Sequence[str]], None]
SOURCE = {"system": "registre", "id": "12"}
KILLED = """
import os, signal, sys
from pathlib import Path
from kit.crypto.vault import KeyFile
from kit.storage.database import Database
from models.keys import CaseKeys
vault, master, reference = sys.argv[1:]
CaseKeys(Database(vault), KeyFile(Path(master))).mint(reference)
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_between_key_and_book(reference: str) -> None:
    arguments = (VAULT_URL, str(MASTER_KEY), reference)
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr


def last_asked(references: Sequence[str], at: datetime) -> None:
    alive = (case_keys.c.reference.in_(references), case_keys.c.destroyed_at.is_(None))
    with KEYS.store.write() as tx:
        tx.execute(update(case_keys).where(*alive).values(asked_at=at))


@pytest.fixture
def pass_two_days() -> Iterator[Aging]:
    """Makes keys two days older; today's again at the end, for a sweep of another test would find them unused."""
    aged: list[str] = []

    def pass_two_days(references: Sequence[str]) -> None:
        aged.extend(references)
        last_asked(references, datetime.now(UTC) - timedelta(days=2))

    yield pass_two_days
    last_asked(aged, datetime.now(UTC))


async def swept(sweeper: Sweeper, database: Database) -> dict[str, tuple[Disagreement, bool]]:
    look = Sweep(id=str(uuid.uuid4()), opening=timedelta(days=1))
    await ActivityEnvironment().run(sweeper.begin_sweep, look.id)
    await ActivityEnvironment().run(sweeper.sweep_engine, look)
    with database.read() as tx:
        return {found.reference: (found.kind, found.repaired) for found in sweeps.found_by(tx, look.id)}


async def test_what_openings_left_behind_is_destroyed_and_told_and_nothing_else(
    dev_server: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, pass_two_days: Aging
) -> None:
    client, killed, refused, under_way, young = (dev_server.client, *(new_reference() for _ in range(4)))
    async with running_case_worker(client, sqlite_database, sandboxed=False) as running:
        case = (await running.desk.open(complaint(source=SOURCE), WORKER)).reference
        with pytest.raises(Refused):
            await running.desk.open(complaint(source=SOURCE), WORKER, reference=refused)
        killed_between_key_and_book(killed)
        for reference in (under_way, young):
            KEYS.mint(reference)
        opening = Opening(
            command=Open(complaint=complaint()), command_id=str(uuid.uuid4()), actor=WORKER, reference=under_way
        )
        start = CaseStart(reference=under_way, opening=opening)
        run = await client.start_workflow(ComplaintWorkflow.run, start, id=under_way, task_queue="nobody-works-here")
        pass_two_days([case, killed, refused, under_way])

        sweeper = Sweeper(sqlite_database, KEYS, french_calendar(), client, running.desk.take_up)
        monkeypatch.setattr(unused_keys, "A_FEW", 2)
        told = await swept(sweeper, sqlite_database)
        assert told == dict.fromkeys([killed, refused], (Disagreement.KEY_UNUSED, False)), "too many: people decide"
        assert {killed, refused} <= KEYS.living()
        monkeypatch.setattr(unused_keys, "A_FEW", 20)
        told = await swept(sweeper, sqlite_database)
        assert told == dict.fromkeys([killed, refused], (Disagreement.KEY_UNUSED, True))
        assert KEYS.living() & {case, killed, refused, under_way, young} == {case, under_way, young}
        assert await swept(sweeper, sqlite_database) == {}
        await run.terminate()


async def test_the_same_opening_sent_again_after_that_opens_one_case(
    sqlite_database: Database, pass_two_days: Aging
) -> None:
    settings = Settings(vault_url=VAULT_URL, master_key_file=MASTER_KEY)
    office, reference, id = BookOffice(sqlite_database, settings, engine=None), new_reference(), str(uuid.uuid4())
    with office.writing() as tx:
        add_account(tx, WORKER)
    killed_between_key_and_book(reference)
    pass_two_days([reference])
    assert KEYS.destroy_unasked([reference], datetime.now(UTC) - timedelta(days=1)) == [reference]
    receipts = [await open_case(office, WORKER, complaint(), reference=reference, command_id=id) for _ in range(2)]
    assert receipts[0].reference == receipts[1].reference != reference
    with office.reading() as tx:
        assert len(book.rows(tx, receipts[0].reference)) == receipts[0].version
