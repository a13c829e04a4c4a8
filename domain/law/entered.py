"""The dated facts about a period that a jurist enters: what stopped it, and the day on which it starts."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from domain.errors import fault
from domain.law.grounds import TollGround
from domain.reference import limitation_periods
from domain.telling import CodeOf, Heading, Says, Table
from domain.values import Day, Text, Value


def _known_row(code: str) -> str:
    if code not in limitation_periods():
        raise fault(
            "unknown_time_limit",
            "{field} is not a row of the table of time limits.",
            "agenda REF names the rows that are open; docs/reference.md says where the others are.",
        )
    return code


def _in_order(rows: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(rows)))


ClockCode = Annotated[str, AfterValidator(_known_row)]
"""A row of the table of time limits. A misspelt one is refused: it would leave a period running unseen."""


class Toll(Value):
    """A suspension or an interruption, as a jurist enters it: on what ground, when, for which periods, and why."""

    ground: Annotated[TollGround, Heading("ground"), Says("cause: {value}")]
    clocks: Annotated[tuple[ClockCode, ...], Field(min_length=1), AfterValidator(_in_order), CodeOf(Table.LIMITS)]
    """The rows of the table it is entered for, in order: its effect is never presumed for another."""
    from_day: Annotated[Day, Says("from {value}")]
    until: Annotated[Day | None, Heading("until"), Says("until {value}")] = None
    """The day on which it ended; None while it lasts."""
    undone: Annotated[bool, Says("withdrawn, lapsed or rejected")] = False
    """Withdrawn, lapsed or rejected: the interruption never was (C. civ. 2243)."""
    reason: Text

    @field_validator("until")
    @classmethod
    def _not_before_it_began(cls, until: date | None, info: ValidationInfo) -> date | None:
        began: date | None = info.data.get("from_day")
        if until is not None and began is not None and until < began:
            raise fault(
                "toll_order",
                "{field} is before the day on which it began.",
                "Correct from_day or until; leave until out while it lasts.",
            )
        return until


class KnownStart(Value):
    """The starting point of one row, as a jurist enters it: a notification, or the revelation as a court would see it.

    It replaces what would be taken from the complaint, and opens a row that awaits a trigger.
    """

    clock: Annotated[ClockCode, CodeOf(Table.LIMITS)]
    on: Annotated[Day, Says("starts on {value}")]
    reason: Text
