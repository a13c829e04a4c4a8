"""The hash chain of a case: each line commits to the line before it, so that none can be changed in silence."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime

FIRST = bytes(32)
"""What the first line of every case follows."""

SCHEME = "aboutir.entry.1"


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
        said = [
            SCHEME,
            previous.hex(),
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
        return hashlib.sha256(json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode()).digest()


FIELDS = tuple(field.name for field in fields(Line))
"""The names of what a line says: the same as the book's columns."""
