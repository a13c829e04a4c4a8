"""A case on the command line: as it stands or stood, what is due on it, and its history."""

from datetime import UTC, datetime

from cli import read
from cli.history import AtOption, ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption
from cli.pages.due import print_deadlines, print_limits
from cli.pages.show import print_case, print_history
from cli.say import answering, as_json, console, words
from cli.stack.place import find
from desk.case import show_agenda, show_case, show_history
from domain.values import day_of


def show(
    ref: ReferenceArgument,
    at: AtOption = None,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office, reference = find(data), read.reference(ref)
        view = show_case(office, office.actor(account), reference, words(), at=at, why=why)
        if machine:
            as_json(view)
        else:
            print_case(view)


def agenda(
    ref: ReferenceArgument,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office, reference = find(data), read.reference(ref)
        view = show_agenda(office, office.actor(account), reference, words(), why=why)
        if machine:
            as_json(view)
            return
        if view.deadlines:
            print_deadlines(view.deadlines)
            console.print()
        print_limits(view.time_limits, day_of(datetime.now(UTC)))


def history(
    ref: ReferenceArgument,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office, reference = find(data), read.reference(ref)
        view = show_history(office, office.actor(account), reference, why=why)
        if machine:
            as_json(view)
        else:
            print_history(view.entries)
