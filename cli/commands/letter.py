"""A letter on the command line: printed, or written as a PDF or a text. Sending it is said with send_letter."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from activities.calendar import french_calendar
from cli import read
from cli.history import AtOption, ReferenceArgument, history_of, until
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption, path, source
from cli.out import ForceOption, written
from cli.pages.words import in_french, lever_name, on
from cli.say import Usage, _, answering, as_json, console
from cli.stack.place import find
from domain.case import Case
from domain.law.proof import asked_of, levers_for
from domain.lifecycle import fold
from domain.parts.letter import SendLetter
from domain.permissions import require
from domain.reference import Lever, levers
from domain.values import day_of
from domain.vocabulary import ConsentScope, Party

if TYPE_CHECKING:
    from documents.letter import Draft

_KINDS = (".pdf", ".txt")
_LONGEST_ADDRESS = 1_000


def letter(
    ref: ReferenceArgument,
    pieces: Annotated[list[str], typer.Argument(metavar="PIECE...", help=_("What is asked for: EV009, P1..."))],
    lever: Annotated[
        str | None, typer.Option("--lever", metavar="LEVER", help=_("By which lever, if not the usual one."))
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="FILE|-", parser=source, help=_("Name and address of whom it is for, in a text file.")
        ),
    ] = None,
    day: Annotated[str | None, typer.Option("--day", metavar="DAY", help=_("Its date, as 2026-03-31 (today)."))] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.pdf|FILE.txt", parser=path, help=_("Where to write it, instead of here.")),
    ] = None,
    force: ForceOption = False,
    at: AtOption = None,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from documents.letter import as_pdf, as_text, compose  # typesetting is not loaded for what prints nothing

    with answering(machine):
        kind = _kind(out)
        office = find(data)
        actor, reference, entries = history_of(office, account, ref, "export", why)
        require(actor, SendLetter, fold(reference, entries))
        entries = until(entries, at)
        case = fold(reference, entries)
        written_on = _day(day) or day_of(entries[-1].recorded_at if at else datetime.now(UTC))
        wanted = [piece.upper() for piece in pieces]
        by = _lever(case, wanted, lever)
        addressee = None if to is None else read.text(to, _LONGEST_ADDRESS)
        asked = asked_of(by, case.complaint)
        draft = compose(case, by, wanted, written_on, french_calendar(), asked, addressee)
        text = as_text(draft)
        made = as_pdf(draft) if kind == ".pdf" else text.encode()
        if out is not None:
            with written([out], "out", force=force) as (file,):
                file.write(made)
        untold = asked is Party.RESPONDENT and case.consent_for(ConsentScope.RESPONDENT) is None
        if machine:
            said = _letter_json(draft, case, by, hashlib.sha256(made).hexdigest())
            as_json(said | {"consent_missing": untold, "text": None if out else text})
            return
        if out is None:
            console.print(Text(text), soft_wrap=True)
        else:
            basis = (in_french(by.basis), "dim")
            console.print(Text.assemble((out.name, "bold"), "  ", lever_name(by.code), "  ", basis))
            _say_next(draft, by, hashlib.sha256(made).hexdigest())
        if untold:
            warned = _("It cannot be sent yet: the person has not agreed that the respondent be told (record_consent).")
            console.print(Text(warned, "bold red"))


def _kind(out: Path | None) -> str:
    kind = ".txt" if out is None else out.suffix.lower()
    if kind not in _KINDS:
        raise Usage(
            "bad_out",
            "A letter is written as a PDF or as a text.",
            "Name a file that ends in .pdf or .txt.",
            field="out",
        )
    return kind


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Usage("bad_day", "{field} is not a date that exists.", "Write it as 2026-03-31.", field="day") from None


def _lever(case: Case, pieces: Sequence[str], named: str | None) -> Lever:
    """The lever that was named, or the first by which all of these pieces are usually asked for."""
    if (code := read.code(named, [*levers()], "lever")) is not None:
        return levers()[code]
    usual = [levers_for(case.piece(id, "pieces"), case.complaint) for id in pieces]
    for lever in usual[0]:
        if all(lever in others for others in usual) and lever.signed_by:
            return lever
    raise Usage(
        "no_common_lever",
        "No one letter usually asks for all of this.",
        "Name the lever (--lever), or write several letters. See: starter.py checklist.",
        field="lever",
    )


def _say_next(draft: "Draft", lever: Lever, digest: str) -> None:
    if draft.due is not None:
        said = _("Answer due {day}, counted from the day of the letter.", day=on(draft.due))
        console.print(Text(said + ("" if lever.limit else " " + _("This delay is ours, not the law's."))))
    if not draft.recipient:
        console.print(Text(_("Whom it is for is not known: fill it in by hand, or give it with --to."), "yellow"))
    console.print(Text(_("Once it is sent, say so: the clock of its answer starts then."), "dim"))
    command = (
        f"  starter.py submit {draft.reference} send_letter --set pieces={','.join(draft.pieces)} "
        f"--set lever={lever.code} --set sha256={digest}"
    )
    console.print(Text(command, "dim"), soft_wrap=True)


def _letter_json(draft: "Draft", case: Case, lever: Lever, digest: str) -> dict[str, Any]:
    return {
        "reference": draft.reference,
        "version": case.version,
        "lever": lever.code,
        "basis": lever.basis,
        "pieces": list(draft.pieces),
        "from_whom": draft.from_whom,
        "recipient_known": bool(draft.recipient),
        "day": draft.day,
        "due": draft.due,
        "due_by_law": bool(lever.limit),
        "sha256": digest,
    }
