"""Runs of a case's workflow that follow one another, as if nothing had happened."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.calendar import french_calendar
from domain.errors import Refused
from domain.exchange.cases import CaseStart, CaseState, Opening, Shown, Trace
from domain.parts.intake import Open
from domain.parts.piece import StartEvidence
from domain.time.clocks import agenda
from domain.time.policy import DEFAULT_POLICY
from domain.values import new_reference
from domain.vocabulary import DeadlineKind, Level
from kit.storage.database import Database
from tests.people import WORKER
from tests.support.builders import closing, complaint, note
from tests.support.harness import Running, audit, eventually, is_sound, opened, running_case_worker
from workflows.complaint import ComplaintWorkflow


async def runs(running: Running, reference: str) -> int:
    """Number of runs that a case's workflow has had."""
    count, run = 1, None
    while True:
        first = (await running.events(reference, run))[0].workflow_execution_started_event_attributes
        if not first.continued_execution_run_id:
            return count
        count, run = count + 1, first.continued_execution_run_id


async def test_a_case_goes_on_in_another_run_as_if_nothing_had_happened(
    short_runs: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(short_runs.client, database) as running:
        reference = await opened(running)
        id = str(uuid.uuid4())
        first = await running.desk.submit(reference, note(), WORKER, command_id=id, expected_version=2)
        step = await running.desk.submit(reference, StartEvidence(), WORKER)
        for _ in range(20):
            await running.desk.submit(reference, note(), WORKER)
        assert await runs(running, reference) >= 3

        # The engine has forgotten this id with the run: the case has not.
        again = await running.desk.submit(reference, note(), WORKER, command_id=id, expected_version=2)
        assert again == first
        assert [e.command_id for e in running.entries(reference)].count(id) == 1
        with pytest.raises(Refused) as refused:
            await running.desk.submit(reference, closing(), WORKER, expected_version=step.version)
        said = refused.value.params
        assert [str(said[which]).count("note_added.1 (camille)") for which in ("first", "last")] == [1, 4]
        assert (said["count"], said["between"]) == (20, 15)
        assert [e.version for e in running.entries(reference)] == list(range(1, 24 + 1))
        assert await running.view(reference) == running.case(reference)
        assert is_sound(audit(database))

        described = await running.client.get_workflow_handle(reference).describe()
        found = {pair.key.name: pair.value for pair in described.typed_search_attributes}
        assert found["AboutirStep"] == "EVIDENCE"
        assert found["AboutirTerritory"] == "59350"


async def test_an_opening_repeated_after_the_run_has_changed_gets_its_answer(
    short_runs: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(short_runs.client, sqlite_database) as running:
        told, reference, id = complaint(), new_reference(), str(uuid.uuid4())
        first = await running.desk.open(told, WORKER, reference=reference, command_id=id)
        for _ in range(8):
            await running.desk.submit(reference, note(), WORKER)
        assert await runs(running, reference) >= 2
        assert await running.desk.open(told, WORKER, reference=reference, command_id=id) == first


async def test_the_next_run_arms_the_timer_for_the_same_deadline(
    short_runs: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(short_runs.client, sqlite_database) as running:
        reference = await opened(running)
        before = await runs(running, reference)
        while await runs(running, reference) == before:
            await running.desk.submit(reference, note(), WORKER)
        due = agenda(running.case(reference), DEFAULT_POLICY, french_calendar())[0].due

        async def armed() -> datetime | None:
            for event in await running.events(reference):
                if event.HasField("timer_started_event_attributes"):
                    wait = event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
                    return event.event_time.ToDatetime().replace(tzinfo=UTC) + wait
            return None

        await running.desk.submit(reference, note(), WORKER)  # by now the new run has taken its first step
        found = await armed()
        assert found is not None
        assert abs(found - due) < timedelta(seconds=5)


async def test_a_run_that_starts_from_the_state_of_another_passes_its_deadlines(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """As after continue-as-new, or on another engine: the deadline is the old one, not counted afresh."""
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = await opened(running)
        history, case = running.entries(reference), running.case(reference)
        receipt = await running.desk.open(case.complaint, WORKER, reference=reference, command_id=history[0].command_id)
        due = agenda(case, DEFAULT_POLICY, french_calendar())[0].due
        await running.client.get_workflow_handle(reference).terminate()

        await time_skipping.sleep(timedelta(days=2))
        state = CaseState(
            case=case, recent=tuple(map(Trace.of, history)), next_due=due, shown=Shown.of(case), opened=receipt
        )
        opening = Opening(command=Open(complaint=case.complaint), command_id=history[0].command_id, actor=WORKER)
        await running.client.start_workflow(
            ComplaintWorkflow.run,
            CaseStart(reference=reference, opening=opening, state=state),
            id=reference,
            task_queue=running.task_queue,
        )
        await time_skipping.sleep(timedelta(days=400))
        alerts = [e for e in running.entries(reference) if e.what == "alert_raised.1"]
        assert [e.event.level for e in alerts if e.event.kind is DeadlineKind.STALL][:3] == list(Level)
        assert alerts[0].event.due == due
        assert alerts[0].recorded_at - due < timedelta(minutes=1)


async def test_who_waits_when_a_run_ends_gets_an_answer_all_the_same(
    short_runs: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """Commands are accepted and wait for the book, which is held, while the run grows past its length."""
    async with running_case_worker(short_runs.client, sqlite_database) as running:
        reference = await opened(running)
        with sqlite_database.write():
            waiting = []
            for _ in range(8):
                waiting.append(asyncio.create_task(running.desk.submit(reference, note(), WORKER)))
                accepted = len(waiting)

                async def all_accepted(wanted: int = accepted) -> bool:
                    events = await running.events(reference)
                    told = [e for e in events if e.HasField("workflow_execution_update_accepted_event_attributes")]
                    return len(told) >= wanted + 1  # and the opening

                await eventually(all_accepted)
            assert len(await running.events(reference)) > 30
            assert await runs(running, reference) == 1
        receipts = await asyncio.gather(*waiting)
        assert sorted(r.version for r in receipts) == list(range(3, 11))
        await running.desk.submit(reference, note(), WORKER)
        assert await runs(running, reference) >= 2
        assert await running.view(reference) == running.case(reference)
