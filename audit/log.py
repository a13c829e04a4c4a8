"""The sealed log as a whole: leaves against the book, checkpoints against the leaves, and what witnesses saw."""

from collections.abc import Sequence

from audit.findings import Finding
from domain.chain import Leaf
from domain.checkpoint import Checkpoint, NotACheckpoint, PublicKey, opened
from domain.merkle import Growing
from kit.database import Database
from kit.signing import verify
from kit.timestamp import Authority, NoTimestamp
from kit.witness import FolderWitness
from models import seals


def look_through(
    database: Database,
    keys: Sequence[PublicKey],
    witnesses: Sequence[FolderWitness] = (),
    authority: Authority | None = None,
) -> list[Finding]:
    """What is wrong with the log. Reads it once, and holds a few thousand leaves at a time."""
    findings: list[Finding] = []
    told = {size: note for witness in witnesses for size, note in witness.notes()}
    roots: dict[int, bytes] = {}
    with database.read() as tx:
        rows = {row.size: row for row in seals.all_checkpoints(tx)}
        wanted = rows.keys() | told.keys()
        tree = Growing()
        for leaf in seals.every_leaf(tx):
            if leaf.position != tree.size:
                findings.append(Finding("leaf_missing", str(tree.size)))
                break
            where = f"v{leaf.version}"
            if leaf.hash != Leaf(leaf.reference, leaf.version, leaf.line_hash, leaf.commitment).hash():
                findings.append(Finding("leaf_broken", where, leaf.reference))
            if leaf.book_hash is None:
                findings.append(Finding("line_gone", where, leaf.reference))
            elif leaf.book_hash != leaf.line_hash:
                findings.append(Finding("line_changed", where, leaf.reference))
            tree.append(leaf.hash)
            if tree.size in wanted:
                roots[tree.size] = tree.root()
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
    for size, note in told.items():
        if size > tree.size:
            findings.append(Finding("witness_ahead", str(size)))
        else:
            findings += _note(size, note, roots, keys, "witness_differs", str(size))
    return findings


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
