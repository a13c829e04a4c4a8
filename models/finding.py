"""Finding cases by what is not told: a table of keyed digests, written with the case and erased with it.

Equal digests show that two cases name the same person to whoever reads the table, and not which. The key is the
installation's, in the store of the keys.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, select
from sqlalchemy.engine import Row

from domain.actors import Actor
from domain.case import Case
from domain.complaint import Complaint
from domain.identity import CLOSE, PERSONAL, Mark, Trait, marks
from models.cases import visible_cases
from models.tables import blind_index, cases

Digest = Callable[[str], str]

_INSERT = insert(blind_index)


def _digests(digest: Digest, found: frozenset[Mark]) -> set[str]:
    return {digest(f"find|{one}") for one in found}


def marks_of(digest: Digest, told: Complaint) -> frozenset[str]:
    """The keyed digests of what a complaint is found by."""
    return frozenset(_digests(digest, marks(told)))


def project_marks(tx: Connection, digest: Digest, after: Case, before: Case | None) -> None:
    """Brings what a case is found by up to date."""
    if before is not None and before.complaint is after.complaint:
        return
    now = marks_of(digest, after.complaint)
    known = marks_of(digest, before.complaint) if before else frozenset()
    forget_marks(tx, after.reference, known - now)
    if new := now - known:
        tx.execute(_INSERT, [{"reference": after.reference, "digest": one} for one in sorted(new)])


def forget_marks(tx: Connection, reference: str, digests: Collection[str] | None = None) -> None:
    """Takes out some of what a case is found by, or all of it."""
    gone = delete(blind_index).where(blind_index.c.reference == reference)
    if digests is None:
        tx.execute(gone)
    elif digests:
        tx.execute(gone.where(blind_index.c.digest.in_(digests)))


def cases_marked(tx: Connection, actor: Actor, digest: Digest, wanted: Mark) -> Sequence[Row[Any]]:
    """The cases that this account may see and that bear this mark, newest first."""
    query = visible_cases(actor).join(blind_index, blind_index.c.reference == cases.c.reference)
    query = query.where(blind_index.c.digest.in_(_digests(digest, frozenset({wanted}))))
    return tx.execute(query.order_by(cases.c.opened_at.desc(), cases.c.reference)).all()


def possible_duplicates(tx: Connection, actor: Actor, digest: Digest, told: Complaint, opened: str) -> list[str]:
    """Other cases that may be of the same matter: same person, same respondent and domain, received about then.

    For a person to look at. Nothing is ever merged.
    """
    found = marks(told)
    people = _digests(digest, frozenset(one for one in found if one.trait in PERSONAL))
    respondents = _digests(digest, frozenset(one for one in found if one.trait is Trait.RESPONDENT))
    if not people or not respondents:
        return []
    query = visible_cases(actor).where(
        and_(
            cases.c.reference != opened,
            cases.c.domain == told.domain,
            cases.c.received_at.between(*(_instant(told.received_at + way) for way in (-CLOSE, CLOSE))),
            *(cases.c.reference.in_(_bearing(digests)) for digests in (people, respondents)),
        )
    )
    return [row.reference for row in tx.execute(query.order_by(cases.c.opened_at.desc(), cases.c.reference))]


def _bearing(digests: set[str]) -> Any:
    return select(blind_index.c.reference).where(blind_index.c.digest.in_(digests))


def _instant(value: datetime) -> Any:
    return bindparam(None, value, cases.c.received_at.type)
