"""The contents in which malware was found: whatever case has a file of the same bytes, nobody is given it.

Contents are known by keyed digests: a plain SHA-256 of a known document would tell which cases hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from domain.errors import Refused
from domain.parts.files import quarantined, servable
from models.tables import infected

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.files import EvidenceFile

Digest = Callable[[str], str]


def content_digest(digest: Digest, sha256: str) -> str:
    """The keyed digest by which a content is known again."""
    return digest(f"content|{sha256}")


def condemn(tx: Connection, digest: str, finding: str | None) -> None:
    """Notes that malware was found in the content of this keyed digest, once and for all."""
    if not is_condemned(tx, digest):
        tx.execute(insert(infected).values(digest=digest, finding=finding))


def is_condemned(tx: Connection, digest: str) -> bool:
    """True if malware was found in the content of this keyed digest."""
    return tx.execute(select(infected.c.digest).where(infected.c.digest == digest)).first() is not None


def finding_in(tx: Connection, digest: str) -> str | None:
    """The name of the malware that was found in the content of this keyed digest."""
    return tx.execute(select(infected.c.finding).where(infected.c.digest == digest)).scalar()


def require_harmless(tx: Connection, digest: str) -> None:
    """Raises Refused when malware was found in the content of this keyed digest."""
    if is_condemned(tx, digest):
        raise Refused(
            "file_infected",
            "Malware was found in this file: it is not taken.",
            "Ask whoever gave it for the same document in another form (printed, or as a picture).",
            field="file",
        )


def servable_file(tx: Connection, digest: Digest, case: Case, id: str) -> EvidenceFile:
    """A file whose bytes may be given to somebody. Raises Refused as `servable` does, and once malware was found in
    the same bytes anywhere: its own case may not have noted it yet.
    """
    file = servable(case, id)
    if is_condemned(tx, content_digest(digest, file.sha256)):
        raise quarantined(file)
    return file
