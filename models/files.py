"""The rows of files. Housekeeping reads them, because it cannot read the cases, which are sealed."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from domain.vocabulary import ScanState
from models.clean_copies import forget_copies
from models.quarantine import Digest, condemn, content_digest
from models.tables import clean_copies, files, infected

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.files import EvidenceFile

_AT_ONCE = 500
_SHOWN = (files.c.reference, files.c.id, files.c.stored, files.c.scan, files.c.digest)
_OF_CASE = select(*_SHOWN).where(files.c.reference == bindparam("reference"))


def project_files(tx: Connection, digest: Digest, reference: str, case: Case, before: Case | None) -> None:
    """Brings the rows of a case's files up to date with it. `before` is the case that they show now."""
    if before is not None and before.files is case.files:
        return
    was, now = _held(before), _held(case)
    if gone := was.keys() - now.keys():
        tx.execute(delete(files).where(files.c.reference == reference, files.c.id.in_(gone)))
        forget_copies(tx, [was[id].stored for id in gone])
    for id, file in now.items():
        if id not in was:
            row = row_of(digest, reference, file)
            # A book that is shown anew may be older than the rule that no two files have the same bytes.
            tx.execute(insert(files), row | {"shared": before is None and _is_taken(tx, file.stored)})
        elif was[id].scan is not file.scan:
            this = (files.c.reference == reference, files.c.id == id)
            tx.execute(update(files).where(*this).values(scan=file.scan))
    for file in _infected(case) - _infected(before):
        condemn(tx, content_digest(digest, file.sha256), file.finding)


def _held(case: Case | None) -> dict[str, EvidenceFile]:
    return {file.id: file for file in case.files if file.is_held} if case else {}


def _infected(case: Case | None) -> set[EvidenceFile]:
    return {file for file in case.files if file.scan is ScanState.INFECTED} if case else set()


def _is_taken(tx: Connection, stored: str) -> bool:
    return tx.execute(select(files.c.id).where(files.c.stored == stored)).first() is not None


def row_of(digest: Digest, reference: str, file: EvidenceFile) -> dict[str, Any]:
    """The row of a file that a case holds."""
    content = content_digest(digest, file.sha256)
    return {"reference": reference, "id": file.id, "stored": file.stored, "scan": file.scan, "digest": content}


def rows_of(tx: Connection, reference: str) -> list[dict[str, Any]]:
    """The rows of a case's files, as `row_of` makes them; without a digest where none was computed yet."""
    return [dict(row._mapping) for row in tx.execute(_OF_CASE, {"reference": reference})]


def forget_files(tx: Connection, reference: str) -> None:
    """Deletes the rows of a case's files, so that they can be written again."""
    tx.execute(delete(files).where(files.c.reference == reference))


def held(tx: Connection, stored: Collection[str]) -> set[str]:
    """Picks those of these names under which a file is stored that a case holds, or its copy without scripts."""
    belonging: set[str] = set()
    names = sorted(stored)
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        belonging.update(tx.execute(select(files.c.stored).where(files.c.stored.in_(some))).scalars())
        of_held = clean_copies.c.original.in_(select(files.c.stored))
        copies = select(clean_copies.c.stored).where(clean_copies.c.stored.in_(some), of_held)
        belonging.update(tx.execute(copies).scalars())
    return belonging


def all_held(tx: Connection) -> list[tuple[str, str]]:
    """Every file that a case holds: (reference, id), in order."""
    return _listed(tx, _HELD)


def to_scan(tx: Connection, *, again: bool) -> list[tuple[str, str]]:
    """The files that wait for a scan: (reference, id), in order. With `again`, every file but the infected ones."""
    waiting = files.c.scan != ScanState.INFECTED if again else files.c.scan == ScanState.PENDING
    return _listed(tx, _HELD.where(waiting))


def condemned(tx: Connection) -> list[tuple[str, str]]:
    """The files whose content is known to be malware, and whose cases have not noted it: (reference, id), in order."""
    known = files.c.digest.in_(select(infected.c.digest))
    return _listed(tx, _HELD.where(files.c.scan != ScanState.INFECTED, known))


def without_digest(tx: Connection) -> list[tuple[str, str]]:
    """The files of before, whose content has no keyed digest yet: (reference, id), in order."""
    return _listed(tx, _HELD.where(files.c.digest.is_(None)))


def complete(tx: Connection, digest: Digest, reference: str, file: EvidenceFile) -> None:
    """Writes the keyed digest of a file of before; notes its content if malware was found in it."""
    content = content_digest(digest, file.sha256)
    this = (files.c.reference == reference, files.c.id == file.id)
    tx.execute(update(files).where(*this).values(digest=content))
    if file.scan is ScanState.INFECTED:
        condemn(tx, content, file.finding)


def _listed(tx: Connection, query: Select[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(row.reference, row.id) for row in tx.execute(query)]


_HELD = select(files.c.reference, files.c.id).order_by(files.c.reference, files.c.id)
