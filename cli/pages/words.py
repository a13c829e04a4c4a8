"""Names things on the terminal: the words of `words.Words`, in the reader's language."""

from datetime import date, datetime

from cli.say import _, words
from words.french import spaced


def held_by(holder: str) -> str:
    """The holder of a case, for people: nobody, when whoever held it has left."""
    return holder or _("nobody")


def when(instant: datetime | None, *, minutes: bool = True) -> str:
    """A moment, in Paris."""
    return words().instant(instant, minutes=minutes)


def on(day: date) -> str:
    """A calendar day."""
    return words().day(day)


def place_name(commune: str | None, neighbourhood: str | None, metropolis: str | None) -> str:
    """A place."""
    return words().place(commune, neighbourhood, metropolis)


def criterion_name(code: str) -> str:
    """A ground of discrimination."""
    return words().criterion(code)


def piece_name(code: str, own: str | None) -> str:
    """A piece."""
    return words().piece(code, own)


def lever_name(code: str) -> str:
    """A lever."""
    return words().lever(code)


def limit_name(code: str) -> str:
    """A time limit of the law."""
    return words().limit(code)


def limit_body(code: str) -> str:
    """The court or body before which the act of a time limit is done."""
    return words().limit_body(code)


def awaited(kind: str, part: str | None, clock: str) -> str:
    """The matter of a deadline or an alert."""
    return words().awaited(kind, part, clock)


def in_french(text: str) -> str:
    """A text of the reference data as French is printed. Much of it, citations too, is French for every reader."""
    return spaced(text)


def command_purpose(name: str) -> str:
    """The purpose of a command, in a few words."""
    return words().purpose(name)


def event_name(tag: str) -> str:
    """An event, by its tag."""
    return words().event(tag)
