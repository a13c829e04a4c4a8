"""The count of a period that was stopped: what suspensions and interruptions, as a jurist entered them, do to its end.

A suspension stops the count and keeps the time elapsed (C. civ. 2230); an interruption wipes it out and starts the same
period again (C. civ. 2231). By default nothing stops. Where a ground has no effect on this period, that is said, and
nothing moves.

While a suspension or an interruption lasts, its end is not known: there is no legal date, and the prudent one is what
it would be if nothing had been stopped or, for an interruption that nothing can undo, if it had ended at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.counting import Counted, Mode, Period, Sentence, count, in_words
from domain.dates import WorkingCalendar
from domain.errors import one_or_many
from domain.law.entered import Toll
from domain.law.grounds import GROUNDS, MEDIATIONS, Effect, Ground

_SIX_MONTHS = Period(months=6)


def count_with(
    tolls: Iterable[Toll],
    clock: str,
    mode: Mode,
    start: date,
    period: Period | None,
    calendar: WorkingCalendar,
    *,
    from_midnight: bool = False,
) -> Counted:
    """The period of this row counted from `start`, less what the tolls entered for it take out. See `count`.

    The legal date is None while one of them lasts and its end is not known.
    """
    plain = count(mode, start, period, calendar, from_midnight=from_midnight)
    entered = sorted(
        (toll for toll in tolls if clock in toll.clocks),
        key=lambda toll: (toll.from_day, toll.until or date.max, toll.ground, toll.undone),
    )
    if not entered or period is None or plain.deadline_legal is None or plain.deadline_prudent is None:
        return plain
    legal = _Run(clock, mode, period, calendar, False, start, plain.deadline_legal)
    prudent = _Run(clock, mode, period, calendar, True, start, plain.deadline_prudent)
    for toll in entered:
        legal.take(toll)
        prudent.take(toll)
    how = (*plain.how, *legal.words)
    return _still_stopped(how, prudent.end) if legal.lasts else _stopped(how, legal.end, prudent.end)


def _still_stopped(how: tuple[Sentence, ...], prudent: date) -> Counted:
    open_end = in_words("Its end is not known: no legal date can be computed yet.")
    words = in_words("Until then the prudent date is {prudent}: it does not rely on its lasting.", prudent=prudent)
    return Counted(deadline_prudent=prudent, how=(*how, open_end), how_prudent=(words,))


def _stopped(how: tuple[Sentence, ...], legal: date, prudent: date) -> Counted:
    prudent = min(prudent, legal)
    how = (*how, in_words("With this, the last day is {end}.", end=legal))
    words = in_words("Prudently it ends on {prudent}.", prudent=prudent)
    return Counted(
        deadline_legal=legal, deadline_prudent=prudent, how=how, how_prudent=(words,) if prudent < legal else ()
    )


@dataclass
class _Run:
    """A period as it runs, seen in law or prudently."""

    clock: str
    mode: Mode
    period: Period
    calendar: WorkingCalendar
    prudent: bool
    start: date
    end: date
    first_end: date = field(init=False)
    resumed: date = date.min
    """The end of the last suspension: no day is given back twice."""
    mediated: bool = False
    lasts: bool = False
    words: list[Sentence] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first_end = self.end

    def take(self, toll: Toll) -> None:
        """Takes the next toll into account, in the order of their first days."""
        ground = GROUNDS[toll.ground]
        effect = ground.effect_on(self.clock, self.mode)
        if self.lasts:
            return
        if effect is None:
            self.tell("{ground} ({basis}) has no effect on this period.", ground)
        elif toll.undone:
            self.tell(
                "{ground} was withdrawn, lapsed or was rejected: it never stopped the period (C. civ. 2243).", ground
            )
        elif toll.from_day > self.end:
            self.tell("{ground}, on {day}: the period had ended on {end}.", ground, day=toll.from_day, end=self.end)
        elif ground.first_period_only and (self.mediated or toll.from_day > self.first_end):
            self.tell(
                "{ground}, on {day}: not within the first period, it does not stop it again ({basis}).",
                ground,
                day=toll.from_day,
            )
        else:
            self.stop(toll, ground, effect)

    def stop(self, toll: Toll, ground: Ground, effect: Effect) -> None:
        until = self.until(toll, ground, effect)
        if until is None:
            if not self.prudent:
                self.lasts = True
                self.tell("{ground}, since {day} ({basis}): the period is stopped.", ground, day=toll.from_day)
            return
        self.mediated |= toll.ground in MEDIATIONS
        if until < self.start:
            self.tell("{ground} ended on {day}, before the period began.", ground, day=until)
        elif effect is Effect.SUSPENDS:
            self.suspend(toll.from_day, until, ground)
        else:
            self.interrupt(toll.from_day, until, ground)

    def until(self, toll: Toll, ground: Ground, effect: Effect) -> date | None:
        """The end of a toll, as far as the law looks; None if it is not known (or, prudently, not to be relied on)."""
        if ground.at_once:
            # An entry made when the ground could still last keeps its end, in law.
            return toll.from_day if self.prudent else toll.until or toll.from_day
        latest = ground.at_most.after(toll.from_day) if ground.at_most else None
        if toll.until is not None:
            return min(toll.until, latest) if latest else toll.until
        if self.prudent:
            return toll.from_day if effect is Effect.INTERRUPTS and not ground.can_be_undone else None
        return latest

    def suspend(self, first: date, until: date, ground: Ground) -> None:
        if first <= self.start:
            self.start = until
            self.end = max(self.end, self.counted_from(until))
            self.tell("{ground} ({basis}): the period only began when it ended, on {day}.", ground, day=until)
        else:
            # The day it began and the day it ended are both partly run: prudently neither is given back.
            days = max(0, (until - max(first, self.resumed)).days - self.prudent)
            self.end += timedelta(days=days)
            self.tell(
                one_or_many(
                    "{ground} ({basis}): suspended from {day} to {until}, {count} day that does not count; "
                    "the time before it does (C. civ. 2230).",
                    "{ground} ({basis}): suspended from {day} to {until}, {count} days that do not count; "
                    "the time before them does (C. civ. 2230).",
                    days,
                ),
                ground,
                day=first,
                until=until,
                count=days,
            )
        self.resumed = max(self.resumed, until)
        if ground.six_months_remain and self.mode is not Mode.FRANC:
            least = count(Mode.MINIMUM, until, _SIX_MONTHS, self.calendar, from_midnight=False)
            floor = least.deadline_prudent if self.prudent else least.deadline_legal
            if floor is not None and floor > self.end:
                self.end = floor
                self.tell("{ground} ({basis}): at least six months remain, until {end}.", ground, end=floor)

    def interrupt(self, first: date, until: date, ground: Ground) -> None:
        begins = max(until, self.resumed, self.start)
        self.start = begins
        self.end = max(self.end, self.counted_from(begins))
        self.tell(
            "{ground} ({basis}), on {day}: interrupted; the same period starts again on {begins} (C. civ. 2231).",
            ground,
            day=first,
            begins=begins,
        )

    def counted_from(self, day: date) -> date:
        counted = count(self.mode, day, self.period, self.calendar, from_midnight=False)
        return (counted.deadline_prudent if self.prudent else counted.deadline_legal) or day

    def tell(self, template: str, ground: Ground, **params: str | int | date) -> None:
        if not self.prudent:
            self.words.append(in_words(template, ground=ground.label, basis=ground.basis, **params))
