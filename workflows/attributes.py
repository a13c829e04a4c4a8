"""What operators may search for in the engine's own pages: codes and flags in clear, nothing of a person.

Lists of cases never read these: they read the database.
"""

from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from domain.case import Case
from domain.complaint import Complaint
from domain.vocabulary import Step

STEP = SearchAttributeKey.for_keyword("AboutirStep")
DOMAIN = SearchAttributeKey.for_keyword("AboutirDomain")
TERRITORY = SearchAttributeKey.for_keyword("AboutirTerritory")
STALLED = SearchAttributeKey.for_bool("AboutirStalled")

ALL = (STEP, DOMAIN, TERRITORY, STALLED)
"""The one list: what is registered at start-up."""

NOWHERE = "-"


def at_opening(complaint: Complaint) -> TypedSearchAttributes:
    """The attributes with which a case's workflow starts."""
    place = complaint.facts.place
    territory = place.commune or place.neighbourhood or NOWHERE
    return TypedSearchAttributes(
        [
            SearchAttributePair(STEP, Step.INTAKE.value),
            SearchAttributePair(DOMAIN, complaint.domain.value),
            SearchAttributePair(TERRITORY, territory),
            SearchAttributePair(STALLED, False),
        ]
    )


def changed(before: Case, after: Case) -> list[SearchAttributeUpdate[Any]]:
    """The updates that bring the attributes from one state of a case to the next; mostly none."""
    was, now = _values(before), _values(after)
    keys = (STEP, DOMAIN, TERRITORY)
    updates: list[SearchAttributeUpdate[Any]] = [
        key.value_set(new) for key, old, new in zip(keys, was, now, strict=True) if old != new
    ]
    if before.is_stalled != after.is_stalled:
        updates.append(STALLED.value_set(after.is_stalled))
    return updates


def _values(case: Case) -> tuple[str, str, str]:
    place = case.complaint.facts.place
    return case.step.value, case.complaint.domain.value, place.commune or place.neighbourhood or NOWHERE
