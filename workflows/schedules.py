"""What runs by the clock on the wall, as a list, and the one function that brings the engine in step with it."""

from collections.abc import Awaitable, Callable
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

from workflows.sweep import NightlySweep

PARIS = "Europe/Paris"


@dataclass(frozen=True)
class Planned:
    """A workflow that starts by itself."""

    id: str
    workflow: Callable[..., Awaitable[Any]]
    spec: ScheduleCalendarSpec
    time_zone: str
    catch_up: timedelta
    """How late it may still start after an outage; missed for longer, it waits for its next time. Never left out:
    the engine would then make up for a whole year."""
    overlap: ScheduleOverlapPolicy = ScheduleOverlapPolicy.SKIP


def _at(hour: int) -> ScheduleCalendarSpec:
    return ScheduleCalendarSpec(hour=[ScheduleRange(hour)])


SCHEDULES: tuple[Planned, ...] = (
    # At four: every night has that hour once, whatever the clocks do; offices open at nine.
    Planned("nightly-sweep", NightlySweep.run, _at(4), PARIS, catch_up=timedelta(hours=4)),
)


async def ensure(client: Client, task_queue: str) -> None:
    """Creates what is missing and brings the rest up to date. A schedule that an operator paused stays paused."""
    for planned in SCHEDULES:
        schedule = _schedule(planned, task_queue)
        try:
            await client.create_schedule(planned.id, schedule)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(planned.id).update(_to(schedule))


def _schedule(planned: Planned, task_queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(planned.workflow, id=planned.id, task_queue=task_queue),
        spec=ScheduleSpec(calendars=[planned.spec], time_zone_name=planned.time_zone),
        policy=SchedulePolicy(overlap=planned.overlap, catchup_window=planned.catch_up),
    )


def _to(wanted: Schedule) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    def update(found: ScheduleUpdateInput) -> ScheduleUpdate:
        wanted.state = found.description.schedule.state
        return ScheduleUpdate(schedule=wanted)

    return update
