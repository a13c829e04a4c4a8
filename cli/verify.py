"""The records held against each other, with a verdict that a person can read."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli import read
from cli.place import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, Place, engine_client, find
from cli.say import DIVERGENT, Usage, _, answering, as_json, complaints, console, wait_for
from cli.seal import public_keys
from domain.permissions import no_such_case
from models.journal import Access
from models.reading import look_into

if TYPE_CHECKING:
    from audit.findings import Finding
    from audit.verify import Looked


def verify(
    ref: Annotated[str | None, typer.Argument(metavar="[REF]", help=_("One case."))] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Every case, and the sealed log."))] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help=_("Without the engine: only what was put away of its histories."))
    ] = False,
    state: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=_("Notes how far it is there, and goes on from there when run again.")),
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
        place = find(data)
        reference = None if ref is None else read.reference(ref)
        actor = place.actor(account)
        with place.writing() as tx:  # that it was asked is noted
            look_into(tx, place.keys, actor, Access.VERIFY, reference)
        with place.watched():
            looked = wait_for(_verify(place, reference, key or [], state, offline=offline, quiet=machine))
        if state is not None:
            state.unlink(missing_ok=True)
        _tell(looked, machine)
        if looked.findings:
            raise typer.Exit(DIVERGENT)


async def _verify(
    place: Place, reference: str | None, extra: list[str], state: Path | None, *, offline: bool, quiet: bool
) -> "Looked":
    from activities.calendar import french_calendar
    from audit.log import look_through
    from audit.verify import Looked, Verifier
    from models import cases

    keys, witnesses, authority = public_keys(place, extra), place.witnesses, place.authority
    client = None if offline else await engine_client(place)
    records = place.records(client)
    verifier = Verifier(place.database, place.keys, records, french_calendar(), client)
    log = look_through(place.database, keys, witnesses, authority)
    if reference is not None:
        found = await verifier.case(reference)
        if not found.cases:
            raise no_such_case()
        of_log = [finding for finding in log if finding.case in ("", reference)]
        return Looked(found.cases, found.entries, found.erased, _once([*of_log, *found.findings]))
    after, total = _taken_up(state)
    with place.reading() as tx:
        count = cases.count_known(tx)
    async for after, page in verifier.every(after):  # noqa: B020 - where it ends is where it goes on
        total = Looked(
            total.cases + page.cases,
            total.entries + page.entries,
            total.erased + page.erased,
            total.findings + page.findings,
        )
        _note(state, after, total)
        if not quiet:
            said = _("{done} of {count} cases looked at, {found} findings.", done=total.cases, count=count,
                     found=len(total.findings))  # fmt: skip
            complaints.print(Text(said, "dim"))
    findings = [*log, *verifier.editions(), *total.findings, *await verifier.orphans()]
    return Looked(total.cases, total.entries, total.erased, _once(findings))


def _once(findings: "list[Finding]") -> "list[Finding]":
    return list(dict.fromkeys(findings))


def _taken_up(state: Path | None) -> "tuple[str, Looked]":
    from audit.findings import Finding
    from audit.verify import Looked

    if state is None or not state.exists():
        return "", Looked()
    try:
        said = json.loads(state.read_text(encoding="utf-8"))
        findings = [Finding(**finding) for finding in said["findings"]]
        return str(said["after"]), Looked(int(said["cases"]), int(said["entries"]), int(said["erased"]), findings)
    except (OSError, ValueError, KeyError, TypeError):
        raise Usage(
            "bad_state", "{file} does not say how far a look was.", "Give another file.", field="state", file=state.name
        ) from None


def _note(state: Path | None, after: str, total: "Looked") -> None:
    if state is None:
        return
    said = {
        "after": after,
        "cases": total.cases,
        "entries": total.entries,
        "erased": total.erased,
        "findings": [finding.as_dict() for finding in total.findings],
    }
    fresh = state.with_name(f".{state.name}.new")
    try:
        fresh.write_text(json.dumps(said), encoding="utf-8")
        fresh.replace(state)
    except OSError as error:
        raise Usage(
            "unwritable",
            "{file} cannot be written: {reason}.",
            "Give a file in a folder that this account may write to.",
            field="state",
            file=state.name,
            reason=error.strerror or type(error).__name__,
        ) from None


def _tell(looked: "Looked", machine: bool) -> None:
    if machine:
        findings = [
            {"case": f.case or None, "kind": f.kind, "what": _(f.what), "where": f.where} for f in looked.findings
        ]
        as_json({"cases": looked.cases, "entries": looked.entries, "erased": looked.erased, "findings": findings})
        return
    for finding in looked.findings:
        where = "  ".join(filter(None, [finding.case, finding.where]))
        console.print(Text.assemble((where, "bold"), "  ", (_(finding.what), "red"), (f"  [{finding.kind}]", "dim")))
    if looked.erased:
        said = _("{count} erased cases: their chain and their seals were looked at, their content is gone.",
                 count=looked.erased)  # fmt: skip
        console.print(Text(said, "dim"))
    counted = _("{cases} cases, {lines} lines of the book.", cases=looked.cases, lines=looked.entries)
    if looked.findings:
        verdict = Text(_("{count} things do not hold.", count=len(looked.findings)), "bold red")
    else:
        verdict = Text(_("Everything holds: book, seals, lists, histories and code say the same."), "bold green")
    console.print(Text.assemble(verdict, "  ", (counted, "dim")))
