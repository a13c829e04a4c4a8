"""Drafts: forms that were begun and not sent, with their bounds."""

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from domain.errors import fault
from domain.values import Value

INTAKE = "open"
"""The act of a draft that is a complaint being taken in."""
MOST = 50
"""Drafts that an account may have."""
LARGEST = 256 * 1024
"""Characters of a draft, in all."""

DraftId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
_Path = Annotated[str, StringConstraints(max_length=100)]
_Texts = Annotated[tuple[str, ...], Field(max_length=400)]


class DraftContent(Value):
    """What stands in a form, as it was typed, and the id under which it will be sent, so that it counts once."""

    command_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    typed: Annotated[dict[_Path, _Texts], Field(max_length=400)]
    """What was typed into each field, by its path."""

    @field_validator("typed")
    @classmethod
    def _bounded(cls, typed: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if sum(len(text) for texts in typed.values() for text in texts) > LARGEST:
            raise fault("too_long", "{field} is too long.", "Shorten it.")
        return typed
