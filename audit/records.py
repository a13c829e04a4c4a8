"""Gathers the histories of a case, in clear: from the engine, or from our own storage where it has forgotten."""

import contextlib
import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, Payloads, SearchAttributes
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.converter import DataConverter, PayloadCodec, WorkflowSerializationContext

from activities.archive import name_of
from audit.findings import Finding
from audit.keyring import key_or_why
from kit.crypto.vault import KeyDestroyed, KeyUnknown, Tampered
from kit.engine.histories import NotAHistory, Stretch, joined
from kit.engine.temporal import converter
from kit.storage.archive import ArchiveStore, Missing
from kit.storage.database import Database
from models import histories
from models.keys import CaseKeys


@dataclass(frozen=True)
class Run:
    """One run of a case's workflow."""

    run_id: str
    history: WorkflowHistory
    is_open: bool
    """True if it runs now, by the engine."""

    @property
    def continues(self) -> str:
        """The run that it was continued from; empty for a first one."""
        return self.history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id


@dataclass
class Runs:
    """All runs of a case, the oldest first, and findings on those that were put away."""

    runs: list[Run] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """True if the case has a workflow at work."""
        return any(run.is_open for run in self.runs)


class Records:
    """Both places of histories. Without a client, only those that were put away are there, and `namespace` says under
    which name the engine wrote them.
    """

    def __init__(
        self,
        database: Database,
        archive: ArchiveStore,
        keys: CaseKeys,
        client: Client | None,
        *,
        namespace: str = "default",
    ) -> None:
        self._database, self._archive, self._keys, self._client = database, archive, keys, client
        self._written_by = converter(keys)
        self.namespace = client.namespace if client else namespace

    @property
    def converter(self) -> DataConverter:
        """Converter for histories that are in clear."""
        return dataclasses.replace(self._written_by, payload_codec=None)

    async def of(self, reference: str) -> Runs:
        """Gathers every run of a case. Where both places have one, the engine's must begin with what was put away."""
        runs = Runs()
        if key_or_why(self._keys, reference)[0] is None:
            return runs  # nobody can read them any more, or ever could
        kept = self._kept(reference, runs.findings)
        engine = await self._of_engine(reference)
        for run_id in kept.keys() | engine.keys():
            history, is_open = engine.get(run_id, (None, False))
            put_away = kept.get(run_id)
            if history is not None and put_away is not None and not _begins_with(history, put_away):
                runs.findings.append(Finding("kept_differs", run_id, reference))
            await self._add(runs, reference, run_id, history or put_away, is_open=is_open)
        runs.runs.sort(key=lambda run: run.history.events[0].event_time.ToNanoseconds())
        return runs

    async def _add(
        self, runs: Runs, reference: str, run_id: str, history: WorkflowHistory | None, *, is_open: bool
    ) -> None:
        if history is None:
            return
        try:
            runs.runs.append(Run(run_id, await self._in_clear(history), is_open))
        except (Tampered, KeyDestroyed, KeyUnknown):
            runs.findings.append(Finding("history_sealed", run_id, reference))

    def _kept(self, reference: str, findings: list[Finding]) -> dict[str, WorkflowHistory]:
        with self._database.read() as tx:
            rows = histories.stretches(tx, reference)
        stretches: dict[str, list[Stretch]] = defaultdict(list)
        for row in rows:
            name = name_of(reference, row.run_id, row.first_event, row.last_event)
            try:
                content = self._archive.get(name)
                if hashlib.sha256(content).digest() != row.digest:
                    raise NotAHistory(name)
                stretches[row.run_id].append(Stretch.from_bytes(content))
            except Missing:
                findings.append(Finding("kept_missing", name, reference))
            except NotAHistory:
                findings.append(Finding("kept_differs", name, reference))
        whole = {}
        for run_id, parts in stretches.items():
            with contextlib.suppress(NotAHistory):  # one of them is missing, which is a finding already
                whole[run_id] = joined(parts)
        return whole

    async def _of_engine(self, reference: str) -> dict[str, tuple[WorkflowHistory, bool]]:
        if self._client is None:
            return {}
        runs = {}
        async for run in self._client.list_workflows(f"WorkflowId = '{reference}'"):
            handle = self._client.get_workflow_handle(reference, run_id=run.run_id)
            history = await handle.fetch_history()
            runs[run.run_id] = (history, run.status is WorkflowExecutionStatus.RUNNING)
        return runs

    async def _in_clear(self, history: WorkflowHistory) -> WorkflowHistory:
        context = WorkflowSerializationContext(namespace=self.namespace, workflow_id=history.workflow_id)
        codec = self._written_by.with_context(context).payload_codec
        return history if codec is None else await decoded(history, codec)


def _begins_with(history: WorkflowHistory, kept: WorkflowHistory) -> bool:
    """True if the history begins with what was kept: the engine may not say less than it once said."""
    return list(history.events[: len(kept.events)]) == list(kept.events)


async def decoded(history: WorkflowHistory, codec: PayloadCodec) -> WorkflowHistory:
    """Makes a copy in which every payload is as it was before the codec, to compare it with what code sends."""
    events = []
    for event in history.events:
        copy = HistoryEvent()
        copy.CopyFrom(event)
        for holder in _payloads(copy):
            many = list(holder.payloads) if isinstance(holder, Payloads) else [holder]
            plain = await codec.decode(many)
            if isinstance(holder, Payloads):
                del holder.payloads[:]
                holder.payloads.extend(plain)
            else:
                holder.CopyFrom(plain[0])
        events.append(copy)
    return WorkflowHistory(history.workflow_id, events)


def _payloads(message: Message) -> Iterator[Any]:
    """Finds every payload within, those that stand together as one. Search attributes were never encoded."""
    if isinstance(message, Payload | Payloads):
        yield message
        return
    if isinstance(message, SearchAttributes):
        return
    for descriptor, value in message.ListFields():
        if descriptor.type == FieldDescriptor.TYPE_MESSAGE:
            for inner in _each(value):
                if isinstance(inner, Message):
                    yield from _payloads(inner)


def _each(value: Any) -> Iterable[Any]:
    """Values of a field that holds one message, a mapping or a list."""
    if isinstance(value, Message):
        return [value]
    return value.values() if isinstance(value, Mapping) else value
