"""The sweeps and their findings: a row for each sweep, and one for each thing that was not as it should be."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from domain.exchange.sweep import Finding, Report
from models.tables import SweepFindingRow, findings, sweeps


def begin(tx: Connection, id: str, at: datetime) -> None:
    """Notes that a sweep has begun; noted twice, it has begun once."""
    if tx.execute(select(sweeps.c.id).where(sweeps.c.id == id)).first() is None:
        tx.execute(insert(sweeps), [Report(id=id, started_at=at).model_dump()])


def note(tx: Connection, id: str, finding: Finding) -> None:
    """Notes a finding about a case; the last of one sweep replaces those before it."""
    row = SweepFindingRow(sweep=id, **finding.model_dump()).model_dump()
    same = (findings.c.sweep == id, findings.c.reference == finding.reference)
    if tx.execute(select(findings.c.reference).where(*same)).first():
        tx.execute(update(findings).where(*same).values(row))
    else:
        tx.execute(insert(findings), [row])


def end(tx: Connection, id: str, at: datetime, *, cases: int, workflows: int) -> Report:
    """Notes that a sweep is over and what it came to."""
    counted = select(
        func.count(), func.count().filter(findings.c.repaired), func.coalesce(func.sum(findings.c.overdue), 0)
    ).where(findings.c.sweep == id)
    count, repaired, overdue = tx.execute(counted).one()
    counts = {"cases": cases, "workflows": workflows, "found": count, "repaired": repaired, "overdue": int(overdue)}
    tx.execute(update(sweeps).where(sweeps.c.id == id).values(finished_at=at, **counts))
    return Report.model_validate(tx.execute(select(sweeps).where(sweeps.c.id == id)).one()._asdict())


def note_between(tx: Connection, id: str, finding: Finding) -> None:
    """Notes what was found between two sweeps beside the findings of the last one.

    If there was none yet, it stands in one of its own, of this id.
    """
    sweep = last(tx)
    if sweep is None:
        begin(tx, id, finding.found_at)
        sweep = end(tx, id, finding.found_at, cases=0, workflows=0)
    note(tx, sweep.id, finding)
    if sweep.finished_at is not None:
        end(tx, sweep.id, sweep.finished_at, cases=sweep.cases, workflows=sweep.workflows)


def last(tx: Connection) -> Report | None:
    """The sweep that began last; None when there was none yet."""
    row = tx.execute(select(sweeps).order_by(sweeps.c.started_at.desc(), sweeps.c.id).limit(1)).first()
    return Report.model_validate(row._asdict()) if row else None


def found_by(tx: Connection, id: str) -> Sequence[Finding]:
    """The findings of a sweep, those not repaired first."""
    query = select(findings).where(findings.c.sweep == id).order_by(findings.c.repaired, findings.c.reference)
    columns = tuple(Finding.model_fields)
    return [Finding(**{name: getattr(row, name) for name in columns}) for row in tx.execute(query)]
