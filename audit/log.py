"""Looks through the sealed log as a whole.

Leaves are held against the book and the access journal, and checkpoints against the leaves, those that witnesses kept
included.
"""

from collections.abc import Sequence, Set

from sqlalchemy import Connection

from audit import accounts
from audit.findings import Finding
from domain.log.checkpoint import Checkpoint, NotACheckpoint, PublicKey, opened
from domain.log.declarations import Declared, declared
from domain.log.merkle import Growing
from kit.crypto.signing import verify
from kit.crypto.timestamp import Authority, NoTimestamp
from kit.crypto.witness import Remembers
from kit.storage.database import Database
from models import declarations, journal, seals


def look_through(
    database: Database,
    keys: Sequence[PublicKey],
    witnesses: Sequence[Remembers] = (),
    authority: Authority | None = None,
) -> list[Finding]:
    """Finds what is wrong with the log. Reads it once, and holds a few thousand leaves at a time.

    `keys` are those of today; keys of before are known by the declarations that handed over from them.
    """
    with database.read() as tx:
        known = known_declarations(tx, keys)
        seen = [note for witness in witnesses for note in witness.notes() if not _is_lost(known, *note)]
        rows = {row.size: row for row in seals.all_checkpoints(tx)}
        log = _Log(known, rows.keys() | {size for size, _ in seen})
        log.read(tx)
        findings = [*log.findings, *_journal(tx, log.journal), *accounts.chain(tx, log.accounts)]
        tokens = {size: seals.token_of(tx, size) for size in rows} if authority else {}
    if known.unread:
        findings.append(Finding("declaration_unread", str(known.unread)))
    if log.tree.size and log.tree.size not in rows:
        findings.append(Finding("checkpoint_missing", str(log.tree.size)))
    for row, previous in zip(rows.values(), [0, *rows], strict=False):
        findings += [*log.checkpoint(row, previous), *_token(authority, tokens.get(row.size), row)]
    for size, note in seen:
        findings += log.witnessed(size, note)
    return findings + _missing({size for size, _ in seen if size <= log.tree.size} - rows.keys(), findings)


def known_declarations(tx: Connection, keys: Sequence[PublicKey]) -> Declared:
    """The declarations about the log that these keys, and those before them, bear out."""
    return declared(declarations.notes(tx), keys, verify)


def _is_lost(known: Declared, size: int, note: str) -> bool:
    """True for a note of leaves that were lost in a restore, as was declared."""
    try:
        return known.is_lost(Checkpoint.parse(opened(note, known.keys_at(size), verify)))
    except NotACheckpoint:
        return False


class _Log:
    """The leaves of the log, read once, with the tree as it stood at each size that somebody has a note of."""

    def __init__(self, known: Declared, sizes: Set[int]) -> None:
        self._known, self._sizes = known, sizes
        self.tree = Growing()
        self._trees: dict[int, Growing] = {}
        self.journal: dict[int, bytes] = {}
        """Sealed entries of the access journal: hashes by number."""
        self.accounts: dict[int, bytes] = {}
        """Sealed lines of the history of the accounts: hashes by number."""
        self.findings: list[Finding] = []

    def read(self, tx: Connection) -> None:
        """Reads every leaf, up to the first that is missing, and holds it against the line that it seals."""
        for leaf, book_hash in seals.every_leaf(tx):
            if leaf.position != self.tree.size:
                self.findings.append(Finding("leaf_missing", str(self.tree.size)))
                break
            self._compare(leaf, book_hash)
            self.tree.append(leaf.hash)
            if self.tree.size in self._sizes:
                self._trees[self.tree.size] = Growing(self.tree.size, self.tree.edge)

    def _compare(self, leaf: seals.StoredLeaf, book_hash: bytes | None) -> None:
        where = f"v{leaf.version}"
        if leaf.hash != leaf.content.hash():
            self.findings.append(Finding("leaf_broken", where, leaf.reference))
        if leaf.reference == seals.OF_JOURNAL:
            self.journal[leaf.version] = leaf.line_hash
        elif leaf.reference == seals.OF_ACCOUNTS:
            self.accounts[leaf.version] = leaf.line_hash
        elif book_hash is None:
            self.findings.append(Finding("line_gone", where, leaf.reference))
        elif book_hash != leaf.line_hash:
            self.findings.append(Finding("line_changed", where, leaf.reference))

    def checkpoint(self, row: seals.StoredCheckpoint, previous: int) -> list[Finding]:
        """Finds what is wrong with a checkpoint of ours; `previous` is the size of the one before it."""
        checkpoint, findings = self._note(row.size, row.note, "root_differs")
        if checkpoint is not None:
            findings += _beside(checkpoint, row, previous, self._trees.get(row.size))
        return findings

    def witnessed(self, size: int, note: str) -> list[Finding]:
        """Finds what is wrong with the log by a note that a witness kept."""
        if size > self.tree.size:
            return [Finding("witness_ahead", str(size))]
        return self._note(size, note, "witness_differs")[1]

    def _note(self, size: int, note: str, otherwise: str) -> tuple[Checkpoint | None, list[Finding]]:
        """Reads a note, if it is signed, and finds what is wrong with it; `otherwise` if its root is another."""
        try:
            checkpoint = Checkpoint.parse(opened(note, self._known.keys_at(size), verify))
        except NotACheckpoint:
            return None, [Finding("signature_wrong", str(size))]
        tree = self._trees.get(size)
        fits = tree is not None and (checkpoint.size, checkpoint.root) == (size, tree.root())
        return checkpoint, [] if fits else [Finding(otherwise, str(size))]


def _journal(tx: Connection, sealed: dict[int, bytes]) -> list[Finding]:
    """Finds the first entry of the access journal that is not the one that was sealed, if any.

    If the entries are chained all the same, somebody rewrote them: it is then one of those since the last seal that
    still holds, and the finding names them all.
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


def _missing(sizes: Set[int], findings: Sequence[Finding]) -> list[Finding]:
    """Checkpoints of these sizes, which witnesses have and we do not, as far as they are not among the findings."""
    missing = [Finding("checkpoint_missing", str(size)) for size in sorted(sizes)]
    return [finding for finding in missing if finding not in findings]


def _token(
    authority: Authority | None, token: seals.StoredToken | None, checkpoint: seals.StoredCheckpoint
) -> list[Finding]:
    """Finds a time-stamp that does not attest to its checkpoint; nothing without an authority, or a time-stamp."""
    if authority is None or token is None:
        return []
    try:
        attests = authority.attested(token.token, checkpoint.note.encode()) == token.made_at
    except NoTimestamp:
        attests = False
    return [] if attests else [Finding("token_wrong", str(checkpoint.size))]


def _beside(checkpoint: Checkpoint, row: seals.StoredCheckpoint, previous: int, tree: Growing | None) -> list[Finding]:
    """Compares a checkpoint with what is kept beside its note, and with the one that it says it came after."""
    findings = []
    if checkpoint.after not in (None, previous):
        findings.append(Finding("checkpoint_missing", str(checkpoint.after)))
    kept = (row.root, row.edge, row.made_at)
    if tree is not None and kept != (tree.root(), b"".join(tree.edge), checkpoint.made_at or row.made_at):
        findings.append(Finding("checkpoint_changed", str(checkpoint.size)))
    return findings
