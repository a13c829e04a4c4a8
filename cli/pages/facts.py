"""A thing that people are told, in the reader's language."""

from cli.say import words
from domain.telling import Fact


def word(fact: Fact) -> str:
    """A fact in words. Of several, the first ones; of what is not there, nothing."""
    return words().fact(fact)
