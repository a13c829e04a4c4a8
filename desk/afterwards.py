"""Looking something up after a command was recorded: the command is answered even if the look-up fails."""

from collections.abc import Callable
from typing import TypeVar

from domain.errors import Problem
from kit.errors import StackError

T = TypeVar("T")


def looked_up_afterwards(look_up: Callable[[], T]) -> T | None:
    """Gives what `look_up` returns; None if it fails, or if somebody at a terminal interrupts it."""
    try:
        return look_up()
    except (Problem, StackError, KeyboardInterrupt):
        return None
