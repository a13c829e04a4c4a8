"""What runs by itself, by the calendar: puts it in force, and tells when each is next."""

from typing import Any

from rich.text import Text

from cli.options import DataOption, JsonOption
from cli.pages.words import when
from cli.say import answering, as_json, console, wait_for
from cli.stack.place import find
from desk.office import Office, engine_away, engine_client


def schedules(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        found = wait_for(_in_force(find(data)))
        if machine:
            as_json({"schedules": found})
            return
        for one in found:
            console.print(Text.assemble((one["id"], "bold"), "  ", ", ".join(map(when, one["next"]))))


async def _in_force(office: Office) -> list[dict[str, Any]]:
    from temporalio.service import RPCError

    from workflows.schedules import SCHEDULES, ensure

    client = await engine_client(office)
    found: list[dict[str, Any]] = []
    try:
        await ensure(client, office.settings.task_queue)
        for recurrent in SCHEDULES:
            described = await client.get_schedule_handle(recurrent.id).describe()
            soon = list(described.info.next_action_times[:3])
            found.append({"id": recurrent.id, "paused": described.schedule.state.paused, "next": soon})
    except RPCError:
        raise engine_away() from None
    return found
