"""Putting in force the schedules of the work that runs by itself, and showing when each runs next."""

from temporalio.client import Client
from temporalio.service import RPCError

from desk.office import Office, engine_away, engine_client
from desk.views.schedules import SchedulesView, ScheduleView
from domain.actors import Actor
from domain.permissions import require_operator
from workflows.schedules import SCHEDULES, ensure

_SHOWN = 3
"""Number of coming runs that are shown of each schedule."""


async def ensure_schedules(office: Office, actor: Actor) -> SchedulesView:
    """Puts every schedule in force in the engine, and shows them all."""
    require_operator(actor)
    client = await engine_client(office)
    try:
        await ensure(client, office.settings.task_queue)
        return SchedulesView(schedules=tuple([await _schedule(client, schedule.id) for schedule in SCHEDULES]))
    except RPCError:
        raise engine_away() from None


async def _schedule(client: Client, id: str) -> ScheduleView:
    description = await client.get_schedule_handle(id).describe()
    coming = tuple(description.info.next_action_times[:_SHOWN])
    return ScheduleView(id=id, paused=description.schedule.state.paused, next=coming)
