"""Looking something up once a command is recorded. Whatever happens to it, the answer to the command is given."""

from collections.abc import Callable
from typing import TypeVar

from domain.errors import Problem
from kit.errors import StackError

T = TypeVar("T")


def looked_up_afterwards(look: Callable[[], T]) -> T | None:
    """Looks something up; None when it cannot be, or when somebody at a terminal does not want to wait for it."""
    try:
        return look()
    except (Problem, StackError, KeyboardInterrupt):
        return None
