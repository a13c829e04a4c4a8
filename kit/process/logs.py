"""Logs in which personal data cannot appear, whoever writes the line.

A line shows three kinds of things and nothing else:

- values under keys that were declared safe, when they are plain values (numbers, dates, identifiers);
- text that stands in the source code: the event, up to the first interpolated value. What a program was
  given to work on is not in its source, so a message built with an f-string stops where data begins;
- the types of exceptions and the places they passed through, never their messages: a validation error quotes
  the input, a database error quotes the row.

The same holds for the libraries' own lines, for warnings and for uncaught exceptions.

Two limits. The event is compared with the constants of the code that is logging, on its own stack: a line
that is handed to another thread before it is written (structlog's `ainfo`, a QueueHandler) loses its event.
And a handler that a library sets up for itself goes round all this: never switch on such a thing as
SQLAlchemy's `echo`.
"""

import contextlib
import logging
import math
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import FrameType, TracebackType
from typing import TextIO, cast
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

WITHHELD = "[withheld]"

# What kit itself logs: known to be safe there, and only there.
_KIT_KEYS = {
    "kit.process.health": frozenset({"route", "status"}),
    "py.warnings": frozenset({"category", "source"}),
}
_STRUCTURAL = frozenset({"timestamp", "level", "logger", "event", "at", "exception"})
_PLAIN_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

_STACK_DEPTH = 30  # frames looked through for the source of an event; logging and structlog take about a dozen
_SHORTEST_START = 6  # letters; a shorter beginning in common with some constant says nothing
_FRAMES_SHOWN = 20  # of one exception, counted from where it was raised

