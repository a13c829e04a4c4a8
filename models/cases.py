"""The rows that lists read, and the one function that says which of them an account may see."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    tuple_,
    union,
    update,
)
from sqlalchemy.engine import Row

from domain.actors import Actor
from domain.choice import Filter
from domain.levels import OVERSEERS
from domain.permissions import READS_PARTIES, READS_TERRITORY, in_territory
from domain.reference import METROPOLISES
from domain.reference.places import communes_in, is_neighbourhood, neighbourhoods_in
from domain.vocabulary import Role
from models.seals import OF_NO_CASE
from models.situations import IS_OPEN, in_situation
from models.tables import accounts, alerts, book, cases, leaves, parties

if TYPE_CHECKING:
    from domain.case import Case
    from domain.time.deadline import Deadline

_HEAD = select(cases.c.version, cases.c.head).where(cases.c.reference == bindparam("reference"))
_ROW = select(cases).where(cases.c.reference == bindparam("reference"))
_PARTIES = select(parties.c.organisation).where(parties.c.reference == bindparam("reference"))
_HELD_HEAD = _HEAD.with_for_update()
_ADD_PARTIES = insert(parties)
_INSERT, _UPDATE = (
    insert(cases),
    update(cases).where(cases.c.reference == bindparam("the_case"), cases.c.version == bindparam("the_version")),
)


@dataclass(frozen=True)
class Head:
    """Where a case's history ends."""

    version: int
    hash: bytes


def head(tx: Connection, reference: str) -> Head | None:
    """Where a case's history ends, held until the end of the transaction; None when there is no such case."""
    row = tx.execute(_HEAD if tx.dialect.name == "sqlite" else _HELD_HEAD, {"reference": reference}).first()
    return Head(row.version, row.head) if row else None


def schedule(tx: Connection, case: Case, next_deadline: Deadline | None, policy_version: int) -> None:
    """Notes what is due next on a case that has not changed, under another policy perhaps."""
    row = _scheduled(next_deadline, policy_version)
    tx.execute(_UPDATE, row | {"the_case": case.reference, "the_version": case.version})


def _scheduled(next_deadline: Deadline | None, policy_version: int) -> dict[str, Any]:
    return {
        "next_due": next_deadline and next_deadline.due,
        "next_kind": next_deadline and next_deadline.kind,
        "policy_version": policy_version,
    }


def project(
    tx: Connection,
    case: Case,
    hash: bytes,
    next_deadline: Deadline | None,
    policy_version: int,
    before: Case | None,
    source_key: str | None,
) -> None:
    """Brings the rows of a case up to date with it. `before` is the case that they show now."""
    row = changing(case, hash, next_deadline, policy_version)
    if before is None:
        tx.execute(_INSERT, row | fixed(case, source_key))
    else:
        tx.execute(_UPDATE, row | {"the_case": case.reference, "the_version": before.version})
    was, now = before.parties if before else frozenset(), case.parties
    if gone := was - now:
        tx.execute(delete(parties).where(parties.c.reference == case.reference, parties.c.organisation.in_(gone)))
    if come := now - was:
        tx.execute(_ADD_PARTIES, [{"reference": case.reference, "organisation": o} for o in sorted(come)])


def changing(case: Case, hash: bytes, next_deadline: Deadline | None, policy_version: int) -> dict[str, Any]:
    """The columns of a case's row that follow it as it changes."""
    closure = case.closures[-1] if case.step in ("CLOSED", "ERASED") else None
    return {
        "version": case.version,
        "head": hash,
        "step": case.step,
        "domain": case.complaint.domain,
        "metropolis": case.metropolis,
        "commune": case.complaint.facts.place.commune,
        "neighbourhood": case.complaint.facts.place.neighbourhood,
        "holder": case.holder,
        "organisation": case.organisation,
        "received_at": case.complaint.received_at,
        "progress_at": case.progress.happened_at,
        "stalled": case.is_stalled,
        "closed_to": closed_to_column(case.restriction.names if case.restriction else ()),
        "proposed_to": case.pending_transfer and case.pending_transfer.metropolis,
        "proposed_organisation": case.pending_transfer and case.pending_transfer.organisation,
        **_scheduled(next_deadline, policy_version),
        "closed_at": closure and closure.at,
        "outcome": closure and closure.outcome,
        "closure_reason": closure and closure.reason,
    }


def closed_to_column(names: Sequence[str]) -> str | None:
    """Whom a case is closed to, as its row has it: each name between spaces."""
    return f" {' '.join(names)} " if names else None


