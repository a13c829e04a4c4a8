"""The answers to what was recorded: a case was opened, a command was submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import Problem
from domain.exchange.cases import Receipt
from domain.vocabulary import Step

if TYPE_CHECKING:
    from domain.law.limitation import LimitationClock
    from domain.law.urgent import Urgent
    from domain.next_steps import NextStep


@dataclass(frozen=True)
class Conflict:
    """An organisation with accounts here that the respondent may be: the case is to be closed to it, if it is."""

    organisation: str
    refused: Problem | None = None
    """The reason for which it cannot be closed to it as things stand; None where it can."""


@dataclass(frozen=True)
class Opened:
    """A case that was opened."""

    reference: str
    step: Step
    possible_duplicates: Sequence[str] | None
    """Other cases that may be about the same; None when they could not be looked up."""
    warning: Problem | None = None
    """The reason for which they could not be looked up."""
    urgent: "Urgent | None" = None
    """The first things to tell: what vanishes, the nearest time limit, what cannot be counted without a date."""
    next_steps: "Sequence[NextStep]" = ()
    """The steps that come first for whoever opened it."""
    conflicts: "Sequence[Conflict]" = ()
    """Those to whom closing it is proposed."""


@dataclass(frozen=True)
class Submitted:
    """A command that was recorded."""

    receipt: Receipt
    is_filing: bool
    time_limits: "Sequence[LimitationClock] | None" = None
    """The time limits that a filing has not stopped; None when they could not be looked up."""
    warning: Problem | None = None
    """The reason for which they could not be looked up."""
