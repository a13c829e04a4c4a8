"""A letter on the command line: printed, or written as a PDF or a text. Sending it is said with send_letter."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli import read
from cli.asking import misuse
from cli.history import AtOption, ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption, path, source
from cli.out import ForceOption, written
from cli.pages.words import in_french, lever_name, on
from cli.say import Usage, _, answering, as_json, console
from cli.stack.place import find
from desk.letters import Wishes, draft_letter
from desk.views.letter import Letter
from domain.reference import levers

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
    with answering(machine):
        kind = _kind(out)
        office = find(data)
        case, actor = read.reference(ref), office.actor(account)
        wishes = Wishes(
            pieces=pieces,
            lever=read.code(lever, [*levers()], "lever"),
            day=_day(day),
            addressee=None if to is None else read.text(to, _LONGEST_ADDRESS),
        )
        with misuse():
            draft = draft_letter(office, actor, case, wishes, as_pdf=kind == ".pdf", at=at, why=why)
        if out is not None:
            with written([out], "out", force=force) as (file,):
                file.write(draft.content)
        if machine:
            as_json(draft if out is None else draft.model_copy(update={"text": None}))
        else:
            _print(draft, out)


def _print(draft: Letter, out: Path | None) -> None:
    if out is None:
        console.print(Text(draft.text or ""), soft_wrap=True)
    else:
        basis = (in_french(draft.basis), "dim")
        console.print(Text.assemble((out.name, "bold"), "  ", lever_name(draft.lever), "  ", basis))
        _print_next_step(draft)
    if draft.consent_missing:
        warning = _("It cannot be sent yet: the person has not agreed that the respondent be told (record_consent).")
        console.print(Text(warning, "bold red"))


def _print_next_step(draft: Letter) -> None:
    if draft.due is not None:
        due = _("Answer due {day}, counted from the day of the letter.", day=on(draft.due))
        console.print(Text(due + ("" if draft.due_by_law else " " + _("This delay is ours, not the law's."))))
    for note in draft.notes:
        console.print(Text(note, "yellow"))
    if not draft.recipient_known:
        console.print(Text(_("Whom it is for is not known: fill it in by hand, or give it with --to."), "yellow"))
    console.print(Text(_("Once it is sent, say so: the clock of its answer starts then."), "dim"))
    command = (
        f"  starter.py submit {draft.reference} send_letter --set pieces={','.join(draft.pieces)} "
        f"--set lever={draft.lever} --set sha256={draft.sha256}"
    )
    console.print(Text(command, "dim"), soft_wrap=True)


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