def fixed(case: Case, source_key: str | None) -> dict[str, Any]:
    """The columns of a case's row that stay as they are from the first day to the last."""
    return {
        "reference": case.reference,
        "opened_at": case.opened_at,
        "fictitious": case.complaint.fictitious,
        "source_key": source_key,
    }


def show_anew(
    tx: Connection,
    case: Case,
    hash: bytes,
    next_deadline: Deadline | None,
    policy_version: int,
    source_key: str | None,
) -> None:
    """Writes the rows of a case again, whatever they show now. Its own row is never deleted: mails refer to it."""
    for table in (alerts, parties):
        tx.execute(delete(table).where(table.c.reference == case.reference))
    row = changing(case, hash, next_deadline, policy_version) | fixed(case, source_key)
    shown = update(cases).where(cases.c.reference == case.reference).values(row)
    if tx.execute(shown).rowcount == 0:
        tx.execute(_INSERT, row)
    if case.parties:
        tx.execute(_ADD_PARTIES, [{"reference": case.reference, "organisation": o} for o in sorted(case.parties)])


# --- Reading ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListedCase:
    """A case as lists show it: its row."""

    reference: str
    version: int
    head: bytes
    """The hash of the last line of its history."""
    step: str
    domain: str
    metropolis: str | None
    commune: str | None
    neighbourhood: str | None
    holder: str
    organisation: str
    received_at: datetime
    opened_at: datetime
    progress_at: datetime
    stalled: bool
    closed_to: str | None
    proposed_to: str | None
    proposed_organisation: str | None
    next_due: datetime | None
    next_kind: str | None
    closed_at: datetime | None
    outcome: str | None
    closure_reason: str | None
    policy_version: int | None
    fictitious: bool
    source_key: str | None


def _listed(row: Row[Any]) -> ListedCase:
    return ListedCase(**row._mapping)


def visible_cases(actor: Actor) -> Select[Any]:
    """The cases that this account may see: the same rule as `domain.permissions.may_see`, said in SQL.

    Every list goes through here.
    """
    query = select(cases)
    if actor.role is Role.SYSTEM:
        return query
    query = query.where(not_(_is_closed_to(actor)))
    reads: ColumnElement[bool] = _lies_within(actor) if actor.role in READS_TERRITORY else false()
    if actor.role in READS_PARTIES:
        reads = exists().where(
            and_(parties.c.reference == cases.c.reference, parties.c.organisation == actor.organisation)
        )
    return query.where(or_(reads, _receives(actor)))


def _lies_within(actor: Actor) -> ColumnElement[bool]:
    """True of a case of this actor's territory."""
    within = or_(cases.c.metropolis.is_(None), cases.c.metropolis == actor.metropolis)
    return true() if actor.metropolis is None else within


def _receives(actor: Actor) -> ColumnElement[bool]:
    """True of a case that this account may answer a transfer of: the same rule as `domain.permissions.receives`."""
    there = cases.c.proposed_to.is_not(None) if actor.metropolis is None else cases.c.proposed_to == actor.metropolis
    if actor.role in OVERSEERS:
        return there
    if actor.role is Role.CASE_WORKER:
        return and_(there, cases.c.proposed_organisation == actor.organisation)
    return false()


def _is_closed_to(actor: Actor) -> ColumnElement[bool]:
    """True of a case that is closed to this account, for a conflict of interest."""
    named = (f" a:{actor.account} ", f" o:{actor.organisation} ")
    return and_(
        cases.c.closed_to.is_not(None), or_(*(cases.c.closed_to.contains(name, autoescape=True) for name in named))
    )


def closed_to(tx: Connection, actor: Actor) -> frozenset[str]:
    """The references of the cases that are closed to this account: of them, nothing is told even to auditors."""
    if actor.role is Role.SYSTEM:
        return frozenset()
    return frozenset(tx.execute(select(cases.c.reference).where(_is_closed_to(actor))).scalars())


def cases_of_team(actor: Actor) -> Select[Any]:
    """Those of them that this account sees whole, as far as a row can tell: its own team's, or all that it oversees.

    Of the others it sees no more than a summary, and must not find them by what it does not see.
    """
    return visible_cases(actor).where(_is_of_team(actor))


def _is_of_team(actor: Actor) -> ColumnElement[bool]:
    if actor.role is Role.SYSTEM:
        return true()
    if actor.role in READS_TERRITORY:
        return _lies_within(actor)
    return cases.c.organisation == actor.organisation if actor.role is Role.CASE_WORKER else false()


def proposed_to_us(actor: Actor) -> Select[Any]:
    """The cases that another metropolis proposes to this account's, of which it sees a summary."""
    return visible_cases(actor).where(_receives(actor), not_(_is_of_team(actor)))


