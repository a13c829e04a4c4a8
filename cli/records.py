"""The commands that show and prove what happened: replay, verify, seal, checkpoint, prove."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cli import read
from cli.moment import history_for, until
from cli.place import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, Place, engine_client, find
from cli.say import DIVERGENT, Usage, _, answering, as_json, complaints, console, wait_for
from domain.errors import Refused
from domain.events import Entry
from domain.lifecycle import fold
from models import policies

if TYPE_CHECKING:
    from audit.findings import Finding
    from audit.verify import Looked

ReferenceArgument = Annotated[str, typer.Argument(metavar="REF", help=_("The reference of a case."))]


# --- A case as it stood ------------------------------------------------------------------------------------


def replay(
    ref: ReferenceArgument,
    at: Annotated[
        str | None,
        typer.Option(metavar="VERSION|DATE|EVENT", help=_("As it stood then; now, if nothing is said.")),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="VERSION|DATE|EVENT", help=_("Say what differs between the two moments.")),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE.zip", help=_("Write a sealed bundle that an auditor can verify without us.")),
    ] = None,
    source: Annotated[
        str, typer.Option("--from", metavar="book|histories", help=_("Which of the two records to tell it from."))
    ] = "book",
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from activities.calendar import french_calendar
    from cli.difference import differences_json, print_differences
    from cli.show import case_json, entry_json, print_case, print_history
    from domain.changes import changes
    from domain.clocks import agenda

    with answering(machine):
        place = find(data)
        _actor, reference, entries = history_for(place, account, ref)
        if source != "book":
            entries = _of_histories(place, reference, source)
        if export is not None:
            said = _export(place, reference, export)
            if machine:
                as_json(said)
            else:
                console.print(_("The bundle is in {file}: {lines} lines, {sealed} of them sealed.", **said))
                console.print(Text(_("Whoever gets it verifies it with: python verify.py FILE.zip"), "dim"))
            return
        then = entries if at is None else until(entries, at)
        other = None if against is None else until(entries, against)
        case, moment = fold(reference, then), then[-1].recorded_at
        with place.reading() as tx:
            edition = policies.in_force_at(tx, moment)
        due = agenda(case, edition.policy, french_calendar())
        earlier, later = (then, other) if other is None or len(then) <= len(other) else (other, then)
        found = None if later is None else changes(fold(reference, earlier), fold(reference, later))
        if machine:
            as_json(
                {
                    "reference": reference,
                    "version": case.version,
                    "moment": moment.isoformat(),
                    "policy_version": edition.version,
                    "case": case_json(case, due, []),
                    "alerts": [alert.model_dump(mode="json") for alert in case.standing_alerts],
                    "history": [entry_json(entry) for entry in then],
                    "differences": None if found is None else differences_json(found),
                }
            )
            return
        console.print(_as_it_stood(then, len(entries), edition.version))
        console.print()
        print_case(case, due, [])
        console.print()
        console.print(Text(_("Who had done what"), "bold"))
        print_history(then)
        if found is not None and later is not None:
            console.print()
            print_differences(found, earlier, later)


def _as_it_stood(then: Sequence[Entry], last: int, edition: int) -> Text:
    from cli.words import when

    said = _(
        "As it stood at version {version} of {last}, {moment}, under version {policy} of the policy.",
        version=then[-1].version,
        last=last,
        moment=when(then[-1].recorded_at),
        policy=edition,
    )
    return Text(said, "italic")


def _of_histories(place: Place, reference: str, source: str) -> list[Entry]:
    from audit.restore import NoHistory, remembered

    if source != "histories":
        raise Usage("unknown_source", "--from takes book or histories.", "For example: --from histories.", field="from")
    try:
        return list(wait_for(_with_records(place, lambda records: remembered(records, reference))))
    except NoHistory:
        raise Refused(
            "no_history",
            "No history of this case can be had, from the engine or from our own storage.",
            "Start the stack, or tell it from the book.",
            field="from",
        ) from None


async def _with_records(place: Place, what: Any) -> Any:
    from audit.records import Records

    client = await engine_client(place) if place.engine else None
    return await what(Records(place.database, place.store, place.keys, client))


def _export(place: Place, reference: str, file: Path) -> dict[str, Any]:
    from audit.bundle import bundle

    key = _own_key(place)
    content, said = wait_for(
        _with_records(
            place,
            lambda records: bundle(place.database, place.keys, records, reference, key, place.settings.seal_origin),
        )
    )
    try:
        with file.open("xb") as opened:
            opened.write(content)
    except OSError as error:
        raise Usage(
            "unwritable",
            "{file} cannot be written: {reason}.",
            "Give the name of a file that does not exist yet.",
            field="export",
            file=file.name,
            reason=error.strerror or type(error).__name__,
        ) from None
    return {"file": str(file), **said}


# --- The records held against each other ----------------------------------------------------------------


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
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        if (ref is None) == (not everything):
            raise Usage("what_to_verify", "Say what to verify.", "Give the reference of a case, or --all.", field="ref")
        place = find(data)
        with place.reading():
            pass  # is it there at all?
        reference = None if ref is None else read.reference(ref)
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
    from audit.records import Records
    from audit.verify import Looked, Verifier
    from models import cases

    keys, witnesses, authority = _public_keys(place, extra), place.witnesses, place.authority
    client = None if offline else await engine_client(place)
    records = Records(place.database, place.store, place.keys, client)
    verifier = Verifier(place.database, place.keys, records, french_calendar(), client)
    log = look_through(place.database, keys, witnesses, authority)
    if reference is not None:
        found = await verifier.case(reference)
        of_log = [finding for finding in log if finding.case in ("", reference)]
        return Looked(found.cases, found.entries, _once([*of_log, *found.findings]))
    after, total = _taken_up(state)
    with place.reading() as tx:
        count = cases.count_known(tx)
    async for after, page in verifier.every(after):  # noqa: B020 - where it ends is where it goes on
        total = Looked(total.cases + page.cases, total.entries + page.entries, total.findings + page.findings)
        _note(state, after, total)
        if not quiet:
            said = _("{done} of {count} cases looked at, {found} findings.", done=total.cases, count=count,
                     found=len(total.findings))  # fmt: skip
            complaints.print(Text(said, "dim"))
    findings = [*log, *verifier.editions(), *total.findings, *await verifier.orphans()]
    return Looked(total.cases, total.entries, _once(findings))


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
        return str(said["after"]), Looked(int(said["cases"]), int(said["entries"]), findings)
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
        as_json({"cases": looked.cases, "entries": looked.entries, "findings": findings})
        return
    for finding in looked.findings:
        where = "  ".join(filter(None, [finding.case, finding.where]))
        console.print(Text.assemble((where, "bold"), "  ", (_(finding.what), "red"), (f"  [{finding.kind}]", "dim")))
    counted = _("{cases} cases, {lines} lines of the book.", cases=looked.cases, lines=looked.entries)
    if looked.findings:
        verdict = Text(_("{count} things do not hold.", count=len(looked.findings)), "bold red")
    else:
        verdict = Text(_("Everything holds: book, seals, lists, histories and code say the same."), "bold green")
    console.print(Text.assemble(verdict, "  ", (counted, "dim")))


# --- The seal ----------------------------------------------------------------------------------------------


def seal(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        sealed = wait_for(_seal_now(find(data)))
        if machine:
            as_json(sealed.model_dump())
        else:
            console.print(_("{added} lines sealed; the log has {size}.", added=sealed.added, size=sealed.size))


async def _seal_now(place: Place) -> Any:
    from temporalio.client import WorkflowFailureError
    from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

    from workflows.seal import SealBook

    client = await engine_client(place)
    try:
        return await client.execute_workflow(
            SealBook.run,
            id="seal-now",
            task_queue=place.settings.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
    except WorkflowFailureError:
        raise Refused(
            "not_sealed",
            "Nothing was sealed.",
            "Check that the worker has a key to sign with (seal.key, or the secret seal_key); its log says more.",
        ) from None


def checkpoint(data: DataOption = None, machine: JsonOption = False) -> None:
    from models import seals

    with answering(machine):
        place = find(data)
        with place.reading() as tx:
            row = seals.last_checkpoint(tx)
            waiting = seals.count_unsealed(tx)
        if row is None:
            raise _nothing_sealed()
        keys = [str(key) for key in _public_keys(place, [])]
        if machine:
            as_json(
                {
                    "size": row.size,
                    "root": row.root.hex(),
                    "note": row.note,
                    "made_at": row.made_at.isoformat(),
                    "key": keys[0] if keys else None,
                    "unsealed": waiting,
                }
            )
            return
        console.print(row.note, end="", soft_wrap=True)
        for said in keys:
            complaints.print(Text(_("Public key: {key}", key=said), "dim"))
        complaints.print(Text(_("{count} lines wait for the next seal.", count=waiting), "dim"))


def prove(
    ref: ReferenceArgument,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help=_("A line of its history."))],
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from domain.chain import Leaf
    from domain.checkpoint import proof_text
    from domain.merkle import Tree
    from models import seals

    with answering(machine):
        place = find(data)
        _actor, reference, _entries = history_for(place, account, ref)
        with place.reading() as tx:
            row = seals.last_checkpoint(tx)
            if row is None:
                raise _nothing_sealed()
            leaf = next((one for one in seals.leaves_of(tx, reference) if one.version == version), None)
            if leaf is None:
                raise Refused(
                    "not_sealed_yet", "This line is not sealed.", "Seal first: starter.py seal.", field="version"
                )
            proof = Tree(seals.leaf_hashes(tx, row.size)).inclusion(leaf.position, row.size)
        said = Leaf(reference, leaf.version, leaf.line_hash, leaf.commitment)
        if machine:
            as_json(
                {
                    "index": leaf.position,
                    "size": row.size,
                    "leaf": said.data().decode(),
                    "leaf_hash": leaf.hash.hex(),
                    "proof": [step.hex() for step in proof],
                    "note": row.note,
                }
            )
        else:
            console.print(proof_text(leaf.position, proof, row.note), end="", soft_wrap=True)
            complaints.print(Text(_("The leaf: {leaf}", leaf=said.data().decode()), "dim"))


def _nothing_sealed() -> Refused:
    return Refused("nothing_sealed", "Nothing is sealed yet.", "Seal first: starter.py seal.")


def _own_key(place: Place) -> Any:
    key = place.signing_key
    if key is None:
        raise Refused(
            "no_seal_key",
            "There is no key to sign with.",
            "In production it is the secret seal_key; an embedded stack makes its own when it starts.",
        )
    return key


def _public_keys(place: Place, extra: list[str]) -> list[Any]:
    """Our own, and those that were named: of an installation before this one, or of one whose book this is."""
    from domain.checkpoint import NotACheckpoint, PublicKey

    own = place.signing_key
    keys = [] if own is None else [PublicKey(place.settings.seal_origin, own.public)]
    try:
        return keys + [PublicKey.parse(text) for text in extra]
    except NotACheckpoint:
        raise Usage("bad_key", "This is not a public key.", "It looks like name+0123abcd+ATg...", field="key") from None


def add_to(app: typer.Typer) -> None:
    """Makes commands of them."""
    app.command(help=_("A case as it stood: who had done what, what was due, which alerts stood, what has changed."))(
        replay
    )
    app.command(help=_("Hold the records against each other; exit code 5 when anything does not hold."))(verify)
    app.command(help=_("Seal what is new now, instead of waiting for the hour."))(seal)
    app.command(help=_("The last signed checkpoint of the sealed log, to be kept elsewhere."))(checkpoint)
    app.command(help=_("The proof that a line stands in the sealed log."))(prove)
