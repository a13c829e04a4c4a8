"""One line for each thing that is awaited: however many levels its alert climbed, the highest speaks for them all."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from domain.levels import HEIGHT
from domain.time.clock_id import AlertKey
from domain.vocabulary import Level


class Keyed(Protocol):
    """Something that has the key of an alert."""

    @property
    def key(self) -> str: ...


A = TypeVar("A", bound=Keyed)


@dataclass(frozen=True)
class Told(Generic[A]):
    """An alert, with the lower levels at which the same was told and still stands."""

    alert: A
    below: tuple[Level, ...]
    """Highest first."""


def one_line_each(alerts: Iterable[A], of: Callable[[A], Hashable] = lambda _: None) -> list[Told[A]]:
    """The highest and last alert of each clock, in the order of `alerts`. `of` tells the cases apart."""
    of_clock: dict[Hashable, list[tuple[AlertKey, A]]] = {}
    for alert in alerts:
        key = AlertKey.parse(alert.key)
        of_clock.setdefault((of(alert), str(key.clock)), []).append((key, alert))
    return [_highest(climbed) for climbed in of_clock.values()]


def _highest(climbed: list[tuple[AlertKey, A]]) -> Told[A]:
    top, alert = max(climbed, key=lambda each: (HEIGHT[each[0].level], each[0].times))
    below = {key.level for key, _ in climbed} - {top.level}
    return Told(alert, tuple(sorted(below, key=HEIGHT.__getitem__, reverse=True)))