def is_of_team(actor: Actor, case: ListedCase) -> bool:
    """True if a case that this account may see is among `cases_of_team`."""
    if actor.role in READS_TERRITORY:
        return in_territory(actor, case.metropolis)
    return actor.role not in READS_PARTIES or (
        actor.role is Role.CASE_WORKER and case.organisation == actor.organisation
    )


@dataclass(frozen=True)
class Page:
    """A stretch of a list of cases, newest first."""

    total: int
    cases: tuple[ListedCase, ...]
    next: str | None
    """The reference to go on after; None on the last page."""


def list_cases(
    tx: Connection, actor: Actor, chosen: Filter, limit: int, after: str | None = None, *, now: datetime
) -> Page:
    """A page of the cases that this account may see, newest first.

    Those of which it sees a summary are not listed by what the summary leaves out.
    """
    query, total = _chosen(actor, chosen, now), count_chosen(tx, actor, chosen, now)
    order = (cases.c.opened_at, cases.c.reference)
    if after is not None:
        mark = visible_cases(actor).where(cases.c.reference == after).with_only_columns(*order)
        if row := tx.execute(mark).first():
            opened_at, reference = row
            query = query.where(tuple_(*order) < tuple_(bindparam(None, opened_at, order[0].type), reference))
    rows = tx.execute(query.order_by(*(c.desc() for c in order)).limit(limit + 1)).all()
    page = tuple(_listed(row) for row in rows[:limit])
    return Page(total=total, cases=page, next=page[-1].reference if len(rows) > limit else None)


def due_first(tx: Connection, actor: Actor, holders: Collection[str], limit: int) -> tuple[int, list[ListedCase]]:
    """The number of open cases that these hold and this account sees whole, and those that are due first."""
    query = cases_of_team(actor).where(cases.c.holder.in_(holders), cases.c.step.not_in(["CLOSED", "ERASED"]))
    total = tx.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    # Those that nothing is due on come last, on both databases.
    order = (cases.c.next_due.is_(None), cases.c.next_due, cases.c.reference)
    return total, [_listed(row) for row in tx.execute(query.order_by(*order).limit(limit))]


def count_chosen(tx: Connection, actor: Actor, chosen: Filter, now: datetime) -> int:
    """The number of cases that a list of this choice has: the same query, counted."""
    return int(tx.execute(select(func.count()).select_from(_chosen(actor, chosen, now).subquery())).scalar_one())


def _chosen(actor: Actor, chosen: Filter, now: datetime) -> Select[Any]:
    listed = cases_of_team(actor) if chosen.tells_more else visible_cases(actor)
    return listed.where(*_conditions(chosen, now))


def _conditions(chosen: Filter, now: datetime) -> Iterator[ColumnElement[bool]]:
    columns = (
        (cases.c.step, chosen.step),
        (cases.c.holder, chosen.holder),
        (cases.c.domain, chosen.domain),
        (cases.c.organisation, chosen.organisation),
    )
    yield from (column == value for column, value in columns if value is not None)
    if chosen.is_open or chosen.situation is not None:
        yield IS_OPEN
    if chosen.situation is not None:
        yield in_situation(chosen.situation, now)
    if chosen.territory is not None:
        yield _lies_in(chosen.territory)
    if chosen.stalled:
        yield cases.c.stalled.is_(true())


def _lies_in(territory: str) -> ColumnElement[bool]:
    if territory in METROPOLISES:
        return cases.c.metropolis == territory
    if is_neighbourhood(territory):
        return cases.c.neighbourhood == territory
    # A neighbourhood may straddle communes: a case lies in the commune that it names, or in all of them if in none.
    only_neighbourhood = and_(cases.c.commune.is_(None), cases.c.neighbourhood.in_(neighbourhoods_in(territory)))
    return or_(cases.c.commune.in_(communes_in(territory)), only_neighbourhood)


def holders(tx: Connection, actor: Actor) -> frozenset[str]:
    """The holders of the cases that this account may see, those included who have no account any more."""
    return frozenset(tx.execute(visible_cases(actor).with_only_columns(cases.c.holder).distinct()).scalars())


def find_case(tx: Connection, actor: Actor, reference: str) -> ListedCase | None:
    """One case, if there is one of that reference and this account may see it."""
    row = tx.execute(visible_cases(actor).where(cases.c.reference == reference)).first()
    return _listed(row) if row else None


def cases_among(tx: Connection, actor: Actor, references: Select[Any]) -> list[ListedCase]:
    """The cases that this account sees whole among those that a query names, newest first."""
    query = cases_of_team(actor).where(cases.c.reference.in_(references))
    return [_listed(row) for row in tx.execute(query.order_by(cases.c.opened_at.desc(), cases.c.reference))]


