"""An erased case: its chain, its leaves and its checkpoints hold without a key, and nothing else is asked of it."""

from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from activities.calendar import french_calendar
from audit.bundle import bundle
from audit.rebuild import restore_all, start_again
from audit.records import Records
from audit.verify import Looked, Verifier
from audit.verify_bundle import included
from domain.errors import Refused
from domain.log.merkle import Tree
from domain.parts.erasure import Erase, ProposeErasure
from kit.crypto.vault import KeyFile
from kit.storage.database import Database, sqlite_url
from models import book, seals
from models.keys import CaseKeys
from models.migrate import VAULT
from tests.people import SUPERVISOR, SUPERVISOR_2, WORKER
from tests.support.builders import closing
from tests.support.seals import KEY, ORIGIN
from tests.support.servers import KEYS, until_async
from tests.support.verified import Stack, stack

pytestmark = pytest.mark.usefixtures("hurried")


async def erase(s: Stack, reference: str) -> None:
    await s.running.desk.submit(reference, ProposeErasure(reason="They asked for it"), SUPERVISOR)
    await s.running.desk.submit(reference, Erase.model_validate({"reason": "PERSON_ASKED"}), SUPERVISOR_2)
    await until_async(lambda: KEYS.destroyed(reference) is not None, "the key is destroyed")


async def looked_at(s: Stack) -> Looked:
    last = Looked()
    async for _, page in s.verifier(s.running.client).every():
        last = page
    return last


def lines_of(database: Database) -> list[tuple[object, ...]]:
    with database.read() as tx:
        return [tuple(row) for row in tx.execute(text("select reference, version, hash from book order by id"))]


