"""The proof of a case on the command line: its checklist, with what is still open."""

from datetime import date

from rich.table import Table
from rich.text import Text

from cli import read
from cli.history import AtOption, ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption
from cli.pages.words import in_french, on
from cli.say import _, answering, as_json, console, label, words
from cli.stack.place import find
from desk.checklist import checklist_of
from desk.views.checklist import ChecklistView, LegView, PieceView
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
        reference = read.reference(ref)
        actor = office.actor(account)
        view = checklist_of(office, actor, reference, words(), at=at, why=why)
        if machine:
            as_json(view)
        else:
            print_checklist(view)


def print_checklist(view: ChecklistView) -> None:
    """A checklist for people: what each leg rests on, then every piece that is still open, the perishable first."""
    title = _("Proof as of {day}", day=on(view.day))
    console.print(Text.assemble((view.reference, "bold"), "  ", (title, "bold cyan"), f"  v{view.version}"))
    pieces = {piece.id: piece for piece in view.pieces}
    for leg in view.legs:
        console.print()
        _print_leg(leg, [pieces[id] for id in leg.pieces], view.day)
    console.print()
    _print_standards(view)
    if view.open:
        console.print()
        _print_open([pieces[id] for id in view.open], view)
    for remark in view.texts:
        console.print(Text(remark, "dim"))


def _print_leg(leg: LegView, pieces: list[PieceView], today: date) -> None:
    weight = label(leg.weight, Weight).lower()
    heading = Text.assemble((label(leg.leg, Leg), "bold"), "  ", _("at hand: {weight}", weight=weight))
    if leg.assessed is not None:
        heading.append("  " + _("assessed: {standing}", standing=label(leg.assessed, Standing).lower()), "cyan")
    console.print(heading)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for piece in pieces:
        table.add_row("  " + piece.id, piece.label, _state(piece, today))
    console.print(table)


def _state(piece: PieceView, today: date) -> Text:
    state = Text(label(piece.status, PieceStatus), "green" if piece.status is PieceStatus.RECEIVED else "")
    if piece.silent_since is not None:
        state.append(", " + _("silence since {day}", day=on(piece.silent_since)), "bold red")
    elif piece.status is PieceStatus.REQUESTED and piece.due is not None:
        state.append(", " + _("answer due {day}", day=on(piece.due)))
    elif piece.silent:
        state.append(", " + _("no answer came"))
    if piece.open and piece.perishable:
        state.append(", " + _perishes(piece, today), "bold red")
    return state


def _perishes(piece: PieceView, today: date) -> str:
    if piece.perishes_on is None:
        return _("may be gone any day")
    if piece.perishes_on < today:
        return _("was to be asked for by {day}", day=on(piece.perishes_on))
    return _("perishes on {day}", day=on(piece.perishes_on))


def _print_standards(view: ChecklistView) -> None:
    for standard in view.standards:
        if not standard.open:
            state = Text(_("not open to this case"), "dim")
        elif standard.unmet:
            legs = ", ".join(label(leg, Leg).lower() for leg in standard.unmet)
            state = Text(_("not carried yet: {legs}", legs=legs), "yellow")
        else:
            state = Text(_("each leg rests on something"), "green")
        console.print(Text.assemble((label(standard.standard, Standard), "bold"), "  ", state))
        console.print(Text("  " + _NEEDED[standard.standard]() + " " + in_french(standard.basis), "dim"))


_NEEDED = {
    Standard.PRESUMPTION: lambda: _(
        "Facts from which a discrimination can be presumed; then the respondent has to justify it. A refusal or a "
        "silence is such a fact."
    ),
    Standard.FULL_PROOF: lambda: _("Each leg is to be proven, by any means; neither refusal nor silence is enough."),
}


def _print_open(pieces: list[PieceView], view: ChecklistView) -> None:
    console.print(Text(_("Pieces still open: {count}", count=len(pieces)), "bold"))
    console.print(
        Text(
            _("A case closes for lack of proof only when each was received, asked for and refused, or explained."),
            "italic",
        )
    )
    for piece in pieces:
        console.print(_paragraph(piece, view))


def _paragraph(piece: PieceView, view: ChecklistView) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, width=6)
    grid.add_column(overflow="fold")
    grid.add_row(Text(piece.id, "bold"), Text.assemble((piece.label, "bold"), "  ", _state(piece, view.day)))
    is_foreseen = piece.why is not None
    held = in_french(f"{piece.why} · {piece.held_by}") if is_foreseen else label(piece.held_by, Party)
    grid.add_row("", Text(held, "dim"))
    for lever in piece.levers:
        how = f"starter.py letter {view.reference} {piece.id} --lever {lever.code}" if lever.letter else ""
        grid.add_row("", Text.assemble(lever.label, (f"  {in_french(lever.basis)}  {how}", "dim")))
    if not is_foreseen:
        return grid
    grid.add_row("", Text(_("delay: {delay}", delay=in_french(piece.delay or "—")), "dim"))
    if piece.caution:
        grid.add_row("", Text(in_french(piece.caution), "yellow"))
    if not piece.usual:
        grid.add_row("", Text(_("Seldom helps with these grounds and acts: waive it (waive_pieces) if so."), "dim"))
    return grid
