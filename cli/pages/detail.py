"""Tells one event in a few words: its facts first, then what somebody wrote."""

from enum import StrEnum

from cli.pages.facts import word
from domain.parts.base import Event
from domain.shown import facts
from domain.telling import Coded, Fact


def detail(event: Event) -> str:
    """The facts of an event in one line, and what somebody wrote about it after them."""
    told: list[str] = []
    written: list[str] = []
    for fact in facts(event):
        text = word(fact)
        (written if _may_be_written(fact) and " " in text else told).append(text)
    return ", ".join(told + written)


def _may_be_written(fact: Fact) -> bool:
    return isinstance(fact, str | Coded) and not isinstance(fact, StrEnum)
