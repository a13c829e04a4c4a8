"""The proof of a case on the command line: its checklist, with what is still open."""

from datetime import UTC, date, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from activities.calendar import french_calendar
from cli.history import AtOption, ReferenceArgument, history_of, until
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption
from cli.pages.words import in_french, lever_name, on, piece_name
from cli.say import _, answering, as_json, console, label
from cli.stack.place import find
from domain.law.proof import Checklist, LegState, Line, StandardState, checklist
from domain.lifecycle import fold
from domain.reference import Lever
from domain.values import day_of
from domain.vocabulary import Leg, Party, PieceStatus, Standard, Standing, Weight


def show_checklist(
    ref: ReferenceArgument,
    at: AtOption = None,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        _actor, reference, entries = history_of(office, account, ref, "show", why)
        entries = until(entries, at)
        today = day_of(entries[-1].recorded_at if at else datetime.now(UTC))
        found = checklist(fold(reference, entries), french_calendar(), today)
        if machine:
            as_json(checklist_json(found))
        else:
            print_checklist(found)


# --- For machines ----------------------------------------------------------------------------------------


def checklist_json(found: Checklist) -> dict[str, Any]:
    """A checklist for machines."""
    return {
        "reference": found.reference,
        "version": found.version,
        "day": found.day,
        "open": [line.id for line in found.open],
        "legs": [_leg_json(leg) for leg in found.legs],
        "standards": [_standard_json(standard) for standard in found.standards],
        "pieces": [_line_json(line) for line in found.lines],
    }


def _leg_json(state: LegState) -> dict[str, Any]:
    return {
        "leg": state.leg,
        "pieces": [line.id for line in state.lines],
        "weight": state.weight,
        "indications": [line.id for line in state.indications],
        "assessed": state.assessed,
    }


def _standard_json(state: StandardState) -> dict[str, Any]:
    return {
        "standard": state.standard,
        "open": state.is_open,
        "unmet": list(state.unmet),
        "basis": state.standard.basis,
    }


def _line_json(line: Line) -> dict[str, Any]:
    piece, item = line.piece, line.item
    return {
        "id": line.id,
        "label": piece_name(line.id, piece.label),
        "status": piece.status,
        "open": line.is_open,
        "legs": list(line.legs),
        "strength": line.strength,
        "usual": line.usual,
        "perishable": line.perishable,
        "perishes_on": line.perishes_on,
        "why": item.why if item else None,
        "held_by": item.held_by if item else piece.held_by,
        "delay": item.delay if item else None,
        "caution": item.caution if item else None,
        "levers": [_lever_json(lever) for lever in line.levers],
        "from_whom": piece.from_whom,
        "lever": piece.lever,
        "letter": piece.letter,
        "due": piece.due,
        "silent_since": line.silent_since,
        "refused": piece.was_refused,
        "silent": piece.silent,
        "said": piece.said,
    }


def _lever_json(lever: Lever) -> dict[str, Any]:
    return {"code": lever.code, "label": lever_name(lever.code), "basis": lever.basis, "letter": bool(lever.signed_by)}


# --- For people ------------------------------------------------------------------------------------------


def print_checklist(found: Checklist) -> None:
    """A checklist for people: what each leg rests on, then every piece that is still open, the perishable first."""
    title = _("Proof as of {day}", day=on(found.day))
    console.print(Text.assemble((found.reference, "bold"), "  ", (title, "bold cyan"), f"  v{found.version}"))
    for leg in found.legs:
        console.print()
        _print_leg(leg, found.day)
    console.print()
    _print_standards(found)
    if found.open:
        console.print()
        _print_open(found)


def _print_leg(state: LegState, today: date) -> None:
    heading = Text.assemble((label(state.leg, Leg), "bold"), "  ", _("at hand: {weight}", weight=_weight(state)))
    if state.assessed is not None:
        heading.append("  " + _("assessed: {standing}", standing=label(state.assessed, Standing).lower()), "cyan")
    console.print(heading)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for line in state.lines:
        table.add_row("  " + line.id, piece_name(line.id, line.piece.label), _state(line, today))
    console.print(table)


def _weight(state: LegState) -> str:
    return label(state.weight, Weight).lower()


def _state(line: Line, today: date) -> Text:
    piece = line.piece
    said = Text(label(piece.status, PieceStatus), "green" if piece.status is PieceStatus.RECEIVED else "")
    if line.silent_since is not None:
        said.append(", " + _("silence since {day}", day=on(line.silent_since)), "bold red")
    elif piece.status is PieceStatus.REQUESTED and piece.due is not None:
        said.append(", " + _("answer due {day}", day=on(piece.due)))
    elif piece.silent:
        said.append(", " + _("no answer came"))
    if line.is_open and line.perishable:
        said.append(", " + _perishes(line, today), "bold red")
    return said


def _perishes(line: Line, today: date) -> str:
    if line.perishes_on is None:
        return _("may be gone any day")
    if line.perishes_on < today:
        return _("was to be asked for by {day}", day=on(line.perishes_on))
    return _("perishes on {day}", day=on(line.perishes_on))


def _print_standards(found: Checklist) -> None:
    for state in found.standards:
        if not state.is_open:
            said = Text(_("not open to this case"), "dim")
        elif state.unmet:
            said = Text(
                _("not carried yet: {legs}", legs=", ".join(label(x, Leg).lower() for x in state.unmet)), "yellow"
            )
        else:
            said = Text(_("each leg rests on something"), "green")
        console.print(Text.assemble((label(state.standard, Standard), "bold"), "  ", said))
        console.print(Text("  " + _NEEDED[state.standard]() + " " + in_french(state.standard.basis), "dim"))


_NEEDED = {
    Standard.PRESUMPTION: lambda: _(
        "Facts from which a discrimination can be presumed; then the respondent has to justify it. A refusal or a "
        "silence is such a fact."
    ),
    Standard.FULL_PROOF: lambda: _("Each leg is to be proven, by any means; neither refusal nor silence is enough."),
}


def _print_open(found: Checklist) -> None:
    console.print(Text(_("Pieces still open: {count}", count=len(found.open)), "bold"))
    console.print(
        Text(
            _("A case closes for lack of proof only when each was received, asked for and refused, or explained."),
            "italic",
        )
    )
    for line in found.open:
        console.print(_paragraph(line, found))


def _paragraph(line: Line, of: Checklist) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, width=6)
    grid.add_column(overflow="fold")
    name = (piece_name(line.id, line.piece.label), "bold")
    grid.add_row(Text(line.id, "bold"), Text.assemble(name, "  ", _state(line, of.day)))
    item = line.item
    held = in_french(f"{item.why} · {item.held_by}") if item else label(line.piece.held_by, Party)
    grid.add_row("", Text(held, "dim"))
    for lever in line.levers:
        how = f"starter.py letter {of.reference} {line.id} --lever {lever.code}" if lever.signed_by else ""
        grid.add_row("", Text.assemble(lever_name(lever.code), (f"  {in_french(lever.basis)}  {how}", "dim")))
    if item is None:
        return grid
    grid.add_row("", Text(_("delay: {delay}", delay=in_french(item.delay or "—")), "dim"))
    if item.caution:
        grid.add_row("", Text(in_french(item.caution), "yellow"))
    if not line.usual:
        grid.add_row("", Text(_("Seldom helps with these grounds and acts: waive it (waive_pieces) if so."), "dim"))
    return grid
