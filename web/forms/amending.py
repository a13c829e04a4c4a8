"""The form of an amendment: what the person told, field by field, as it reads now; what differs is what changes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from desk.views.case import CaseView
from domain.complaint import Complaint
from web.forms.fields import Field, Shape, fields_in
from web.forms.reading import Typed, put, value_of

WITHIN = "changes."
_KEPT = frozenset({"received_at", "channel", "domain", "criteria", "acts"})
"""Fields that are not amended here: the legal ones have a command of their own."""


def fields_to_amend() -> tuple[Field, ...]:
    """The fields of what was told."""
    return tuple(
        replace(field, path=WITHIN + field.path, is_required=False)
        for field in fields_in(Complaint)
        if field.path not in _KEPT
    )


def as_it_reads(case: CaseView, fields: Sequence[Field]) -> dict[str, list[str]]:
    """What stands in each of these fields now."""
    told = case.complaint.model_dump(mode="json")
    return {field.path: _typed(_at(told, field.path.removeprefix(WITHIN)), field) for field in fields}


def changes(case: CaseView, fields: Sequence[Field], typed: Typed) -> dict[str, Any]:
    """The fields that read otherwise than now; None for one that was emptied."""
    before, patch = as_it_reads(case, fields), dict[str, Any]()
    for field in fields:
        wanted = value_of(field, typed.get(field.path, ()))
        if wanted != value_of(field, before[field.path]):
            emptied = False if field.shape is Shape.CHECK else None
            put(patch, field.path.removeprefix(WITHIN), emptied if wanted is None else wanted)
    return patch


def _at(told: Any, path: str) -> Any:
    for name in path.split("."):
        told = told.get(name) if isinstance(told, dict) else None
    return told


def _typed(value: Any, field: Field) -> list[str]:
    if value is None or value is False:
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    return ["yes"] if field.shape is Shape.CHECK else [str(value)]
