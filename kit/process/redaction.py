"""Redacts log lines: keeps of whatever was logged what may be shown."""

import logging
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from uuid import UUID

from structlog.typing import EventDict, WrappedLogger

from kit.process.source_text import WITHHELD, as_written
from kit.process.traces import error_of, places

_KIT_KEYS = {
    "kit.process.health": frozenset({"route", "status"}),
    "py.warnings": frozenset({"category", "source"}),
}
"""Keys that a logger of the kit uses: known to be safe there, and only there."""

_RESERVED = frozenset({"timestamp", "level", "logger", "event", "at", "exception", "stack", "stack_info"})
"""Keys that only the redactor itself may put into a line."""

_PLAIN_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""Attributes that every record has: what else it has came by `extra=`."""


class Redactor:
    """The last step of a line before it is rendered, for structlog's lines and for those of `logging`."""

    def __init__(self, safe_keys: frozenset[str]) -> None:
        self._safe_keys = safe_keys

    def __call__(self, _: WrappedLogger, __: str, event_dict: EventDict) -> EventDict:
        record: logging.LogRecord = event_dict.pop("_record")
        from_structlog: bool = event_dict.pop("_from_structlog")
        exc_info = event_dict.pop("exc_info", None)
        text, where = as_written(event_dict.pop("event", None))
        # Level, logger and time come from the record: the keyword arguments of a call may not stand in for them.
        line: EventDict = {
            "timestamp": _iso_utc(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": text,
        }
        values = event_dict if from_structlog else {**event_dict, **self._extras(record)}
        line.update(self._values(record.name, values))
        if where is not None:
            line["at"] = where
        error = error_of(exc_info)
        if error is not None:
            line["exception"] = list(places(error))
        return line

    def _values(self, logger: str, values: Mapping[str, object]) -> dict[str, object]:
        """Keeps the values of safe keys, and of the others the key alone."""
        safe_keys = self._safe_keys | _KIT_KEYS.get(logger, frozenset())
        return {
            _name(key): _shown(value) if key in safe_keys else WITHHELD
            for key, value in values.items()
            if key not in _RESERVED
        }

    def _extras(self, record: logging.LogRecord) -> dict[str, object]:
        """Takes the safe ones of `extra=`, also one level down: the Temporal SDK puts what it knows in a dict."""
        extras: dict[str, object] = {}
        for name, value in vars(record).items():
            if name in _PLAIN_RECORD:
                continue
            candidates = value if isinstance(value, Mapping) else {name: value}
            extras.update({key: candidates[key] for key in self._safe_keys if key in candidates})
        return extras


def _name(key: str) -> str:
    """Shows a key when it can have been written as a keyword argument; `**mapping` can bring anything."""
    return key if key.isascii() and key.isidentifier() else WITHHELD


def _shown(value: object) -> object:
    """Shows a plain value in a form that JSON has. Objects and mappings are withheld: their text may show data."""
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
