"""Every event of a case, collected from its parts, and the line of a history that holds one.

An event is never changed. When one must say more, it gets a new tag and the old one stays readable for ever.
"""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from domain.actors import Actor
from domain.parts import tagged
from domain.parts.base import Event
from domain.values import Value
from domain.vocabulary import Door

EVENTS: dict[str, type[Event]] = {event.model_fields["tag"].default: event for event in tagged(Event, "tag")}
"""Every event by its tag. A tag, once released, stays here for ever."""

if TYPE_CHECKING:
    AnyEvent = Event
else:
    AnyEvent = Annotated[reduce(or_, EVENTS.values()), Field(discriminator="tag")]


class Entry(Value):
    """A line of a case's history: an event with who, when it happened and when it was recorded."""

    version: int
    command_id: str
    actor: Actor
    happened_at: datetime
    recorded_at: datetime
    event: AnyEvent
    # Left out while it says nothing, as in histories from before it.
    door: Annotated[Door, Field(exclude_if=lambda door: door is Door.LOCAL)] = Door.LOCAL
    """The way by which the actor came."""

    @property
    def what(self) -> str:
        """The event's tag."""
        return self.event.tag

    @property
    def who(self) -> str:
        """The account that did it."""
        return self.actor.account
