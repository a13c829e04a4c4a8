"""A case as it stood at a moment, beside another, in the reader's language."""

from datetime import datetime

from domain.values import Value


class MomentView(Value):
    """A line of a history, in words: what happened, who did it, when it happened and when it was recorded."""

    version: int
    what: str
    facts: tuple[str, ...]
    actor: str
    organisation: str
    happened_at: datetime
    recorded_at: datetime


class PointView(Value):
    """A thing that a case says at a moment."""

    name: str
    text: str


class ChangedView(Value):
    """A thing that differs between two moments; a dash stands for what is not there."""

    name: str
    before: str
    after: str


class LookBackView(Value):
    """A case as it stood after one line of its history, and what differs from an earlier line."""

    reference: str
    at: int
    against: int
    """The earlier line; 0 for before the case was opened."""
    last: int
    """The number of the last line."""
    policy_version: int
    """The version of the policy that was in force at that moment."""
    points: tuple[PointView, ...]
    """Where the case stood."""
    changes: tuple[ChangedView, ...]
    moments: tuple[MomentView, ...]
    """Every line, the first first."""
