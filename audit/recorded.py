"""Reads from a history the commands that the code of its workflow sent when it was recorded."""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from audit.contents import Command, Commands, activity, attributes, failure, texts
from kit.engine.sdk import LOCAL_ACTIVITY_DATA, LOCAL_ACTIVITY_MARKER, PATCH_ATTRIBUTE, PATCH_DATA, PATCH_MARKER

_NOT_SENT = (
    "workflow_execution_started",
    "workflow_execution_cancel_requested",
    "workflow_execution_signaled",
    "workflow_execution_terminated",
    "workflow_execution_timed_out",
    "workflow_execution_options_updated",
    "workflow_execution_time_skipping_transitioned",
    "workflow_task_",
    "timer_fired",
    "activity_task_started",
    "activity_task_completed",
    "activity_task_failed",
    "activity_task_timed_out",
    "child_workflow_execution_",
)
"""Events that the engine wrote by itself or that came from outside: no command of the workflow made them."""


def recorded(history: WorkflowHistory) -> Commands:
    """Lists the commands of a history in clear, by kind."""
    commands: Commands = defaultdict(list)
    protocol_ids: dict[int, str] = {}
    for event in history.events:
        attribute = event.WhichOneof("attributes")
        if attribute is None or attribute.startswith(_NOT_SENT) or _is_of_a_patch(event):
            continue
        written, name = getattr(event, attribute), attribute.removesuffix("_event_attributes")
        if name == "workflow_execution_update_accepted":
            protocol_ids[event.event_id] = written.protocol_instance_id
        kind, content = _read(name, event, written, protocol_ids)
        commands[kind].append(content)
    return commands


def _is_of_a_patch(event: HistoryEvent) -> bool:
    """True for the search attribute that tells of a known change of the code, which the SDK writes by itself."""
    written = event.upsert_workflow_search_attributes_event_attributes.search_attributes
    return PATCH_ATTRIBUTE in written.indexed_fields


def _read(name: str, event: HistoryEvent, written: Any, protocol_ids: dict[int, str]) -> Command:
    if name == "workflow_execution_update_completed":
        return _update(written, protocol_ids[written.accepted_event_id])
    if name == "marker_recorded" and written.marker_name == LOCAL_ACTIVITY_MARKER:
        data = json.loads(written.details[LOCAL_ACTIVITY_DATA].payloads[0].data)
        return "local activity", (data["seq"], data["activity_type"])
    if name == "marker_recorded" and written.marker_name == PATCH_MARKER:
        return "patch", json.loads(written.details[PATCH_DATA].payloads[0].data)["id"]
    reader = _READERS.get(name)
    return reader(written) if reader else ("something else", (event.event_id, name))


def _update(written: Any, protocol_id: str) -> Command:
    if written.outcome.HasField("failure"):
        return "update", (protocol_id, failure(written.outcome.failure))
    return "update", (protocol_id, *texts(written.outcome.success.payloads))


_READERS: dict[str, Callable[[Any], Command]] = {
    "activity_task_scheduled": lambda written: (
        "activity",
        activity(written, written.input.payloads, written.activity_type.name),
    ),
    "timer_started": lambda written: ("timer", (written.timer_id, written.start_to_fire_timeout.ToTimedelta())),
    "timer_canceled": lambda written: ("timer cancelled", written.timer_id),
    "upsert_workflow_search_attributes": lambda written: ("search attributes", attributes(written.search_attributes)),
    "workflow_execution_update_accepted": lambda written: ("update accepted", written.protocol_instance_id),
    "workflow_execution_completed": lambda written: ("end", ("completed", *texts(written.result.payloads))),
    "workflow_execution_failed": lambda written: ("end", ("failed", failure(written.failure))),
    "workflow_execution_canceled": lambda _: ("end", ("cancelled",)),
    "workflow_execution_continued_as_new": lambda written: (
        "end",
        ("continued", written.workflow_type.name, texts(written.input.payloads)),
    ),
    "start_child_workflow_execution_initiated": lambda written: (
        "child",
        (written.workflow_type.name, written.workflow_id, texts(written.input.payloads)),
    ),
}
"""For each event that a command made, its kind and content; those of markers and answered updates are read above."""
