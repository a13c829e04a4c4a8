"""Accidents of a case's workflow: cancelled, mistaken in a rule, away from its book, asked what is no command."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from domain.errors import NotFound, Problem
from domain.exchange.cases import Ask, CaseStart, CaseState, CommitRequest, Opening, Trace
from domain.parts import registry
from domain.parts.alert import PassDeadlines
from domain.parts.closure import Reopen
from domain.parts.contact import AddNote
from domain.parts.intake import Open
from domain.values import new_reference
from domain.vocabulary import DeadlineKind, Level
from kit.storage.database import Database
from tests.people import STRANGER, WORKER
from tests.support.builders import closing, complaint, note
from tests.support.harness import Running, audit, eventually, is_sound, opened, running_case_worker
from tests.support.servers import KEYS
from workflows.complaint import ComplaintWorkflow


async def test_a_cancellation_request_does_not_end_a_case(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = await opened(running)
        handle = running.client.get_workflow_handle(reference)
        await handle.cancel()
        await running.desk.submit(reference, note(), WORKER)
        await handle.cancel()
        await running.desk.submit(reference, note(), WORKER)
        await time_skipping.sleep(timedelta(days=10))
        assert await running.is_open(reference)
        assert running.tags(reference)[2:] == ["note_added.1", "note_added.1", "alert_raised.1"]


async def test_a_cancellation_before_the_first_step_does_not_end_a_case(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """Start and cancellation wait together for a worker, which takes them in one go."""
    reference, queue = new_reference(), f"test-{uuid.uuid4()}"
    KEYS.mint(reference)
    ask = Opening(command=Open(complaint=complaint()), command_id=str(uuid.uuid4()), actor=WORKER)
    handle = await dev_server.client.start_workflow(
        ComplaintWorkflow.run, CaseStart(reference=reference, opening=ask), id=reference, task_queue=queue
    )
    await handle.cancel()
    async with running_case_worker(dev_server.client, sqlite_database, task_queue=queue) as running:
        receipt = await running.desk.submit(reference, note(), WORKER)
        assert receipt.version == 3
        assert await running.is_open(reference)


def a_bug(*_: object) -> list[object]:
    raise KeyError("a bug in a rule")


def a_bug_in_the_book(*arguments: object) -> list[object]:
    return a_bug() if activity.in_activity() else _ADD_NOTE(*arguments)


def a_bug_in_the_workflow(*arguments: object) -> dict[str, object]:
    if workflow.in_workflow():
        a_bug()
    return _NOTE_ADDED(*arguments)


_ADD_NOTE = registry.DECISIONS[AddNote]
_NOTE_ADDED = next(effect for event, effect in registry.EFFECTS.items() if event.__name__ == "NoteAdded")


@pytest.mark.parametrize("bug", [a_bug, a_bug_in_the_book], ids=["at the door", "in the book"])
async def test_a_bug_in_a_rule_fails_one_command_and_no_case(
    time_skipping: WorkflowEnvironment, database: Database, monkeypatch: pytest.MonkeyPatch, bug: object
) -> None:
    async with running_case_worker(time_skipping.client, database) as running:
        reference = await opened(running)
        with monkeypatch.context() as broken:
            broken.setitem(registry.DECISIONS, AddNote, bug)
            with pytest.raises(Problem) as told:
                await running.desk.submit(reference, note(), WORKER)
            assert told.value.code == "internal"
            assert len(running.entries(reference)) == 2
            # What does not go through the broken rule works all along.
            await running.desk.submit(reference, closing(), WORKER)
            await running.desk.submit(reference, Reopen(reason="-"), WORKER)
        receipt = await running.desk.submit(reference, note(), WORKER)
        assert receipt.events == ("note_added.1",)
        assert await running.view(reference) == running.case(reference)


async def test_a_bug_after_the_book_has_written_heals_with_the_next_command(
    time_skipping: WorkflowEnvironment, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event is in the book, the workflow failed to take it in: it is told again with the next answer."""
    tag = next(event for event in registry.EFFECTS if event.__name__ == "NoteAdded")
    async with running_case_worker(time_skipping.client, database) as running:
        reference = await opened(running)
        with monkeypatch.context() as broken:
            broken.setitem(registry.EFFECTS, tag, a_bug_in_the_workflow)
            with pytest.raises(Problem):
                await running.desk.submit(reference, note(), WORKER)
        receipt = await running.desk.submit(reference, note(), WORKER)
        assert receipt.version == 4
        assert await running.view(reference) == running.case(reference)
        assert running.tags(reference).count("note_added.1") == 2


