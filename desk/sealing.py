"""The sealed log: sealing now, its last checkpoint, the proof of a line, and the check of a kept checkpoint."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from desk.office import Office, engine_client
from desk.views.findings import FindingView
from desk.views.sealed import CheckedCheckpoint, CheckpointView, LineProof
from domain.actors import Actor
from domain.errors import Action, Refused
from domain.exchange.sealing import Sealed
from domain.log.chain import Leaf
from domain.log.checkpoint import Checkpoint, NotACheckpoint, PublicKey, opened, proof_text, recovered
from domain.log.merkle import Tree
from domain.permissions import require_operator, require_verify_all
from models import cases, journal, seals
from models.journal import Access
from models.keys import JOURNAL
from models.reading import look_into

if TYPE_CHECKING:
    from temporalio.client import WorkflowFailureError


async def seal_now(office: Office, actor: Actor) -> Sealed:
    """Seals what is new, or follows the seal that is under way.

    Raises Refused when the worker has no key to sign or another one than signed so far, and when a witness holds more
    of the log than there is.
    """
    require_operator(actor)
    return await _sealed(office)


async def declare_restored(office: Office, actor: Actor, why: str) -> Sealed:
    """Goes on sealing from what is left, after an older book was put back: declares what was lost, then seals.

    The declaration is signed, kept for ever, and given to every witness. Nothing is declared where no witness holds
    more of the log than there is. `why` stands in the access journal. Raises Refused as `seal_now` does.
    """
    from workflows.seal import RESTORED

    require_operator(actor)
    _note_declaration(office, actor, why)
    await _declared(office, RESTORED)
    return await _sealed(office)


async def replace_seal_key(office: Office, actor: Actor, why: str) -> PublicKey:
    """Has another key sign from now on; gives its public half. The former one signs that it does, and is then removed.

    In a file of ours the key is made here. In a secret it is the last line, which was added before. Stopped half-way,
    it goes on when it is asked again. `why` stands in the access journal.
    """
    from kit.crypto.signing import add_signing_key, forget_former_keys

    require_operator(actor)
    _note_declaration(office, actor, why)
    is_file = office.settings.seal_key is None
    if not office.signing_keys:
        raise no_seal_key()
    if is_file and len(office.signing_keys) == 1:
        add_signing_key(office.settings.seal_key_file)
    await _sealed(office, "replace-seal-key")  # one that is under way may have read the former key
    if is_file:
        forget_former_keys(office.settings.seal_key_file)
    return _own_key_or_refused(office)


async def declare_lost_seal_key(office: Office, actor: Actor, former: PublicKey, why: str) -> PublicKey:
    """Has our key sign from now on although the former one is lost and cannot sign that it does; gives ours.

    `former` is the public half of the lost key: it is known from any checkpoint that was shown. It is declared for
    ever that nobody but us vouches for the new one. Raises Refused when the last checkpoint is not signed with it.
    """
    require_operator(actor)
    _note_declaration(office, actor, why)
    await _declared(office, str(former))
    await _sealed(office)
    return _own_key_or_refused(office)


def _note_declaration(office: Office, actor: Actor, why: str) -> None:
    with office.writing() as tx:
        journal.note(tx, office.keys.of(JOURNAL), actor, Access.DECLARATION, why=why)


async def _sealed(office: Office, name: str = "seal-now") -> Sealed:
    from workflows.seal import SealBook

    # Somebody is waiting: a witness that is away gets the next checkpoint.
    sealed: Sealed = await _executed(office, SealBook.run, timedelta(seconds=20), name)
    return sealed


async def _declared(office: Office, what: str) -> None:
    from workflows.seal import Declare

    await _executed(office, Declare.run, what, "declare")


async def _executed(office: Office, run: Any, argument: object, name: str) -> Any:
    from temporalio.client import WorkflowFailureError
    from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

    client = await engine_client(office)
    try:
        return await client.execute_workflow(
            run,
            argument,
            id=name,
            task_queue=office.settings.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
    except WorkflowFailureError as failure:
        raise _why_not(failure) from None


def _why_not(failure: "WorkflowFailureError") -> Refused:
    from workflows.doors import cause_of

    cause = cause_of(failure)
    match cause.type if cause is not None else None:
        case "WitnessAhead":
            return Refused(
                "witness_ahead",
                "A witness holds more of the sealed log than there is, or another one: lines are missing.",
                "Put the newer book back. If it is lost, go on with what is left, which is declared for ever.",
                action=Action.DECLARE_RESTORED,
            )
        case "OtherSealKey":
            return Refused(
                "other_seal_key",
                "The key to sign with is not the one that signed so far, nor one that follows it.",
                "Put the right one back, or that one above it. If it is lost, declare that it is.",
                action=Action.DECLARE_LOST_KEY,
            )
    return Refused(
        "not_sealed",
        "Nothing was sealed.",
        "Give the worker a key to sign with (seal.key, or the secret aboutir_seal_key); its log says more.",
    )


def last_checkpoint(office: Office, actor: Actor) -> CheckpointView:
    """The last signed checkpoint. Open to every account: it is to be kept elsewhere, and tells of no case."""
    with office.reading_as(actor) as (tx, _):
        row = seals.last_checkpoint(tx)
        unsealed = seals.count_unsealed(tx)
    if row is None:
        raise _nothing_sealed()
    own = own_key(office)
    return CheckpointView(
        size=row.size,
        root=row.root.hex(),
        note=row.note,
        made_at=row.made_at,
        key=None if own is None else str(own),
        unsealed=unsealed,
    )


def prove_line(office: Office, actor: Actor, reference: str, version: int) -> LineProof:
    """Proves that a line of a case stands in the sealed log. Noted in the journal.

    Raises NotFound for a case that this account may not see, Refused for a line that is not there or not sealed yet.
    """
    with office.noting_denials(actor, reference), office.writing() as tx:
        look_into(tx, office.keys, actor, Access.VERIFY, reference)
    with office.reading_as(actor) as (tx, actor):
        _require_version(tx, actor, reference, version)
        checkpoint = seals.last_checkpoint(tx)
        if checkpoint is None:
            raise _nothing_sealed()
        leaf = next((leaf for leaf in seals.leaves_of(tx, reference) if leaf.version == version), None)
        if leaf is None:
            raise Refused(
                "not_sealed_yet", "This line is not sealed.", "Seal first.", field="version", action=Action.SEAL
            )
        path = Tree(seals.leaf_hashes(tx, checkpoint.size)).inclusion(leaf.position, checkpoint.size)
    return LineProof(
        index=leaf.position,
        size=checkpoint.size,
        leaf=Leaf(reference, leaf.version, leaf.line_hash, leaf.commitment).data().decode(),
        leaf_hash=leaf.hash.hex(),
        proof=tuple(step.hex() for step in path),
        note=checkpoint.note,
        text=proof_text(leaf.position, path, checkpoint.note),
    )


def _require_version(tx: Connection, actor: Actor, reference: str, version: int) -> None:
    listed = cases.find_case(tx, actor, reference)
    if listed is not None and version > listed.version:
        raise Refused(
            "no_such_version",
            "The case has no such line.",
            "Give one from 1 to {last}.",
            field="version",
            last=listed.version,
        )


def check_checkpoint(
    office: Office, actor: Actor, saved: bytes, other_keys: Sequence[PublicKey] = ()
) -> CheckedCheckpoint:
    """Compares today's log with a checkpoint that somebody kept, alone or in a mail.

    Raises Refused for whoever may not verify every case: what does not hold is told with the references of all cases.

    `other_keys` may have signed besides our own: those of an installation before this one. Raises Refused when
    `saved` holds no checkpoint, or none that one of the keys has signed.
    """
    from audit.findings import Finding
    from audit.log import known_declarations, look_through

    with office.noting_denials(actor):
        require_verify_all(office.current(actor))
    keys = trusted_keys(office, other_keys)
    with office.reading() as tx:
        signers = [trusted.key for trusted in known_declarations(tx, keys).keys]
    kept = _kept_checkpoint(saved, signers)
    with office.watched():
        findings = look_through(office.database, keys, [kept])
        with office.reading() as tx:
            size_now = seals.tree(tx).size
            if known_declarations(tx, keys).is_lost(kept.checkpoint):
                findings = [Finding("lost_in_restore", str(kept.checkpoint.size)), *findings]
    return CheckedCheckpoint(
        size=kept.checkpoint.size, now=size_now, findings=tuple(FindingView.of(finding) for finding in findings)
    )


@dataclass(frozen=True)
class _Kept:
    """A kept checkpoint in the role of a witness that has no other."""

    checkpoint: Checkpoint
    note: str

    def notes(self) -> Iterator[tuple[int, str]]:
        yield self.checkpoint.size, self.note


def _kept_checkpoint(saved: bytes, keys: Sequence[PublicKey]) -> _Kept:
    from kit.crypto.signing import verify
    from kit.mail.saved import texts_in

    has_checkpoint = False
    for text in texts_in(saved):
        try:
            note = recovered(text)
            has_checkpoint = True
            return _Kept(Checkpoint.parse(opened(note, keys, verify)), note)
        except NotACheckpoint:
            continue
    if has_checkpoint:
        raise Refused(
            "checkpoint_not_ours",
            "The checkpoint in it is not signed with a known key, or not all of it came through.",
            "Save the attachment of the mail as it is; name a former key.",
            field="check",
            action=Action.NAME_KEY,
        )
    raise Refused(
        "no_checkpoint_in_it",
        "There is no checkpoint in it.",
        "Give the attachment of the mail, or the whole mail as it was saved.",
        field="check",
    )


def _own_key_or_refused(office: Office) -> PublicKey:
    own = own_key(office)
    if own is None:
        raise no_seal_key()
    return own


def no_seal_key() -> Refused:
    """The refusal where no key can sign."""
    return Refused(
        "no_seal_key",
        "There is no key to sign with.",
        "In production it is the secret aboutir_seal_key; an embedded stack makes its own when it starts.",
    )


def own_key(office: Office) -> PublicKey | None:
    """The public key of this office; None where the key that signs cannot be read."""
    signing = office.signing_key
    return None if signing is None else PublicKey(office.settings.seal_origin, signing.public)


def trusted_keys(office: Office, others: Sequence[PublicKey]) -> list[PublicKey]:
    """Our own key, and others that may have signed."""
    own = own_key(office)
    return [*([] if own is None else [own]), *others]


def _nothing_sealed() -> Refused:
    return Refused("nothing_sealed", "Nothing is sealed yet.", "Seal first.", action=Action.SEAL)
