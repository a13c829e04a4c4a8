"""Sends all that a process logs, warns of or dies of through the redactor, to one stream."""

import contextlib
import logging
import os
import sys
import threading
import warnings
from pathlib import PurePath
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from kit.process.logs import PROCESSORS, get_logger
from kit.process.redaction import Redactor

_log = get_logger("kit.process.logs")
_warnings_log = get_logger("py.warnings")


def configure(
    *,
    safe_keys: frozenset[str],
    level: str = "INFO",
    json: bool | None = None,
    stream: TextIO | None = None,
) -> None:
    """Sends all log lines of the process to `stream` (stderr), with warnings and uncaught exceptions.

    `safe_keys` are the only keys whose values are shown; others read "[withheld]". `json` gives one JSON
    object a line, the default when `stream` is not a terminal; otherwise lines are for reading, in colour.
    Times are UTC. A second call replaces what the first set up. Raises `ValueError` for an unknown level.
    """
    out = sys.stderr if stream is None else stream
    as_json = not out.isatty() if json is None else json

    handler = _Handler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.contextvars.merge_contextvars],
            processors=[Redactor(safe_keys), *_renderers(as_json, out)],
            use_get_message=False,  # interpolating would mix data into the event, and could fail
        )
    )
    root = logging.getLogger()
    root.setLevel(level.upper())
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)

    structlog.configure(
        processors=PROCESSORS,
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
        """Says that a line was lost. The default prints its message and its arguments."""
        kind = sys.exc_info()[0]
        with contextlib.suppress(OSError, ValueError):  # the stream itself may be gone
            self.stream.write(f"a log line was lost: {kind.__name__ if kind else 'unknown error'}\n")


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
