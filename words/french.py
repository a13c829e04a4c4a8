"""French as it is printed: dates in words, spaces before double signs, lists."""

import re
from collections.abc import Sequence
from datetime import date

_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_SHORT = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
NARROW, WIDE = "\u202f", "\u00a0"


def in_full(day: date) -> str:
    """A day in words: 1er mars 2026."""
    return f"{_number(day)}{_MONTHS[day.month - 1]} {day.year}"


def french_day(day: date) -> str:
    """A day with its weekday, and without its year: vendredi 4 décembre."""
    return f"{_DAYS[day.weekday()]} {_number(day)}{_MONTHS[day.month - 1]}"


def french_short_day(day: date) -> str:
    """The same for a column: ven. 4 déc."""
    return f"{_DAYS[day.weekday()][:3]}. {_number(day)}{_SHORT[day.month - 1]}"


def _number(day: date) -> str:
    return f"1er{WIDE}" if day.day == 1 else f"{day.day}{WIDE}"


def in_figures(day: date) -> str:
    """A day in figures: 01/03/2026."""
    return day.strftime("%d/%m/%Y")


def spaced(text: str) -> str:
    """A text of ours with the no-break spaces that French sets before double signs and inside quotation marks."""
    text = re.sub(r"(?<=[^\s\u00a0\u202f])[ \u00a0]?:(?=\s|$)", f"{WIDE}:", text)
    text = re.sub(r"(?<=[^\s\u00a0\u202f])[ \u202f]?([;?!])(?=\s|$)", NARROW + r"\1", text)
    return re.sub(r"«[ \u00a0]?", f"«{WIDE}", re.sub(r"[ \u00a0]?»", f"{WIDE}»", text)).replace("'", "’")


def as_list(items: Sequence[str]) -> list[str]:
    """The items of a list, with a semicolon after each and a full stop after the last."""
    return [f"{item.rstrip('.; ')}{NARROW};" for item in items[:-1]] + [f"{item.rstrip('.; ')}." for item in items[-1:]]
