"""The schedules of what runs by itself: puts them in force, and tells when each is next."""

from rich.text import Text

from cli.options import DataOption, JsonOption
from cli.pages.words import when
from cli.say import answering, as_json, console, wait_for
from cli.stack.place import find
from desk.views.schedules import SchedulesView
from domain.actors import OPERATOR


def schedules(data: DataOption = None, machine: JsonOption = False) -> None:
    from desk.schedules import ensure_schedules  # loads the engine's library

    with answering(machine):
        view: SchedulesView = wait_for(ensure_schedules(find(data), OPERATOR))
        if machine:
            as_json(view)
            return
        for schedule in view.schedules:
            console.print(Text.assemble((schedule.id, "bold"), "  ", ", ".join(map(when, schedule.next))))
