"""One decision on many cases: what is asked of each, and what came of it."""

from typing import Annotated

from pydantic import Field

from domain.parts.alert import AnswerAlert
from domain.parts.assignment import Assign
from domain.values import Reference, Value


class Each(Value):
    """A command that is asked of one case."""

    reference: Reference
    command: Annotated[AnswerAlert | Assign, Field(discriminator="kind")]


Lot = Annotated[tuple[Each, ...], Field(min_length=1, max_length=200)]
"""Commands that are asked at once."""


class RefusedEach(Value):
    """A thing that was refused, with the reason in words."""

    place: int
    """Its place in what was asked, from 0."""
    reference: str
    code: str
    message: str
    remedy: str


class ManyView(Value):
    """What came of one decision on many cases: a refusal stops no other case."""

    done: tuple[int, ...]
    """The places of what was done, in what was asked."""
    refused: tuple[RefusedEach, ...]
