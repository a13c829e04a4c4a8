"""The levels through which an alert climbs: whose role hears each, who may answer it, and after how long it is told.

One table. What else depends on a level (who decides for whom, who stands in for whom, who sets the delays) is derived
from it. It stands at the root of the domain because permissions, time, mails and the parts of a case all ask it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.errors import fault
from domain.values import Value
from domain.vocabulary import DeadlineKind, Level, Role

# --- Who ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Authority:
    """The authority of one level."""

    level: Level
    role: Role
    """Hears an alert of this level and may answer it. A case worker hears of the cases that they hold, no others."""
    oversees: bool = True
    """Watches over cases that others hold, and sets the delays."""


AUTHORITIES = (
    Authority(Level.CASE_WORKER, Role.CASE_WORKER, oversees=False),
    Authority(Level.SUPERVISOR, Role.SUPERVISOR),
    Authority(Level.PLAN_LEAD, Role.PLAN_LEAD),
)
"""Lowest level first."""

LOWEST = AUTHORITIES[0].level
"""Reminds whoever holds the case, whatever their role."""
HEIGHT = {authority.level: height for height, authority in enumerate(AUTHORITIES)}
"""Orders levels: a higher one has the greater number."""

OVERSEERS = frozenset(authority.role for authority in AUTHORITIES if authority.oversees)
"""Roles that hear alerts on cases held by others."""
POLICY_MAKERS = OVERSEERS
"""Roles that may put a policy in force."""

HEARD_BY_BOTH = frozenset({DeadlineKind.TRANSFER_PROPOSED, DeadlineKind.TRANSFER_ANSWER})
"""Kinds of alerts that the metropolis which is asked to take a case over hears too, as soon as overseers do."""

_MAY_ANSWER = {
    level: frozenset(authority.role for authority in AUTHORITIES[height:]) for level, height in HEIGHT.items()
}
_HIGHEST = {authority.role: authority.level for authority in AUTHORITIES}


def role_of(level: Level) -> Role:
    """The role that hears an alert of this level."""
    return AUTHORITIES[HEIGHT[level]].role


def hearing(level: Level) -> list[Level]:
    """The levels that hear an alert of this one, by turns: itself, those above and, where nobody is above, those below.

    Only the first at which somebody answers hears it.
    """
    levels, height = list(HEIGHT), HEIGHT[level]
    return [*levels[height:], *reversed(levels[:height])]


def may_answer(level: Level) -> frozenset[Role]:
    """The roles that may answer an alert of this level: its own and those above."""
    return _MAY_ANSWER[level]


def authority_of(role: Role) -> Level:
    """The level up to which a decision by this role answers alerts."""
    return _HIGHEST.get(role, LOWEST)


def rank(role: Role) -> int:
    """Orders roles: somebody may stand in for people of the same rank or below. 0 for a role that hears no alerts."""
    return HEIGHT[_HIGHEST[role]] + 1 if role in _HIGHEST else 0


def overseen_by(roles: Iterable[Role]) -> list[Level]:
    """The levels whose alerts people of these roles hear on cases held by others, lowest first."""
    overseers = OVERSEERS.intersection(roles)
    return [authority.level for authority in AUTHORITIES if authority.role in overseers]


# --- After how long ----------------------------------------------------------------------------------------

Days = Annotated[int, Field(ge=1, le=2_000)]
"""Working days."""


class Ladder(Value):
    """After how many working days each level is told.

    A field is named after its level. A level added after policies were stored is optional and left out while it is
    None (`Field(exclude_if=...)`): a stored ladder does not tell it, and means what it meant.
    """

    case_worker: Days
    supervisor: Days
    plan_lead: Days

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        delays = [days for _, days in self.rungs()]
        if delays != sorted(set(delays)):
            raise fault(
                "ladder_order",
                "A ladder climbs: the case worker is told first, then the supervisor, then the plan lead.",
                "Give each level more days than the one below.",
            )
        return self

    def rungs(self) -> tuple[tuple[Level, int], ...]:
        """The levels that are told, with their delays, lowest first."""
        delays = ((level, getattr(self, level.lower())) for level in HEIGHT)
        return tuple((level, days) for level, days in delays if days is not None)
