"""The engine: connecting to it, and making a namespace fit for what it must hold."""

import functools
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.failure.v1 import Failure
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType, SearchAttributeKey
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import ApplicationError
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from kit.crypto.codec import Keyring, RefusedPayloads, sealing
from kit.settings import Settings, revealed

IDENTITY = "aboutir"
"""Name of clients and workers in every history, in clear: never the machine's or a person's name."""


class EncodedFailureConverter(DefaultFailureConverter):
    """Puts what a failure says where payloads go, so that whatever encrypts payloads covers it too.

    A failure raised on purpose keeps no stack: its place in the code is no part of a case, and would write the paths of
    this installation, at every refusal, into a history that is kept for years.
    """

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        super().to_failure(exception, payload_converter, failure)
        stack = "" if isinstance(exception, ApplicationError) else failure.stack_trace
        attributes = {"message": failure.message, "stack_trace": stack}
        failure.encoded_attributes.CopyFrom(payload_converter.to_payloads([attributes])[0])
        failure.message, failure.stack_trace = "Encoded failure", ""


_REFUSED = RefusedPayloads()
_CONVERTERS = {**PydanticPayloadConverter().converters, _REFUSED.encoding.encode(): _REFUSED}


class SharedPayloadConverter(PydanticPayloadConverter):
    """Pydantic's converter, whose parts all instances share.

    The SDK makes a converter four times a step, and throws it away with all that it had worked out of our types.
    """

    def __init__(self) -> None:
        self.converters = _CONVERTERS


DATA_CONVERTER = DataConverter(
    payload_converter_class=SharedPayloadConverter, failure_converter_class=EncodedFailureConverter
)
"""Converter without a codec: histories in clear are made and read with it. `connect` seals."""


_TO_OUR_LOGS = LoggingConfig(
    filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
    forwarding=LogForwardingConfig(
        logger=logging.getLogger("temporalio.core"), prepend_target_on_message=False, append_log_fields_to_message=False
    ),
)
"""Sends the lines of the SDK's native part to our own logs: it would write them to stdout."""


def runtime_with_metrics(address: str) -> Runtime:
    """The SDK's runtime, serving its own Prometheus metrics on host:port. One for a process."""
    prometheus = PrometheusConfig(
        bind_address=address, durations_as_seconds=True, counters_total_suffix=True, unit_suffix=True
    )
    return Runtime(telemetry=TelemetryConfig(logging=_TO_OUR_LOGS, metrics=prometheus))


@functools.cache
def quiet_runtime() -> Runtime:
    """The SDK's runtime of a process that serves no metrics."""
    return Runtime(telemetry=TelemetryConfig(logging=_TO_OUR_LOGS))


def converter(keys: Keyring, *, strict: bool = False) -> DataConverter:
    """The converter of everybody who speaks to the engine: each payload is sealed for its workflow, under its key.

    A worker's is strict: it lets in nothing that was not sealed for the workflow that it runs.
    """
    return sealing(DATA_CONVERTER, keys, strict=strict)


async def connect(settings: Settings, keys: Keyring, runtime: Runtime | None = None, *, strict: bool = False) -> Client:
    """A client of the engine, strict for a worker. Raises RuntimeError when the engine does not answer."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=converter(keys, strict=strict),
        runtime=runtime or quiet_runtime(),
        tls=settings.temporal_tls,
        api_key=revealed(settings.temporal_api_key),
        identity=IDENTITY,
    )


_INDEXED = {
    SearchAttributeIndexedValueType.KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    SearchAttributeIndexedValueType.BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
}


async def add_search_attributes(client: Client, keys: Sequence[SearchAttributeKey[Any]]) -> None:
    """Registers what is missing. An attribute that a workflow uses and the engine does not know stops that workflow."""
    needed = {key.name: _INDEXED[key.indexed_value_type] for key in keys}
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        missing = {name: kind for name, kind in needed.items() if name not in listed.custom_attributes}
    except Exception:  # noqa: BLE001 - the test server cannot list; adding says what is wrong, if anything is
        missing = needed
    if missing:
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        await client.operator_service.add_search_attributes(request)


async def keep_histories(client: Client, days: int) -> None:
    """Raises the namespace's retention to `days` if it is shorter. Histories already ended keep the old one."""
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    if described.config.workflow_execution_retention_ttl.ToTimedelta() < timedelta(days=days):
        duration = Duration()
        duration.FromTimedelta(timedelta(days=days))
        config = NamespaceConfig(workflow_execution_retention_ttl=duration)
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(namespace=client.namespace, config=config)
        )
