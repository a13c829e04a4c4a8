"""What operators may search for in the engine's own pages: codes and flags in clear, nothing of a person.

Lists of cases never read these: they read the database.
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
"""The one list: what is registered at start-up."""


def at_opening(complaint: Complaint) -> TypedSearchAttributes:
    """The attributes with which a case's workflow starts."""
    shown = Shown.at_opening(complaint)
    keywords = [SearchAttributePair(key, getattr(shown, field)) for field, key in KEYWORDS.items()]
    return TypedSearchAttributes([*keywords, SearchAttributePair(STALLED, shown.stalled)])


def changed(before: Shown, after: Shown) -> list[SearchAttributeUpdate[Any]]:
    """The updates that bring the attributes from what is shown to what should be; mostly none."""
    updates: list[SearchAttributeUpdate[Any]] = [
        key.value_set(getattr(after, field))
        for field, key in KEYWORDS.items()
        if getattr(before, field) != getattr(after, field)
    ]
    if before.stalled != after.stalled:
        updates.append(STALLED.value_set(after.stalled))
    return updates
