"""The life of a session: how long it may rest, how long it may last, and when its person was last asked again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import Refused

ASKED_WITHIN = timedelta(minutes=5)
"""Time for which somebody who was asked again need not be asked once more."""
NOTED_EVERY = timedelta(minutes=1)
"""Time between two notes that a session was used. Its idle limit is precise to that."""


@dataclass(frozen=True)
class Limits:
    """Limits of every session, from the settings."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True)
class Life:
    """The times of one session."""

    made_at: datetime
    used_at: datetime
    """Its last use that was noted."""
    asked_at: datetime | None
    """The last time at which its person showed that it was them: at sign-in, or asked again."""
    ends_at: datetime
    """Its absolute end, fixed when it was made."""


def begun(at: datetime, limits: Limits) -> Life:
    """A session that begins now: whoever signs in has just been asked."""
    return Life(made_at=at, used_at=at, asked_at=at, ends_at=at + limits.absolute)


def ends_at(life: Life, limits: Limits) -> datetime:
    """The time at which a session ends if it is not used before: its idle or its absolute limit."""
    # A shorter limit in the settings holds for the sessions that are there, too.
    return min(life.used_at + limits.idle, life.ends_at, life.made_at + limits.absolute)


def is_alive(life: Life, at: datetime, limits: Limits) -> bool:
    """True while neither limit has passed."""
    return at < ends_at(life, limits)


def is_to_be_noted(life: Life, at: datetime) -> bool:
    """True if this use is to be written down: at most once a minute is."""
    return at - life.used_at >= NOTED_EVERY


def was_asked(asked_at: datetime | None, at: datetime, within: timedelta = ASKED_WITHIN) -> bool:
    """True if somebody was asked again so shortly before. What lies in the future is not before."""
    return asked_at is not None and timedelta(0) <= at - asked_at <= within


def require_asked_again(asked_at: datetime | None, at: datetime, within: timedelta = ASKED_WITHIN) -> None:
    """Refuses an act that cannot be undone to a session whose person was not asked again shortly before."""
    if not was_asked(asked_at, at, within):
        raise Refused(
            "ask_again",
            "For this, show again that it is you.",
            "Use your passkey, or your password and a code; then do it again within {minutes} minutes.",
            minutes=int(within.total_seconds() // 60),
        )
