"""The sealed log as a whole: leaves against the book and the access journal, checkpoints against the leaves, and what
witnesses saw."""

from collections.abc import Sequence

from sqlalchemy import Connection

from audit.findings import Finding
from domain.log.checkpoint import Checkpoint, NotACheckpoint, PublicKey, opened
from domain.log.merkle import Growing
from kit.crypto.signing import verify
from kit.crypto.timestamp import Authority, NoTimestamp
from kit.crypto.witness import Remembers
from kit.storage.database import Database
from models import journal, seals


def look_through(
    database: Database,
    keys: Sequence[PublicKey],
    witnesses: Sequence[Remembers] = (),
    authority: Authority | None = None,
) -> list[Finding]:
    """What is wrong with the log. Reads it once, and holds a few thousand leaves at a time."""
    findings: list[Finding] = []
    told = [note for witness in witnesses for note in witness.notes()]
    trees: dict[int, Growing] = {}
    with database.read() as tx:
        rows = {row.size: row for row in seals.all_checkpoints(tx)}
        wanted = rows.keys() | {size for size, _ in told}
        tree, entries = Growing(), dict[int, bytes]()
        for leaf, book_hash in seals.every_leaf(tx):
            if leaf.position != tree.size:
                findings.append(Finding("leaf_missing", str(tree.size)))
                break
            where = f"v{leaf.version}"
            if leaf.hash != leaf.content.hash():
                findings.append(Finding("leaf_broken", where, leaf.reference))
            if leaf.reference == seals.OF_JOURNAL:
                entries[leaf.version] = leaf.line_hash
            elif book_hash is None:
                findings.append(Finding("line_gone", where, leaf.reference))
            elif book_hash != leaf.line_hash:
                findings.append(Finding("line_changed", where, leaf.reference))
            tree.append(leaf.hash)
            if tree.size in wanted:
                trees[tree.size] = Growing(tree.size, tree.edge)
        findings += _journal(tx, entries)
        tokens = {size: seals.token_of(tx, size) for size in rows} if authority else {}
    if tree.size and tree.size not in rows:
        findings.append(Finding("checkpoint_missing", str(tree.size)))
    before = 0
    for size, row in rows.items():
        said, found = _note(size, row.note, trees, keys, "root_differs")
        findings += found
        if said is not None:
            findings += _beside(said, row, before, trees.get(size))
        before = size
        token = tokens.get(size)
        if authority is not None and token is not None and not _attests(authority, token, row.note):
            findings.append(Finding("token_wrong", str(size)))
    for size, note in told:
        if size > tree.size:
            findings.append(Finding("witness_ahead", str(size)))
            continue
        findings += _note(size, note, trees, keys, "witness_differs")[1]
        missing = Finding("checkpoint_missing", str(size))
        if size not in rows and missing not in findings:
            findings.append(missing)
    return findings


def _journal(tx: Connection, sealed: dict[int, bytes]) -> list[Finding]:
    """The first entry of the access journal that is not the one that was sealed, if any.

    Where the entries follow from each other all the same, somebody wrote them anew: the entry is then one of those
    since the last seal that still holds.
    """
    reached = holds = 0
    for head, follows in journal.walked(tx):
        reached = head.number
        if reached > max(sealed, default=0):
            return []
        if not follows:
            return [Finding("entry_changed", str(reached))]
        if reached in sealed:
            if sealed[reached] != head.entry_hash:
                return [Finding("entry_changed", f"{holds + 1}-{reached}")]
            holds = reached
    return [Finding("entry_gone", str(reached + 1))] if reached < max(sealed, default=0) else []


def _note(
    size: int, note: str, trees: dict[int, Growing], keys: Sequence[PublicKey], otherwise: str
) -> tuple[Checkpoint | None, list[Finding]]:
    """What a note says, if it is signed, and what is wrong with it."""
    try:
        said = Checkpoint.parse(opened(note, keys, verify))
    except NotACheckpoint:
        return None, [Finding("signature_wrong", str(size))]
    fits = size in trees and (said.size, said.root) == (size, trees[size].root())
    return said, [] if fits else [Finding(otherwise, str(size))]


def _attests(authority: Authority, token: seals.StoredToken, note: str) -> bool:
    try:
        return bool(authority.attested(token.token, note.encode()) == token.made_at)
    except NoTimestamp:
        return False


def _beside(said: Checkpoint, row: seals.StoredCheckpoint, before: int, tree: Growing | None) -> list[Finding]:
    """What is kept of a checkpoint beside its note, and the one that it came after."""
    findings = []
    if said.after not in (None, before):
        findings.append(Finding("checkpoint_missing", str(said.after)))
    kept = (row.root, row.edge, row.made_at)
    if tree is not None and kept != (tree.root(), b"".join(tree.edge), said.made_at or row.made_at):
        findings.append(Finding("checkpoint_changed", str(said.size)))
    return findings
