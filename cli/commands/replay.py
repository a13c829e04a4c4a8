"""A case as it stood: replay, and the bundle for an auditor."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from cli import read
from cli.history import AtOption, ReferenceArgument, history_of, until
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption, path
from cli.out import ForceOption, written
from cli.say import Usage, _, answering, as_json, console, wait_for
from cli.stack.place import find
from desk.office import Office, engine_client
from desk.views.bundle import Bundle
from domain.errors import Refused
from domain.events import Entry
from domain.lifecycle import fold
from models import policies
from models.journal import Access


def replay(
    ref: ReferenceArgument,
    at: AtOption = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="VERSION|DATE|EVENT", help=_("Say what differs between the two moments.")),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.zip", parser=path, help=_("Write a sealed bundle that an auditor can verify without us.")
        ),
    ] = None,
    force: ForceOption = False,
    source: Annotated[
        str, typer.Option("--from", metavar="book|histories", help=_("Which of the two records to tell it from."))
    ] = "book",
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from activities.calendar import french_calendar
    from cli.pages.difference import differences_json, print_differences
    from cli.pages.show import case_json, entry_json, print_case, print_history
    from domain.changes import changes
    from domain.law.limitation import time_bars
    from domain.time.clocks import agenda

    with answering(machine):
        office = find(data)
        if export is not None:
            counts = _export(office, account, ref, export, why, force=force)
            if machine:
                as_json(counts)
            else:
                console.print(_("The bundle is in {file}. Lines: {lines}, of which sealed: {sealed}.", **counts))
                console.print(Text(_("Whoever gets it verifies it with: python verify.py FILE.zip"), "dim"))
            return
        _actor, reference, entries = history_of(office, account, ref, Access.REPLAY, why)
        if source != "book":
            entries = _of_histories(office, reference, source)
        then = entries if at is None else until(entries, at)
        other = None if against is None else until(entries, against, "against")
        case, moment = fold(reference, then), then[-1].recorded_at
        with office.reading() as tx:
            edition = policies.in_force_at(tx, moment)
        calendar = french_calendar()
        due = agenda(case, edition.policy, calendar)
        limits = time_bars(case, calendar) if case.open_filings else ()
        earlier, later = (then, other) if other is None or len(then) <= len(other) else (other, then)
        found = None if later is None else changes(fold(reference, earlier), fold(reference, later))
        if machine:
            as_json(
                {
                    "reference": reference,
                    "version": case.version,
                    "moment": moment,
                    "policy_version": edition.version,
                    "case": case_json(case, due, [], limits),
                    "alerts": [alert.model_dump(mode="json") for alert in case.standing_alerts],
                    "history": [entry_json(entry) for entry in then],
                    "differences": None if found is None else differences_json(found),
                }
            )
            return
        console.print(_as_it_stood(then, len(entries), edition.version))
        console.print()
        print_case(case, due, [], limits)
        console.print()
        console.print(Text(_("Who had done what"), "bold"))
        print_history(then)
        if found is not None and later is not None:
            console.print()
            print_differences(found, earlier, later)


def _as_it_stood(then: Sequence[Entry], last: int, edition: int) -> Text:
    from cli.pages.words import when

    said = _(
        "As it stood at version {version} of {last}, {moment}, under version {policy} of the policy.",
        version=then[-1].version,
        last=last,
        moment=when(then[-1].recorded_at),
        policy=edition,
    )
    return Text(said, "italic")


def _of_histories(office: Office, reference: str, source: str) -> list[Entry]:
    from audit.restore import DoesNotChain, NoHistory, remembered

    if source != "histories":
        raise Usage("unknown_source", "--from takes book or histories.", "For example: --from histories.", field="from")
    try:
        with office.watched():
            return list(wait_for(_with_records(office, lambda records: remembered(records, reference))))
    except DoesNotChain as error:
        raise Refused(
            "histories_differ",
            "The histories of this case do not agree with each other at {where}.",
            "See what else differs: starter.py verify {reference}.",
            field="from",
            where=str(error),
            reference=reference,
        ) from None
    except NoHistory:
        raise Refused(
            "no_history",
            "No history of this case can be had, from the engine or from our own storage.",
            "Start the stack, or tell it from the book.",
            field="from",
        ) from None


async def _with_records(office: Office, what: Any) -> Any:
    return await what(office.records(await engine_client(office) if office.engine else None))


def _export(office: Office, account: str, ref: str, file: Path, why: str | None, *, force: bool) -> dict[str, Any]:
    from desk.exporting import export_bundle

    reference, actor = read.reference(ref), office.actor(account)
    bundle: Bundle = wait_for(export_bundle(office, actor, reference, why))
    with written([file], "export", force=force) as (opened,):
        opened.write(bundle.content)
    return {"file": str(file), **bundle.model_dump()}
