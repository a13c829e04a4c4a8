"""The places of the menu, and the roles that find them there. The desk decides who may do what: this only draws."""

from dataclasses import dataclass

from domain.vocabulary import Role

_TEAM = frozenset({Role.CASE_WORKER, Role.SUPERVISOR, Role.PLAN_LEAD})
_READERS = frozenset(Role) - {Role.SYSTEM, Role.ADMINISTRATOR, Role.COMPLAINANT}


@dataclass(frozen=True)
class Place:
    """A place of the menu. `name` is a message."""

    id: str
    address: str
    name: str
    roles: frozenset[Role]


_OVERSEERS = frozenset({Role.SUPERVISOR, Role.PLAN_LEAD})

PLACES = (
    Place("day", "/", "My day", frozenset({Role.CASE_WORKER})),
    Place("alerts", "/alertes", "What does not move", _TEAM - {Role.CASE_WORKER}),
    Place("team", "/equipe", "Teams", _OVERSEERS),
    Place("cases", "/dossiers", "Cases", _READERS),
    Place("verify", "/verifier", "Verify", frozenset({Role.AUDITOR})),
    Place("journal", "/journal", "Access journal", frozenset({Role.AUDITOR})),
    Place("intake", "/accueillir", "Take a complaint in", frozenset({Role.CASE_WORKER, Role.SUPERVISOR})),
)


def first_place(role: Role | None) -> str:
    """The address at which somebody of this role begins."""
    return next((place.address for place in PLACES if role in place.roles), "/compte")
