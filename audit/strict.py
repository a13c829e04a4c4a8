"""Strict replay: not only the order of what a workflow asks of the engine, but what it says.

`Replayer` checks that the code makes the same commands in the same order. It does not notice another duration of a
timer, another argument, another search attribute, another answer to an update. Here everything that the code sends
while it replays is kept, and compared with what the history says was sent then.

What a history does not hold cannot be compared: the arguments and options of local activities (the fingerprint watches
the options), and where in the code a failure was raised.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, cast

from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker._workflow_instance import WorkflowInstance, WorkflowInstanceDetails

from kit.engine.temporal import DATA_CONVERTER, quiet_runtime
from workflows.complaint import ComplaintWorkflow

PATIENCE = 20.0
"""A replay that does not end within so many seconds hangs: it does so when it waits for what the history lacks."""

Said = dict[str, list[Any]]
"""What was sent, by kind, in order."""


@dataclass(frozen=True)
class Difference:
    """Something that the code says otherwise today."""

    kind: str
    number: int
    """The how-manieth of its kind."""
    then: Any
    now: Any
    """Both in clear: they hold what people said, and go into no report."""

    def __str__(self) -> str:
        return f"{self.kind} {self.number}: the history has {self.then}, the code says {self.now}"


@dataclass
class Replayed:
    """What came of one history."""

    failure: BaseException | None
    """What the SDK's own replay found."""
    differences: list[Difference] = field(default_factory=list)
    """What it does not look at."""

    @property
    def is_faithful(self) -> bool:
        """Whether today's code would do and say exactly the same."""
        return self.failure is None and not self.differences


def prefixes(history: WorkflowHistory) -> list[WorkflowHistory]:
    """The history as it stood whenever a workflow task was about to be scheduled.

    Never cut elsewhere: the answer to an update is written after the task that gave it. Never before the first task is
    scheduled: the replay of a lone first event hangs.
    """
    events = list(history.events)
    cuts = [n for n, e in enumerate(events) if e.HasField("workflow_task_scheduled_event_attributes") and n >= 2]
    return [WorkflowHistory(history.workflow_id, events[:n]) for n in cuts]


async def replay(
    histories: Sequence[WorkflowHistory],
    *,
    to_the_end: bool = True,
    runner: WorkflowRunner | None = None,
    workflow: type = ComplaintWorkflow,
    namespace: str = "default",
    converter: DataConverter = DATA_CONVERTER,
) -> list[Replayed]:
    """Replays each history strictly. The histories are in clear, and so the converter has no codec.

    With `to_the_end` nothing may be sent beyond what the history holds; without it (a history that was cut) the last
    task may go further than the history does.
    """
    listening = _Listening(runner or UnsandboxedWorkflowRunner())
    replayer = Replayer(
        workflows=[workflow],
        namespace=namespace,
        data_converter=converter,
        runtime=quiet_runtime(),
        workflow_runner=listening,
        unsandboxed_workflow_runner=listening,
    )

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            listening.said = defaultdict(list)
            yield history

    found: list[Replayed] = []
    async with replayer.workflow_replay_iterator(each()) as results:
        for history in histories:
            try:
                result = await asyncio.wait_for(anext(results), PATIENCE)
            except TimeoutError as waited:
                found.append(Replayed(waited))
                break
            differences = _differences(_recorded(history), listening.said, to_the_end=to_the_end)
            found.append(Replayed(result.replay_failure, differences))
    return found


def _differences(recorded: Said, said: Said, *, to_the_end: bool) -> list[Difference]:
    found = []
    for kind in sorted(recorded.keys() | said.keys()):
        for n, (then, now) in enumerate(zip_longest(recorded.get(kind, []), said.get(kind, [])), start=1):
            if then != now and (then is not None or to_the_end):
                found.append(Difference(kind, n, then, now))
    return found


# --- What the code says ----------------------------------------------------------------------------------


class _Listening(WorkflowRunner):
    """The usual runner, with an ear on what its workflows send."""

    def __init__(self, inner: WorkflowRunner) -> None:
        self._inner = inner
        self.said: Said = defaultdict(list)

    def prepare_workflow(self, defn: Any) -> None:
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return cast(WorkflowInstance, _Instance(self._inner.create_instance(det), self))

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        self._inner.set_worker_level_failure_exception_types(types)


class _Instance:
    """An instance of a workflow as it is, but for `activate`."""

    def __init__(self, inner: WorkflowInstance, runner: _Listening) -> None:
        self._inner, self._runner = inner, runner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        completion = self._inner.activate(act)
        for command in completion.successful.commands:
            name = command.WhichOneof("variant")
            if name is not None:
                kind, what = _of_command(name, getattr(command, name))
                self._runner.said[kind].append(what)
        return completion


