"""Somebody leaves: they are refused at their next act, and what they held goes to others, whatever stops meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.departures import Departures
from domain.actors import CLOCK
from domain.errors import Away, Refused
from domain.exchange.housekeeping import HandedOver
from domain.parts.assignment import Assign, RecordDeparture
from domain.values import NOBODY
from domain.vocabulary import DeadlineKind, Level
from kit.storage.database import Database
from tests.people import COLLEAGUE, HOME, SUPERVISOR, WORKER
from tests.support.accounts import close, open_accounts
from tests.support.builders import complaint, note
from tests.support.harness import Running, running_case_worker
from tests.support.servers import until_async
from workflows.departures import HandOver


@asynccontextmanager
async def _running(server: WorkflowEnvironment, database: Database) -> AsyncIterator[Running]:
    async with running_case_worker(server.client, database, sandboxed=False) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def running(dev_server: WorkflowEnvironment, sqlite_database: Database) -> AsyncIterator[Running]:
    async with _running(dev_server, sqlite_database) as running:
        yield running


async def opened(running: Running, many: int = 1) -> list[str]:
    return [(await running.desk.open(complaint(), WORKER)).reference for _ in range(many)]


async def handed_over(running: Running) -> HandedOver:
    """One round, as a closing or the hour starts it."""
    run = await running.client.start_workflow(
        HandOver.run, id=f"hand-over-{running.task_queue}", task_queue=running.task_queue
    )
    outcome = await run.result()
    assert outcome is not None
    return outcome


async def test_somebody_who_left_is_refused_and_nobody_holds_what_they_held(running: Running) -> None:
    (reference,) = await opened(running)
    close(running.database, WORKER)
    with pytest.raises(Refused) as refused:
        await running.desk.submit(reference, note(), WORKER)
    assert refused.value.code == "account_closed"
    assert await handed_over(running) == HandedOver(cases=1)
    assert running.case(reference).holder == NOBODY
    await until_async(lambda: bool(running.case(reference).alerts), "the supervisor is told at once")
    (alert,) = running.case(reference).standing_alerts
    assert (alert.kind, alert.level) == (DeadlineKind.NO_HOLDER, Level.SUPERVISOR)
    await running.desk.submit(reference, Assign(holder=COLLEAGUE.account, organisation=HOME, reason="-"), SUPERVISOR)
    case = running.case(reference)
    assert (case.holder, case.standing_alerts) == (COLLEAGUE.account, ()), "giving it to somebody ends the alert"
    assert await handed_over(running) == HandedOver(), "and there is nothing left to do"


async def test_what_they_held_goes_to_whoever_was_named(running: Running) -> None:
    references = await opened(running, 3)
    close(running.database, WORKER, to=COLLEAGUE)
    assert await handed_over(running) == HandedOver(cases=3)
    for reference in references:
        assert (running.case(reference).holder, running.tags(reference)[-1]) == (COLLEAGUE.account, "holder_left.1")
        assert running.entries(reference)[-1].actor == CLOCK


async def test_a_hand_over_that_was_killed_half_way_is_finished_by_the_next(running: Running) -> None:
    references = sorted(await opened(running, 3))
    close(running.database, WORKER, to=COLLEAGUE)

    async def dies_at_the_second(reference: str, *arguments: object, **options: object) -> object:
        if reference == references[1]:
            raise ConnectionError("killed")
        return await running.desk.submit(reference, *arguments, **options)  # type: ignore[arg-type]

    with pytest.raises(ConnectionError):
        await ActivityEnvironment().run(Departures(running.database, dies_at_the_second).hand_over)
    assert [running.case(reference).holder for reference in references] == [COLLEAGUE.account, *[WORKER.account] * 2]
    assert await handed_over(running) == HandedOver(cases=2)
    for reference in references:
        assert running.tags(reference).count("holder_left.1") == 1


async def test_a_case_that_does_not_answer_holds_up_no_other(running: Running) -> None:
    references = sorted(await opened(running, 2))
    close(running.database, WORKER)

    async def silent(reference: str, *arguments: object, **options: object) -> object:
        if reference == references[0]:
            raise Away("not_confirmed", "It does not answer.", "Later.")
        return await running.desk.submit(reference, *arguments, **options)  # type: ignore[arg-type]

    outcome = await ActivityEnvironment().run(Departures(running.database, silent).hand_over)
    assert outcome == HandedOver(cases=1, failed=1)


async def test_whoever_is_there_keeps_what_they_hold(running: Running) -> None:
    (reference,) = await opened(running)
    with pytest.raises(Refused) as refused:
        await running.desk.submit(reference, RecordDeparture(holder=WORKER.account), CLOCK)
    assert refused.value.code == "holder_is_there"
    close(running.database, WORKER, to=SUPERVISOR)
    close(running.database, SUPERVISOR)
    assert await handed_over(running) == HandedOver(cases=1)
    assert running.case(reference).holder == NOBODY, "whoever was named has left as well"
    open_accounts(running.database)
