"""A case's workflow on the engine whose clock can be moved: its whole life, its refusals, its accidents."""

import asyncio
import time
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from activities.calendar import french_calendar
from domain.case import Case
from domain.errors import NotFound, Problem, Refused
from domain.exchange.cases import Ask, CaseStart, CaseState, CommitRequest, Opening, Shown, Trace
from domain.parts import registry
from domain.parts.alert import AnswerAlert, PassDeadlines
from domain.parts.closure import Reopen
from domain.parts.contact import AddNote, RecordContact
from domain.parts.intake import Open
from domain.parts.piece import RequestPiece, StartEvidence
from domain.parts.referral import Refer
from domain.time.clocks import agenda
from domain.time.policy import DEFAULT_POLICY
from domain.values import day_of, new_reference
from domain.vocabulary import DeadlineKind, Level, Step
from kit.storage.database import Database
from tests.people import COLLEAGUE, LEAD, PARTNER_ORG, STRANGER, SUPERVISOR, WORKER
from tests.support.builders import closing, complaint, consent, contact, journey, note
from tests.support.harness import Running, audit, is_sound, running_case_worker
from tests.support.servers import KEYS, SEALED
from workflows.cases import CaseClient
from workflows.complaint import ComplaintWorkflow


async def opened(running: Running, **changes: object) -> str:
    receipt = await running.desk.open(complaint(**changes), WORKER)
    return receipt.reference


async def now(env: WorkflowEnvironment) -> datetime:
    return (await env.get_current_time()).astimezone(UTC)


# --- Its life --------------------------------------------------------------------------------------------


