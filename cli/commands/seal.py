"""The sealed log: seal now, show the checkpoint, prove that a line stands in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cli import read
from cli.history import ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, source
from cli.say import DIVERGENT, Usage, _, answering, as_json, complaints, console, wait_for
from cli.stack.place import find
from desk.office import Office, engine_client
from domain.errors import Refused
from models.journal import Access
from models.reading import look_into

if TYPE_CHECKING:
    from domain.log.checkpoint import Checkpoint, PublicKey

KeyOption = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="KEY", help=_("A public key that may have signed; may be repeated.")),
]


def seal(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        sealed = wait_for(_seal_now(find(data)))
        if machine:
            as_json(sealed.model_dump())
        else:
            console.print(_("Lines sealed: {added}; the log has {size}.", added=sealed.added, size=sealed.size))


async def _seal_now(office: Office) -> Any:
    from temporalio.client import WorkflowFailureError
    from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

    from workflows.seal import SealBook

    client = await engine_client(office)
    try:
        return await client.execute_workflow(
            SealBook.run,
            timedelta(seconds=20),  # somebody is waiting: a witness that is away is told by the next seal
            id="seal-now",
            task_queue=office.settings.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
    except WorkflowFailureError:
        raise Refused(
            "not_sealed",
            "Nothing was sealed.",
            "Give the worker a key to sign with (seal.key, or the secret aboutir_seal_key); its log says more.",
        ) from None


def checkpoint(
    check: Annotated[
        str | None,
        typer.Option(
            "--check",
            metavar="FILE|-",
            parser=source,
            help=_("A checkpoint that somebody kept, or the mail it came with: does what it attests to still stand?"),
        ),
    ] = None,
    key: KeyOption = None,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    from models import seals

    with answering(machine):
        office = find(data)
        if check is not None:
            _check(office, read.raw(check), key or [], machine)
            return
        with office.reading() as tx:
            row = seals.last_checkpoint(tx)
            waiting = seals.count_unsealed(tx)
        if row is None:
            raise _nothing_sealed()
        keys = [str(key) for key in public_keys(office, [])]
        if machine:
            as_json(
                {
                    "size": row.size,
                    "root": row.root.hex(),
                    "note": row.note,
                    "made_at": row.made_at,
                    "key": keys[0] if keys else None,
                    "unsealed": waiting,
                }
            )
            return
        console.print(row.note, end="", soft_wrap=True)
        for said in keys:
            complaints.print(Text(_("Public key: {key}", key=said), "dim"))
        complaints.print(Text(_("Lines that wait for the next seal: {count}.", count=waiting), "dim"))


@dataclass(frozen=True)
class _Kept:
    """One note that somebody brings."""

    checkpoint: "Checkpoint"
    note: str

    def notes(self) -> Iterator[tuple[int, str]]:
        """It alone."""
        yield self.checkpoint.size, self.note


def _check(office: Office, saved: bytes, extra: list[str], machine: bool) -> None:
    """Holds today's log against what was said then; DIVERGENT when it no longer says it, or does not hold by itself."""
    from audit.log import look_through
    from models import seals

    keys = public_keys(office, extra)
    kept = _kept(saved, keys)
    with office.watched():
        findings = look_through(office.database, keys, [kept])
        with office.reading() as tx:
            now = seals.tree(tx).size
    if machine:
        said = [{"case": f.case or None, "kind": f.kind, "what": _(f.what), "where": f.where} for f in findings]
        as_json({"size": kept.checkpoint.size, "now": now, "findings": said})
    else:
        for finding in findings:
            where = "  ".join(filter(None, [finding.case, finding.where]))
            console.print(Text.assemble((where, "bold"), "  ", (_(finding.what), "red")))
        counted = _("Leaves then: {size}; today: {now}.", size=kept.checkpoint.size, now=now)
        if findings:
            verdict = Text(_("What was attested to then does not stand."), "bold red")
        else:
            verdict = Text(_("What was attested to then still stands."), "bold green")
        console.print(Text.assemble(verdict, "  ", (counted, "dim")))
    if findings:
        raise typer.Exit(DIVERGENT)


def _kept(saved: bytes, keys: "Sequence[PublicKey]") -> _Kept:
    """The note in a file. Raises Refused when there is none, or none that one of these keys has signed."""
    from domain.log.checkpoint import Checkpoint, NotACheckpoint, opened, recovered
    from kit.crypto.signing import verify
    from kit.mail.saved import texts_in

    is_there = False
    for text in texts_in(saved):
        try:
            note = recovered(text)
            is_there = True
            return _Kept(Checkpoint.parse(opened(note, keys, verify)), note)
        except NotACheckpoint:
            continue
    if is_there:
        raise Refused(
            "checkpoint_not_ours",
            "The checkpoint in it is not signed with a known key, or not all of it came through.",
            "Save the attachment of the mail as it is; name a former key with --key.",
            field="check",
        )
    raise Refused(
        "no_checkpoint_in_it",
        "There is no checkpoint in it.",
        "Give the attachment of the mail, or the whole mail as it was saved.",
        field="check",
    )


def prove(
    ref: ReferenceArgument,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help=_("A line of its history."))],
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from domain.log.chain import Leaf
    from domain.log.checkpoint import proof_text
    from domain.log.merkle import Tree
    from models import cases, seals

    with answering(machine):
        office = find(data)
        reference, actor = read.reference(ref), office.actor(account)
        with office.writing() as tx:
            look_into(tx, office.keys, actor, Access.VERIFY, reference)
        with office.reading() as tx:
            listed = cases.find_case(tx, actor, reference)
            if listed is not None and version > listed.version:
                raise Refused(
                    "no_such_version",
                    "The case has no such line.",
                    "Give one from 1 to {last}.",
                    field="version",
                    last=listed.version,
                )
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


def public_keys(office: Office, extra: list[str]) -> list[Any]:
    """Our own, and those that were named: of an installation before this one, or of one whose book this is."""
    from domain.log.checkpoint import NotACheckpoint, PublicKey

    own = office.signing_key
    keys = [] if own is None else [PublicKey(office.settings.seal_origin, own.public)]
    try:
        return keys + [PublicKey.parse(text) for text in extra]
    except NotACheckpoint:
        raise Usage("bad_key", "This is not a public key.", "It looks like name+0123abcd+ATg...", field="key") from None
