"""The hash chain of a case: each line commits to the line before it, so that none can be changed in silence."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from domain.log.merkle import leaf_hash

FIRST = bytes(32)
"""What the first line of every case follows."""

SCHEME = "aboutir.entry.1"
CONTENT_SCHEME = "aboutir.content.1"
LEAF_SCHEME = "aboutir.leaf.1"
JOURNAL_SCHEME = "aboutir.journal.1"


@dataclass(frozen=True, slots=True)
class Line:
    """Everything that a line of the book says and that its hash covers."""

    reference: str
    version: int
    command_id: str
    position: int
    tag: str
    account: str
    role: str
    organisation: str
    metropolis: str | None
    happened_at: datetime
    recorded_at: datetime
    event: bytes

    def hash(self, previous: bytes) -> bytes:
        """SHA-256 over a canonical JSON array of what the line says and the hash of the line before it.

        The event enters by the digest of its sealed form, so that somebody who may not read the events can verify the
        chain, and still can when nobody can read them any more.
        """
        return hashlib.sha256(canonical(SCHEME, previous.hex(), *self._said())).digest()

    def content(self) -> bytes:
        """The line itself, whatever stands before it: what a case's key commits to. For a line in clear."""
        return canonical(CONTENT_SCHEME, *self._said())

    def _said(self) -> list[str | int | None]:
        return [
            self.reference,
            self.version,
            self.command_id,
            self.position,
            self.tag,
            self.account,
            self.role,
            self.organisation,
            self.metropolis,
            self.happened_at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            hashlib.sha256(self.event).hexdigest(),
        ]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What the sealed log holds of a line: its hash, and what the case's key committed to when it was sealed.

    The commitment is kept beside the tree, so that the leaf can be checked when the key is no more; it is None when
    the key was gone before the line was sealed.
    """

    reference: str
    version: int
    line_hash: bytes
    commitment: bytes | None

    def data(self) -> bytes:
        """What is hashed into the tree: one canonical JSON array."""
        committed = None if self.commitment is None else self.commitment.hex()
        return canonical(LEAF_SCHEME, self.reference, self.version, self.line_hash.hex(), committed)

    def hash(self) -> bytes:
        """The leaf in the tree (RFC 6962)."""
        return leaf_hash(self.data())


@dataclass(frozen=True, slots=True)
class JournalHead:
    """What the sealed log holds of the access journal: how far it went, and the hash of its last entry then.

    Every entry before has led to that hash, so one leaf for each seal covers them all.
    """

    number: int
    entry_hash: bytes

    def data(self) -> bytes:
        """What is hashed into the tree."""
        return canonical(JOURNAL_SCHEME, self.number, self.entry_hash.hex())

    def hash(self) -> bytes:
        """The leaf in the tree (RFC 6962)."""
        return leaf_hash(self.data())


_AS_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def canonical(*said: str | int | None) -> bytes:
    """A JSON array in the only form in which it is ever hashed: ASCII, without blanks."""
    return _AS_JSON.encode(said).encode()


FIELDS = tuple(field.name for field in fields(Line))
"""The names of what a line says: the same as the book's columns."""
