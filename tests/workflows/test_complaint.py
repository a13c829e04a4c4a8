"""A case's workflow on the engine whose clock can be moved: its whole life, and what many at once ask of it."""

import asyncio
import time
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.calendar import french_calendar
from domain.case import Case
from domain.exchange.cases import Ask, CommitRequest
from domain.parts.alert import AnswerAlert
from domain.parts.contact import RecordContact
from domain.parts.piece import RequestPiece
from domain.time.clocks import agenda
from domain.time.policy import DEFAULT_POLICY
from domain.values import day_of
from domain.vocabulary import DeadlineKind, Level, Step
from kit.storage.database import Database
from tests.people import LEAD, SUPERVISOR, WORKER
from tests.support.builders import closing, journey, note
from tests.support.harness import audit, is_sound, now, opened, running_case_worker
from tests.support.servers import KEYS, SEALED
from workflows.cases import CaseClient

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
