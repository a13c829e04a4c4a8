"""A worker on a store of keys that is not the one of its book: refused before it ends a run, and not ready."""

import asyncio
import json
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from domain.values import new_reference
from kit.crypto.vault import KeyFile
from kit.storage.database import Database, sqlite_url
from models.keys import ENGINE, CaseKeys
from models.migrate import VAULT
from models.tables import key_stores
from tests.people import WORKER
from tests.support.builders import complaint, note
from tests.support.servers import KEYS, MASTER_KEY, Process, RealWorker
from workflows.cases import CaseClient
from workflows.doors import cause_of
from workflows.erasure import Erasure


def another_store(folder: Path) -> str:
    """The address of the store of another installation, with the same master key."""
    url = sqlite_url(folder / "another.db")
    with closing(Database(url, wipes=True)) as store:
        VAULT.migrate(store)
        keys = CaseKeys(store, KeyFile(MASTER_KEY))
        keys.mint(new_reference())
        keys.of(ENGINE)
    return url


async def test_a_worker_on_another_store_is_refused_at_its_start_and_ends_no_run(
    dev_server: WorkflowEnvironment, worker_of: Callable[..., RealWorker], sqlite_database: Database, tmp_path: Path
) -> None:
    client, queue = dev_server.client, f"stores-{uuid.uuid4()}"
    address = client.service_client.config.target_host
    right = worker_of(address, sqlite_database, queue)
    await asyncio.to_thread(right.start)
    desk = CaseClient(client, queue, KEYS.mint)
    reference = (await desk.open(complaint(), WORKER)).reference
    await asyncio.to_thread(right.kill)

    # Sealed under a key that each store has one of: under another one it would pass for a forgery, and end the run.
    nobody = new_reference()
    run = await client.start_workflow(Erasure.run, nobody, id=f"erasure-{nobody}", task_queue=queue)
    wrong = worker_of(address, sqlite_database, queue, ABOUTIR_VAULT_URL=another_store(tmp_path))
    Process.start(wrong)
    assert await asyncio.to_thread(wrong.wait) == 4
    assert "The database of the keys is not the one of this book." in wrong.output
    assert "Traceback" not in wrong.output
    described = await run.describe()
    assert (described.status and described.status.name, described.history_length) == ("RUNNING", 2)

    await asyncio.to_thread(right.start)
    with pytest.raises(WorkflowFailureError) as ended:
        await run.result()
    cause = cause_of(ended.value)
    assert cause is not None and cause.type == "NotErased", "what was asked could be read"
    assert (await desk.submit(reference, note(), WORKER)).version == 3

    _know_another(sqlite_database)
    status, checks = await asyncio.to_thread(right.get, "/readyz")
    assert (status, json.loads(checks)["key_store"]) == (503, "key_store_other")
    await client.get_workflow_handle(reference).terminate()


def _know_another(database: Database) -> None:
    """The book is told of another store, as by whoever exchanges the one beside it."""
    row = {"number": 99, "at": datetime.now(UTC), "what": "ACCEPTED", "store": "another", "minted": 0, "lost": ""}
    with database.write() as tx:
        tx.execute(insert(key_stores), [row | {"head": bytes(32), "account": "exploitation", "why": "-"}])
