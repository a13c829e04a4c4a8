"""Tells the text that a programmer wrote from the data that a program was given.

An event is shown as far as it is a constant of the code that logs it, looked for in the frames on the stack. A rule on
its form (snake_case, say) would not do: a surname in small letters has that form, and the messages of libraries do not.
Libraries write part of what reaches the log, in sentences that f-strings fill with data, and log through adapters and
helpers of their own: the constant may stand several frames above the call, so all of them are looked at.

A line that is handed to another thread before it is written (structlog's `ainfo`, a QueueHandler) loses its event: the
code that wrote it is on another stack.
"""

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import PurePath
from types import FrameType

WITHHELD = "[withheld]"
"""Stands in a line for what is not shown."""

_STACK_DEPTH = 30
"""Frames that are looked through; logging and structlog take about a dozen."""

_SHORTEST_START = 6
"""Letters that an event and a constant have in common at least: fewer can agree by chance."""

_PLUMBING = frozenset({"logging", "structlog", "warnings"})
"""Packages between the code that logs and its log."""


def as_written(event: object) -> tuple[str, str | None]:
    """Gives the part of an event that stands in the source of the code on the stack and, if not all does, the place."""
    if isinstance(event, Enum):
        event = event.value  # the members of an enum are source text
        if isinstance(event, str):
            return event, None
    text = event if isinstance(event, str) else ""
    frames = list(_stack())
    written = max((_longest_start(text, frame) for frame in frames), key=len, default="")
    if text and written == text:
        return text, None
    where = next((place(frame, frame.f_lineno) for frame in frames if not _is_plumbing(frame)), None)
    if len(written) < _SHORTEST_START:
        return WITHHELD, where
    return f"{written.rstrip(' ({[:')} {WITHHELD}", where


def place(frame: FrameType, line: int) -> str:
    """Names a place in the code: file, line and function."""
    code = frame.f_code
    return f"{PurePath(code.co_filename).name}:{line} in {code.co_qualname}"


def _longest_start(text: str, frame: FrameType) -> str:
    """The longest constant of a frame's code that the text begins with; empty if there is none."""
    starts = (start for start in frame.f_code.co_consts if isinstance(start, str) and text.startswith(start))
    return max(starts, key=len, default="")


def _stack() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    for _ in range(_STACK_DEPTH):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def _is_plumbing(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return module.partition(".")[0] in _PLUMBING or module in _OURS


_OURS = frozenset({__name__, "kit.process.redaction", "kit.process.log_setup"})
"""Our own modules between the code that logs and its log."""
