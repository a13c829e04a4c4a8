"""Rows of registers: the case that a row became, for whoever may see it.

A row has places, one after the other. Whoever may not see the case at the first has the next one, as if the row were
free: two organisations follow up the same row, each in a case of its own, and neither learns of the other.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from domain.actors import Actor
from models.cases import visible_cases
from models.tables import cases

if TYPE_CHECKING:
    from domain.complaint import Complaint, Source

_TOLD_APART = 1_000
"""Places among which that of a case is looked for: as many teams would have to follow up one row, unseen."""


def source_key(digest: Callable[[str], str], source: "Source") -> str:
    """The keyed digest by which an imported complaint is known again: the first place of its row.

    Keyed, because a register number may itself be telling, and a bare digest of one is found by trying all numbers.
    """
    return digest(f"source|{source.system}\n{source.id}")


def places(key: str) -> Iterator[str]:
    """The places of a row, from this one on."""
    while True:
        yield key
        key = hashlib.sha256(key.encode()).hexdigest()


def opened_from(tx: Connection, keys: Collection[str]) -> dict[str, str]:
    """Maps those of these places that are taken to the reference of the case there."""
    rows = tx.execute(select(cases.c.source_key, cases.c.reference).where(cases.c.source_key.in_(keys)))
    return {row.source_key: row.reference for row in rows}


def place_of(tx: Connection, actor: Actor, key: str) -> tuple[str, str | None]:
    """The place of a row for an account, and the reference of the case there; None if it is free."""
    for place in places(key):
        taken = opened_from(tx, [place])
        if not taken or seen_among(tx, actor, taken.values()):
            return place, taken.get(place)
    raise AssertionError("there is always another place")


def seen_among(tx: Connection, actor: Actor, references: Collection[str]) -> frozenset[str]:
    """Those of these references whose cases this account may see."""
    seen = visible_cases(actor).where(cases.c.reference.in_(references)).with_only_columns(cases.c.reference)
    return frozenset(tx.execute(seen).scalars())


def place_kept(digest: Callable[[str], str], complaint: "Complaint", shown: str | None) -> str | None:
    """The place that the row of a case has to show, given the one that it shows; None for no register's."""
    if complaint.source is None:
        return None
    first = source_key(digest, complaint.source)
    return shown if shown is not None and shown in islice(places(first), _TOLD_APART) else first


def place_anew(tx: Connection, digest: Callable[[str], str], complaint: "Complaint", reference: str) -> str | None:
    """The place of a case whose rows are written again: the one that it has, or else the first that is free."""
    if complaint.source is None:
        return None
    own = tx.execute(select(cases.c.source_key).where(cases.c.reference == reference)).scalar()
    first = source_key(digest, complaint.source)
    if own is not None and own in islice(places(first), _TOLD_APART):
        return str(own)
    return next(place for place in places(first) if not opened_from(tx, [place]))
