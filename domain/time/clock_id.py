"""The ids of clocks and the keys of alerts, printed and parsed here and nowhere else.

They are stored in the book, in the engine's histories and in the rows of alerts: no byte of them may ever change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Self

from domain.vocabulary import DeadlineKind, Level

_LEVELS = {level.value: level for level in Level}


class ClockForm(Enum):
    """Everything that is timed, each with the form of its ids: the facts that tell one such clock from another.

    `version` is that of the event that started the clock: another event starts another clock.
    """

    STALL = "stall/{step}/{version}"
    CONTACT = "contact/{day}"
    REFERRAL = "referral/{referral}/{version}"
    REFERRAL_EXPIRY = "referral/{referral}/{version}/expiry"
    PIECE = "piece/{piece}/{version}"
    LETTER = "letter/{letter}/{version}"
    REQUEST = "request/{filing}/{request}/{version}"
    FILING = "filing/{filing}/{version}"
    DECISION = "decision/{filing}/{version}"
    UNSENT = "unsent/{filing}/{version}"
    AGREEMENT = "agreement/{filing}/{consent}"
    ENDED = "ended/{filing}/{version}"
    RETENTION = "retention/{closure}/{day}"
    ARCHIVE = "archive/{closure}/{day}"
    HOLD = "hold/{version}"
    HOLDER = "holder/{version}"
    PAUSE = "pause/{version}"
    TRANSFER = "transfer/{transfer}/{version}"
    TRANSFER_PROPOSED = "transfer/{transfer}/{version}/proposed"
    TRANSFER_DECLINED = "transfer/{transfer}/{version}/declined"
    UNDATED = "undated/{closure}"
    ARCHIVE_REVIEW = "archive-review/{closure}/{day}"
    LIMIT = "limit/{of}/{day}/{days_before}"
    PERISHES = "perishes/{of}/{day}/{days_before}"
    OVER = "over/{count}"

    def __init__(self, template: str) -> None:
        self.template = template
        self.segments = tuple(template.split("/"))
        self.fields = tuple(segment[1:-1] for segment in self.segments if segment.startswith("{"))

    def id(self, **facts: object) -> str:
        """The id of such a clock in its first round."""
        return self.template.format_map(facts)

    def facts_in(self, segments: list[str]) -> tuple[str, ...] | None:
        """The facts that an id of this form names, in the order of `fields`; None if it has another form."""
        if len(segments) != len(self.segments) or not all(segments):
            return None
        facts = []
        for expected, segment in zip(self.segments, segments, strict=True):
            if expected.startswith("{"):
                facts.append(segment)
            elif expected != segment:
                return None
        return tuple(facts)


_FORMS: dict[str, list[ClockForm]] = {}
"""The forms by their first word, which is no fact in any."""
for _form in ClockForm:
    _FORMS.setdefault(_form.segments[0], []).append(_form)


def in_round(clock: str, number: int) -> str:
    """The id of a clock in a later round. `clock` is its id in the first."""
    return clock if number == 1 else f"{clock}/{number}"


def alert_key(clock: str, level: Level, times: int = 1) -> str:
    """The key of an alert: unique for its clock and round, its level and its repetition."""
    return f"{clock}/{level}" if times == 1 else f"{clock}/{level}/{times}"


@dataclass(frozen=True, slots=True)
class ClockId:
    """The id of a clock, taken apart."""

    form: ClockForm
    facts: tuple[str, ...]
    """In the order of the form's fields."""
    round: int = 1
    """Each decision that leaves the clock running begins another round."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads an id as it is stored. ValueError if no clock is called so."""
        segments = text.split("/")
        for form in _FORMS.get(segments[0], ()):
            own, rest = segments[: len(form.segments)], segments[len(form.segments) :]
            facts = form.facts_in(own)
            if facts is None or len(rest) > 1:
                continue
            if not rest:
                return cls(form, facts)
            if (number := _later(rest[0])) is not None:
                return cls(form, facts, number)
        raise ValueError(f"{text!r} is not the id of a clock")

    def __str__(self) -> str:
        return in_round(self.first_round, self.round)

    @property
    def first_round(self) -> str:
        """The id of the same clock in its first round."""
        return self.form.id(**dict(zip(self.form.fields, self.facts, strict=True)))

    @property
    def part(self) -> str | None:
        """The id of the part that is awaited, if it is one."""
        parts = (fact for field, fact in zip(self.form.fields, self.facts, strict=True) if field in _PARTS)
        return next(parts, None)

    def fact(self, field: str) -> str:
        """The fact of that name; ValueError if ids of this form have none."""
        return self.facts[self.form.fields.index(field)]