def under_another_policy(tx: Connection, version: int, limit: int, after: str) -> list[str]:
    """References of the cases whose next deadline was computed under another version of the policy."""
    query = (
        select(cases.c.reference)
        .where(cases.c.policy_version.is_distinct_from(version), cases.c.reference > after, cases.c.step != "ERASED")
        .order_by(cases.c.reference)
        .limit(limit)
    )
    return [row.reference for row in tx.execute(query)]


def references_after(tx: Connection, after: str, limit: int) -> list[str]:
    """The next references after this one, in order: every case that is not erased."""
    query = (
        select(cases.c.reference)
        .where(cases.c.reference > after, cases.c.step != "ERASED")
        .order_by(cases.c.reference)
        .limit(limit)
    )
    return [row.reference for row in tx.execute(query)]


def known(tx: Connection, references: Sequence[str]) -> set[str]:
    """Picks those of these references that have a case."""
    return set(tx.execute(select(cases.c.reference).where(cases.c.reference.in_(references))).scalars())


def living(tx: Connection, references: Sequence[str]) -> set[str]:
    """Picks those of these references that have a case which is not erased."""
    query = select(cases.c.reference).where(cases.c.reference.in_(references), cases.c.step != "ERASED")
    return set(tx.execute(query).scalars())


def erased_before(tx: Connection, instant: datetime) -> list[str]:
    """Every case that had been erased by then, in order."""
    query = select(book.c.reference).where(book.c.tag == "case_erased.1", book.c.recorded_at < instant)
    return list(tx.execute(query.order_by(book.c.reference)).scalars())


def every_reference(tx: Connection) -> frozenset[str]:
    """Every reference that lists or the book know of."""
    everywhere = union(*(select(table.c.reference) for table in (cases, book)))
    return frozenset(tx.execute(everywhere).scalars())


def not_erased(tx: Connection) -> frozenset[str]:
    """Every case that lists show and that was not erased."""
    return frozenset(tx.execute(select(cases.c.reference).where(cases.c.step != "ERASED")).scalars())


def newest(tx: Connection, limit: int) -> list[str]:
    """The cases that were opened last, the latest first."""
    query = select(cases.c.reference).order_by(cases.c.opened_at.desc(), cases.c.reference.desc()).limit(limit)
    return list(tx.execute(query).scalars())


def open_references(tx: Connection) -> list[str]:
    """Every case that is not closed, in order."""
    query = select(cases.c.reference).where(cases.c.step.not_in(["CLOSED", "ERASED"])).order_by(cases.c.reference)
    return [row.reference for row in tx.execute(query)]


def open_held_by(tx: Connection, account: str) -> int:
    """Counts the open cases that an account holds."""
    is_open = cases.c.step.not_in(["CLOSED", "ERASED"])
    return int(tx.execute(select(func.count()).where(cases.c.holder == account, is_open)).scalar_one())


def held_by_closed(tx: Connection, after: str, limit: int) -> list[tuple[str, str, int]]:
    """Open cases whose holder's account is closed, with holder and version: in order, after a reference."""
    query = (
        select(cases.c.reference, cases.c.holder, cases.c.version)
        .join(accounts, accounts.c.id == cases.c.holder)
        .where(~accounts.c.active, cases.c.step.not_in(["CLOSED", "ERASED"]), cases.c.reference > after)
        .order_by(cases.c.reference)
        .limit(limit)
    )
    return [(row.reference, row.holder, row.version) for row in tx.execute(query)]


def known_after(tx: Connection, after: str, limit: int) -> list[str]:
    """Every case that the book, the seals or the lists know of, in order, after a reference."""
    leaf_of_case = leaves.c.reference.not_in(OF_NO_CASE)
    anywhere = union(
        *(select(table.c.reference).where(table.c.reference > after) for table in (book, cases)),
        select(leaves.c.reference).where(leaves.c.reference > after, leaf_of_case),
    )
    merged = anywhere.subquery()
    return list(tx.execute(select(merged.c.reference).order_by(merged.c.reference).limit(limit)).scalars())


def count_known(tx: Connection) -> int:
    """Counts the cases that lists show."""
    return int(tx.execute(select(func.count()).select_from(cases)).scalar_one())


def row_of(tx: Connection, reference: str) -> ListedCase | None:
    """A case's row, whoever asks: for verification and rebuilding, never for a page."""
    row = tx.execute(_ROW, {"reference": reference}).first()
    return _listed(row) if row else None


def parties_of(tx: Connection, reference: str) -> frozenset[str]:
    """The organisations that, as lists have it, may read a case."""
    return frozenset(tx.execute(_PARTIES, {"reference": reference}).scalars())
