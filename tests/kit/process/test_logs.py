"""Log lines show nothing personal. The canary stands for personal data: it must never come out."""

import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy
import structlog
from pydantic import BaseModel, ValidationError
from temporalio import activity
from temporalio.testing import ActivityEnvironment

from kit.process import log_setup, logs
from kit.process.source_text import WITHHELD

ROOT = Path(__file__).parents[3]
# Module-level on purpose: as a literal inside a test it would be source text on the stack.
CANARY = "Zoé Canari"


@dataclass
class Output:
    stream: io.StringIO

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self) -> list[dict[str, Any]]:
        assert "Canari" not in self.text
        return [json.loads(line) for line in self.text.splitlines()]

    def line(self) -> dict[str, Any]:
        (line,) = self.lines()
        return line


@pytest.fixture
def undo() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning = hooks
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def output(undo: None) -> Output:
    stream = io.StringIO()
    log_setup.configure(safe_keys=frozenset({"number", "workflow_id", "when"}), level="DEBUG", stream=stream)
    return Output(stream)


log = logs.get_logger("app.module")


def test_a_line_carries_time_level_logger_event_and_safe_values(output: Output) -> None:
    before = datetime.now(UTC)
    log.info("row.saved", number=3)
    line = output.line()
    assert {k: line[k] for k in ("level", "logger", "event", "number")} == {
        "level": "info",
        "logger": "app.module",
        "event": "row.saved",
        "number": 3,
    }
    assert line["timestamp"].endswith("Z")
    assert abs((datetime.fromisoformat(line["timestamp"]) - before).total_seconds()) < 5
    assert "at" not in line


def test_values_under_unknown_keys_are_withheld(output: Output) -> None:
    log.info("row.saved", name=CANARY, details={"name": CANARY})
    line = output.line()
    assert line["name"] == WITHHELD
    assert line["details"] == WITHHELD


def test_a_key_that_cannot_be_a_keyword_is_withheld_itself(output: Output) -> None:
    log.info("row.saved", **{CANARY: 1})
    assert WITHHELD in output.line()


def test_objects_under_a_safe_key_are_withheld_and_plain_values_are_not(output: Output) -> None:
    class Person(BaseModel):
        name: str

    log.info("a", number=Person(name=CANARY))
    log.info("a", number={"name": CANARY})
    log.info("a", number=ValueError(CANARY))
    log.info("a", number=[1, Person(name=CANARY), [CANARY]])
    log.info("a", number=[1, UUID(int=0), date(2026, 1, 2)])
    log.info("a", number=float("nan"))
    assert [line["number"] for line in output.lines()] == [
        WITHHELD,
        WITHHELD,
        WITHHELD,
        [1, WITHHELD, WITHHELD],
        [1, "00000000-0000-0000-0000-000000000000", "2026-01-02"],
        "nan",
    ]


def test_arguments_cannot_stand_in_for_the_parts_of_a_line(output: Output) -> None:
    log.info("a", level=CANARY, logger=CANARY, timestamp=CANARY, exception=CANARY, stack=CANARY, at=CANARY)
    line = output.line()
    assert (line["level"], line["logger"]) == ("info", "app.module")
    assert "exception" not in line


def test_positional_arguments_are_withheld(output: Output) -> None:
    log.info("saved %s", CANARY)
    assert output.line()["event"] == "saved %s"


def test_an_event_stops_where_data_begins_and_says_where_it_was_logged(output: Output) -> None:
    log.info(f"could not save {CANARY} today")
    log.info(CANARY)
    log.info(f"{CANARY} could not be saved")
    log.info(CANARY + " could not be saved")
    log.info("%s could not be saved" % CANARY)  # noqa: UP031 - the old way is what is tested
    first, *others = output.lines()
    assert first["event"] == f"could not save {WITHHELD}"
    assert all(line["event"] == WITHHELD for line in others)
    assert all(line["at"].startswith("test_logs.py:") for line in [first, *others])
    assert first["at"].endswith("in test_an_event_stops_where_data_begins_and_says_where_it_was_logged")


def test_an_event_may_be_the_member_of_an_enum_or_come_through_a_helper(output: Output) -> None:
    class Event(StrEnum):
        SAVED = "row." + "saved"

    def helper(event: str) -> None:
        log.info(event)

    log.info(Event.SAVED)
    helper("row.removed")
    assert [line["event"] for line in output.lines()] == ["row.saved", "row.removed"]


def test_context_variables_follow_the_same_rule(output: Output) -> None:
    structlog.contextvars.bind_contextvars(number=7, name=CANARY)
    log.info("a")
    logging.getLogger("lib").info("b")
    assert [(line["number"], line["name"]) for line in output.lines()] == [(7, WITHHELD)] * 2


def test_stdlib_messages_are_never_interpolated(output: Output) -> None:
    lib = logging.getLogger("lib")
    lib.info("row %s", CANARY)
    lib.info("row %(name)s", {"name": CANARY})
    lib.info(f"saved the row of {CANARY}")
    lib.info(ValueError(CANARY))
    assert [line["event"] for line in output.lines()] == [
        "row %s",
        "row %(name)s",
        f"saved the row of {WITHHELD}",
        WITHHELD,
    ]


def test_only_safe_extras_are_shown_also_inside_a_dict(output: Output) -> None:
    logging.getLogger("lib").info("a", extra={"number": 1, "person": CANARY})
    logging.getLogger("lib").info("b", extra={"context": {"workflow_id": "w-1", "person": CANARY}})
    first, second = output.lines()
    assert (first["number"], second["workflow_id"]) == (1, "w-1")