@dataclass(frozen=True, slots=True)
class AlertKey:
    """The key of an alert, taken apart."""

    clock: ClockId
    level: Level
    times: int = 1
    """1 for the first alert of this level in this round, 2 for its first repetition."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a key as it is stored. ValueError if no alert is called so."""
        clock, _, last = text.rpartition("/")
        times = _later(last)
        if times is not None:
            clock, _, last = clock.rpartition("/")
        if last not in _LEVELS:
            raise ValueError(f"{text!r} is not the key of an alert")
        return cls(ClockId.parse(clock), _LEVELS[last], times or 1)

    def __str__(self) -> str:
        return alert_key(str(self.clock), self.level, self.times)


_PARTS = frozenset({"referral", "piece", "letter", "filing"})
_KINDS = {
    ClockForm.CONTACT: DeadlineKind.NO_CONTACT,
    ClockForm.REFERRAL: DeadlineKind.REFERRAL_ANSWER,
    ClockForm.PIECE: DeadlineKind.PIECE_DUE,
    ClockForm.LETTER: DeadlineKind.PIECE_DUE,
    ClockForm.REQUEST: DeadlineKind.FILING_REQUEST,
    ClockForm.FILING: DeadlineKind.FILING_ACKNOWLEDGEMENT,
    ClockForm.DECISION: DeadlineKind.FILING_NEWS,
    ClockForm.UNSENT: DeadlineKind.FILING_UNSENT,
    ClockForm.AGREEMENT: DeadlineKind.FILING_CONSENT,
    ClockForm.ENDED: DeadlineKind.FILING_ENDED,
    ClockForm.ARCHIVE: DeadlineKind.ARCHIVE_END,
    ClockForm.HOLD: DeadlineKind.HOLD_REVIEW,
    ClockForm.HOLDER: DeadlineKind.NO_HOLDER,
    ClockForm.PAUSE: DeadlineKind.PAUSE_END,
    ClockForm.UNDATED: DeadlineKind.FACTS_UNDATED,
    ClockForm.LIMIT: DeadlineKind.LIMITATION,
    ClockForm.PERISHES: DeadlineKind.PERISHABLE,
}
"""The kinds of deadlines that clocks of another name end."""


def kind_of(clock: ClockId) -> DeadlineKind:
    """The kind of deadline that a clock ends."""
    return _KINDS.get(clock.form) or DeadlineKind[clock.form.name]


def _later(text: str) -> int | None:
    """The number of a round or of a repetition after the first, which is not written; None if `text` is no such."""
    number = int(text) if text.isascii() and text.isdecimal() else 1
    return number if number > 1 and str(number) == text else None


def limit_of(text: str) -> tuple[str, date] | None:
    """The row of the table of time limits and the prudent date that a notice is about; None for any other clock.

    `text` is the id of the notice's clock, or the key of its alert. The row may have left the table since.
    """
    clock = clock_of(text)
    if clock.form is not ClockForm.LIMIT:
        return None
    return clock.fact("of"), date.fromisoformat(clock.fact("day"))


def count_over(text: str) -> int | None:
    """The number of limits that were over when a case was opened, by the id or key that tells of them; else None."""
    clock = clock_of(text)
    return int(clock.fact("count")) if clock.form is ClockForm.OVER else None


def clock_of(text: str) -> ClockId:
    """The clock that an id of a clock, or the key of an alert, names."""
    try:
        return AlertKey.parse(text).clock
    except ValueError:
        return ClockId.parse(text)
