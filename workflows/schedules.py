"""What is done at set times, whoever is there: one list, and the function that brings the engine in line with it."""

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

from workflows.histories import KeepHistories
from workflows.seal import SealBook

PARIS = "Europe/Paris"


@dataclass(frozen=True)
class Planned:
    """A workflow that starts by the clock."""

    id: str
    workflow: type[Any]
    spec: tuple[ScheduleCalendarSpec, ...]
    time_zone: str
    catchup: timedelta
    """How late it may still start after an outage."""
    overlap: ScheduleOverlapPolicy


SCHEDULES: tuple[Planned, ...] = (
    Planned(
        id="seal",
        workflow=SealBook,
        spec=(ScheduleCalendarSpec(minute=[ScheduleRange(5)], hour=[ScheduleRange(0, 23)]),),
        time_zone=PARIS,
        catchup=timedelta(hours=1),
        overlap=ScheduleOverlapPolicy.SKIP,
    ),
    Planned(
        id="keep-histories",
        workflow=KeepHistories,
        spec=(ScheduleCalendarSpec(minute=[ScheduleRange(30)], hour=[ScheduleRange(2)]),),
        time_zone=PARIS,
        catchup=timedelta(hours=12),
        overlap=ScheduleOverlapPolicy.SKIP,
    ),
)


async def ensure(client: Client, task_queue: str) -> None:
    """Makes each schedule, or brings it in line; one that an operator paused stays paused. Can be run at any time."""
    for planned in SCHEDULES:
        schedule = _schedule(planned, task_queue)
        try:
            await client.create_schedule(planned.id, schedule)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(planned.id).update(_in_line_with(schedule))


def _schedule(planned: Planned, task_queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(planned.workflow.run, id=planned.id, task_queue=task_queue),
        spec=ScheduleSpec(calendars=planned.spec, time_zone_name=planned.time_zone),
        policy=SchedulePolicy(overlap=planned.overlap, catchup_window=planned.catchup),
    )


def _in_line_with(schedule: Schedule) -> Any:
    def updated(found: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = found.description.schedule.state
        return ScheduleUpdate(schedule)

    return updated