def _of_command(name: str, sent: Any) -> tuple[str, Any]:
    if name == "schedule_local_activity":
        return "local activity", (sent.seq, sent.activity_type)
    if name == "schedule_activity":
        return "activity", _activity(sent, sent.arguments)
    if name == "start_timer":
        return "timer", (str(sent.seq), sent.start_to_fire_timeout.ToTimedelta())
    if name == "cancel_timer":
        return "timer cancelled", str(sent.seq)
    if name == "upsert_workflow_search_attributes":
        return "search attributes", _attributes(sent.search_attributes)
    if name == "update_response":
        return _of_response(sent)
    if name == "complete_workflow_execution":
        return "end", ("completed", _text(sent.result))
    if name == "fail_workflow_execution":
        return "end", ("failed", _failure(sent.failure))
    if name == "cancel_workflow_execution":
        return "end", ("cancelled",)
    if name == "continue_as_new_workflow_execution":
        own = ComplaintWorkflow.__name__  # sent empty when it stays what it is
        return "end", ("continued", sent.workflow_type or own, _texts(sent.arguments))
    if name == "start_child_workflow_execution":
        return "child", (sent.workflow_type, sent.workflow_id, _texts(sent.input))
    return "something else", (name, MessageToDict(sent))


def _of_response(sent: Any) -> tuple[str, Any]:
    if sent.HasField("accepted"):
        return "update accepted", sent.protocol_instance_id
    if sent.HasField("completed"):
        return "update", (sent.protocol_instance_id, _text(sent.completed))
    return "update", (sent.protocol_instance_id, _failure(sent.rejected))


# --- What the history says -------------------------------------------------------------------------------

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
"""What the engine wrote by itself, and what came from outside: no command of the workflow made it."""


def _recorded(history: WorkflowHistory) -> Said:
    said: Said = defaultdict(list)
    protocol_ids: dict[int, str] = {}
    for event in history.events:
        name = event.WhichOneof("attributes")
        if name is None or name.startswith(_NOT_SENT):
            continue
        attributes = getattr(event, name)
        if name == "workflow_execution_update_accepted_event_attributes":
            protocol_ids[event.event_id] = attributes.protocol_instance_id
        kind, what = _of_event(name, event, attributes, protocol_ids)
        said[kind].append(what)
    return said


def _of_event(name: str, event: HistoryEvent, written: Any, protocol_ids: dict[int, str]) -> tuple[str, Any]:
    name = name.removesuffix("_event_attributes")
    if name == "marker_recorded" and written.marker_name == "core_local_activity":
        data = json.loads(written.details["data"].payloads[0].data)
        return "local activity", (data["seq"], data["activity_type"])
    if name == "activity_task_scheduled":
        return "activity", _activity(written, written.input.payloads, written.activity_type.name)
    if name == "timer_started":
        return "timer", (written.timer_id, written.start_to_fire_timeout.ToTimedelta())
    if name == "timer_canceled":
        return "timer cancelled", written.timer_id
    if name == "upsert_workflow_search_attributes":
        return "search attributes", _attributes(written.search_attributes)
    if name == "workflow_execution_update_accepted":
        return "update accepted", written.protocol_instance_id
    if name == "workflow_execution_update_completed":
        outcome, id = written.outcome, protocol_ids[written.accepted_event_id]
        if outcome.HasField("failure"):
            return "update", (id, _failure(outcome.failure))
        return "update", (id, *_texts(outcome.success.payloads))
    if name == "workflow_execution_completed":
        return "end", ("completed", *_texts(written.result.payloads))
    if name == "workflow_execution_failed":
        return "end", ("failed", _failure(written.failure))
    if name == "workflow_execution_canceled":
        return "end", ("cancelled",)
    if name == "workflow_execution_continued_as_new":
        return "end", ("continued", written.workflow_type.name, _texts(written.input.payloads))
    if name == "start_child_workflow_execution_initiated":
        return "child", (written.workflow_type.name, written.workflow_id, _texts(written.input.payloads))
    return "something else", (event.event_id, name)


# --- The same words for both -----------------------------------------------------------------------------


def _activity(said: Any, arguments: Sequence[Payload], type: str | None = None) -> Any:
    policy = said.retry_policy
    return (
        type or said.activity_type,
        said.activity_id,
        _texts(arguments),
        said.start_to_close_timeout.ToTimedelta(),
        said.heartbeat_timeout.ToTimedelta(),
        policy.initial_interval.ToTimedelta(),
        policy.backoff_coefficient,
        policy.maximum_interval.ToTimedelta(),
        policy.maximum_attempts,
    )


def _attributes(said: Any) -> Any:
    return sorted((name, _text(payload)) for name, payload in said.indexed_fields.items())


def _text(payload: Payload) -> str:
    return payload.data.decode()


def _texts(payloads: Sequence[Payload]) -> list[str]:
    return [_text(payload) for payload in payloads]


def _failure(failure: Failure) -> Any:
    """What a failure says, without its stack: a line that moves in the code is no difference."""
    message = failure.message
    if failure.HasField("encoded_attributes"):
        message = json.loads(failure.encoded_attributes.data)["message"]
    info = failure.application_failure_info
    cause = _failure(failure.cause) if failure.HasField("cause") else None
    return (message, info.type, info.non_retryable, _texts(info.details.payloads), cause)
