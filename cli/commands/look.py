"""A case: as it stands or stood, what is due on it, and its history."""

from datetime import UTC, datetime

from activities.calendar import french_calendar
from cli.history import AtOption, ReferenceArgument, history_of, policy_of, until
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption
from cli.pages.due import due_json, print_deadlines, print_limits
from cli.pages.show import case_json, entry_json, print_case, print_history
from cli.say import answering, as_json, console
from cli.stack.place import find
from domain.law.limitation import limitation_clocks, time_bars
from domain.lifecycle import fold, offered
from domain.time.clocks import agenda


def show(
    ref: ReferenceArgument,
    at: AtOption = None,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:

    with answering(machine):
        office = find(data)
        actor, reference, entries = history_of(office, account, ref, "show", why)
        entries = until(entries, at)
        case = fold(reference, entries)
        calendar = french_calendar()
        due = agenda(case, policy_of(office), calendar)
        may = offered(actor, case, datetime.now(UTC)) if at is None else []
        limits = time_bars(case, calendar) if case.open_filings else ()
        if machine:
            as_json(case_json(case, due, may, limits))
        else:
            print_case(case, due, may, limits)


def show_agenda(
    ref: ReferenceArgument,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:

    with answering(machine):
        office = find(data)
        _actor, reference, entries = history_of(office, account, ref, "agenda", why)
        case = fold(reference, entries)
        calendar = french_calendar()
        deadlines, limits = agenda(case, policy_of(office), calendar), limitation_clocks(case, calendar)
        if machine:
            as_json(due_json(reference, deadlines, limits))
            return
        if deadlines:
            print_deadlines(deadlines)
            console.print()
        print_limits(limits)


def history(
    ref: ReferenceArgument,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:

    with answering(machine):
        _actor, _reference, entries = history_of(find(data), account, ref, "history", why)
        if machine:
            as_json({"entries": [entry_json(entry) for entry in entries]})
        else:
            print_history(entries)