_processors: list[Processor] = [
    structlog.stdlib.filter_by_level,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module. Write the event as a literal, the data as keyword arguments under safe keys."""
    # Not structlog.get_logger: unless configured, that one prints everything it is given on stdout.
    return cast(
        structlog.stdlib.BoundLogger,
        structlog.wrap_logger(
            logging.getLogger(name),
            processors=_processors,
            wrapper_class=structlog.stdlib.BoundLogger,
            context_class=dict,
            cache_logger_on_first_use=True,
        ),
    )


def configure(
    *,
    safe_keys: frozenset[str],
    level: str = "INFO",
    json: bool | None = None,
    stream: TextIO | None = None,
) -> None:
    """Send all log lines of the process to `stream` (stderr), with warnings and uncaught exceptions.

    `safe_keys` are the only keys whose values are shown; others read "[withheld]". `json` gives one JSON
    object a line, the default when `stream` is not a terminal; otherwise lines are for reading, in colour.
    Times are UTC. Calling it again replaces what the call before set up. Raises `ValueError` for a level
    that does not exist.
    """
    out = sys.stderr if stream is None else stream
    as_json = not out.isatty() if json is None else json

    handler = _Handler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.contextvars.merge_contextvars],
            processors=[_Redactor(safe_keys), *_renderers(as_json, out)],
            use_get_message=False,  # interpolating would mix data into the event, and could fail
        )
    )
    root = logging.getLogger()
    root.setLevel(level.upper())
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)

    structlog.configure(
        processors=_processors,
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )

    # Not logging.captureWarnings: it passes on a formatted text in which nothing can be told from data.
    warnings.showwarning = _on_warning
    sys.excepthook = _on_uncaught
    sys.unraisablehook = _on_unraisable
    threading.excepthook = _on_uncaught_in_thread


def _renderers(as_json: bool, out: TextIO) -> list[Processor]:
    if as_json:
        return [structlog.processors.JSONRenderer()]
    colors = out.isatty() and "NO_COLOR" not in os.environ
    # repr_native_str: a line break or an escape sequence in a value must not reach the terminal as such.
    return [
        _join_exception,
        structlog.dev.ConsoleRenderer(colors=colors, repr_native_str=True, sort_keys=False),
    ]


def _join_exception(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    if "exception" in line:
        line["exception"] = "\n".join(f"    {place}" for place in line["exception"])
    return line


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        """Say that a line was lost. The default prints its message and its arguments."""
        kind = sys.exc_info()[0]
        with contextlib.suppress(OSError, ValueError):  # the stream itself may be gone
            self.stream.write(f"a log line was lost: {kind.__name__ if kind else 'unknown error'}\n")


class _Redactor:
    """Makes, from whatever was logged, the line that may be shown."""

    def __init__(self, safe_keys: frozenset[str]) -> None:
        self._safe_keys = safe_keys

    def __call__(self, _: WrappedLogger, __: str, event_dict: EventDict) -> EventDict:
        record: logging.LogRecord = event_dict.pop("_record")
        from_structlog: bool = event_dict.pop("_from_structlog")
        exc_info = event_dict.pop("exc_info", None)
        event = event_dict.pop("event", None)
        for dropped in ("stack_info", "stack"):
            event_dict.pop(dropped, None)

        given = event_dict if from_structlog else {**event_dict, **self._extras(record)}
        safe_keys = self._safe_keys | _KIT_KEYS.get(record.name, frozenset())
        text, where = _as_written(event)
        # Level, logger and time come from the record: the keyword arguments of a call may not stand
        # in for them.
        line: EventDict = {
            "timestamp": _iso_utc(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": text,
        }
        for key, value in given.items():
            if key not in _STRUCTURAL:
                line[_name(key)] = _shown(value) if key in safe_keys else WITHHELD
        if where is not None:
            line["at"] = where
        error = _error_of(exc_info)
        if error is not None:
            line["exception"] = list(_places(error))
        return line

    def _extras(self, record: logging.LogRecord) -> dict[str, object]:
        """The safe ones of `extra=`, also one level down: the Temporal SDK puts what it knows in a dict."""
        found: dict[str, object] = {}
        for name, value in vars(record).items():
            if name in _PLAIN_RECORD:
                continue
            candidates = value if isinstance(value, Mapping) else {name: value}
            found.update({key: candidates[key] for key in self._safe_keys if key in candidates})
        return found


def _as_written(event: object) -> tuple[str, str | None]:
    """The part of `event` that stands in the source of the code on the stack and, if not all does, where."""
    if isinstance(event, Enum):
        event = event.value  # the members of an enum are source text
        if isinstance(event, str):
            return event, None
    text = event if isinstance(event, str) else ""
    written = ""
    where: str | None = None
    for frame in _stack():
        if where is None and not _is_plumbing(frame):
            where = _place(frame, frame.f_lineno)
        for constant in frame.f_code.co_consts:
            if isinstance(constant, str) and len(constant) > len(written) and text.startswith(constant):
                written = constant
        if text and written == text:
            return text, None
    if len(written) < _SHORTEST_START:
        return WITHHELD, where
    return f"{written.rstrip(' ({[:')} {WITHHELD}", where


def _stack() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    for _ in range(_STACK_DEPTH):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def _is_plumbing(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return module == __name__ or module.partition(".")[0] in {"logging", "structlog", "warnings"}


def _name(key: str) -> str:
    """A key is shown when it can have been written as a keyword argument; `**mapping` can bring anything."""
    return key if key.isascii() and key.isidentifier() else WITHHELD


def _shown(value: object) -> object:
    """A plain value, in a form JSON has. Objects and mappings are withheld: their text may show data."""
    if isinstance(value, Enum):
        value = value.value
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case UUID() | Decimal() | timedelta() | PurePath():
            return str(value)
        case list() | tuple():
            return [WITHHELD if isinstance(item, list | tuple) else _shown(item) for item in value]
        case _:
            return WITHHELD


def _iso_utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error_of(exc_info: object) -> BaseException | None:
    """The exception meant by any of the forms that `exc_info` takes in logging and in structlog."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return cast(BaseException | None, exc_info[1])
    return sys.exc_info()[1] if exc_info else None


def _places(error: BaseException, relation: str = "", seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """One text for each frame, from where the exception was raised outwards, then its causes and members."""
    if id(error) in seen:
        return
    seen |= {id(error)}
    yield from _places_of_one(error, relation)
    if error.__cause__ is not None:
        yield from _places(error.__cause__, "caused by ", seen)
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from _places(error.__context__, "while handling ", seen)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _places(member, "together with ", seen)


def _places_of_one(error: BaseException, relation: str) -> Iterator[str]:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    places = []
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        places.append(_place(trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    if not places:
        yield f"{relation}{name}"
        return
    raised, *callers = reversed(places)
    yield f"{relation}{name} at {raised}"
    for caller in callers[: _FRAMES_SHOWN - 1]:
        yield f"called at {caller}"
    if len(callers) >= _FRAMES_SHOWN:
        yield f"called through {len(callers) - _FRAMES_SHOWN + 1} more"


def _place(frame: FrameType, line: int) -> str:
    code = frame.f_code
    return f"{PurePath(code.co_filename).name}:{line} in {code.co_qualname}"


_log = get_logger(__name__)
_warnings_log = get_logger("py.warnings")


def _on_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001 - the signature is that of warnings.showwarning
    line: str | None = None,  # noqa: ARG001
) -> None:
    # The code that warns is on the stack: its text is known from its data as that of any event is.
    source = f"{PurePath(filename).name}:{lineno}"
    _warnings_log.warning(str(message), category=category.__name__, source=source)


def _on_uncaught(
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,  # noqa: ARG001 - the error carries it
) -> None:
    if not issubclass(kind, KeyboardInterrupt):  # the exit status says it
        _log.critical("uncaught exception", exc_info=error)


def _on_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if not issubclass(args.exc_type, SystemExit):
        _log.critical("uncaught exception in a thread", exc_info=args.exc_value)


def _on_unraisable(args: "sys.UnraisableHookArgs") -> None:
    _log.error("exception ignored by the interpreter", exc_info=args.exc_value)
