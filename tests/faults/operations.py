"""What the engine lets whoever has its port do to a run, or to many at once, and what each changes."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.empty_pb2 import Empty
from temporalio.api.batch.v1 import (
    BatchOperationCancellation,
    BatchOperationReset,
    BatchOperationSignal,
    BatchOperationTermination,
)
from temporalio.api.common.v1 import ResetOptions, WorkflowExecution
from temporalio.api.enums.v1 import BatchOperationState
from temporalio.api.workflowservice.v1 import (
    DescribeBatchOperationRequest,
    PauseActivityRequest,
    PauseWorkflowExecutionRequest,
    StartBatchOperationRequest,
    UnpauseWorkflowExecutionRequest,
    UpdateWorkflowExecutionOptionsRequest,
)
from temporalio.client import Client

from domain.values import new_reference
from tests.support.harness import eventually

Tries = Callable[[str, Callable[[], Awaitable[Any]], str], Awaitable[None]]


async def still_tried(stranger: Client) -> list[str]:
    """The runs whose task failed and is tried again: what they were started as."""
    tried = []
    async for run in stranger.list_workflows("ExecutionStatus = 'Running'"):
        described = await stranger.get_workflow_handle(run.id).describe()
        if described.raw_description.pending_workflow_task.attempt > 1:
            tried.append(f"{run.workflow_type} {run.id}")
    return tried


async def operations(stranger: Client, tries: Tries, paused: str, in_batch: str) -> None:
    """Pauses a run, and does to another whatever can be done to many at once."""
    service, namespace = stranger.workflow_service, stranger.namespace
    execution = WorkflowExecution(workflow_id=paused)
    by: dict[str, Any] = {"namespace": namespace, "identity": "stranger"}
    run: dict[str, Any] = by | {"workflow_id": paused, "request_id": new_reference(), "reason": "by a stranger"}

    async def batch(**operation: Any) -> None:
        job: dict[str, Any] = {"namespace": namespace, "job_id": new_reference()}
        runs = [WorkflowExecution(workflow_id=in_batch)]
        await service.start_batch_operation(
            StartBatchOperationRequest(**job, reason="by a stranger", executions=runs, **operation)
        )

        async def is_over() -> bool:  # one at a time is let through
            described = await service.describe_batch_operation(DescribeBatchOperationRequest(**job))
            return described.state != BatchOperationState.BATCH_OPERATION_STATE_RUNNING

        await eventually(is_over)

    attempts: tuple[tuple[str, Callable[[], Awaitable[Any]], str], ...] = (
        (
            "batch signal",
            lambda: batch(signal_operation=BatchOperationSignal(signal="add_note", identity="stranger")),
            "kept, and dropped unread",
        ),
        ("batch cancel", lambda: batch(cancellation_operation=BatchOperationCancellation()), "asked, and ignored"),
        (
            "batch reset",
            lambda: batch(reset_operation=BatchOperationReset(options=ResetOptions(first_workflow_task=Empty()))),
            "starts from an earlier step; the book tells it the rest",
        ),
        (
            "batch terminate",
            lambda: batch(termination_operation=BatchOperationTermination(identity="stranger")),
            "ended; taken up within the hour",
        ),
        (
            "pause",
            lambda: service.pause_workflow_execution(PauseWorkflowExecutionRequest(**run)),
            "stands still until it is unpaused",
        ),
        ("unpause", lambda: service.unpause_workflow_execution(UnpauseWorkflowExecutionRequest(**run)), "goes on"),
        (
            "activity pause",
            lambda: service.pause_activity(PauseActivityRequest(**by, execution=execution, type="commit")),
            "none runs",
        ),
        (
            "options",
            lambda: service.update_workflow_execution_options(
                UpdateWorkflowExecutionOptionsRequest(namespace=namespace, workflow_execution=execution)
            ),
            "nothing",
        ),
    )
    for what, attempt, changes in attempts:
        await tries(what, attempt, changes)
