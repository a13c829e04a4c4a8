"""The table of routes: by domain, relation to the respondent and kind of respondent, which time limits can run at all.

`routes.csv` names, for each row of the table of time limits, the cells in which it is open, closed, or presumed open
because no text is known that closes it; each line with its source, and the day of the version that was read (empty: it
was not read). The first line that fits decides. Where the relation or the kind of respondent is not known, every one
that goes with the domain is looked at: the route is closed only if all of them close it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from domain.reference import _rows
from domain.vocabulary import Domain, Relation, RespondentKind


class RouteState(StrEnum):
    """The state of a route in one cell of the table."""

    OPEN = "open"
    PRESUMED = "presumed"
    """Not known to be closed: open, and said so."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Cell:
    """A route in one domain, for one relation and one kind of respondent."""

    state: RouteState
    source: str
    """In French, as texts are cited."""
    read_as_of: date | None
    """The day of the version of the text that was read; None if it was not read."""
    unknown: frozenset[str] = frozenset()
    """What would have to be known to be sure: "relation", "respondent"."""


@dataclass(frozen=True, slots=True)
class _Line:
    domains: frozenset[str]
    relations: frozenset[str]
    respondents: frozenset[str]
    cell: Cell

    def fits(self, domain: Domain, relation: Relation | None, kind: RespondentKind) -> bool:
        return all(
            wanted == _ANY or value in wanted
            for wanted, value in ((self.domains, domain), (self.relations, relation), (self.respondents, kind))
        )


_ANY = frozenset({"*"})
_WORK = (Relation.CANDIDATE, Relation.EMPLOYED, Relation.CONTRACT_ENDED)
_HOUSING = (Relation.HOUSING_APPLICANT, Relation.TENANT)
RELATIONS: dict[Domain, tuple[Relation, ...]] = {
    Domain.EMPLOI_PRIVE: _WORK,
    Domain.EMPLOI_PUBLIC: _WORK,
    Domain.LOGEMENT_PRIVE: _HOUSING,
    Domain.LOGEMENT_SOCIAL: _HOUSING,
}
"""The relations that go with a domain. Where there are none, the relation opens and closes nothing."""
KINDS = tuple(kind for kind in RespondentKind if kind is not RespondentKind.UNKNOWN)
_PRIVATE = tuple(kind for kind in KINDS if kind is not RespondentKind.PUBLIC_BODY)
_OWN_KINDS: dict[Domain, tuple[RespondentKind, ...]] = {
    Domain.EMPLOI_PRIVE: _PRIVATE,
    Domain.LOGEMENT_PRIVE: _PRIVATE,
    Domain.BIENS_SERVICES_PRIVES: _PRIVATE,
    Domain.EMPLOI_PUBLIC: (RespondentKind.PUBLIC_BODY,),
    Domain.POLICE_JUSTICE: (RespondentKind.PUBLIC_BODY,),
    Domain.REGLEMENTATION: (RespondentKind.PUBLIC_BODY,),
    Domain.SERVICES_PUBLICS: (RespondentKind.PUBLIC_BODY, RespondentKind.COMPANY, RespondentKind.ASSOCIATION),
}
"""The kinds of respondents that a domain itself speaks of, where that is not all of them."""


@cache
def _lines() -> dict[str, tuple[_Line, ...]]:
    by_row: dict[str, list[_Line]] = {}
    for line in _rows("routes.csv"):
        read = date.fromisoformat(line["read_as_of"]) if line["read_as_of"] else None
        parsed = _Line(
            frozenset(line["domains"].split()),
            frozenset(line["relations"].split()),
            frozenset(line["respondents"].split()),
            Cell(RouteState(line["state"]), line["source"], read),
        )
        for row in line["rows"].split():
            by_row.setdefault(row, []).append(parsed)
    return {row: tuple(lines) for row, lines in by_row.items()}


def routed() -> frozenset[str]:
    """The rows of the table of time limits that the table of routes speaks of."""
    return frozenset(_lines())


@cache
def cell(row: str, domain: Domain, relation: Relation | None, kind: RespondentKind) -> Cell:
    """The cell of the table for this row. KeyError for a row that it does not speak of."""
    relations, kinds = _relations(domain, relation), _kinds(domain, kind)
    cells = [_exact(row, domain, one, other) for one in relations for other in kinds]
    live = [found for found in cells if found.state is not RouteState.CLOSED]
    if len(live) in (0, len(cells)):
        return next((found for found in cells if found.state is RouteState.PRESUMED), cells[0])
    unknown = frozenset(_deciding(row, domain, relations, kinds))
    return Cell(RouteState.PRESUMED, live[0].source, live[0].read_as_of, unknown)


def _relations(domain: Domain, relation: Relation | None) -> tuple[Relation | None, ...]:
    own = RELATIONS.get(domain, ())
    return (relation,) if relation in own else own or (None,)


def _kinds(domain: Domain, kind: RespondentKind) -> tuple[RespondentKind, ...]:
    return (kind,) if kind is not RespondentKind.UNKNOWN else _OWN_KINDS.get(domain, KINDS)


def _deciding(
    row: str, domain: Domain, relations: tuple[Relation | None, ...], kinds: tuple[RespondentKind, ...]
) -> Iterator[str]:
    """Tells which of the two would decide: the state differs along it."""
    if any(len({_exact(row, domain, r, kind).state for r in relations}) > 1 for kind in kinds):
        yield "relation"
    if any(len({_exact(row, domain, relation, k).state for k in kinds}) > 1 for relation in relations):
        yield "respondent"


def _exact(row: str, domain: Domain, relation: Relation | None, kind: RespondentKind) -> Cell:
    for line in _lines()[row]:
        if line.fits(domain, relation, kind):
            return line.cell
    raise ValueError(f"routes.csv decides nothing for {row}, {domain}, {relation}, {kind}")
