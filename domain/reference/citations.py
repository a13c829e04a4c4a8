"""The register of citations: every text of law that is cited here, what for, when it holds, and who has read it.

`citations.csv` has one line for each article. Days that are not known stay empty, and what was not read says so:
nothing is cited from memory as if it had been read. Whether a text holds is asked for a day, that of the facts for
what forbids and protects, that of the act for procedure: a case of 2025 and one of 2029 each have their own law.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache

from domain.counting import Sentence, in_words
from domain.reference import _rows
from domain.reference.citing import Citation, citations, full_title


class State(StrEnum):
    """The state of a text on a day."""

    IN_FORCE = "in force"
    NOT_YET = "not yet"
    """It begins on a later day."""
    OVER = "over"
    """It ended, or bears another number, from a day that is known."""
    GONE = "gone"
    """It ended, on a day that is not known here."""
    AWAITED = "awaited"
    """It is not in force, and nobody here knows from when it will be."""


class Deciding(StrEnum):
    """The day that decides which version of a text applies."""

    FACTS = "facts"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Cited:
    """One line of the register."""

    citation: Citation
    use: str
    """What it is cited for, in French."""
    valid_from: date | None
    """The first day on which it holds; None if that is not known."""
    valid_until: date | None
    """The last day on which it holds under this number; None if no such day is known."""
    lasting: State
    """IN_FORCE, GONE or AWAITED: its state where no day is known."""
    deciding: Deciding
    then: str
    """What takes its place, in French; empty if nothing does or it is not known."""
    read_in: str
    """Where it was read; empty if it was not."""
    read_as_of: date | None
    """The day of the version that was read."""

    @property
    def was_read(self) -> bool:
        """True if somebody here has read it."""
        return self.read_as_of is not None

    def state(self, facts: date | None, act: date) -> State:
        """Its state for facts of that day (None: not dated, and then as on the day of the act) and an act of that."""
        day = facts if self.deciding is Deciding.FACTS and facts is not None else act
        if self.valid_from is not None and day < self.valid_from:
            return State.NOT_YET
        if self.valid_until is not None and day > self.valid_until:
            return State.OVER
        return self.lasting


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def register() -> dict[Citation, Cited]:
    """Every line of the register by its citation."""
    return {
        (citation := Citation(row["text"], row["article"])): Cited(
            citation=citation,
            use=row["use"],
            valid_from=_day(row["valid_from"]),
            valid_until=_day(row["valid_until"]),
            lasting=State(row["state"]),
            deciding=Deciding(row["day"]),
            then=row["then"],
            read_in=row["read_in"],
            read_as_of=_day(row["read_as_of"]),
        )
        for row in _rows("citations.csv")
    }


def is_awaited(basis: str) -> bool:
    """True if what rests on these texts waits for one that is not in force."""
    return any(line.lasting is State.AWAITED for line in _lines(basis))


def remarks(said: str, facts: date | None, act: date, *, in_full: bool = False) -> tuple[Sentence, ...]:
    """The remarks that go with the texts cited: those not read here, and those that do not hold on their day.

    `facts` is the day of the facts, None if they are not dated; `act` the day, or the last day, of what is done.
    With `in_full`, texts are named for those who do not know their abbreviations.
    """
    told = _out_of_time(_lines(said), facts, act, in_full_name if in_full else in_short)
    return (*_unread(said, in_full=in_full), *told)


_Name = Callable[[Sequence[Citation]], str]
"""The name of one or several articles of the same text."""


def in_short(cited: Sequence[Citation]) -> str:
    """As lawyers cite: "CPP 8, 9-2"."""
    return ", ".join([str(cited[0]), *(citation.article for citation in cited[1:])])


def in_full_name(cited: Sequence[Citation]) -> str:
    """As whoever is no lawyer can look it up: "code de procédure pénale, articles 8, 9-2"."""
    articles = [citation.article for citation in cited if citation.article]
    if not articles or cited[0].is_decision:
        return in_short(cited)
    plural = "s" if len(articles) > 1 else ""
    return f"{full_title(cited[0].text)}, article{plural}\u00a0{', '.join(articles)}"


def _row(cited: Iterable[Citation], name: _Name) -> str:
    by_text: dict[str, list[Citation]] = {}
    for citation in cited:
        by_text.setdefault(citation.text, []).append(citation)
    return "; ".join(name(sorted(group, key=_in_order)) for group in by_text.values())


def _in_order(citation: Citation) -> list[tuple[int, str]]:
    """The order of the articles in their text: 8 before 9-2, 9-2 before 15-3."""
    return [(int(number or 0), letters) for letters, number in re.findall(r"(\D*)(\d*)", citation.article)]


@lru_cache(maxsize=1_024)  # the same few texts are cited by every case
def _lines(said: str) -> tuple[Cited, ...]:
    """The lines of the register for what is cited; what somebody typed may cite anything, and is passed over."""
    return tuple(register()[citation] for citation in citations(said) if citation in register())


@lru_cache(maxsize=1_024)
def _unread(said: str, *, in_full: bool) -> tuple[Sentence, ...]:
    cited = [line.citation for line in _lines(said) if not line.was_read]
    texts = _row(cited, in_full_name if in_full else in_short)
    said_of_them = in_words("Cited without having been read, to be verified by a jurist: {texts}.", texts=texts)
    return (said_of_them,) if cited else ()


def _out_of_time(lines: Iterable[Cited], facts: date | None, act: date, name: _Name) -> Iterator[Sentence]:
    alike: dict[tuple[State, date | None, date | None, str], list[Citation]] = {}
    for line in lines:
        if (state := line.state(facts, act)) is not State.IN_FORCE:
            alike.setdefault((state, line.valid_from, line.valid_until, line.then), []).append(line.citation)
    for (state, begins, ends, then), cited in alike.items():
        texts = _row(cited, name)
        if state is State.NOT_YET and begins is not None:
            yield in_words("In force since {day} only: {texts}.", day=begins, texts=texts)
        elif state is State.OVER and ends is not None:
            begins_anew = ends + timedelta(days=1)
            yield in_words("From {day} no longer cited so: {texts} ({then}).", day=begins_anew, texts=texts, then=then)
        elif state is State.GONE:
            yield in_words("No longer in force: {texts} ({then}).", texts=texts, then=then)
        elif state is State.AWAITED:
            yield in_words("Not in force in France, as far as is known here: {texts}.", texts=texts)
