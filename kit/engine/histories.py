"""A run's history as a file, and back: JSON that any program reads, with what the engine's own form leaves out."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from google.protobuf.json_format import MessageToDict
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

FORMAT = "aboutir.history.1"

ENDS = frozenset(
    f"workflow_execution_{end}_event_attributes"
    for end in ("completed", "failed", "timed_out", "terminated", "canceled", "continued_as_new")
)


class NotAHistory(ValueError):
    """The file is not what was put away."""


@dataclass(frozen=True)
class Stretch:
    """Some events of a run, one after the other."""

    workflow_id: str
    run_id: str
    events: Sequence[HistoryEvent]

    @property
    def first(self) -> int:
        """The number of its first event."""
        return self.events[0].event_id

    @property
    def last(self) -> int:
        """The number of its last event."""
        return self.events[-1].event_id

    @property
    def ends(self) -> bool:
        """True if the run ends with it."""
        return self.events[-1].WhichOneof("attributes") in ENDS

    def to_bytes(self, namespace: str) -> bytes:
        """Makes the file: the same events always give the same bytes."""
        content = {
            "format": FORMAT,
            "namespace": namespace,
            "workflow_id": self.workflow_id,
            "run_id": self.run_id,
            "sdk": f"temporalio {version('temporalio')}",
            "events": [MessageToDict(event) for event in self.events],
        }
        return gzip.compress(
            json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode(), mtime=0
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> "Stretch":
        """Reads such a file. Raises NotAHistory."""
        try:
            value = json.loads(gzip.decompress(content))
            history = WorkflowHistory.from_json(value["workflow_id"], {"events": value["events"]})
            if value["format"] != FORMAT or not history.events:
                raise NotAHistory("of another format")
            return cls(value["workflow_id"], value["run_id"], history.events)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise NotAHistory(str(error)) from None


def at_rest(history: WorkflowHistory) -> WorkflowHistory:
    """Leaves out a task that is under way or waits for a worker: nobody knows yet which commands it will make.

    The engine shows such a task before it writes it down, and may take it back.
    """
    events = list(history.events)
    for n in range(len(events) - 1, -1, -1):
        if events[n].HasField("workflow_task_completed_event_attributes"):
            break
        if events[n].HasField("workflow_task_scheduled_event_attributes"):
            return WorkflowHistory(history.workflow_id, events[:n])
    return history


def joined(stretches: Sequence[Stretch]) -> WorkflowHistory:
    """Joins stretches, given in any order. Raises NotAHistory when one is missing or is there twice."""
    events = [event for stretch in sorted(stretches, key=lambda s: s.first) for event in stretch.events]
    if [event.event_id for event in events] != list(range(1, len(events) + 1)):
        raise NotAHistory("a stretch is missing")
    return WorkflowHistory(stretches[0].workflow_id, events)
