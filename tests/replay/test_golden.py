"""Histories that released versions have written replay with today's code, to the letter."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from audit.strict import prefixes
from domain.vocabulary import Step
from tests.replay.record import HISTORIES, LARGEST, in_clear, words
from tests.replay.strict import load, replay

GOLDEN = sorted(HISTORIES.glob("*/*.json"))
VERSIONS = sorted(path.parent.name for path in GOLDEN)

golden = pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")


# --- They replay -----------------------------------------------------------------------------------------


@golden
async def test_a_recorded_history_replays_to_the_letter(path: Path) -> None:
    (found,) = await replay([load(path)])
    assert found.failure is None, found.failure
    assert found.differences == []


@golden
async def test_a_recorded_history_replays_from_wherever_a_worker_takes_it_up(path: Path) -> None:
    """A worker is stopped and another starts at any time: what it knows of a case is the history as it was then."""
    cut = prefixes(load(path))
    found = await replay(cut, to_the_end=False)
    broken = [(len(h.events), r.failure, r.differences) for h, r in zip(cut, found, strict=True) if not r.is_faithful]
    assert broken == []


def test_every_recorded_word_is_still_known() -> None:
    """A case whose history holds a code that is no longer known could not be read again, and would stop."""
    now = words()
    for path in sorted(HISTORIES.glob("*.words.json")):
        for name, before in json.loads(path.read_text()).items():
            missing = sorted(set(before) - set(now.get(name, ())))
            assert not missing, f"{path.stem}: {name} no longer knows {missing}. Mark a word as past, never remove it."


# --- They are what they should be ------------------------------------------------------------------------


def test_every_version_has_all_its_histories() -> None:
    assert VERSIONS, "none recorded: python -m tests.replay.record"
    for version in VERSIONS:
        names = {path.stem for path in GOLDEN if path.parent.name == version}
        assert names >= {step.value.lower() for step in Step if step is not Step.ERASED} | {
            "alerts", "book_away", "cancelled", "continued_1", "continued_2", "lack_of_proof", "not_opened",
            "refused_by_the_book", "reopened", "undelivered",
        }  # fmt: skip
        assert (HISTORIES / f"{version}.words.json").exists()


def test_the_histories_hold_what_their_names_say() -> None:
    def holds(name: str, *attributes: str) -> bool:
        (path,) = (p for p in GOLDEN if p.parent.name == VERSIONS[0] and p.stem == name)
        kinds = {e.WhichOneof("attributes") for e in load(path).events}
        return kinds >= {f"{one}_event_attributes" for one in attributes}

    assert holds("alerts", "timer_fired", "timer_canceled", "upsert_workflow_search_attributes")
    assert holds("book_away", "activity_task_scheduled", "activity_task_completed")
    assert holds("cancelled", "workflow_execution_cancel_requested", "timer_canceled")
    assert holds("continued_1", "workflow_execution_continued_as_new")
    assert holds("not_opened", "workflow_execution_failed")


@golden
def test_a_recorded_history_is_small_and_tells_nothing_of_a_machine_or_a_person(path: Path) -> None:
    text = path.read_text()
    assert len(text.encode()) < LARGEST
    assert set(re.findall(r'"identity":"([^"]*)"', text)) == {"aboutir"}
    said = in_clear(text)
    assert "Exemple" in said, "the payloads were not read"
    assert [mark for mark in ("/home/", "/root", "/work", "/tmp", 'File "', "Traceback", "@") if mark in said] == []  # noqa: S108


# --- Strict replay notices -------------------------------------------------------------------------------

Change = Callable[[HistoryEvent], None]


def longer_timer(event: HistoryEvent) -> None:
    wait = event.timer_started_event_attributes.start_to_fire_timeout
    wait.FromTimedelta(wait.ToTimedelta() + timedelta(seconds=1))


def other_attribute(event: HistoryEvent) -> None:
    fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
    name = next(iter(fields))
    fields[name].data = b'"ELSEWHERE"'


def other_answer(event: HistoryEvent) -> None:
    for payload in event.workflow_execution_update_completed_event_attributes.outcome.success.payloads:
        payload.data = payload.data.replace(b'"version":', b'"version":1')


def other_refusal(event: HistoryEvent) -> None:
    info = event.workflow_execution_update_completed_event_attributes.outcome.failure.application_failure_info
    for payload in info.details.payloads:
        payload.data = payload.data.replace(b'"stale"', b'"wrong_step"')


def other_request(event: HistoryEvent) -> None:
    payload = event.activity_task_scheduled_event_attributes.input.payloads[0]
    payload.data = payload.data.replace(b'"known_version":', b'"known_version":1')


def other_patience(event: HistoryEvent) -> None:
    event.activity_task_scheduled_event_attributes.retry_policy.maximum_attempts = 3


def other_state(event: HistoryEvent) -> None:
    payload = event.workflow_execution_continued_as_new_event_attributes.input.payloads[0]
    payload.data = payload.data.replace(b'"EVIDENCE"', b'"ESCALATION"')


def other_end(event: HistoryEvent) -> None:
    event.workflow_execution_failed_event_attributes.failure.application_failure_info.type = "Elsewhere"


def what_the_book_said(event: HistoryEvent) -> None:
    """Not what the code sends, but what it was told: what it sends after that is different."""
    payload = event.marker_recorded_event_attributes.details["result"].payloads[0]
    payload.data = re.sub(rb'("next_due":"[^T]*T)\d\d', rb"\g<1>03", payload.data)


@pytest.mark.parametrize(
    ("name", "attributes", "change", "kind"),
    [
        ("alerts", "timer_started", longer_timer, "timer"),
        ("evidence", "upsert_workflow_search_attributes", other_attribute, "search attributes"),
        ("intake", "workflow_execution_update_completed", other_answer, "update"),
        ("refused_by_the_book", "workflow_execution_update_completed", other_refusal, "update"),
        ("book_away", "activity_task_scheduled", other_request, "activity"),
        ("book_away", "activity_task_scheduled", other_patience, "activity"),
        ("continued_1", "workflow_execution_continued_as_new", other_state, "end"),
        ("not_opened", "workflow_execution_failed", other_end, "end"),
        ("intake", "marker_recorded", what_the_book_said, "timer"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
async def test_strict_replay_notices_what_the_usual_one_does_not(
    name: str, attributes: str, change: Change, kind: str
) -> None:
    history = load(HISTORIES / VERSIONS[0] / f"{name}.json")
    changed = _changed(history, f"{attributes}_event_attributes", change)
    (found,) = await replay([changed])
    assert found.failure is None, "the SDK has learnt to see this"
    assert found.differences != []
    assert {difference.kind for difference in found.differences} == {kind}


def _changed(history: WorkflowHistory, attributes: str, change: Change) -> WorkflowHistory:
    """The history, with the first event changed that this change does anything to."""
    events, is_changed = [], False
    for event in history.events:
        copy = HistoryEvent()
        copy.CopyFrom(event)
        if not is_changed and event.WhichOneof("attributes") == attributes:
            change(copy)
            is_changed = copy != event
        events.append(copy)
    assert is_changed, "nothing to change"
    return WorkflowHistory(history.workflow_id, events)


async def test_a_history_that_lacks_a_command_is_not_faithful() -> None:
    history = load(HISTORIES / VERSIONS[0] / "intake.json")
    timer = next(n for n, e in enumerate(history.events) if e.HasField("timer_started_event_attributes"))
    without = [event for n, event in enumerate(history.events) if n != timer]
    (found,) = await replay([WorkflowHistory(history.workflow_id, without)])
    assert found.failure is not None


async def test_the_end_of_an_open_history_is_compared_too() -> None:
    """There the usual replay looks at nothing: no later task tells it what came of it."""
    history = load(HISTORIES / VERSIONS[0] / "evidence.json")
    answered = history.events[-1]
    assert answered.HasField("workflow_execution_update_completed_event_attributes")
    (found,) = await replay([WorkflowHistory(history.workflow_id, history.events[:-1])])
    assert found.failure is None
    assert len(found.differences) == 1
    assert "the history has None" in str(found.differences[0])
