"""Destroys the key of a case that was erased, once nothing needs it any more."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.exchange.erasure import ErasureDone
from kit.process.logs import get_logger
from models import book, destroyed_keys, drafts, mails
from models.finding import forget_marks

if TYPE_CHECKING:
    from kit.storage.database import Database
    from models.keys import CaseKeys

log = get_logger("activities.erasure")


class Eraser:
    """Ends erasures. Doing so again does no harm."""

    def __init__(self, database: Database, keys: CaseKeys, client: Client) -> None:
        self._database, self._keys, self._client = database, keys, client

    @activity.defn(name="destroy_key")
    async def destroy_key(self, reference: str) -> ErasureDone:
        """Destroys the key of a case whose last line says that it was erased, and whose workflow has ended.

        Raises ApplicationError "NotErased", not to be tried again, for any other case: no key of a live one is ever
        destroyed. While the workflow still writes its last lines under that key, it fails and is tried again.
        """
        try:
            described = await self._client.get_workflow_handle(reference).describe()
            if described.status is WorkflowExecutionStatus.RUNNING:
                raise ApplicationError("the case still ends", type="Running")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return await asyncio.to_thread(self._destroy, reference)

    def _destroy(self, reference: str) -> ErasureDone:
        with self._database.write() as tx:
            if not _was_erased(tx, reference):
                raise ApplicationError("the case was not erased", type="NotErased", non_retryable=True)
            forget_marks(tx, reference)
            mails.drop_notices(tx, reference, datetime.now(UTC))
        drafts.destroy_those_of(self._database, self._keys, reference)
        destroyed = self._keys.destroy(reference)
        with self._database.write() as tx:
            destroyed_keys.note(tx, reference, destroyed.destroyed_at)
        log.info("key_destroyed", reference=reference)
        return ErasureDone(reference=reference, destroyed_at=destroyed.destroyed_at)


def _was_erased(tx: Connection, reference: str) -> bool:
    return book.erasure(tx, reference) is not None
