"""What one worker began and another went on with replays: the clock keeps its place among the commands that wait."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.book import Book
from audit.histories import replayed
from audit.records import Records
from domain.errors import Away
from domain.time.deadline import Deadline
from kit.storage.archive import FolderArchive
from kit.storage.database import Database
from tests.people import WORKER
from tests.support.builders import note
from tests.support.harness import Running, eventually, opened, running_case_worker
from tests.support.servers import KEYS


def away(*_: object) -> None:
    raise Away("away", "The book does not answer.")


def hurried(seconds: float) -> Callable[..., Deadline | None]:
    """A book whose next deadline is in so many seconds."""
    ordinary = Book._next

    def next_deadline(*arguments: Any) -> Deadline | None:
        due = datetime.now(UTC) + timedelta(seconds=seconds)
        deadline = ordinary(*arguments)
        return deadline and deadline.model_copy(update={"due": due})

    return next_deadline


class Story:
    """What the history of a case tells."""

    def __init__(self, running: Running, reference: str) -> None:
        self._running, self._reference = running, reference

    async def has(self, kind: str, times: int = 1, *, seen: bool = True) -> None:
        """Waits until something has happened so many times, and a worker has seen to it if it is to be `seen`."""

        async def is_there() -> bool:
            kinds = [event.WhichOneof("attributes") for event in await self._running.events(self._reference)]
            places = [place for place, name in enumerate(kinds) if name == f"{kind}_event_attributes"]
            task = "workflow_task_completed_event_attributes"
            return len(places) >= times and (not seen or task in kinds[places[-1] :])

        await eventually(is_there)


async def test_a_deadline_that_passed_before_a_command_came_stays_before_it_whoever_goes_on(
    dev_server: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = f"test-{uuid.uuid4()}"
    with monkeypatch.context() as book_away:
        async with running_case_worker(dev_server.client, sqlite_database, task_queue=queue) as first:
            with monkeypatch.context() as soon:
                soon.setattr(Book, "_next", hurried(2))
                reference = await opened(first)
            book_away.setattr(Book, "_tried", away)
            story = Story(first, reference)
            under_way = asyncio.create_task(first.desk.submit(reference, note("under way"), WORKER))
            await story.has("activity_task_scheduled", seen=False)
            # Any task that leaves no command, as when a mail has arrived: a forged signal is dropped unread.
            await dev_server.client.get_workflow_handle(reference).signal("none")
            await story.has("workflow_execution_signaled")
            await story.has("timer_fired")
        async with running_case_worker(dev_server.client, sqlite_database, task_queue=queue) as second:
            later = asyncio.create_task(second.desk.submit(reference, note("later"), WORKER))
            await story.has("workflow_execution_update_accepted", 3, seen=False)
            book_away.undo()
            assert [(await sent).events for sent in (under_way, later)] == [("note_added.1",)] * 2
            await second.desk.submit(reference, note("and on"), WORKER)
            records = Records(sqlite_database, FolderArchive(second.folder), KEYS, second.client)
            assert await replayed(reference, await records.of(reference), records) == []
