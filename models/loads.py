"""What each person holds: counted from the rows that lists read, for whoever watches over a territory."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func

from domain.actors import Actor
from models.cases import cases_of_team
from models.situations import IS_OPEN
from models.tables import cases


@dataclass(frozen=True)
class Load:
    """The open cases that somebody of an organisation holds; nobody, where the holder is empty."""

    organisation: str
    holder: str
    cases: int
    stalled: int
    overdue: int
    """Cases on which something was due before now."""


def loads(tx: Connection, actor: Actor, now: datetime) -> list[Load]:
    """The loads that this account may see, by organisation, then by name."""
    query = (
        cases_of_team(actor)
        .where(IS_OPEN)
        .with_only_columns(
            cases.c.organisation,
            cases.c.holder,
            func.count(),
            func.sum(case((cases.c.stalled, 1), else_=0)),
            func.sum(case((cases.c.next_due < now, 1), else_=0)),
        )
        .group_by(cases.c.organisation, cases.c.holder)
        .order_by(cases.c.organisation, cases.c.holder)
    )
    return [Load(row[0], row[1], int(row[2]), int(row[3]), int(row[4])) for row in tx.execute(query)]
