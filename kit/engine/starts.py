"""Starts that no desk of ours asks for: each ends its run alone, where the engine would try its task for ever.

Whoever reaches the engine's port may start a workflow under any name and id. What such a start brings is refused by the
codec; what it lacks is refused here: an argument, a name that there is, an id that is the workflow's to have.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, cast

from temporalio.converter import DataConverter, WorkflowSerializationContext
from temporalio.exceptions import ApplicationError
from temporalio.worker import WorkflowRunner

from kit.crypto.codec import SealingCodec
from kit.engine.sdk import WorkflowActivation, WorkflowActivationCompletion, WorkflowInstance, WorkflowInstanceDetails

Fits = Callable[[str, str], bool]
"""True if a workflow of this name may have this id."""


class RefusingStarts(WorkflowRunner):
    """The usual runner, which ends the runs whose start lacks something."""

    def __init__(self, inner: WorkflowRunner, converter: DataConverter, fits: Fits) -> None:
        """`converter` is the worker's."""
        self._inner, self._converter, self._fits = inner, converter, fits

    def prepare_workflow(self, defn: Any) -> None:
        """Leaves it to the usual runner."""
        self._inner.prepare_workflow(defn)

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        """Leaves it to the usual runner."""
        self._inner.set_worker_level_failure_exception_types(types)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Gives the usual instance. Raises ApplicationError, which ends the run, for a workflow that there is not."""
        if det.defn.name is None or not self._fits(det.defn.name, det.info.workflow_id):
            self._refuse(det)
            raise _not_ours()
        instance = self._inner.create_instance(det)
        needed = _needed(det.defn.run_fn)
        return cast(WorkflowInstance, _Instance(instance, needed, lambda: self._refuse(det))) if needed else instance

    def _refuse(self, det: WorkflowInstanceDetails) -> None:
        """Has the codec know that nothing of ours came: the run has to be able to fail, also where it has no key."""
        context = WorkflowSerializationContext(namespace=det.info.namespace, workflow_id=det.info.workflow_id)
        codec = self._converter.with_context(context).payload_codec
        if isinstance(codec, SealingCodec):
            codec.refuse()


class _Instance:
    """An instance of a workflow as it is, but that it ends when too few arguments came."""

    def __init__(self, inner: WorkflowInstance, needed: int, refuse: Callable[[], None]) -> None:
        self._inner, self._needed, self._refuse = inner, needed, refuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Has the workflow go on. Raises ApplicationError, which ends the run, when too little came with its start."""
        for job in act.jobs:
            if job.HasField("initialize_workflow") and len(job.initialize_workflow.arguments) < self._needed:
                self._refuse()
                raise _not_ours()
        return self._inner.activate(act)


@functools.cache
def _needed(run: Callable[..., Any]) -> int:
    """The number of arguments that have to come with the start of a workflow."""
    _self, *taken = inspect.signature(run).parameters.values()
    return sum(parameter.default is inspect.Parameter.empty for parameter in taken)


def _not_ours() -> ApplicationError:
    return ApplicationError("nobody of ours starts this", type="NotOurs", non_retryable=True)
