"""Strict replay (`audit.strict`) as the tests want it: in the strict sandbox, of the histories in the repository."""

import json
from collections.abc import Sequence
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import WorkflowRunner

from audit import strict
from audit.strict import Replayed
from tests.support.harness import STRICT_SANDBOX
from workflows.complaint import ComplaintWorkflow


def load(path: Path) -> WorkflowHistory:
    """A recorded history."""
    raw = json.loads(path.read_text())
    started = raw["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], raw)


async def replay(
    histories: Sequence[WorkflowHistory],
    *,
    to_the_end: bool = True,
    runner: WorkflowRunner = STRICT_SANDBOX,
    workflow: type = ComplaintWorkflow,
) -> list[Replayed]:
    return await strict.replay(histories, workflow, to_the_end=to_the_end, runner=runner)
