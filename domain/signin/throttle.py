"""Waits for whoever guesses, which lock nobody out.

Tries that failed are counted by account and place together, by account, by place, and in all. A person at a place
where they signed in before has only the first of these counts against them, which nobody elsewhere can raise: whoever
guesses from elsewhere makes others from elsewhere wait, and them alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


@dataclass(frozen=True)
class Pace:
    """How tries of one kind are slowed down."""

    free: int
    """Tries that may fail before there is a wait."""
    first: timedelta
    """The first wait. Each further try doubles it."""
    longest: timedelta
    forgets: timedelta
    """Time in which one try is forgotten. Who tries more slowly than that never waits."""


class Count(Enum):
    """What tries are counted by."""

    PAIR = "pair"
    """One account from one place. It holds for everybody."""
    ACCOUNT = "account"
    """One account from all places. It holds for those from places that are not usual for it."""
    PLACE = "place"
    """All accounts from one place. It does not hold where this one is usual."""
    ALL = "all"
    """All accounts from all places: somebody tries one password on everybody, from everywhere."""


PACES: Mapping[Count, Pace] = {
    Count.PAIR: Pace(5, timedelta(seconds=1), timedelta(minutes=15), timedelta(hours=1)),
    Count.ACCOUNT: Pace(20, timedelta(seconds=1), timedelta(minutes=15), timedelta(hours=1)),
    Count.PLACE: Pace(30, timedelta(seconds=1), timedelta(minutes=5), timedelta(minutes=10)),
    # Everybody who comes from a new place shares this one: its wait is short.
    Count.ALL: Pace(300, timedelta(milliseconds=100), timedelta(seconds=10), timedelta(seconds=20)),
}
USUAL_FOR = timedelta(days=60)
"""Time for which a place at which an account has signed in stays a usual one."""


@dataclass(frozen=True)
class Tries:
    """Tries that failed or are under way, less those that were forgotten, as they stood at the last of them."""

    count: float = 0
    last_at: datetime | None = None


def after(tries: Tries, pace: Pace, at: datetime) -> Tries:
    """The count after one more try, which is counted before it is known how it ends: many at once cannot slip by."""
    return Tries(_left(tries, pace, at) + 1, at)


def without_one(tries: Tries) -> Tries:
    """The count when one of the tries turned out to be right."""
    return Tries(max(0, tries.count - 1), tries.last_at)


def wait(tries: Tries, pace: Pace, at: datetime) -> timedelta:
    """The time that is left before another try; zero if there may be one now."""
    over = round(tries.count) - pace.free
    if over < 0 or tries.last_at is None:
        return timedelta(0)
    # Beyond some doublings every wait is the longest one: what is doubled on would not be a number any more.
    asked = pace.longest if over > 40 else min(pace.longest, pace.first * 2**over)
    return max(timedelta(0), tries.last_at + asked - at)


def longest_wait(tries: Mapping[Count, Tries], at: datetime, *, usual: bool) -> timedelta:
    """The time before another try, by all the counts that hold. `usual`: the account has signed in from here before."""
    holding = (Count.PAIR,) if usual else Count
    return max(wait(tries.get(count, Tries()), PACES[count], at) for count in holding)


def forgotten_at(tries: Tries, pace: Pace) -> datetime | None:
    """The time from which a count says nothing any more, and is deleted."""
    return tries.last_at and tries.last_at + max(pace.longest, pace.forgets * tries.count)


def _left(tries: Tries, pace: Pace, at: datetime) -> float:
    """The tries that are not forgotten yet. A clock that went back makes none up."""
    if tries.last_at is None:
        return 0
    return max(0.0, tries.count - max(timedelta(0), at - tries.last_at) / pace.forgets)
