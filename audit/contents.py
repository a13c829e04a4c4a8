"""Contents of commands in clear, in the same form for what code sends and for what a history holds."""

import json
from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure

Commands = dict[str, list[Any]]
"""Contents of commands, by kind, each kind in order. They hold what people said, and go into no report."""

Command = tuple[str, Any]
"""Kind and content of one."""


def activity(sent: Any, arguments: Sequence[Payload], activity_type: str) -> Any:
    """Content of an activity that is scheduled: what is asked, and how often and how long it is tried."""
    policy = sent.retry_policy
    return (
        activity_type,
        sent.activity_id,
        texts(arguments),
        sent.start_to_close_timeout.ToTimedelta(),
        sent.heartbeat_timeout.ToTimedelta(),
        policy.initial_interval.ToTimedelta(),
        policy.backoff_coefficient,
        policy.maximum_interval.ToTimedelta(),
        policy.maximum_attempts,
    )


def attributes(sent: Any) -> Any:
    """Content of search attributes."""
    return sorted((name, text(payload)) for name, payload in sent.indexed_fields.items())


def failure(sent: Failure) -> Any:
    """Content of a failure, without its stack: a line that moves in the code is no difference."""
    message = sent.message
    if sent.HasField("encoded_attributes"):
        message = json.loads(sent.encoded_attributes.data)["message"]
    info = sent.application_failure_info
    cause = failure(sent.cause) if sent.HasField("cause") else None
    return (message, info.type, info.non_retryable, texts(info.details.payloads), cause)


def text(payload: Payload) -> str:
    """Content of a payload that no codec has sealed."""
    return payload.data.decode()


def texts(payloads: Sequence[Payload]) -> list[str]:
    """The same of each."""
    return [text(payload) for payload in payloads]
