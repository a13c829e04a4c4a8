"""The sealed log as a whole: leaves against the book and the access journal, checkpoints against the leaves, and what
witnesses saw."""

from collections.abc import Sequence

from sqlalchemy import Connection

from audit.findings import Finding
from domain.checkpoint import Checkpoint, NotACheckpoint, PublicKey, opened
from domain.merkle import Growing
from kit.database import Database
from kit.signing import verify
from kit.timestamp import Authority, NoTimestamp
from kit.witness import Remembers
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
    roots: dict[int, bytes] = {}
    with database.read() as tx:
        rows = {row.size: row for row in seals.all_checkpoints(tx)}
        wanted = rows.keys() | {size for size, _ in told}
        tree, entries = Growing(), dict[int, bytes]()
        for leaf in seals.every_leaf(tx):
            if leaf.position != tree.size:
                findings.append(Finding("leaf_missing", str(tree.size)))
                break
            where = f"v{leaf.version}"
            if leaf.hash != seals.said(leaf).hash():
                findings.append(Finding("leaf_broken", where, leaf.reference))
            if leaf.reference == seals.OF_JOURNAL:
                entries[leaf.version] = leaf.line_hash
            elif leaf.book_hash is None:
                findings.append(Finding("line_gone", where, leaf.reference))
            elif leaf.book_hash != leaf.line_hash:
                findings.append(Finding("line_changed", where, leaf.reference))
            tree.append(leaf.hash)
            if tree.size in wanted:
                roots[tree.size] = tree.root()
        findings += _journal(tx, entries)
        tokens = {size: seals.token_of(tx, size) for size in rows} if authority else {}
    if tree.size and tree.size not in rows:
        findings.append(Finding("checkpoint_missing", str(tree.size)))
    for size, row in rows.items():
        if roots.get(size) != row.root:
            findings.append(Finding("root_differs", str(size)))
        findings += _note(size, row.note, roots, keys, "root_differs", str(size))
        token = tokens.get(size)
        if authority is not None and token is not None:
            try:
                authority.attested(token.token, row.note.encode())
            except NoTimestamp:
                findings.append(Finding("token_wrong", str(size)))
    for size, note in told:
        if size > tree.size:
            findings.append(Finding("witness_ahead", str(size)))
        else:
            findings += _note(size, note, roots, keys, "witness_differs", str(size))
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
    size: int, note: str, roots: dict[int, bytes], keys: Sequence[PublicKey], otherwise: str, where: str
) -> list[Finding]:
    try:
        checkpoint = Checkpoint.parse(opened(note, keys, verify))
    except NotACheckpoint:
        return [Finding("signature_wrong", where)]
    if (checkpoint.size, checkpoint.root) != (size, roots.get(size)):
        return [Finding(otherwise, where)]
    return []
