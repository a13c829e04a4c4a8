"""Listens to what the code of a workflow sends while it is replayed."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, cast

from google.protobuf.json_format import MessageToDict
from temporalio.worker import WorkflowRunner

from audit.contents import Command, Commands, activity, attributes, failure, text, texts
from kit.engine.sdk import WorkflowActivation, WorkflowActivationCompletion, WorkflowInstance, WorkflowInstanceDetails


class Listening(WorkflowRunner):
    """The usual runner, which also keeps what its workflows send."""

    def __init__(self, inner: WorkflowRunner, workflow: str) -> None:
        """`workflow` is the name of the type that is replayed."""
        self._inner, self.workflow = inner, workflow
        self.sent: Commands = defaultdict(list)

    def prepare_workflow(self, defn: Any) -> None:
        """Leaves it to the usual runner."""
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Gives the usual instance, with an ear on it."""
        return cast(WorkflowInstance, _Instance(self._inner.create_instance(det), self))

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        """Leaves it to the usual runner."""
        self._inner.set_worker_level_failure_exception_types(types)


class _Instance:
    """An instance of a workflow as it is, but for `activate`."""

    def __init__(self, inner: WorkflowInstance, runner: Listening) -> None:
        self._inner, self._runner = inner, runner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Has the workflow go on, and keeps the commands that come of it."""
        completion = self._inner.activate(act)
        for command in completion.successful.commands:
            name = command.WhichOneof("variant")
            if name is not None:
                kind, content = _read(name, getattr(command, name), self._runner.workflow)
                self._runner.sent[kind].append(content)
        return completion


def _read(name: str, sent: Any, workflow: str) -> Command:
    if name == "continue_as_new_workflow_execution":
        # Sent without a type when it stays what it is.
        return "end", ("continued", sent.workflow_type or workflow, texts(sent.arguments))
    reader = _READERS.get(name)
    return reader(sent) if reader else ("something else", (name, MessageToDict(sent)))


def _response(sent: Any) -> Command:
    if sent.HasField("accepted"):
        return "update accepted", sent.protocol_instance_id
    if sent.HasField("completed"):
        return "update", (sent.protocol_instance_id, text(sent.completed))
    return "update", (sent.protocol_instance_id, failure(sent.rejected))


_READERS: dict[str, Callable[[Any], Command]] = {
    "schedule_local_activity": lambda sent: ("local activity", (sent.seq, sent.activity_type)),
    "schedule_activity": lambda sent: ("activity", activity(sent, sent.arguments, sent.activity_type)),
    "set_patch_marker": lambda sent: ("patch", sent.patch_id),
    "start_timer": lambda sent: ("timer", (str(sent.seq), sent.start_to_fire_timeout.ToTimedelta())),
    "cancel_timer": lambda sent: ("timer cancelled", str(sent.seq)),
    "upsert_workflow_search_attributes": lambda sent: ("search attributes", attributes(sent.search_attributes)),
    "update_response": _response,
    "complete_workflow_execution": lambda sent: ("end", ("completed", text(sent.result))),
    "fail_workflow_execution": lambda sent: ("end", ("failed", failure(sent.failure))),
    "cancel_workflow_execution": lambda _: ("end", ("cancelled",)),
    "start_child_workflow_execution": lambda sent: (
        "child",
        (sent.workflow_type, sent.workflow_id, texts(sent.input)),
    ),
}
"""For each variant of a command, its kind and content; a continuation is read above."""
