"""A workflow that knows less than the book: a worker wrote a line and died before it could answer."""

import uuid
from datetime import UTC, datetime

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.errors import Refused
from domain.exchange.cases import Ask, CommitRequest, Receipt
from domain.parts.base import Command
from kit.storage.database import Database
from tests.people import WORKER
from tests.support.builders import closing, note
from tests.support.harness import Running, opened, running_case_worker


def written_unanswered(running: Running, reference: str, command: Command, id: str) -> Receipt:
    """The answer of the book that never reached the workflow, which knows two lines."""
    ask = Ask(command=command, command_id=id, actor=WORKER, reference=reference, expected_version=2)
    request = CommitRequest(reference=reference, known_version=2, ask=ask, at=datetime.now(UTC))
    return running.book.commit(request).receipt


@pytest.mark.parametrize("seen", [2, 3], ids=["as they saw the case then", "as they see it now"])
async def test_a_decision_sent_again_is_answered_as_it_stands_in_the_book(
    dev_server: WorkflowEnvironment, sqlite_database: Database, seen: int
) -> None:
    async with running_case_worker(dev_server.client, sqlite_database) as running:
        reference, command, id = await opened(running), closing(), str(uuid.uuid4())
        lost = written_unanswered(running, reference, command, id)
        assert lost.version == 3
        assert await running.desk.submit(reference, command, WORKER, command_id=id, expected_version=seen) == lost
        assert running.tags(reference).count("case_closed.1") == 1
        assert await running.view(reference) == running.case(reference)


async def test_a_decision_on_what_the_book_shows_is_taken(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(dev_server.client, sqlite_database) as running:
        reference = await opened(running)
        written_unanswered(running, reference, note(), str(uuid.uuid4()))
        with pytest.raises(Refused, match="version_ahead"):
            await running.desk.submit(reference, closing(), WORKER, expected_version=9)
        assert (await running.desk.submit(reference, closing(), WORKER, expected_version=3)).version == 4
