"""Reads from a history of the engine the events that the book answered with, and the commands that were answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory

from domain.exchange.cases import Ask, CaseStart, CaseState, Committed, Opening, Receipt
from kit.engine.sdk import LOCAL_ACTIVITY_DATA, LOCAL_ACTIVITY_MARKER, LOCAL_ACTIVITY_RESULT

if TYPE_CHECKING:
    from domain.actors import Actor
    from domain.events import Entry

COMMIT = "commit"


class Unreadable(ValueError):
    """A history holds something that this version does not know."""


@dataclass(frozen=True)
class Answered:
    """A command that somebody sent, and the answer that they got."""

    event: int
    """Number of the answer in its history."""
    command_id: str
    actor: Actor
    receipt: Receipt


@dataclass
class Told:
    """The tale of one run."""

    opening: Opening
    state: CaseState | None
    """State that it began from, if it was continued."""
    entries: list[Entry] = field(default_factory=list)
    """As the book answered them, repetitions included: a case taken up again is told everything anew."""
    answered: list[Answered] = field(default_factory=list)


def told(history: WorkflowHistory) -> Told:
    """Reads a history that is in clear. Raises Unreadable."""
    try:
        started = history.events[0].workflow_execution_started_event_attributes
        start = CaseStart.model_validate_json(_one(started.input.payloads))
        tale = Told(start.opening, start.state)
        for payload in _commits(history):
            tale.entries += Committed.model_validate_json(payload.data).entries
        tale.answered += _answers(history)
    except (ValidationError, ValueError, KeyError, IndexError) as error:
        raise Unreadable(type(error).__name__) from None
    return tale


def _commits(history: WorkflowHistory) -> Iterator[Payload]:
    """Payloads that the book answered with, in order, to local activities and to the ordinary ones that took over."""
    ordinary = set()
    for event in history.events:
        kind = event.WhichOneof("attributes")
        if kind == "marker_recorded_event_attributes":
            marker = event.marker_recorded_event_attributes
            if marker.marker_name == LOCAL_ACTIVITY_MARKER and LOCAL_ACTIVITY_RESULT in marker.details:
                data = json.loads(marker.details[LOCAL_ACTIVITY_DATA].payloads[0].data)
                if data["activity_type"] == COMMIT:
                    yield marker.details[LOCAL_ACTIVITY_RESULT].payloads[0]
        elif kind == "activity_task_scheduled_event_attributes":
            if event.activity_task_scheduled_event_attributes.activity_type.name == COMMIT:
                ordinary.add(event.event_id)
        elif kind == "activity_task_completed_event_attributes":
            completed = event.activity_task_completed_event_attributes
            if completed.scheduled_event_id in ordinary:
                yield completed.result.payloads[0]


def _answers(history: WorkflowHistory) -> Iterator[Answered]:
    asks: dict[int, Ask] = {}
    for event in history.events:
        if event.HasField("workflow_execution_update_accepted_event_attributes"):
            request = event.workflow_execution_update_accepted_event_attributes.accepted_request
            if request.input.name not in ("opened", "review"):
                asks[event.event_id] = Ask.model_validate_json(_one(request.input.args.payloads))
        elif event.HasField("workflow_execution_update_completed_event_attributes"):
            completed = event.workflow_execution_update_completed_event_attributes
            ask = asks.get(completed.accepted_event_id)
            if ask is not None and completed.outcome.HasField("success"):
                receipt = Receipt.model_validate_json(_one(completed.outcome.success.payloads))
                yield Answered(event.event_id, ask.command_id, ask.actor, receipt)


def _one(payloads: Sequence[Payload]) -> bytes:
    (payload,) = payloads
    return payload.data
