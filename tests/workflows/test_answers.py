"""Answers of a case's workflow: to a command that is refused or repeated, and to an opening."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from domain.errors import NotFound, Problem, Refused
from domain.exchange.cases import Ask, CommitRequest
from domain.parts.referral import Refer
from domain.values import day_of, new_reference
from kit.storage.database import Database
from tests.people import COLLEAGUE, PARTNER_ORG, SUPERVISOR, WORKER
from tests.support.builders import closing, complaint, consent, contact, note
from tests.support.harness import audit, now, opened, running_case_worker
from tests.support.servers import KEYS
from workflows.cases import CaseClient

# --- Refusals --------------------------------------------------------------------------------------------


async def test_a_refused_command_leaves_the_history_untouched(
    dev_server: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(dev_server.client, database) as running:
        reference = await opened(running)
        history, lines = len(await running.events(reference)), len(running.entries(reference))
        with pytest.raises(Refused) as refused:
            await running.desk.submit(reference, Refer(partner=PARTNER_ORG, purpose="Legal help"), WORKER)

        problem = refused.value
        assert (problem.code, problem.field) == ("consent_missing", "partner")
        assert problem.message == "The person has not agreed that the case be passed to {partner}."
        assert problem.remedy.startswith("Record the consent first")
        assert problem.params == {"partner": PARTNER_ORG}
        assert len(await running.events(reference)) == history
        assert len(running.entries(reference)) == lines


async def test_a_stale_view_is_refused_with_what_changed(
    time_skipping: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(time_skipping.client, database) as running:
        reference = await opened(running)
        await running.desk.submit(reference, note(), WORKER, expected_version=2)
        await running.desk.submit(
            reference, consent("REFERRAL", day_of(await now(time_skipping)), PARTNER_ORG), SUPERVISOR
        )
        with pytest.raises(Refused) as refused:
            await running.desk.submit(reference, closing(), WORKER, expected_version=2)
        assert refused.value.code == "stale"
        assert refused.value.params["changes"] == "note_added.1 (camille), consent_recorded.1 (sacha)"
        assert (refused.value.params["expected"], refused.value.params["version"]) == (2, 4)


async def test_what_cannot_be_undone_is_refused_without_its_version_at_each_door(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(dev_server.client, sqlite_database) as running:
        reference, command = await opened(running), closing()
        history, lines = len(await running.events(reference)), running.tags(reference)
        with pytest.raises(Refused, match="version_needed"):
            await CaseClient(running.client, running.task_queue, KEYS.mint).submit(reference, command, WORKER)
        ask = Ask(command=command, command_id=str(uuid.uuid4()), actor=WORKER, reference=reference)
        with pytest.raises(WorkflowUpdateFailedError) as rejected:
            await running.client.get_workflow_handle(reference).execute_update(command.kind, ask)
        assert isinstance(rejected.value.cause, ApplicationError)
        assert rejected.value.cause.details[0]["code"] == "version_needed"
        with pytest.raises(ApplicationError) as refused:
            running.book.commit(CommitRequest(reference=reference, known_version=2, ask=ask, at=datetime.now(UTC)))
        assert refused.value.details[0]["code"] == "version_needed"
        assert (len(await running.events(reference)), running.tags(reference)) == (history, lines)
        decided = await running.desk.submit(reference, command, WORKER, expected_version=2)
        assert decided.step == "CLOSED"


async def test_of_two_who_saw_the_same_version_one_is_refused(
    time_skipping: WorkflowEnvironment, database: Database
) -> None:
    """Both pass the door, which sees the case as it was: the book has the last word."""
    async with running_case_worker(time_skipping.client, database) as running:
        reference = await opened(running)
        answers = await asyncio.gather(
            *(running.desk.submit(reference, note(), who, expected_version=2) for who in (WORKER, SUPERVISOR)),
            return_exceptions=True,
        )
        problems = [a for a in answers if isinstance(a, Problem)]
        assert [p.code for p in problems] == ["stale"], answers
        assert "note_added.1" in str(problems[0].params["changes"])
        assert running.tags(reference).count("note_added.1") == 1


async def test_the_same_command_twice_counts_once(time_skipping: WorkflowEnvironment, database: Database) -> None:
    async with running_case_worker(time_skipping.client, database) as running:
        reference = await opened(running)
        id = str(uuid.uuid4())
        first = await running.desk.submit(reference, note(), WORKER, command_id=id, expected_version=2)
        await running.desk.submit(reference, note("Another"), WORKER)
        again = await running.desk.submit(reference, note(), WORKER, command_id=id, expected_version=2)
        at_once = await asyncio.gather(
            *(running.desk.submit(reference, note(), WORKER, command_id=id) for _ in range(5))
        )
        assert [again, *at_once] == [first] * 6
        assert [e.command_id for e in running.entries(reference)].count(id) == 1


async def test_a_command_id_of_another_case_is_refused(time_skipping: WorkflowEnvironment, database: Database) -> None:
    async with running_case_worker(time_skipping.client, database) as running:
        one, other = await opened(running), await opened(running)
        id = str(uuid.uuid4())
        await running.desk.submit(one, note(), WORKER, command_id=id)
        with pytest.raises(Refused) as refused:
            await running.desk.submit(other, note(), WORKER, command_id=id)
        assert refused.value.code == "command_id_taken"
        assert running.tags(other) == ["complaint_opened.1", "checklist_drawn_up.1"]


# --- Opening ---------------------------------------------------------------------------------------------


async def test_opening_twice_with_the_same_ids_opens_once(
    time_skipping: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(time_skipping.client, database) as running:
        told, reference, id = complaint(), new_reference(), str(uuid.uuid4())

        def open_it() -> object:
            return running.desk.open(told, WORKER, reference=reference, command_id=id)

        receipts = [await open_it(), await open_it(), *await asyncio.gather(*(open_it() for _ in range(4)))]
        assert receipts == [receipts[0]] * 6
        assert running.tags(reference) == ["complaint_opened.1", "checklist_drawn_up.1"]


async def test_an_id_that_stands_for_something_else_is_refused_and_nothing_is_lost_unsaid(
    time_skipping: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(time_skipping.client, database) as running:
        told, reference, id = complaint(), new_reference(), str(uuid.uuid4())
        await running.desk.open(told, WORKER, reference=reference, command_id=id)
        other = told.model_copy(update={"expectations": "Autre chose."})
        for opened, by in ((other, WORKER), (told, COLLEAGUE)):
            with pytest.raises(Refused) as refused:
                await running.desk.open(opened, by, reference=reference, command_id=id)
            assert (refused.value.code, refused.value.field) == ("command_id_taken", "id")
        id = str(uuid.uuid4())
        first = await running.desk.submit(reference, note(), WORKER, command_id=id)
        for command, by in ((note("another"), WORKER), (contact(), WORKER), (note(), COLLEAGUE)):
            with pytest.raises(Refused) as refused:
                await running.desk.submit(reference, command, by, command_id=id)
            assert (refused.value.code, refused.value.field) == ("command_id_taken", "id")
        assert await running.desk.submit(reference, note(), WORKER, command_id=id) == first
        assert running.tags(reference) == ["complaint_opened.1", "checklist_drawn_up.1", "note_added.1"]


async def test_another_opening_of_an_open_case_is_refused(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = await opened(running)
        with pytest.raises(Refused) as refused:
            await running.desk.open(complaint(), WORKER, reference=reference)
        assert refused.value.code == "already_open"
        assert len(running.entries(reference)) == 2


async def test_an_opening_that_the_rules_refuse_starts_nothing(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = new_reference()
        with pytest.raises(Refused) as refused:
            await running.desk.open(
                complaint(received_at=datetime.now(UTC) + timedelta(days=2)), WORKER, reference=reference
            )
        assert refused.value.code == "date_future"
        with pytest.raises(RPCError) as missing:
            await running.client.get_workflow_handle(reference).describe()
        assert missing.value.status is RPCStatusCode.NOT_FOUND
        assert audit(sqlite_database).references == []


async def test_an_opening_that_the_book_refuses_says_why_each_time(
    dev_server: WorkflowEnvironment, database: Database
) -> None:
    """Only the book knows that a complaint was imported already. The workflow ends, and no case is left behind."""
    async with running_case_worker(dev_server.client, database) as running:
        told = complaint(source={"system": "register", "id": "26-0042"})
        first = await running.desk.open(told, WORKER)
        reference, id = new_reference(), str(uuid.uuid4())
        for _ in range(2):
            with pytest.raises(Refused) as refused:
                await running.desk.open(told, WORKER, reference=reference, command_id=id)
            assert refused.value.code == "already_imported"
            assert refused.value.params["reference"] == first.reference
        assert not await running.is_open(reference)
        assert audit(database).references == [first.reference]
        with pytest.raises(NotFound):
            await running.desk.submit(reference, note(), WORKER)


async def test_of_two_openings_of_one_complaint_at_once_one_wins(
    dev_server: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(dev_server.client, database) as running:
        told = complaint(source={"system": "register", "id": "26-0043"})
        answers = await asyncio.gather(*(running.desk.open(told, WORKER) for _ in range(6)), return_exceptions=True)
        won = [a for a in answers if not isinstance(a, BaseException)]
        refused = [a for a in answers if isinstance(a, Refused)]
        assert (len(won), {p.code for p in refused}, len(refused)) == (1, {"already_imported"}, 5), answers
        assert audit(database).references == [won[0].reference]


# --- Many callers ----------------------------------------------------------------------------------------


@pytest.mark.met("more than a hundred callers")
async def test_more_callers_than_the_engine_lets_wait_are_served_in_turn(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """Over its limit of 100 the engine would forget all that wait for the case, and none would get on."""
    async with running_case_worker(dev_server.client, sqlite_database) as running:
        reference = await opened(running)
        answers = await asyncio.gather(
            *(running.desk.submit(reference, note(), WORKER) for _ in range(130)), return_exceptions=True
        )
        assert [answer for answer in answers if isinstance(answer, BaseException)] == []
        assert running.tags(reference).count("note_added.1") == 130
