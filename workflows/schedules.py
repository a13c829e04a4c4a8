"""The schedules: everything that happens by the calendar, and not by a case's own clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from workflows.departures import HandOver
from workflows.digest import DigestRound
from workflows.evidence import ScanFiles, SweepStore
from workflows.histories import KeepHistories
from workflows.seal import SealBook
from workflows.sweep import NightlySweep
from workflows.taking_up import TakeUpEnded


@dataclass(frozen=True)
class Recurrent:
    """A workflow that is started again and again."""

    id: str
    workflow: Callable[..., Any]
    """The `run` of a workflow that takes no argument."""
    calendar: ScheduleCalendarSpec
    catch_up: timedelta
    """A start that was missed is made good within this time only. Always given: the engine's default is a year."""
    time_zone: str = "Europe/Paris"
    overlap: ScheduleOverlapPolicy = ScheduleOverlapPolicy.SKIP

    def schedule(self, task_queue: str) -> Schedule:
        """The same in the engine's terms."""
        return Schedule(
            action=ScheduleActionStartWorkflow(self.workflow, id=self.id, task_queue=task_queue),
            spec=ScheduleSpec(calendars=[self.calendar], time_zone_name=self.time_zone),
            policy=SchedulePolicy(overlap=self.overlap, catchup_window=self.catch_up),
        )


WEEKDAYS = (ScheduleRange(1, 5),)
"""Monday to Friday. The engine knows no public holidays: what is started leaves them out."""

SCHEDULES = (
    Recurrent(
        id="digest",
        workflow=DigestRound.run,
        calendar=ScheduleCalendarSpec(
            hour=(ScheduleRange(6, 19),), day_of_week=WEEKDAYS, comment="Each hour of a working day"
        ),
        catch_up=timedelta(hours=1),
    ),
    Recurrent(
        id="nightly-sweep",
        workflow=NightlySweep.run,
        # At four: every night has this hour once, whatever the clocks do; offices open at nine.
        calendar=ScheduleCalendarSpec(hour=(ScheduleRange(4),), comment="Every night"),
        catch_up=timedelta(hours=4),
    ),
    Recurrent(
        id="seal",
        workflow=SealBook.run,
        calendar=ScheduleCalendarSpec(
            minute=(ScheduleRange(5),), hour=(ScheduleRange(0, 23),), comment="Each hour, at five past"
        ),
        catch_up=timedelta(hours=1),
    ),
    Recurrent(
        id="take-up-ended",
        workflow=TakeUpEnded.run,
        calendar=ScheduleCalendarSpec(
            minute=(ScheduleRange(35),), hour=(ScheduleRange(0, 23),), comment="Each hour, at thirty-five past"
        ),
        catch_up=timedelta(minutes=30),
    ),
    Recurrent(
        id="keep-histories",
        workflow=KeepHistories.run,
        calendar=ScheduleCalendarSpec(minute=(ScheduleRange(30),), hour=(ScheduleRange(2),), comment="Every night"),
        catch_up=timedelta(hours=12),
    ),
    Recurrent(
        id="hand-over",
        workflow=HandOver.run,
        calendar=ScheduleCalendarSpec(
            minute=(ScheduleRange(35),), hour=(ScheduleRange(0, 23),), comment="Each hour, at 35 past"
        ),
        catch_up=timedelta(hours=1),
    ),
    Recurrent(
        id="store-scan",
        workflow=ScanFiles.run,
        calendar=ScheduleCalendarSpec(
            minute=(ScheduleRange(20),), hour=(ScheduleRange(0, 23),), comment="Each hour, at twenty past"
        ),
        catch_up=timedelta(minutes=30),
    ),
    Recurrent(
        id="store-sweep",
        workflow=SweepStore.run,
        # After the sweep at four, which finds out if the book lacks a case.
        calendar=ScheduleCalendarSpec(minute=(ScheduleRange(45),), hour=(ScheduleRange(5),), comment="Every night"),
        catch_up=timedelta(hours=4),
    ),
)
"""All schedules of ours."""


async def ensure(client: Client, task_queue: str, schedules: Sequence[Recurrent] = SCHEDULES) -> None:
    """Creates or updates every schedule. One that an operator has paused stays paused."""
    for recurrent in schedules:
        schedule = recurrent.schedule(task_queue)
        try:
            await client.create_schedule(recurrent.id, schedule)
        except ScheduleAlreadyRunningError:

            def keep_state(current: ScheduleUpdateInput, schedule: Schedule = schedule) -> ScheduleUpdate:
                schedule.state = current.description.schedule.state
                return ScheduleUpdate(schedule)

            await client.get_schedule_handle(recurrent.id).update(keep_state)
