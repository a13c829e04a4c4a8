"""The search attributes by which operators find cases in the engine's own pages: codes and flags, nothing of a person.

They are in clear. Our own lists of cases never read them: they read the database.
"""

from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from domain.complaint import Complaint
from domain.exchange.cases import Shown

STEP = SearchAttributeKey.for_keyword("AboutirStep")
DOMAIN = SearchAttributeKey.for_keyword("AboutirDomain")
TERRITORY = SearchAttributeKey.for_keyword("AboutirTerritory")
STALLED = SearchAttributeKey.for_bool("AboutirStalled")

KEYWORDS = {"step": STEP, "domain": DOMAIN, "territory": TERRITORY}
"""The fields of `Shown` that are keywords."""

ALL = (STEP, DOMAIN, TERRITORY, STALLED)
"""Registered with the engine at start-up."""


def at_opening(complaint: Complaint) -> TypedSearchAttributes:
    """The attributes with which a case's workflow starts."""
    shown = Shown.at_opening(complaint)
    keywords = [SearchAttributePair(key, getattr(shown, field)) for field, key in KEYWORDS.items()]
    return TypedSearchAttributes([*keywords, SearchAttributePair(STALLED, shown.stalled)])


def changed(before: Shown, after: Shown) -> list[SearchAttributeUpdate[Any]]:
    """The updates that turn the attributes from what they show into what they should show; mostly none."""
    updates: list[SearchAttributeUpdate[Any]] = [
        key.value_set(getattr(after, field))
        for field, key in KEYWORDS.items()
        if getattr(before, field) != getattr(after, field)
    ]
    if before.stalled != after.stalled:
        updates.append(STALLED.value_set(after.stalled))
    return updates
