"""The records held against each other, with a verdict that a person can read."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli import read
from cli.commands.seal import public_keys
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, path
from cli.say import DIVERGENT, Usage, _, answering, as_json, complaints, console, wait_for
from cli.stack.place import find
from desk.office import Office, engine_client
from domain.permissions import no_such_case
from kit.refusals import reason
from kit.storage.files import written_whole
from models.journal import Access
from models.reading import look_into

if TYPE_CHECKING:
    from audit.findings import Finding
    from audit.verify import Looked

ENGINE, FILES = "engine", "files"
_SAID = {
    ENGINE: "The engine was left out: of its histories only what was put away was looked at.",
    FILES: "The evidence files were left out: nobody knows whether they are as they were attached.",
}
_COUNTED = ("cases", "entries", "erased", "files")


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
        actor = office.actor(account)
        left_out = [what for what, is_left_out in ((ENGINE, offline), (FILES, without_files)) if is_left_out]
        with office.writing() as tx:  # that it was asked is noted
            look_into(tx, office.keys, actor, Access.VERIFY, reference)
        with office.watched():
            looked = wait_for(_verify(office, reference, key or [], state, left_out, quiet=machine))
        if state is not None:
            state.unlink(missing_ok=True)
        _tell(looked, left_out, machine)
        if looked.findings:
            raise typer.Exit(DIVERGENT)


async def _verify(
    office: Office, reference: str | None, extra: list[str], state: Path | None, left_out: list[str], *, quiet: bool
) -> "Looked":
    from activities.calendar import french_calendar
    from audit.log import look_through
    from audit.verify import Verifier
    from models import cases

    keys, witnesses, authority = public_keys(office, extra), office.witnesses, office.authority
    client = None if ENGINE in left_out else await engine_client(office)
    evidence = None if FILES in left_out else office.evidence
    verifier = Verifier(office.database, office.keys, office.records(client), french_calendar(), client, evidence)
    log = look_through(office.database, keys, witnesses, authority)
    if reference is not None:
        found = await verifier.case(reference)
        if not found.cases:
            raise no_such_case()
        of_log = [finding for finding in log if finding.case in ("", reference)]
        found.findings = _once([*of_log, *found.findings])
        return found
    after, total = _taken_up(state, left_out)
    with office.reading() as tx:
        count = cases.count_known(tx)
    async for after, page in verifier.every(after):  # noqa: B020 - where it ends is where it goes on
        total.add(page)
        _note(state, after, total, left_out)
        if not quiet:
            said = _("Cases looked at: {done} of {count}; findings: {found}.", done=total.cases, count=count,
                     found=len(total.findings))  # fmt: skip
            complaints.print(Text(said, "dim"))
    total.findings = _once([*await verifier.beside(), *log, *total.findings])
    return total


def _once(findings: "list[Finding]") -> "list[Finding]":
    return list(dict.fromkeys(findings))


def _taken_up(state: Path | None, left_out: list[str]) -> "tuple[str, Looked]":
    from audit.findings import Finding
    from audit.verify import Looked

    if state is None or not state.exists():
        return "", Looked()
    try:
        said = json.loads(state.read_text(encoding="utf-8"))
        findings = [Finding(**finding) for finding in said["findings"]]
        looked = Looked(**{name: int(said[name]) for name in _COUNTED}, findings=findings)
        after, then = str(said["after"]), list(said["left_out"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Usage(
            "bad_state", "{file} does not say how far a look was.", "Give another file.", field="state", file=state.name
        ) from None
    if then != left_out:
        raise Usage(
            "other_state",
            "{file} is of a look that left out something else.",
            "Ask as you did then (--offline, --without-files), or give another file.",
            field="state",
            file=state.name,
        )
    return after, looked


def _note(state: Path | None, after: str, total: "Looked", left_out: list[str]) -> None:
    if state is None:
        return
    counted = {name: getattr(total, name) for name in _COUNTED}
    findings = [finding.as_dict() for finding in total.findings]
    said = {"after": after, "left_out": left_out, **counted, "findings": findings}
    try:
        with written_whole(state) as file:
            file.write(json.dumps(said).encode())
    except OSError as error:
        raise Usage(
            "unwritable",
            "{file} cannot be written: {reason}.",
            "Give a file in a folder that this account may write to.",
            field="state",
            file=state.name,
            reason=reason(error),
        ) from None


def _tell(looked: "Looked", left_out: list[str], machine: bool) -> None:
    if machine:
        findings = [
            {"case": f.case or None, "kind": f.kind, "what": _(f.what), "where": f.where} for f in looked.findings
        ]
        as_json({name: getattr(looked, name) for name in _COUNTED} | {"left_out": left_out, "findings": findings})
        return
    for finding in looked.findings:
        where = "  ".join(filter(None, [finding.case, finding.where]))
        console.print(Text.assemble((where, "bold"), "  ", (_(finding.what), "red"), (f"  [{finding.kind}]", "dim")))
    if looked.erased:
        said = _("Erased cases: {count}. Of each, chain and seals were looked at; the content is gone.",
                 count=looked.erased)  # fmt: skip
        console.print(Text(said, "dim"))
    for what in left_out:
        console.print(Text(_(_SAID[what]), "yellow"))
    counted = _("Cases: {cases}; lines of the book: {lines}; files read: {files}.", cases=looked.cases,
                lines=looked.entries, files=looked.files)  # fmt: skip
    if looked.findings:
        verdict = Text(_("Things that do not hold: {count}.", count=len(looked.findings)), "bold red")
    elif left_out:
        verdict = Text(_("Everything that was looked at holds."), "bold green")
    else:
        verdict = Text(_("Everything holds: book, seals, lists, files, histories and code say the same."), "bold green")
    console.print(Text.assemble(verdict, "  ", (counted, "dim")))