async def test_an_activity_of_the_temporal_sdk_keeps_its_message_and_loses_its_details(output: Output) -> None:
    @activity.defn
    async def act() -> None:
        activity.logger.info("half way")
        activity.logger.info("half way through %s", CANARY)

    await ActivityEnvironment().run(act)
    first, second = (line for line in output.lines() if line["logger"] == "temporalio.activity")
    assert first["event"] == f"half way {WITHHELD}"
    assert second["event"] == f"half way through %s {WITHHELD}"
    assert first["workflow_id"] == second["workflow_id"] == ActivityEnvironment.default_info().workflow_id


def test_an_exception_shows_types_and_places_of_the_whole_chain(output: Output) -> None:
    def inner() -> None:
        raise KeyError(CANARY)

    def outer() -> None:
        try:
            inner()
        except KeyError as error:
            error.add_note(CANARY)
            raise ValueError(CANARY) from error

    try:
        outer()
    except ValueError:
        log.exception("row.refused")
        logging.getLogger("lib").exception("row.refused")
    ours, theirs = output.lines()
    assert ours["exception"] == theirs["exception"]
    raised, called, caused, *_ = ours["exception"]
    assert raised.startswith("ValueError at test_logs.py:")
    assert raised.endswith("outer")
    assert called.startswith("called at test_logs.py:")
    assert caused.startswith("caused by KeyError at test_logs.py:")
    assert caused.endswith("inner")


def test_an_exception_raised_while_handling_another_shows_both(output: Output) -> None:
    try:
        try:
            raise KeyError(CANARY)
        except KeyError:
            raise ValueError(CANARY)  # noqa: B904 - the implicit context is what is tested
    except ValueError as error:
        log.warning("row.refused", exc_info=error)
    assert any(place.startswith("while handling KeyError") for place in output.line()["exception"])


def test_groups_long_tracebacks_and_loops_of_causes_end(output: Output) -> None:
    def deep(levels: int) -> None:
        if levels:
            deep(levels - 1)
        raise ValueError(CANARY)

    try:
        deep(50)
    except ValueError as error:
        long = error
    loop = KeyError(CANARY)
    loop.__cause__ = loop
    log.error("a", exc_info=ExceptionGroup(CANARY, [long, loop]))
    places = output.line()["exception"]
    assert places[0] == "ExceptionGroup"
    assert "together with KeyError" in places
    assert len(places) < 30


def test_errors_that_quote_their_input_do_not(output: Output) -> None:
    class Person(BaseModel):
        age: int

    try:
        Person.model_validate({"age": CANARY})
    except ValidationError:
        log.exception("row.refused")

    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        try:
            connection.execute(sqlalchemy.text("INSERT INTO nowhere VALUES (:name)"), {"name": CANARY})
        except sqlalchemy.exc.OperationalError:
            log.exception("row.refused")
    engine.dispose()
    validation, database = output.lines()
    assert validation["exception"][0].startswith("pydantic_core._pydantic_core.ValidationError at")
    assert any("caused by sqlite3.OperationalError" in place for place in database["exception"])


def test_a_warning_shows_its_category_place_and_the_text_of_its_source(output: Output) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = log_setup._on_warning  # pytest's own recorder stands in its place
        warnings.warn("this is old", DeprecationWarning, stacklevel=1)
        warnings.warn(f"odd value {CANARY}", UserWarning, stacklevel=1)
    old, odd = output.lines()
    assert (old["event"], old["category"]) == ("this is old", "DeprecationWarning")
    assert odd["event"] == f"odd value {WITHHELD}"
    assert old["source"].startswith("test_logs.py:")


def test_a_stream_that_fails_loses_the_line_and_says_no_more(
    output: Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(structlog.processors.JSONRenderer, "__call__", fails)
    log.info("a", name=CANARY)
    assert output.text == "a log line was lost: RuntimeError\n"
    assert capsys.readouterr().err == ""


def test_the_level_is_kept_and_a_second_configuration_replaces_the_first(output: Output) -> None:
    second = Output(io.StringIO())
    log_setup.configure(safe_keys=frozenset(), level="warning", stream=second.stream)
    log.info("a")
    logging.getLogger("lib").info("a")
    log.warning("b", number=1)
    assert output.text == ""
    assert (second.line()["event"], second.line()["number"]) == ("b", WITHHELD)
    with pytest.raises(ValueError, match="LOUD"):
        log_setup.configure(safe_keys=frozenset(), level="loud", stream=second.stream)


def test_for_a_reader_the_exception_stands_on_its_own_lines(undo: None) -> None:
    stream = io.StringIO()
    log_setup.configure(safe_keys=frozenset({"number"}), json=False, stream=stream)
    try:
        raise ValueError(CANARY)
    except ValueError:
        log.exception("row.refused", number="1\n\x1b[31m", name=CANARY)
    first, second = stream.getvalue().splitlines()
    assert "row.refused" in first
    assert "\x1b" not in stream.getvalue()
    assert second.startswith("    ValueError at test_logs.py:")
    assert "Canari" not in stream.getvalue()


PROGRAM = """
import logging, sys, threading, warnings
from kit.process import log_setup

log_setup.configure(safe_keys=frozenset())
data = sys.argv[1]

def fail():
    raise ValueError(data)

class Odd:
    def __del__(self):
        fail()

logging.error("too %s many %s", data)  # interpolating it would fail, and quote the arguments
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Odd()
warnings.warn("odd value: " + data)
fail()
"""


def test_whatever_ends_a_program_goes_through_the_same_path() -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "always", "-c", PROGRAM, CANARY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    output = Output(io.StringIO(ended.stderr))
    assert [line["event"] for line in output.lines()] == [
        "too %s many %s",
        "uncaught exception in a thread",
        "exception ignored by the interpreter",
        f"odd value {WITHHELD}",
        "uncaught exception",
    ]
    assert output.lines()[-1]["exception"][0] == "ValueError at <string>:9 in fail"
