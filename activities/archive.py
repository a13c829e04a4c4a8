"""Puts the engine's histories away in our own storage, with a digest in the database.

They are put away as the engine has them: what people said is sealed in there under the key of its case, and the same
history gives the same bytes whoever puts it away. Nothing is sealed twice.
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from temporalio import activity
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from activities.beat import beating
from domain.exchange.sealing import Kept
from kit.engine.histories import ENDS, Stretch, at_rest
from kit.process.logs import get_logger
from models import histories

if TYPE_CHECKING:
    from kit.storage.archive import ArchiveStore
    from kit.storage.database import Database
    from models.keys import CaseKeys

log = get_logger("activities.archive")

_CASES = "WorkflowType = 'ComplaintWorkflow'"
_PAGE = 100
AT_ONCE = 10
"""Histories that are fetched at the same time. The engine takes ten seconds to say that it cannot give one: a page of
damaged ones is through in two minutes."""


def name_of(reference: str, run_id: str, first: int, last: int) -> str:
    """The name that a stretch is kept under."""
    return f"{reference}/{run_id}/{first:08}-{last:08}"


class Archive:
    """Keeps histories. What is kept already is not fetched again."""

    def __init__(self, database: Database, client: Client, store: ArchiveStore, keys: CaseKeys) -> None:
        self._database, self._client, self._store, self._keys = database, client, store, keys

    @activity.defn(name="keep_history")
    async def keep_history(self, reference: str, run_id: str) -> int:
        """Keeps what is new of one run; gives the number of events, 0 when nothing was new or the case is erased."""
        last_kept, ended = await asyncio.to_thread(self._kept_up_to, reference, run_id)
        if ended:
            return 0
        history = await self._client.get_workflow_handle(reference, run_id=run_id).fetch_history()
        has_ended = history.events[-1].WhichOneof("attributes") in ENDS
        whole = history if has_ended else at_rest(history)
        new = [event for event in whole.events if event.event_id > last_kept]
        if not new:
            return 0
        return await asyncio.to_thread(self._keep, Stretch(reference, run_id, new))

    @activity.defn(name="keep_histories")
    async def keep_histories(self, kept: Kept) -> Kept:
        """Goes through the next page of the engine's list of runs."""
        listed = self._client.list_workflows(_CASES, page_size=_PAGE, next_page_token=b64decode(kept.token) or None)
        await listed.fetch_next_page(page_size=_PAGE)
        page = listed.current_page or []
        counts = await self._keep_page(page)
        missed = [*kept.missed, *(run.id for run, count in zip(page, counts, strict=True) if count is None)]
        token = b64encode(listed.next_page_token or b"").decode()
        progress = Kept(
            token=token,
            runs=kept.runs + len(page),
            kept=kept.kept + sum(map(bool, counts)),
            missed=tuple(missed[-1_000:]),
            finished=not token,
        )
        if progress.finished:
            (log.warning if missed else log.info)("histories_kept", seen=progress.runs, failed=len(missed))
        return progress

    async def _keep_page(self, page: Sequence[WorkflowExecution]) -> list[int | None]:
        """Keeps the runs of a page, some at the same time; gives for each what `_keep_if_had` does."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def keep(run: WorkflowExecution) -> int | None:
            async with slots:
                return await self._keep_if_had(run)

        async with beating(), asyncio.TaskGroup() as group:
            tasks = [group.create_task(keep(run)) for run in page]
        return [task.result() for task in tasks]

    async def _keep_if_had(self, run: WorkflowExecution) -> int | None:
        """Keeps a run; gives the number of events that were put away, None when the engine cannot give the history.

        Raises RPCError when it is away.
        """
        try:
            return await self.keep_history(run.id, run.run_id)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                # The engine says that it is away of a history that it cannot read, too. If it can describe the run
                # (this raises otherwise), the trouble is this run's alone, and the others are put away.
                await self._client.get_workflow_handle(run.id, run_id=run.run_id).describe()
            log.warning("history_missed", reference=run.id, why=error.status.name)
            return None

    def _kept_up_to(self, reference: str, run_id: str) -> tuple[int, bool]:
        with self._database.read() as tx:
            return histories.kept_up_to(tx, reference, run_id)

    def _keep(self, stretch: Stretch) -> int:
        reference, run_id = stretch.workflow_id, stretch.run_id
        if self._keys.destroyed(reference) is not None:
            return 0  # nobody could read it
        content = stretch.to_bytes(self._client.namespace)
        # The file first: a row always has its file, and a file without a row is written again.
        self._store.put(name_of(reference, run_id, stretch.first, stretch.last), content)
        digest = hashlib.sha256(content).digest()
        try:
            with self._database.write() as tx:
                histories.add(tx, reference, run_id, stretch.first, stretch.last, ended=stretch.ends, digest=digest)
        except IntegrityError:  # lost a race with the sweep, or with the case itself: its row is the same
            return 0
        return len(stretch.events)
