"""The histories of a case, in clear: from the engine where it has them, from our own storage where it has forgotten."""

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
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
    """Whether it runs now, as far as the engine says."""

    @property
    def continues(self) -> str:
        """The run that it was continued from; empty for a first one."""
        return self.history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id


@dataclass
class Runs:
    """All runs of a case, the oldest first, and what was wrong with those that are kept."""

    runs: list[Run] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """Whether the case has a workflow at work."""
        return any(run.is_open for run in self.runs)


class Records:
    """Where histories are. Without a client, only what was put away: then the namespace under which the engine wrote it
    is to be said."""

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
        """For histories that are in clear."""
        return dataclasses.replace(self._written_by, payload_codec=None)

    async def of(self, reference: str) -> Runs:
        """Every run of a case that can be had. What is kept must be what the engine still has, if it has it."""
        found = Runs()
        if key_or_why(self._keys, reference)[0] is None:
            return found  # nobody can read them any more, or ever could
        kept = self._kept(reference, found.findings)
        engine = await self._of_engine(reference)
        for run_id in kept.keys() | engine.keys():
            history, is_open = engine.get(run_id, (None, False))
            put_away = kept.get(run_id)
            if history is not None and put_away is not None and not _begins_with(history, put_away):
                found.findings.append(Finding("kept_differs", run_id, reference))
            chosen = history or put_away
            if chosen is not None:
                try:
                    found.runs.append(Run(run_id, await self._in_clear(chosen), is_open))
                except (Tampered, KeyDestroyed, KeyUnknown):
                    found.findings.append(Finding("history_sealed", run_id, reference))
        found.runs.sort(key=lambda run: run.history.events[0].event_time.ToNanoseconds())
        return found

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
        found = {}
        for run_id, parts in stretches.items():
            try:
                found[run_id] = joined(parts)
            except NotAHistory:  # one of them is missing, which is said already
                continue
        return found

    async def _of_engine(self, reference: str) -> dict[str, tuple[WorkflowHistory, bool]]:
        if self._client is None:
            return {}
        found = {}
        async for run in self._client.list_workflows(f"WorkflowId = '{reference}'"):
            handle = self._client.get_workflow_handle(reference, run_id=run.run_id)
            history = await handle.fetch_history()
            found[run.run_id] = (history, run.status is WorkflowExecutionStatus.RUNNING)
        return found

    async def _in_clear(self, history: WorkflowHistory) -> WorkflowHistory:
        context = WorkflowSerializationContext(namespace=self.namespace, workflow_id=history.workflow_id)
        codec = self._written_by.with_context(context).payload_codec
        return history if codec is None else await decoded(history, codec)


def _begins_with(history: WorkflowHistory, kept: WorkflowHistory) -> bool:
    """Whether what was kept is how the history begins. The engine may not say less than it once said."""
    return list(history.events[: len(kept.events)]) == list(kept.events)


async def decoded(history: WorkflowHistory, codec: PayloadCodec) -> WorkflowHistory:
    """The history with every payload as it was before the codec, so that it can be compared with what code says."""
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
    """Every payload within, together with those that stand beside it. Search attributes were never encoded."""
    if isinstance(message, Payload | Payloads):
        yield message
        return
    if isinstance(message, SearchAttributes):
        return
    for descriptor, value in message.ListFields():
        if descriptor.type == FieldDescriptor.TYPE_MESSAGE:
            many = [value] if isinstance(value, Message) else value.values() if isinstance(value, Mapping) else value
            for inner in many:
                if isinstance(inner, Message):
                    yield from _payloads(inner)
