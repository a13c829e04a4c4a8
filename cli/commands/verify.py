"""The records held against each other, with a verdict that a person can read."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.text import Text

from cli import read
from cli.commands.seal import public_keys
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, path
from cli.pages.findings import findings_json
from cli.pages.words import when
from cli.say import DIVERGENT, Usage, _, answering, as_json, complaints, console, wait_for
from cli.stack.place import find
from desk.verifying import ENGINE, FILES, verify_all, verify_case
from desk.views.findings import DeclarationView, Progress, Verdict
from kit.refusals import reason
from kit.storage.files import written_whole

_SAID = {
    ENGINE: "The engine was left out: of its histories only what was put away was looked at.",
    FILES: "The evidence files were left out: nobody knows whether they are as they were attached.",
}


def verify(
    ref: Annotated[str | None, typer.Argument(metavar="[REF]", help=_("One case."))] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Every case, and the sealed log."))] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help=_("Without the engine: only what was put away of its histories."))
    ] = False,
    without_files: Annotated[
        bool,
        typer.Option("--without-files", help=_("Without reading the evidence files, which can be gigabytes.")),
    ] = False,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=path,
            help=_("Notes how far it is there, and goes on from there when run again; with --all."),
        ),
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help=_("A public key that may have signed; may be repeated."))
    ] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        if (ref is None) == (not everything):
            raise Usage("what_to_verify", "Say what to verify.", "Give the reference of a case, or --all.", field="ref")
        if state is not None and not everything:
            raise Usage("state_for_all", "--state is for looking at every case.", "Ask for --all, or leave it out.",
                        field="state")  # fmt: skip
        office = find(data)
        reference = None if ref is None else read.reference(ref)
        actor, keys = office.actor(account), public_keys(key)
        left_out = _left_out(offline=offline, without_files=without_files)
        if reference is not None:
            looking = verify_case(office, actor, reference, left_out=left_out, other_keys=keys)
        else:
            since, tell = _taken_up(state, left_out), _noting(state, quiet=machine)
            looking = verify_all(office, actor, left_out=left_out, other_keys=keys, since=since, tell=tell)
        verdict: Verdict = wait_for(looking)
        if state is not None:
            state.unlink(missing_ok=True)
        _tell(verdict, machine)


def _tell(verdict: Verdict, machine: bool) -> None:
    if machine:
        as_json(verdict.model_dump() | {"findings": findings_json(verdict.findings)})
    else:
        _print(verdict)
    if verdict.findings:
        raise typer.Exit(DIVERGENT)


def _left_out(*, offline: bool, without_files: bool) -> tuple[str, ...]:
    return tuple(record for record, is_left_out in ((ENGINE, offline), (FILES, without_files)) if is_left_out)


# --- Going on from where it was stopped ------------------------------------------------------------------


def _taken_up(state: Path | None, left_out: tuple[str, ...]) -> Progress | None:
    if state is None or not state.exists():
        return None
    try:
        progress = Progress.model_validate_json(state.read_bytes())
    except (OSError, ValidationError):
        raise Usage(
            "bad_state", "{file} does not say how far a look was.", "Give another file.", field="state", file=state.name
        ) from None
    if progress.left_out != left_out:
        raise Usage(
            "other_state",
            "{file} is of a look that left out something else.",
            "Ask as you did then (--offline, --without-files), or give another file.",
            field="state",
            file=state.name,
        )
    return progress


def _noting(state: Path | None, *, quiet: bool) -> Callable[[Progress, int], None]:
    """Notes how far it is in the file of the state, and tells people."""

    def note(progress: Progress, count: int) -> None:
        if state is not None:
            _write(state, progress)
        if not quiet:
            line = _(
                "Cases looked at: {done} of {count}; findings: {found}.",
                done=progress.cases,
                count=count,
                found=len(progress.findings),
            )
            complaints.print(Text(line, "dim"))

    return note


def _write(state: Path, progress: Progress) -> None:
    try:
        with written_whole(state) as file:
            file.write(progress.model_dump_json().encode())
    except OSError as error:
        raise Usage(
            "unwritable",
            "{file} cannot be written: {reason}.",
            "Give a file in a folder that this account may write to.",
            field="state",
            file=state.name,
            reason=reason(error),
        ) from None


# --- The verdict -----------------------------------------------------------------------------------------


def _print(verdict: Verdict) -> None:
    for finding in verdict.findings:
        where = "  ".join(filter(None, [finding.case, finding.where]))
        console.print(Text.assemble((where, "bold"), "  ", (_(finding.what), "red"), (f"  [{finding.kind}]", "dim")))
    for declaration in verdict.declarations:
        console.print(Text(_declared(declaration), "yellow"))
    if verdict.erased:
        template = "Erased cases: {count}. Of each, chain and seals were looked at; the content is gone."
        console.print(Text(_(template, count=verdict.erased), "dim"))
    for record in verdict.left_out:
        console.print(Text(_(_SAID[record]), "yellow"))
    counts = _(
        "Cases: {cases}; lines of the book: {lines}; files read: {files}.",
        cases=verdict.cases,
        lines=verdict.entries,
        files=verdict.files,
    )
    console.print(Text.assemble(_sentence(verdict), "  ", (counts, "dim")))


def _declared(declaration: DeclarationView) -> str:
    day = when(declaration.made_at)
    if declaration.lost is not None:
        return _(
            "{day}: the log went on from {kept} leaves after an older book was put back; {lost} were lost.",
            day=day,
            kept=declaration.kept,
            lost=declaration.lost - (declaration.kept or 0),
        )
    if declaration.is_signed_by_former:
        return _("{day}: another key signs the log from here on; the former one signed that it does.", day=day)
    return _("{day}: another key signs the log from here on. The former one is lost: nothing vouches for it.", day=day)


def _sentence(verdict: Verdict) -> Text:
    if verdict.findings:
        return Text(_("Things that do not hold: {count}.", count=len(verdict.findings)), "bold red")
    if verdict.left_out:
        return Text(_("Everything that was looked at holds."), "bold green")
    return Text(_("Everything holds: book, seals, lists, files, histories and code say the same."), "bold green")