async def test_what_is_left_of_an_erased_case_is_verified_and_it_is_said_that_its_content_is_gone(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    client, database = dev_server.client, sqlite_database
    async with stack(dev_server, database) as s:
        gone, kept = await s.case(0), await s.case(2)
        await s.running.desk.submit(gone, closing(), WORKER)
        s.seal()  # under its key
        await s.keep()
        await erase(s, gone)
        s.seal()  # its last lines, when the key is no more
        await s.keep()
        found = await looked_at(s)
        assert (found.cases, found.erased, found.findings) == (2, 1, [])
        assert await s.kinds() == await s.kinds(offline=True) == set()

        records = Records(database, s.store, KEYS, client)
        assert (await records.of(gone)).runs == []
        with pytest.raises(Refused) as refused:
            await bundle(database, KEYS, records, gone, KEY, ORIGIN)
        assert refused.value.code == "case_erased"

        # Its lines are in the tree as they were, and nobody can say otherwise of them.
        with database.read() as tx:
            last, leaves = seals.last_checkpoint(tx), seals.leaves_of(tx, gone)
            assert last is not None and len(leaves) == len(book.rows(tx, gone))
            assert [leaf.commitment is None for leaf in leaves][-1], "sealed when the key was gone"
            tree = seals.leaf_hashes(tx, last.size)
        assert leaves[0].commitment is not None
        proof = Tree(tree).inclusion(leaves[0].position)
        assert included(leaves[0].hash, leaves[0].position, last.size, proof, last.root)
        s.write("update book set event = zeroblob(60) where reference = :r and version = 2", r=gone)
        assert {f.kind for f in (await looked_at(s)).findings} >= {"chain_broken", "line_changed"}
        assert kept in {row[0] for row in lines_of(database)}


async def test_an_erased_case_is_neither_started_again_nor_restored_and_no_key_is_made(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    client, database = dev_server.client, sqlite_database
    async with stack(dev_server, database) as s:
        gone, kept = await s.case(0), await s.case(1)
        await s.running.desk.submit(gone, closing(), WORKER)
        await s.keep()
        await erase(s, gone)
        before, keys = lines_of(database), KEYS.living() & {gone, kept}  # others open cases at the same time
        await client.get_workflow_handle(kept).terminate("lost")
        started = await start_again(client, s.running.desk, database, KEYS, 100, lambda _: None)
        assert (started.cases, started.started, started.already, started.failed) == (1, 1, 0, [])
        records = Records(database, s.store, KEYS, client)
        restored = await restore_all(None, records, database, KEYS, french_calendar(), lambda _: None)
        assert (restored.lines, [one for one in restored.refused if one[0] in (gone, kept)]) == (0, [])
        assert (lines_of(database), KEYS.living() & {gone, kept}) == (before, keys)
        assert keys == {kept}
        assert KEYS.destroyed(gone) is not None


async def test_a_key_that_is_lost_is_no_erasure_and_is_named_by_all(
    dev_server: WorkflowEnvironment, sqlite_database: Database, tmp_path: Path
) -> None:
    async with stack(dev_server, sqlite_database) as s:
        known, gone, forgotten = await s.case(1), await s.case(0), await s.case(1)
        await s.running.desk.submit(gone, closing(), WORKER)
        await s.keep()
        await erase(s, gone)
        other = Database(sqlite_url(tmp_path / "other.db"), wipes=True)
        VAULT.migrate(other)
        keys = CaseKeys(other, KeyFile.made_if_missing(tmp_path / "master.key"))
        for table in ("parties", "blind_index", "cases", "book"):  # only what was put away tells of it
            s.write(f"delete from {table} where reference = :r", r=forgotten)  # noqa: S608
        verifier = Verifier(sqlite_database, keys, Records(sqlite_database, s.store, keys, None),
                            french_calendar(), None)  # fmt: skip
        found = [(f.case, f.kind) async for _, looked in verifier.every() for f in looked.findings]
        assert found == [(known, "key_missing")]
        before = lines_of(sqlite_database)
        started = await start_again(dev_server.client, s.running.desk, sqlite_database, keys, 100, lambda _: None)
        assert (started.cases, started.keyless, started.started, started.failed) == (1, [known], 0, [])
        records = Records(sqlite_database, s.store, keys, dev_server.client)
        restored = await restore_all(None, records, sqlite_database, keys, french_calendar(), lambda _: None)
        assert sorted(restored.keyless) == sorted([known, forgotten])
        assert (restored.cases, restored.lines, restored.shown, restored.refused) == (2, 0, 0, [])
        assert (lines_of(sqlite_database), keys.living()) == (before, frozenset())
        keys.close()


async def test_an_opening_that_came_to_nothing_is_no_lost_case(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with stack(dev_server, sqlite_database) as s:
        reference = await s.case(0)
        await s.keep()
        for table in ("parties", "blind_index", "cases", "book"):
            s.write(f"delete from {table} where reference = :r", r=reference)  # noqa: S608
        KEYS.destroy(reference)  # as `keys orphans --destroy` does
        records = Records(sqlite_database, s.store, KEYS, dev_server.client)
        restored = await restore_all(None, records, sqlite_database, KEYS, french_calendar(), lambda _: None)
        assert (restored.cases, restored.keyless, restored.refused) == (0, [], [])


async def test_a_case_whose_beginning_is_lost_is_named(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with stack(dev_server, sqlite_database) as s:
        reference = await s.case(2)
        await dev_server.client.get_workflow_handle(reference).terminate("lost")
        s.write("delete from book where reference = :r and version = 1", r=reference)
        started = await start_again(dev_server.client, s.running.desk, sqlite_database, KEYS, 100, lambda _: None)
        assert (started.cases, started.failed, started.keyless) == (1, [reference], [])


async def test_a_line_sealed_for_another_place_is_found(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with stack(dev_server, sqlite_database) as s:
        reference = await s.case(3)
        other = "(select event from book where reference = :r and version = 3)"
        s.write(f"update book set event = {other} where reference = :r and version = 4", r=reference)  # noqa: S608
        assert await s.kinds() >= {"chain_broken", "not_opened"}
