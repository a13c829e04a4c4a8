"""The files that were taken in, and wait for the command that attaches them to a piece.

The record says what a file is, by our own look at its bytes: whoever attaches it only names the record, which serves
one case, once.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select, update

from domain.errors import Action, Refused
from domain.parts.files import FACTS, AttachFile
from kit.storage.store import new_name
from models.quarantine import content_digest, require_harmless
from models.tables import intakes

if TYPE_CHECKING:
    from models.evidence import TakenIn
    from models.keys import Keys

_AT_ONCE = 500


def note_intake(
    tx: Connection, keys: Keys, reference: str, taken: TakenIn, *, to_scan: bool, by: str, at: datetime
) -> str:
    """Writes down a file whose bytes are stored; gives the id of its intake.

    `by` is the account that brought it. Raises Refused, and writes nothing, for a content known to be malware.
    """
    id, digest = new_name(), content_digest(keys.digest, taken.sha256)
    require_harmless(tx, digest)
    content = json.dumps(asdict(taken) | {"to_scan": to_scan, "by": by}).encode()
    row = {"id": id, "reference": reference, "stored": taken.stored, "digest": digest, "taken_at": at}
    tx.execute(insert(intakes).values(row | {"sealed": keys.of(reference).seal(content, _place(reference, id))}))
    return id


def filled_in(tx: Connection, keys: Keys, reference: str, command: AttachFile) -> AttachFile:
    """The command with what the record of its intake says of the file.

    Raises Refused for a command that says it itself or names no intake, and for an intake that is unknown, of another
    case, used already, or found to be malware since.
    """
    if command.intake is None or command.model_dump(include=set(FACTS)):
        raise Refused(
            "not_taken_in",
            "A file is attached by the id of its intake, and by nothing else: what it is, is known from there.",
            "Take the file in first.",
            field="intake",
            action=Action.ATTACH_FILE,
        )
    this = select(intakes).where(intakes.c.id == command.intake, intakes.c.reference == reference)
    row = tx.execute(this).first()
    if row is None:
        raise Refused(
            "no_such_intake",
            "No file was taken in for this case under this id, or it was let go of.",
            "Take the file in again.",
            field="intake",
            action=Action.ATTACH_FILE,
        )
    if row.file is not None:
        raise _used(row.file)
    require_harmless(tx, row.digest)
    content = json.loads(keys.of(reference).open(row.sealed, _place(reference, row.id)))
    facts = {name: content.get(name) for name in FACTS}  # a record of before has no remark
    return AttachFile.model_validate(command.model_dump() | facts)


def use(tx: Connection, id: str, file: str) -> None:
    """Notes which file of its case an intake became. Raises Refused when it has become one already."""
    this = (intakes.c.id == id, intakes.c.file.is_(None))
    if tx.execute(update(intakes).where(*this).values(file=file)).rowcount == 0:
        raise _used("?")


def _used(file: str) -> Refused:
    return Refused(
        "intake_used",
        "This file was attached already, as {id}.",
        "Nothing to do. To attach it to another piece as well, take it in again.",
        field="intake",
        id=file,
    )


def forget_intake(tx: Connection, id: str) -> bool:
    """Deletes the record of a file that came to nothing. False, and nothing is done, if a case has the file."""
    unused = delete(intakes).where(intakes.c.id == id, intakes.c.file.is_(None))
    return tx.execute(unused).rowcount > 0


def forget_waiting(tx: Connection, before: datetime) -> None:
    """Deletes the records of files that were taken in before an instant and that no case has."""
    tx.execute(delete(intakes).where(intakes.c.taken_at < before, intakes.c.file.is_(None)))


def waiting(tx: Connection, stored: Collection[str], since: datetime) -> set[str]:
    """Picks those of these stored names that a file has which was taken in since then, and that no case has yet."""
    names, found = sorted(stored), set[str]()
    for start in range(0, len(names), _AT_ONCE):
        these = intakes.c.stored.in_(names[start : start + _AT_ONCE])
        young = select(intakes.c.stored).where(these, intakes.c.taken_at >= since, intakes.c.file.is_(None))
        found.update(tx.execute(young).scalars())
    return found


def _place(reference: str, id: str) -> str:
    return f"intake|{reference}|{id}"