async def test_a_bug_in_a_deadline_leaves_the_case_usable_and_is_tried_again(
    time_skipping: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised = next(event for event in registry.EFFECTS if event.__name__ == "AlertRaised")
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = await opened(running)
        for noted, (table, key) in enumerate(((registry.DECISIONS, PassDeadlines), (registry.EFFECTS, raised))):
            with monkeypatch.context() as broken:
                broken.setitem(table, key, a_bug)
                await time_skipping.sleep(timedelta(days=9))
                assert running.tags(reference).count("alert_raised.1") == noted
                await running.desk.submit(reference, note(), WORKER)
            await time_skipping.sleep(timedelta(hours=2))
            assert running.tags(reference).count("alert_raised.1") == noted + 1
        assert await running.view(reference) == running.case(reference)


async def test_a_bug_in_taking_in_a_deadline_does_not_wedge_the_case(
    time_skipping: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alert is in the book; the workflow's own part of the work fails."""
    tag = next(event for event in registry.EFFECTS if event.__name__ == "AlertRaised")
    effect = registry.EFFECTS[tag]

    def bug(*arguments: object) -> dict[str, object]:
        return a_bug() if workflow.in_workflow() else effect(*arguments)  # type: ignore[return-value, arg-type]

    async with running_case_worker(time_skipping.client, sqlite_database, patience=timedelta(seconds=5)) as running:
        reference = await opened(running)
        with monkeypatch.context() as broken:
            broken.setitem(registry.EFFECTS, tag, bug)
            await time_skipping.sleep(timedelta(days=10))
            failed = [e for e in await running.events(reference) if e.HasField("workflow_task_failed_event_attributes")]
            assert failed == []
        await running.desk.submit(reference, note(), WORKER)
        assert running.tags(reference) == [
            "complaint_opened.1", "checklist_drawn_up.1", "alert_raised.1", "note_added.1"
        ]  # fmt: skip
        assert await running.view(reference) == running.case(reference)


async def test_a_deadline_and_an_opening_wait_for_the_book_and_end_no_case(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """The book is held when they come. On the real clock: a deadline long past, as after a long outage."""
    then = datetime.now(UTC) - timedelta(days=60)
    late, new = new_reference(), new_reference()
    KEYS.mint(late)
    opening = Opening(command=Open(complaint=complaint(received_at=then)), command_id=str(uuid.uuid4()), actor=WORKER)
    async with running_case_worker(dev_server.client, sqlite_database) as running:
        committed = running.book.commit(CommitRequest(reference=late, known_version=0, ask=opening, at=then))
        case = running.case(late)
        state = CaseState(
            case=case,
            recent=tuple(map(Trace.of, committed.entries)),
            next_due=committed.next_due,
            shown=committed.shown,
            opened=committed.receipt,
        )

        async def both_handed_to_the_engine() -> bool:
            histories = [await running.events(late), await running.events(new)]
            return all(any(e.HasField("activity_task_scheduled_event_attributes") for e in h) for h in histories)

        with sqlite_database.write():
            asked = asyncio.create_task(running.desk.open(complaint(), WORKER, reference=new))
            await running.client.start_workflow(
                ComplaintWorkflow.run,
                CaseStart(reference=late, opening=opening, state=state),
                id=late,
                task_queue=running.task_queue,
            )
            await eventually(lambda: exists(running, new))
            await eventually(both_handed_to_the_engine)
        assert (await asked).version == 2
        for reference in (late, new):
            assert await running.is_open(reference)
            await running.desk.submit(reference, note(), WORKER)
            assert await running.view(reference) == running.case(reference)
        raised = [e.event for e in running.entries(late) if e.what == "alert_raised.1"]
        assert [alert.level for alert in raised if alert.kind is DeadlineKind.STALL] == list(Level)
        assert len({alert.key for alert in raised}) == len(raised)
        assert is_sound(audit(sqlite_database))


async def exists(running: Running, reference: str) -> bool:
    try:
        await running.client.get_workflow_handle(reference).describe()
    except RPCError:
        return False
    return True


async def test_what_is_not_a_command_harms_nothing(dev_server: WorkflowEnvironment, sqlite_database: Database) -> None:
    async with running_case_worker(dev_server.client, sqlite_database) as running:
        reference = await opened(running)
        handle = running.client.get_workflow_handle(reference)
        history = len(await running.events(reference))
        ask = Ask(command=note(), command_id=str(uuid.uuid4()), actor=WORKER, reference=reference)
        by_the_clock = ask.model_copy(update={"command": PassDeadlines()})
        for name, said in (
            ("no_such_thing", ask),
            ("pass_deadlines", by_the_clock),
            ("add_note", {"surprise": 1}),
            ("add_note", "not even an object"),
            ("add_note", ask.model_dump(mode="json") | {"surprise": 1}),
            ("add_note", by_the_clock),
            ("close", ask),
            ("add_note", ask.model_copy(update={"reference": new_reference()})),  # asked of another case
            ("add_note", ask.model_copy(update={"reference": None})),  # and of none
        ):
            with pytest.raises(WorkflowUpdateFailedError):
                await handle.execute_update(name, said)
        assert len(await running.events(reference)) == history
        await running.desk.submit(reference, note(), WORKER)
        assert len(running.entries(reference)) == 3


async def test_a_stranger_cannot_tell_an_existing_case_from_none(
    time_skipping: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(time_skipping.client, database) as running:
        reference = await opened(running)
        id = str(uuid.uuid4())
        await running.desk.submit(reference, note(), WORKER, command_id=id)
        said = []
        for where, more in (
            (new_reference(), {}),
            (reference, {}),
            (reference, {"expected_version": 1}),
            (reference, {"expected_version": 99}),
            (reference, {"command_id": f"{uuid.uuid4()}"}),
        ):
            with pytest.raises(NotFound) as refused:
                await running.desk.submit(where, note(), STRANGER, **more)
            said.append(refused.value.as_dict())
        assert said == [said[0]] * len(said)
