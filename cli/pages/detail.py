"""Tells one event in a few words: its facts first, then what somebody wrote."""

from cli.say import words
from domain.parts.base import Event


def detail(event: Event) -> str:
    """The facts of an event in one line, and what somebody wrote about it after them."""
    told, written = words().told(event)
    return ", ".join(told + written)
