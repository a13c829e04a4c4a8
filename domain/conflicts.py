"""Conflicts of interest that an opening shows: the respondent may be an organisation that works here. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from domain.folding import words

if TYPE_CHECKING:
    from domain.complaint import Respondent

_METROPOLISES = {
    "mel": frozenset({"metropole", "europeenne", "lille"}),
    "amp": frozenset({"metropole", "aix", "marseille", "provence"}),
}
"""The words by which a metropolis is called, by those of its code."""


def may_be(respondent: Respondent, organisations: Iterable[str]) -> tuple[str, ...]:
    """The organisations that a respondent may be: all words of their names stand in its own. People decide if it is."""
    if respondent.name is None:
        return ()
    said = set(words(respondent.name))
    said |= {code for code, called in _METROPOLISES.items() if called <= said}
    return tuple(sorted(name for name in set(organisations) if set(words(name)) <= said))
