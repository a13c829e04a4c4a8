"""The clocks of the law on invented complaints."""

from collections.abc import Iterable
from typing import Any

from activities.calendar import french_calendar
from domain.complaint import Complaint
from domain.law.entered import KnownStart, Toll
from domain.law.limitation import LimitationClock, limitation_clocks
from domain.parts.time_limits import EnteredStart, EnteredToll
from tests.domain.examples import Story, complaint

FRANCE = french_calendar()
CASE = Story().case


def clocks_of(
    told: Complaint, tolls: Iterable[Toll] = (), starts: Iterable[KnownStart] = ()
) -> tuple[LimitationClock, ...]:
    entered = {
        "tolls": tuple(EnteredToll(id=f"T{n}", toll=toll) for n, toll in enumerate(tolls, start=1)),
        "starts": tuple(EnteredStart(id=f"S{n}", start=start) for n, start in enumerate(starts, start=1)),
    }
    return limitation_clocks(CASE.model_copy(update={"complaint": told} | entered), FRANCE)


def clocks(
    tolls: Iterable[Toll] = (), starts: Iterable[KnownStart] = (), facts: dict[str, Any] | None = None, **said: Any
) -> dict[str, LimitationClock]:
    """The clocks of a complaint by their row; of several with one row, the last."""
    facts_given = (
        {"narrative": "They refused.", "occurred_on": "2026-02-20"} if facts is None else {"narrative": "No."} | facts
    )
    return {clock.code: clock for clock in clocks_of(complaint(facts=facts_given, **said), tolls, starts)}


def ends(clock: LimitationClock) -> tuple[str, str]:
    return str(clock.deadline_legal), str(clock.deadline_prudent)


def step(kind: str, on: str | None = "2026-02-23", **more: str) -> dict[str, Any]:
    return {"kind": kind, "taken_on": on} | more


def known(clock: str, on: str = "2026-02-25") -> KnownStart:
    return KnownStart(clock=clock, on=on, reason="The letter is in the file.")
