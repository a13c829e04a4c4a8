"""Refusals for lack of right, as the access journal has them: each with what was tried, and many in one line.

Of one account and one hour the first refusals are entries of the journal; the others are counted, and one entry says
how many they were, so that a script cannot fill the journal. An hour with many of them alerts auditors and supervisors.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.access import Access, Reading
from domain.actors import RESERVED, UNKNOWN, Actor
from domain.levels import OVERSEERS
from domain.values import is_reference
from domain.vocabulary import Role
from kit.crypto.vault import DataKey
from kit.process.logs import get_logger
from models import journal
from models.tables import denials

log = get_logger("models.denials")

WINDOW = timedelta(hours=1)
WRITTEN = 20
"""Refusals of one account and window that are written one by one."""
_TOLD = frozenset({Role.AUDITOR}) | OVERSEERS


@dataclass(frozen=True, slots=True)
class Denied:
    """An hour in which one account was refused often."""

    account: str
    organisation: str
    began: datetime
    count: int
    many_at: datetime
    metropolis: str | None

    @classmethod
    def of(cls, row: Row[Any]) -> "Denied":
        """The hour that a row holds."""
        return cls(row.account, row.organisation, row.began, row.refusals, row.many_at, row.metropolis)


def note(tx: Connection, key: DataKey, actor: Actor, code: str, reference: str | None, many: int) -> None:
    """Notes a refusal: who asked, for which case, and the code of the refusal. `tx` writes.

    Of the case it says no more than the reference that was given. The refusal that makes it `many` in this hour alerts.
    """
    now = datetime.now(UTC)
    window = _current(tx, actor, now)
    count = window.refusals + 1
    if count <= WRITTEN:
        journal.write(tx, key, _entry(actor, code, reference))
    values: dict[str, Any] = {"refusals": count}
    if count >= many and window.many_at is None:
        values["many_at"] = now
        log.warning("refused_often", account=actor.account)
    _set(tx, window, values)


def close_windows(tx: Connection, key: DataKey) -> None:
    """Writes the one entry of each past hour that had more refusals than were written one by one. `tx` writes."""
    now = datetime.now(UTC)
    past = (denials.c.began <= now - WINDOW, denials.c.refusals > WRITTEN, denials.c.summed.is_(False))
    for window in tx.execute(select(denials).where(*past).with_for_update(skip_locked=True)).all():
        _sum_up(tx, key, window)


def many(tx: Connection, actor: Actor, since: datetime) -> list[Denied]:
    """The hours in which an account was refused often, since then, the latest first: for those who are to know.

    Auditors, supervisors and plan leads are told of the accounts of their metropolis, and of those of none. Whoever
    comes by a link is called after a case, which may be closed to a supervisor: auditors alone are told of them.
    """
    if actor.role not in _TOLD:
        return []
    query = select(denials).where(denials.c.many_at > since).order_by(denials.c.many_at.desc())
    if actor.role is not Role.AUDITOR:
        names_case = and_(denials.c.account.startswith(RESERVED), denials.c.account != UNKNOWN.account)
        query = query.where(not_(names_case))
    rows = tx.execute(_of_metropolis(query, actor.metropolis))
    return list(map(Denied.of, rows))


def _of_metropolis(query: Select[Any], metropolis: str | None) -> Select[Any]:
    if metropolis is None:
        return query
    return query.where(or_(denials.c.metropolis == metropolis, denials.c.metropolis.is_(None)))


def _current(tx: Connection, actor: Actor, now: datetime) -> Row[Any]:
    """The account's window that is open, held until the end of the transaction; a new one if none is."""
    of_account = select(denials).where(denials.c.account == actor.account).order_by(denials.c.began.desc()).limit(1)
    window = tx.execute(of_account.with_for_update()).first()
    if window is not None and now - window.began < WINDOW:
        return window
    row = {"account": actor.account, "began": now, "role": actor.role.name, "organisation": actor.organisation,
           "metropolis": actor.metropolis, "refusals": 0, "many_at": None, "summed": False, "told": False}  # fmt: skip
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    tx.execute(insert(denials).values(row).on_conflict_do_nothing())
    return tx.execute(of_account.with_for_update()).one()


def _sum_up(tx: Connection, key: DataKey, window: Row[Any]) -> None:
    rest = window.refusals - WRITTEN
    reading = Reading(
        access=Access.DENIED,
        account=window.account,
        role=Role[window.role],
        organisation=window.organisation,
        found=rest,
    )
    journal.write(tx, key, reading)
    _set(tx, window, {"summed": True})


def _set(tx: Connection, window: Row[Any], values: dict[str, Any]) -> None:
    here = (denials.c.account == window.account, denials.c.began == window.began)
    tx.execute(update(denials).where(*here).values(values))


def _entry(actor: Actor, code: str, reference: str | None) -> Reading:
    return Reading(
        access=Access.DENIED,
        account=actor.account,
        role=actor.role,
        organisation=actor.organisation,
        reference=reference if reference and is_reference(reference) else None,  # it may be a name, typed there
        why=code,
    )
