"""The rows of files: what housekeeping reads, where it cannot read what is sealed."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update
from sqlalchemy.engine import Row

from domain.case import Case
from domain.vocabulary import ScanState, Step
from models.tables import cases, files

_AT_ONCE = 500


def project_files(tx: Connection, reference: str, case: Case, before: Case | None) -> None:
    """Brings the rows of a case's files up to date with it. `before` is the case that they show now."""
    known = {file.id: file for file in before.files} if before else {}
    for file in case.files:
        was = known.get(file.id)
        if was == file:
            continue
        this = (files.c.reference == reference, files.c.id == file.id)
        if not file.is_held:
            tx.execute(delete(files).where(*this))
        elif was is None:
            row = {"reference": reference, "id": file.id, "stored": file.stored, "scan": file.scan}
            tx.execute(insert(files), row)
        else:
            tx.execute(update(files).where(*this).values(scan=file.scan))


def held(tx: Connection, stored: Collection[str]) -> set[str]:
    """Which of these names belong to a file that a case holds. An erased case holds none."""
    found: set[str] = set()
    names = sorted(stored)
    for start in range(0, len(names), _AT_ONCE):
        query = (
            select(files.c.stored)
            .join(cases, cases.c.reference == files.c.reference)
            .where(files.c.stored.in_(names[start : start + _AT_ONCE]), cases.c.step != Step.ERASED)
        )
        found.update(tx.execute(query).scalars())
    return found


def all_held(tx: Connection) -> Sequence[Row[Any]]:
    """Every file that a case holds: (reference, id), in order."""
    return tx.execute(_of_cases()).all()


def to_scan(tx: Connection, *, again: bool) -> Sequence[Row[Any]]:
    """The files that wait for a scan: (reference, id), in order. With `again`, every file but the infected ones."""
    wanted = files.c.scan != ScanState.INFECTED if again else files.c.scan == ScanState.PENDING
    return tx.execute(_of_cases().where(wanted)).all()


def _of_cases() -> Select[Any]:
    return (
        select(files.c.reference, files.c.id)
        .join(cases, cases.c.reference == files.c.reference)
        .where(cases.c.step != Step.ERASED)
        .order_by(files.c.reference, files.c.id)
    )
