"""What one event says, in a few words: its facts first, then what somebody wrote."""

from collections.abc import Iterator
from datetime import date, datetime

from cli.pages.words import lever_name, on, some, when
from cli.say import _
from domain.law.grounds import GROUNDS, TollGround
from domain.parts.base import Event
from domain.parts.piece import ChecklistDrawnUp
from domain.values import Value
from domain.vocabulary import Term

_SAID = {
    "answer_due": "answer due {value}",
    "due": "due {value}",
    "from_day": "from {value}",
    "until": "until {value}",
    "on": "starts on {value}",
    "undone": "withdrawn, lapsed or rejected",
    "given_on": "given on {value}",
    "perishes_on": "perishes on {value}",
    "person_told_on": "person told on {value}",
    "from_whom": "asked of {value}",
    "held_by": "held by {value}",
    "holder": "held by {value}",
    "proposed_by": "proposed by {value}",
    "register_number": "number {value}",
    "treatment": "treatment: {value}",
    "ground": "ground: {value}",
    "link": "link: {value}",
    "sha256": "digest {value}",
    "handover": "the partner becomes the holder",
    "size": "{value} B",
    "silent": "no answer came",
    "by_complainant": "by the person",
    "reached": "not reached",
}
"""Fields whose value does not speak for itself."""

_ELSEWHERE = frozenset({"tag", "complaint", "clock", "mail", "stored"})
"""Fields of an event: what `show` tells, and what only the machine needs."""

_NORMAL = {"reached": True}
"""Of a yes or no, what is not worth a word; no for all the others."""


def detail(event: Event) -> str:
    """The facts of an event in one line, and what somebody wrote about it after them."""
    return "" if isinstance(event, ChecklistDrawnUp) else ", ".join(_facts(event))


def _facts(of: Value) -> Iterator[str]:
    written = []
    hidden = _ELSEWHERE if isinstance(of, Event) else ()
    for name, said in of:
        value = lever_name(str(said)) if name == "lever" else said
        if name in hidden or value in (None, (), _NORMAL.get(name, False)):
            continue
        if isinstance(value, Value):
            yield from _facts(value)
        elif isinstance(value, str) and " " in value:
            written.append(value)
        else:
            yield _(_SAID.get(name, "{value}"), value=_word(value))
    yield from written


def _word(value: object) -> str:
    match value:
        case TollGround():
            return _(GROUNDS[value].label)
        case Term():
            return _(value.label)
        case datetime():
            return when(value)
        case date():
            return on(value)
        case tuple():
            return some([_word(one) for one in value])
    return str(value)
