"""The hash chain of a case: each line commits to the line before it, so that none can be changed in silence."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from domain.log.merkle import leaf_hash

FIRST = bytes(32)
"""Stands for the hash before the first line of a case."""

SCHEME = "aboutir.entry.1"
CONTENT_SCHEME = "aboutir.content.1"
LEAF_SCHEME = "aboutir.leaf.1"
JOURNAL_SCHEME = "aboutir.journal.1"
ACCOUNTS_SCHEME = "aboutir.accounts.1"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the book: everything that its hash covers."""

    reference: str
    version: int
    command_id: str
    position: int
    tag: str
    account: str
    role: str
    organisation: str
    metropolis: str | None
    door: str | None
    """The way by which the account came; None for the machine itself, as in every line from before doors were told."""
    happened_at: datetime
    recorded_at: datetime
    event: bytes

    def hash(self, previous: bytes) -> bytes:
        """SHA-256 over a canonical JSON array: the hash of the line before, then the fields of this one.

        The event is represented by the digest of its sealed form. So the chain can be verified by people who may not
        read the events, and still when nobody can read them any more.
        """
        return hashlib.sha256(canonical(SCHEME, previous.hex(), *self._fields())).digest()

    def content(self) -> bytes:
        """The content of a line in clear, whatever stands before it. The key of its case commits to it."""
        return canonical(CONTENT_SCHEME, *self._fields())

    def _fields(self) -> list[str | int | None]:
        # At the end and only where there is one: lines without it hash as they always did.
        door = [] if self.door is None else [self.door]
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
            *door,
        ]


@dataclass(frozen=True, slots=True)
class Leaf:
    """The leaf of a line in the sealed log: its hash, and the commitment of the case's key when the line was sealed.

    The commitment is kept beside the tree, so that the leaf can be checked when the key is no more; it is None when
    the key was gone before the line was sealed.
    """

    reference: str
    version: int
    line_hash: bytes
    commitment: bytes | None

    def data(self) -> bytes:
        """The canonical JSON array that is hashed into the tree."""
        commitment = None if self.commitment is None else self.commitment.hex()
        return canonical(LEAF_SCHEME, self.reference, self.version, self.line_hash.hex(), commitment)

    def hash(self) -> bytes:
        """The leaf in the tree (RFC 6962)."""
        return leaf_hash(self.data())


@dataclass(frozen=True, slots=True)
class JournalHead:
    """The leaf of the access journal in the sealed log: the number and the hash of its last entry at that seal.

    The hash covers every entry before it, so that one leaf for each seal covers them all.
    """

    number: int
    entry_hash: bytes

    def data(self) -> bytes:
        """The canonical JSON array that is hashed into the tree."""
        return canonical(JOURNAL_SCHEME, self.number, self.entry_hash.hex())

    def hash(self) -> bytes:
        """The leaf in the tree (RFC 6962)."""
        return leaf_hash(self.data())


@dataclass(frozen=True, slots=True)
class AccountsHead:
    """The leaf of the history of the accounts: the number and the hash of its last line at that seal."""

    number: int
    line_hash: bytes

    def data(self) -> bytes:
        """The canonical JSON array that is hashed into the tree."""
        return canonical(ACCOUNTS_SCHEME, self.number, self.line_hash.hex())

    def hash(self) -> bytes:
        """The leaf in the tree (RFC 6962)."""
        return leaf_hash(self.data())


_AS_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def canonical(*values: str | int | None) -> bytes:
    """A JSON array in the only form in which it is ever hashed: ASCII, without blanks."""
    return _AS_JSON.encode(values).encode()


FIELDS = tuple(field.name for field in fields(Line))
"""The names of the fields of a line: the same as the book's columns."""
