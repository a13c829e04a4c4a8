"""Rates: how many requests of a kind an account may make within an hour, whatever token it brings.

They are kept in the memory of the process, which is the only one that answers: a restart forgets them.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from counter.published import Kind
from domain.errors import TooMany

HOUR = 3_600.0
LIMITS: Mapping[Kind, int] = {
    Kind.READING: 3_000,
    Kind.CHANGE: 300,
    Kind.COMMAND: 1_200,
    Kind.OPENING: 120,
    Kind.DRAFT: 3_000,
}
"""Requests within an hour: far above what somebody does by hand, far below what takes a whole book away in a night."""
REMEMBERED = 5_000
"""Accounts that are remembered: those that have asked nothing for an hour are forgotten first."""


class Rates:
    """The requests of the last hour, by account and kind. Safe to ask from several threads."""

    def __init__(self, limits: Mapping[Kind, int] = LIMITS, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock, self._lock = limits, clock, threading.Lock()
        self._asked: dict[tuple[str, Kind], deque[float]] = {}

    def count(self, account: str, kind: Kind) -> None:
        """Counts a request. Raises TooMany, and counts nothing, when it is one too many."""
        now, limit = self._clock(), self._limits[kind]
        with self._lock:
            asked = self._asked.setdefault((account, kind), deque())
            while asked and asked[0] <= now - HOUR:
                asked.popleft()
            if len(asked) >= limit:
                raise TooMany(max(1, math.ceil(asked[0] + HOUR - now)))
            asked.append(now)
            if len(self._asked) > REMEMBERED:
                self._forget(now)

    def _forget(self, now: float) -> None:
        idle = [key for key, asked in self._asked.items() if not asked or asked[-1] <= now - HOUR]
        for key in idle:
            del self._asked[key]
