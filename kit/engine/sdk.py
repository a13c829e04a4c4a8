"""All that is used of the Temporal SDK beyond its public interface, with the reason for each.

An upgrade of the SDK looks through this file first (docs/decisions/0004).
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker._workflow_instance import WorkflowInstance, WorkflowInstanceDetails

__all__ = [
    "LOCAL_ACTIVITY_DATA",
    "LOCAL_ACTIVITY_MARKER",
    "LOCAL_ACTIVITY_RESULT",
    "PATCH_ATTRIBUTE",
    "PATCH_DATA",
    "PATCH_MARKER",
    "WorkflowActivation",  # what an instance is given: named in the signature of `activate`
    "WorkflowActivationCompletion",  # what it gives back: the commands of one task, which `Replayer` shows to nobody
    "WorkflowInstance",  # what a runner makes: the SDK publishes the runner's interface, and not what that returns
    "WorkflowInstanceDetails",  # what a runner makes it from
]

LOCAL_ACTIVITY_MARKER = "core_local_activity"
"""Marker by which a history holds a local activity: the SDK's core writes it, and says nowhere that it will stay so."""

LOCAL_ACTIVITY_DATA = "data"
"""Detail of that marker: JSON with the number and the type of the activity, among others."""

LOCAL_ACTIVITY_RESULT = "result"
"""Detail of that marker: the answer; absent when the activity failed."""

PATCH_MARKER, PATCH_DATA = "core_patch", "patch-data"
"""Marker by which a history holds that a run knows a change of its code, and its detail: JSON with the change's id."""

PATCH_ATTRIBUTE = "TemporalChangeVersion"
"""Search attribute that the SDK's core writes beside such a marker, by itself."""
