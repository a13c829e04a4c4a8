"""A worker at work beside what holds its records against each other."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.archive import Archive
from activities.calendar import french_calendar
from audit.log import look_through
from audit.records import Records
from audit.verify import Verifier
from kit.storage.archive import FolderArchive
from kit.storage.database import Database
from tests.people import WORKER
from tests.support.builders import complaint, journey
from tests.support.harness import Running, running_case_worker
from tests.support.seals import PUBLIC, off, sealer
from tests.support.servers import KEYS


class Stack:
    """A worker at work, with what holds its records against each other."""

    def __init__(self, running: Running) -> None:
        self.running, self.database = running, running.database
        self.store = FolderArchive(running.folder / "kept")
        self.archive = Archive(running.database, running.client, self.store, KEYS)

    def verifier(self, client: Client | None) -> Verifier:
        records = Records(self.database, self.store, KEYS, client)
        return Verifier(self.database, KEYS, records, french_calendar(), client)

    async def kinds(self, *, offline: bool = False) -> set[str]:
        """Everything that is found, by kind."""
        verifier = self.verifier(None if offline else self.running.client)
        findings = look_through(self.database, [PUBLIC])
        async for _, looked in verifier.every():
            findings += looked.findings
        beside = [f for f in await verifier.beside() if f.kind != "workflow_orphan" or f.case in self.mine]
        return {finding.kind for finding in findings + beside}

    mine: frozenset[str] = frozenset()

    def write(self, statement: str, **values: Any) -> None:
        off(self.database)
        with self.database.write() as tx:
            assert tx.execute(text(statement), values).rowcount > 0

    async def case(self, steps: int = 7) -> str:
        told_of = complaint()
        reference = (await self.running.desk.open(told_of, WORKER)).reference
        for command, who, _ in journey(told_of.received_at.date())[:steps]:
            await self.running.desk.submit(reference, command, who)
        self.mine |= {reference}
        return reference

    async def keep(self) -> None:
        for reference in self.mine:
            async for run in self.running.client.list_workflows(f"WorkflowId = '{reference}'"):
                await self.archive.keep_history(reference, run.run_id)

    def seal(self) -> None:
        sealer(self.database).seal()


@asynccontextmanager
async def stack(server: WorkflowEnvironment, database: Database) -> AsyncIterator[Stack]:
    async with running_case_worker(server.client, database, sandboxed=False) as running:
        yield Stack(running)


def another_result(events: list[dict[str, Any]]) -> None:
    """Somebody else wrote the fourth line, says the history."""
    for event in events:
        if (marker := event.get("markerRecordedEventAttributes")) is not None:
            change_payload(marker["details"]["result"]["payloads"][0], _another_author)


def change_payload(said: dict[str, Any], change: Callable[[Any], Any]) -> None:
    """Changes what a payload says: in place, or into what `change` gives back."""
    plain = json.loads(base64.b64decode(said["data"]))
    said["data"] = base64.b64encode(json.dumps(change(plain) or plain).encode()).decode()


def _another_author(committed: dict[str, Any]) -> None:
    for entry in committed["entries"]:
        if entry["version"] == 4:
            entry["actor"]["account"] = "somebody"
