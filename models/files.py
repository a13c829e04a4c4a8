"""The rows of files. Housekeeping reads them, because it cannot read the cases, which are sealed."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from domain.vocabulary import ScanState
from models.tables import files

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.files import EvidenceFile

_AT_ONCE = 500
_OF_CASE = select(files).where(files.c.reference == bindparam("reference"))


def project_files(tx: Connection, reference: str, case: Case, before: Case | None) -> None:
    """Brings the rows of a case's files up to date with it. `before` is the case that they show now."""
    was, now = _held(before), _held(case)
    if gone := was.keys() - now.keys():
        tx.execute(delete(files).where(files.c.reference == reference, files.c.id.in_(gone)))
    for id, file in now.items():
        if id not in was:
            tx.execute(insert(files), row_of(reference, file))
        elif was[id].scan is not file.scan:
            this = (files.c.reference == reference, files.c.id == id)
            tx.execute(update(files).where(*this).values(scan=file.scan))


def _held(case: Case | None) -> dict[str, EvidenceFile]:
    return {file.id: file for file in case.files if file.is_held} if case else {}


def row_of(reference: str, file: EvidenceFile) -> dict[str, Any]:
    """The row of a file that a case holds."""
    return {"reference": reference, "id": file.id, "stored": file.stored, "scan": file.scan}


def rows_of(tx: Connection, reference: str) -> list[dict[str, Any]]:
    """The rows of a case's files."""
    return [dict(row._mapping) for row in tx.execute(_OF_CASE, {"reference": reference})]


def forget_files(tx: Connection, reference: str) -> None:
    """Deletes the rows of a case's files, so that they can be written again."""
    tx.execute(delete(files).where(files.c.reference == reference))


def held(tx: Connection, stored: Collection[str]) -> set[str]:
    """Picks those of these names under which a file is stored that a case holds."""
    belonging: set[str] = set()
    names = sorted(stored)
    for start in range(0, len(names), _AT_ONCE):
        query = select(files.c.stored).where(files.c.stored.in_(names[start : start + _AT_ONCE]))
        belonging.update(tx.execute(query).scalars())
    return belonging


def all_held(tx: Connection) -> list[tuple[str, str]]:
    """Every file that a case holds: (reference, id), in order."""
    return [(row.reference, row.id) for row in tx.execute(_HELD)]


def to_scan(tx: Connection, *, again: bool) -> list[tuple[str, str]]:
    """The files that wait for a scan: (reference, id), in order. With `again`, every file but the infected ones."""
    waiting = files.c.scan != ScanState.INFECTED if again else files.c.scan == ScanState.PENDING
    return [(row.reference, row.id) for row in tx.execute(_HELD.where(waiting))]


_HELD = select(files.c.reference, files.c.id).order_by(files.c.reference, files.c.id)
