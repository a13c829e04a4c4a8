"""What things are called on the terminal: moments, places, grounds, pieces, events, in the reader's language."""

import re
from datetime import date, datetime

from cli.say import _, label
from documents.french import spaced
from domain.commands import COMMANDS
from domain.reference import criteria, evidence, levers, limitation_periods, territories
from domain.time.clock_id import limit_of
from domain.values import PARIS
from domain.vocabulary import DeadlineKind
from kit.i18n import language

_CLAUSE = re.compile(r"\s*[.:;,]")


def when(instant: datetime | None, *, minutes: bool = True) -> str:
    """An instant as people here write it: Paris time."""
    if instant is None:
        return ""
    local = instant.astimezone(PARIS)
    return f"{on(local.date())} {local:%H:%M}" if minutes else on(local.date())


def on(day: date) -> str:
    """A calendar day as people here write it."""
    return day.strftime("%d/%m/%Y") if language() == "fr" else day.isoformat()


def place_name(commune: str | None, neighbourhood: str | None, metropolis: str | None) -> str:
    """Where it is, by name."""
    names = [territories()[code].name for code in (neighbourhood, commune) if code]
    return ", ".join(names) or (metropolis or "")


def criterion_name(code: str) -> str:
    """What a ground is called."""
    found = criteria()[code]
    return _named(found.label_fr, found.label_en)


def piece_name(code: str, own: str | None) -> str:
    """What a piece is called."""
    if own is not None:
        return own
    item = evidence()[code]
    return _named(item.label_fr, item.label_en)


def lever_name(code: str) -> str:
    """What a lever is called; what somebody wrote in its place stays as it is."""
    found = levers().get(code)
    if found is None:
        return code
    return _named(found.label_fr, found.label_en)


def limit_name(code: str) -> str:
    """What a time limit of the law is called: the act that it is for. A row that left the table keeps its code."""
    row = limitation_periods().get(code)
    return code if row is None else _named(row.action, row.action_en)


def limit_body(code: str) -> str:
    """The court or body before which that act is done."""
    row = limitation_periods()[code]
    return _named(row.body, row.body_en)


def awaited(kind: str, part: str | None, clock: str) -> str:
    """What a deadline or an alert is about: its kind, and which part or which time limit of the law, until when."""
    what = label(kind, DeadlineKind)
    if (limit := limit_of(clock)) is not None:
        code, day = limit
        return _("{what}: {limit}, {day}", what=what, limit=limit_name(code), day=on(day))
    return " ".join(filter(None, [what, part]))


def _named(french: str, english: str) -> str:
    return in_french(french) if language() == "fr" else english


def in_french(text: str) -> str:
    """A text of the reference data as French is printed. Much of it, citations too, is French for every reader."""
    return spaced(text)


def command_purpose(name: str) -> str:
    """What a command is for, in a few words: the first clause of its description."""
    return _CLAUSE.split(_(COMMANDS[name].explained()), maxsplit=1)[0]


def event_name(tag: str) -> str:
    """What an event is called: its tag in words."""
    return _(tag.partition(".")[0].replace("_", " ").capitalize())


def some(codes: tuple[str, ...] | list[str], most: int = 8) -> str:
    """The first of several codes."""
    return ", ".join(codes[:most]) + (" …" if len(codes) > most else "")
