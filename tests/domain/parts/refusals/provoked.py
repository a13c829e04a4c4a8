"""Ways of meeting the refusals of the rules, by code."""

from collections.abc import Callable

from domain.actors import Actor
from domain.parts.base import Command
from tests.domain.examples import Story

Asked = tuple[Story | None, Command, Actor]
"""A story, or none where no case is open yet; what is asked of it; and by whom."""
PROVOKED: dict[str, list[Callable[[], Asked]]] = {}
"""The ways of meeting each refusal, by its code."""


def refused(code: str) -> Callable[[Callable[[], Asked]], Callable[[], Asked]]:
    """Registers a function as a way of meeting this refusal."""

    def register(provoke: Callable[[], Asked]) -> Callable[[], Asked]:
        PROVOKED.setdefault(code, []).append(provoke)
        return provoke

    return register
