"""The index by which a case is found from a name, an address or a number: keyed digests, erased with the case.

Whoever reads the table sees from equal digests that two cases name the same person, and not which. The key is the
installation's, in the store of the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from domain.actors import Actor
from domain.identity import CLOSE, PERSONAL, Mark, Trait, marks
from models.cases import ListedCase, cases_among, cases_of_team
from models.tables import blind_index, cases

if TYPE_CHECKING:
    from domain.case import Case
    from domain.complaint import Complaint

Digest = Callable[[str], str]

_INSERT = insert(blind_index)


def _digests(digest: Digest, of: frozenset[Mark]) -> set[str]:
    return {digest(f"find|{mark}") for mark in of}


def marks_of(digest: Digest, complaint: Complaint) -> frozenset[str]:
    """The keyed digests by which a complaint is found."""
    return frozenset(_digests(digest, marks(complaint)))


def project_marks(tx: Connection, digest: Digest, after: Case, before: Case | None) -> None:
    """Brings the digests of a case up to date."""
    if before is not None and before.complaint is after.complaint:
        return
    now = marks_of(digest, after.complaint)
    then = marks_of(digest, before.complaint) if before else frozenset()
    forget_marks(tx, after.reference, then - now)
    if new := now - then:
        tx.execute(_INSERT, [{"reference": after.reference, "digest": added} for added in sorted(new)])


def forget_marks(tx: Connection, reference: str, digests: Collection[str] | None = None) -> None:
    """Takes out these digests of a case, or all of them."""
    gone = delete(blind_index).where(blind_index.c.reference == reference)
    if digests is None:
        tx.execute(gone)
    elif digests:
        tx.execute(gone.where(blind_index.c.digest.in_(digests)))


def cases_marked(tx: Connection, actor: Actor, digest: Digest, sought: Mark) -> list[ListedCase]:
    """The cases that this account sees whole and that bear this mark, newest first.

    A partner who has not answered must not learn by asking for a name whom a referral is about.
    """
    return cases_among(tx, actor, _bearing(_digests(digest, frozenset({sought}))))


def possible_duplicates(tx: Connection, actor: Actor, digest: Digest, complaint: Complaint, opened: str) -> list[str]:
    """Other cases that may be about the same matter: same person, same respondent and domain, received about then.

    For a person to look at. Nothing is ever merged.
    """
    all_marks = marks(complaint)
    people = _digests(digest, frozenset(mark for mark in all_marks if mark.trait in PERSONAL))
    respondents = _digests(digest, frozenset(mark for mark in all_marks if mark.trait is Trait.RESPONDENT))
    if not people or not respondents:
        return []
    query = cases_of_team(actor).where(
        and_(
            cases.c.reference != opened,
            cases.c.domain == complaint.domain,
            cases.c.received_at.between(*(_instant(complaint.received_at + span) for span in (-CLOSE, CLOSE))),
            *(cases.c.reference.in_(_bearing(digests)) for digests in (people, respondents)),
        )
    )
    return [row.reference for row in tx.execute(query.order_by(cases.c.opened_at.desc(), cases.c.reference))]


def _bearing(digests: set[str]) -> Any:
    return select(blind_index.c.reference).where(blind_index.c.digest.in_(digests))


def _instant(value: datetime) -> Any:
    return bindparam(None, value, cases.c.received_at.type)