async def test_a_case_goes_through_every_step_to_its_closure(
    time_skipping: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(time_skipping.client, database) as running:
        reference = await opened(running)
        version, seen = 2, [Step.INTAKE]
        for command, who, step in journey(day_of(await now(time_skipping))):
            receipt = await running.desk.submit(reference, command, who, expected_version=version)
            assert (receipt.reference, receipt.step) == (reference, step)
            assert receipt.version == version + len(receipt.events)
            version = receipt.version
            seen.append(step)

        assert list(dict.fromkeys(seen)) == ["INTAKE", "REFERRAL", "EVIDENCE", "ESCALATION", "CLOSED"]
        assert await running.view(reference) == running.case(reference)
        assert len(running.entries(reference)) == version
        assert is_sound(audit(database))


async def test_three_years_of_a_case_pass_while_one_watches(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = await opened(running)
        began, wall = await now(time_skipping), time.perf_counter()
        for _ in range(12):
            await time_skipping.sleep(timedelta(days=90))
            await running.desk.submit(
                reference, RecordContact.model_validate({"medium": "PHONE", "summary": "-"}), WORKER
            )
        receipt = await running.desk.submit(reference, closing(), SUPERVISOR)
        wall = time.perf_counter() - wall

        lived = await now(time_skipping) - began
        entries = running.entries(reference)
        alerts = [e for e in entries if e.what == "alert_raised.1"]
        print(f"\nengine: {lived.days} days of a case, {len(entries)} events, {len(alerts)} alerts, in {wall:.2f} s")
        assert lived >= timedelta(days=3 * 360)
        # Nobody did anything for ninety days, twelve times: the whole ladder was climbed each time, and its top again.
        stalls = Counter(e.event.level for e in alerts if e.event.kind is DeadlineKind.STALL)
        assert stalls[Level.CASE_WORKER] == stalls[Level.SUPERVISOR] == 12
        assert 12 * 4 <= stalls[Level.PLAN_LEAD] <= 12 * 6
        assert len({e.event.key for e in alerts}) == len(alerts)
        assert all(e.event.due <= e.recorded_at < e.event.due + timedelta(minutes=1) for e in alerts)
        assert receipt.step is Step.CLOSED
        assert [e.recorded_at for e in entries] == sorted(e.recorded_at for e in entries)


async def test_the_end_of_retention_is_told_every_fortnight_until_somebody_decides(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = await opened(running)
        await running.desk.submit(reference, closing(), WORKER)
        await time_skipping.sleep(timedelta(days=2 * 365 + 60))
        alerts = [e.event for e in running.entries(reference) if e.what == "alert_raised.1"]
        assert {alert.kind for alert in alerts} == {DeadlineKind.RETENTION}
        assert 4 <= len(alerts) == len({alert.key for alert in alerts}) <= 6


async def test_the_ladder_is_climbed_once_while_nobody_acts(
    time_skipping: WorkflowEnvironment, database: Database
) -> None:
    async with running_case_worker(time_skipping.client, database) as running:
        reference = await opened(running)
        await time_skipping.sleep(timedelta(days=400))
        raised = [e.event for e in running.entries(reference) if e.what == "alert_raised.1"]
        stalls = [alert.level for alert in raised if alert.kind is DeadlineKind.STALL]
        assert stalls[:3] == list(Level)
        assert len(stalls) > 10 and set(stalls[3:]) == {Level.PLAN_LEAD}  # again and again, until somebody decides
        assert max(Counter(alert.key for alert in raised).values()) == 1
        case = await running.view(reference)
        assert case.is_stalled
        assert len(case.standing_alerts) == len(raised)


async def test_an_answered_ladder_is_climbed_again_and_no_key_twice(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = await opened(running)
        for _ in range(3):
            await time_skipping.sleep(timedelta(days=60))
            while standing := (await running.view(reference)).standing_alerts:  # one decision answers several
                answer = {"alert": standing[0].key, "decision": "ACT", "reason": "Looked at"}
                await running.desk.submit(reference, AnswerAlert.model_validate(answer), LEAD)
        keys = Counter(e.event.key for e in running.entries(reference) if e.what == "alert_raised.1")
        assert len(keys) > 3
        assert set(keys.values()) == {1}


async def test_a_deadline_that_comes_sooner_wakes_the_case_sooner(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """Armed for the stall after five working days, then a piece is due the next day."""
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = await opened(running)
        today = day_of(await now(time_skipping))
        asked = {"piece": "EV001", "from_whom": "COMPLAINANT", "lever": "-", "due": today}
        await running.desk.submit(reference, RequestPiece.model_validate(asked), WORKER)
        first = agenda(running.case(reference), DEFAULT_POLICY, french_calendar())[0]
        assert first.kind is DeadlineKind.PIECE_DUE

        await time_skipping.sleep(first.due - await now(time_skipping) + timedelta(minutes=1))
        last = running.entries(reference)[-1]
        assert last.what == "alert_raised.1"
        assert last.event.kind is DeadlineKind.PIECE_DUE
        assert last.recorded_at < first.due + timedelta(minutes=1)


async def test_a_deadline_that_moves_later_does_not_raise_an_alert_early(
    time_skipping: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """The timer armed before fires all the same: it must find nothing to note, and arm the later date."""
    async with running_case_worker(time_skipping.client, sqlite_database) as running:
        reference = await opened(running)
        early = agenda(running.case(reference), DEFAULT_POLICY, french_calendar())[0].due
        await time_skipping.sleep(timedelta(days=2))
        await running.desk.submit(reference, RecordContact.model_validate({"medium": "PHONE", "summary": "-"}), WORKER)
        late = agenda(running.case(reference), DEFAULT_POLICY, french_calendar())[0].due
        assert late > early

        await time_skipping.sleep(late - await now(time_skipping) - timedelta(minutes=5))
        assert "alert_raised.1" not in running.tags(reference)
        await time_skipping.sleep(timedelta(minutes=10))
        assert running.tags(reference).count("alert_raised.1") == 1


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


# --- Accidents -------------------------------------------------------------------------------------------


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
        ask = Ask(command=note(), command_id=str(uuid.uuid4()), actor=WORKER)
        by_the_clock = ask.model_copy(update={"command": PassDeadlines()})
        for name, said in (
            ("no_such_thing", ask),
            ("pass_deadlines", by_the_clock),
            ("add_note", {"surprise": 1}),
            ("add_note", "not even an object"),
            ("add_note", ask.model_dump(mode="json") | {"surprise": 1}),
            ("add_note", by_the_clock),
            ("close", ask),
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


# --- Runs that follow one another ------------------------------------------------------------------------


async def runs(running: Running, reference: str) -> int:
    """How many runs a case's workflow has had."""
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


async def eventually(condition: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.02)


# --- Many at once ----------------------------------------------------------------------------------------


async def test_two_workers_share_a_database_and_a_case(dev_server: WorkflowEnvironment, database: Database) -> None:
    """Each remembers the case as it last left it, and the other has gone on since."""
    where = dev_server.client.service_client.config.target_host
    other_client = await Client.connect(where, data_converter=SEALED, identity="aboutir")
    queue = f"test-{uuid.uuid4()}"

    async with running_case_worker(dev_server.client, database, task_queue=queue) as one:
        reference = await opened(one)
        async with running_case_worker(other_client, database, task_queue=queue) as other:
            # The books in turn, as when tasks of one case fall now to this worker and now to that.
            for turn in range(6):
                request = CommitRequest(
                    reference=reference,
                    known_version=2 + turn,
                    ask=Ask(command=note(), command_id=str(uuid.uuid4()), actor=WORKER),
                    at=datetime.now(UTC),
                )
                committed = await asyncio.to_thread((one, other)[turn % 2].book.commit, request)
                assert committed.receipt.version == 3 + turn
            # The workflow has not been told of these: it hears of them with its next answer.
            assert (await one.desk.submit(reference, note(), WORKER)).version == 9
            assert await one.view(reference) == one.case(reference)

            cases = [await opened(one) for _ in range(6)]
            await asyncio.gather(*(one.desk.submit(r, note(), WORKER) for r in cases for _ in range(5)))
            assert all(len(one.entries(r)) == 7 for r in cases)
        # The other worker is gone; what it had in hand goes on here.
        await asyncio.gather(*(one.desk.submit(r, note(), WORKER) for r in cases))
        assert is_sound(audit(database))


@pytest.mark.parametrize(("database", "clients"), [("sqlite", 1), ("postgresql", 5)], indirect=["database"])
async def test_fifty_people_speak_to_one_case_at_once(
    dev_server: WorkflowEnvironment, database: Database, clients: int
) -> None:
    async with running_case_worker(dev_server.client, database) as running:
        reference = await opened(running)
        where = dev_server.client.service_client.config.target_host
        desks = [running.desk] + [
            CaseClient(await Client.connect(where, data_converter=SEALED), running.task_queue, KEYS.mint)
            for _ in range(clients - 1)
        ]
        ids = [str(uuid.uuid4()) for _ in range(50)]
        began = time.perf_counter()
        receipts = await asyncio.gather(
            *(
                desks[n % clients].submit(reference, note(f"From person {n}"), WORKER, command_id=id)
                for n, id in enumerate(ids)
            )
        )
        print(f"\nengine: 50 people, {clients} client(s), one case: {time.perf_counter() - began:.1f} s")
        assert sorted(r.version for r in receipts) == list(range(3, 53))
        entries = running.entries(reference)
        assert [e.version for e in entries] == list(range(1, 53))
        assert Counter(e.command_id for e in entries[2:]) == Counter(ids)
        assert isinstance(await running.view(reference), Case)
        assert is_sound(audit(database))
