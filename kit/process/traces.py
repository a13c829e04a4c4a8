"""Shows the types of exceptions and the places they passed through, never their messages.

A validation error quotes its input, a database error quotes the row.
"""

import sys
from collections.abc import Iterator
from types import TracebackType
from typing import cast

from kit.process.source_text import place

_FRAMES_SHOWN = 20
"""Frames of one exception, counted from where it was raised."""


def error_of(exc_info: object) -> BaseException | None:
    """Finds the exception meant by any of the forms that `exc_info` takes in logging and in structlog."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return cast(BaseException | None, exc_info[1])
    return sys.exc_info()[1] if exc_info else None


def places(error: BaseException, relation: str = "", seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """Gives one text for each frame, from where the exception was raised outwards, then its causes and members."""
    if id(error) in seen:
        return
    seen |= {id(error)}
    yield from _of_one(error, relation)
    if error.__cause__ is not None:
        yield from places(error.__cause__, "caused by ", seen)
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from places(error.__context__, "while handling ", seen)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from places(member, "together with ", seen)


def _of_one(error: BaseException, relation: str) -> Iterator[str]:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    frames = []
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        frames.append(place(trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    if not frames:
        yield f"{relation}{name}"
        return
    raised, *callers = reversed(frames)
    yield f"{relation}{name} at {raised}"
    for caller in callers[: _FRAMES_SHOWN - 1]:
        yield f"called at {caller}"
    if len(callers) >= _FRAMES_SHOWN:
        yield f"called through {len(callers) - _FRAMES_SHOWN + 1} more"
