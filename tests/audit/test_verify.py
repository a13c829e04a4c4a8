"""Each way in which the records may come to differ is planted, found and named; what is whole gives no finding."""

import gzip
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from activities.archive import name_of
from audit.records import Records
from domain.time.policy import DEFAULT_POLICY
from kit.engine.histories import Stretch
from kit.storage.database import Database
from models import histories, policies
from tests.people import WORKER
from tests.support.builders import complaint, note
from tests.support.lives import MONDAY
from tests.support.seals import off
from tests.support.servers import KEYS
from tests.support.verified import another_result, change_payload, stack

pytestmark = pytest.mark.usefixtures("hurried")


async def test_a_stack_in_which_nothing_is_wrong_gives_no_finding(
    dev_server: WorkflowEnvironment, database: Database
) -> None:
    async with stack(dev_server, database) as s:
        for steps in (0, 7, 15):
            await s.case(steps)
        s.seal()
        await s.keep()
        looked = [looked async for _, looked in s.verifier(dev_server.client).every()]
        assert [f for one in looked for f in one.findings] == []
        with database.read() as tx:
            assert sum(one.entries for one in looked) == tx.execute(text("select count(*) from book")).scalar_one()
        assert sum(one.cases for one in looked) == 3
        assert await s.kinds() == await s.kinds(offline=True) == set()


async def test_runs_that_were_continued_stopped_and_refused_are_no_findings(
    short_runs: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with stack(short_runs, sqlite_database) as s:
        reference = await s.case(9)
        told_of = complaint()
        opened = await s.running.desk.open(told_of, WORKER, reference=None, command_id="opened-by-somebody")
        s.mine |= {opened.reference}
        await short_runs.client.get_workflow_handle(opened.reference).terminate("an operator")
        await s.running.desk.open(told_of, WORKER, reference=opened.reference, command_id="opened-by-somebody")
        await s.running.desk.submit(opened.reference, note(), WORKER)
        runs = (await Records(sqlite_database, s.store, KEYS, short_runs.client).of(reference)).runs
        assert len(runs) > 1 and runs[1].continues == runs[0].run_id
        await s.keep()
        assert await s.kinds() == await s.kinds(offline=True) == set()


UPDATE_BOOK = "update book set {} where reference = :r and version = 4"

PLANTED: dict[str, tuple[str, set[str]]] = {
    "a word of a line": (UPDATE_BOOK.format("account = 'somebody'"), {"chain_broken", "history_differs"}),
    "a line taken out": ("delete from book where reference = :r and version = 4", {"line_missing"}),
    "the last line cut off": (
        "delete from book where reference = :r and version = (select max(version) from book where reference = :r)",
        {"line_gone", "not_in_book", "command_not_in_book", "row_differs"},
    ),
    "a command id": (UPDATE_BOOK.format("command_id = 'another-one'"), {"command_differs"}),
    "a holder in the lists": ("update cases set holder = 'somebody' where reference = :r", {"row_differs"}),
    "a deadline in the lists": ("update cases set next_due = null where reference = :r", {"row_differs"}),
    "a head": ("update cases set head = zeroblob(32) where reference = :r", {"row_differs"}),
    "who may read it": ("insert into parties values (:r, 'somebody')", {"parties_differ"}),
    "an alert that nobody raised": (
        "insert into alerts (reference, key, kind, level, due, raised_at) "
        "values (:r, 'x', 'STALL', 'SUPERVISOR', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        {"alerts_differ"},
    ),
    "another policy": (
        r"""update policies set
        policy = replace(policy, '"EVIDENCE"\:{"case_worker"\:20', '"EVIDENCE"\:{"case_worker"\:2') where :r <> ''""",
        {"row_differs"},
    ),
    "a policy that says nothing": ("update policies set policy = 'x' where version = 1 or :r = ''", {"policy_missing"}),
    "a version of the policy": ("update policies set version = 2 where version = 1 or :r = ''", {"policy_missing"}),
    "a leaf": ("update leaves set hash = zeroblob(32) where reference = :r and version = 4", {"leaf_broken"}),
    "what was committed to": (
        "update leaves set commitment = zeroblob(32) where reference = :r and version = 4", {"commitment_differs"}
    ),
    "the digest of a history": ("update histories set digest = zeroblob(32) where reference = :r", {"kept_differs"}),
}  # fmt: skip


async def test_everything_planted_in_the_database_is_found_and_named(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with stack(dev_server, sqlite_database) as s:
        with sqlite_database.write() as tx:
            told_of = {"after": 0, "reason": "-", "account": "pilote", "made_at": MONDAY}
            policies.put_in_force(tx, DEFAULT_POLICY, **told_of)
        reference = await s.case()
        s.seal()
        await s.keep()
        assert await s.kinds() == set()
        off(sqlite_database)
        before = _dump(sqlite_database)
        for what, (statement, expected) in PLANTED.items():
            s.write(statement, r=reference)
            found = await s.kinds()
            assert found >= expected, f"{what}: {expected} expected, {found} found"
            _restore(sqlite_database, before)
        assert await s.kinds() == set()
        print(f"\nverify: {len(PLANTED)} ways for rows to be wrong, {len(PLANTED)} found and named")


def _dump(database: Database) -> dict[str, list[dict[str, Any]]]:
    names = (
        "book",
        "cases",
        "parties",
        "alerts",
        "blind_index",
        "files",
        "policies",
        "leaves",
        "checkpoints",
        "histories",
    )
    with database.read() as tx:
        return {name: [dict(r._mapping) for r in tx.execute(text(f"select * from {name}"))] for name in names}  # noqa: S608


def _restore(database: Database, before: dict[str, list[dict[str, Any]]]) -> None:
    with database.write() as tx:
        for name in reversed(before):
            tx.execute(text(f"delete from {name}"))  # noqa: S608
        for name, rows in before.items():
            if rows:
                columns = ", ".join(rows[0])
                values = ", ".join(f":{column}" for column in rows[0])
                tx.execute(text(f"insert into {name} ({columns}) values ({values})"), rows)  # noqa: S608


async def test_a_case_without_its_workflow_and_a_workflow_without_its_case_are_found(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with stack(dev_server, sqlite_database) as s:
        stopped, forgotten = await s.case(1), await s.case(1)
        await dev_server.client.get_workflow_handle(stopped).terminate("an operator")
        assert await s.kinds() == {"workflow_missing"}
        for table in ("book", "parties", "blind_index", "cases"):
            s.write(f"delete from {table} where reference = :r", r=forgotten)  # noqa: S608
        assert await s.kinds() == {"workflow_missing", "workflow_orphan"}
        for table in ("parties", "blind_index"):
            s.write(f"delete from {table} where reference = :r", r=stopped)  # noqa: S608
        s.write("delete from cases where reference = :r", r=stopped)
        assert "row_missing" in await s.kinds()
        s.write("delete from book where reference = :r", r=stopped)
        s.mine = frozenset()
        assert await s.kinds() == set(), "nothing is known of either any more"


Change = Callable[[list[dict[str, Any]]], None]


def another_answer(events: list[dict[str, Any]]) -> None:
    """The person was told of another version."""
    for event in events:
        if completed := event.get("workflowExecutionUpdateCompletedEventAttributes"):
            change_payload(completed["outcome"]["success"]["payloads"][0], lambda receipt: receipt | {"version": 99})


def another_asker(events: list[dict[str, Any]]) -> None:
    for event in events:
        if accepted := event.get("workflowExecutionUpdateAcceptedEventAttributes"):
            request = accepted["acceptedRequest"]["input"]
            if request["name"] != "opened":
                change_payload(request["args"]["payloads"][0], _asked_by_somebody)


def _asked_by_somebody(ask: dict[str, Any]) -> None:
    ask["actor"]["account"] = "somebody"


def another_timer(events: list[dict[str, Any]]) -> None:
    for event in events:
        if timer := event.get("timerStartedEventAttributes"):
            timer["startToFireTimeout"] = "12s"


def without_a_command(events: list[dict[str, Any]]) -> None:
    """A timer that was never set. The numbers of the others stay, as an engine would have them."""
    for event in events:
        if "timerStartedEventAttributes" in event:
            event["eventType"] = "EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED"
            del event["timerStartedEventAttributes"]
            event["workflowExecutionSignaledEventAttributes"] = {"signalName": "x"}
            return


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (another_result, {"history_differs"}),
        (another_answer, {"command_differs", "replay_differs"}),
        (another_asker, {"command_differs"}),
        (another_timer, {"replay_differs"}),
        (without_a_command, {"replay_failed"}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
async def test_a_history_that_was_changed_with_its_digest_is_found(
    dev_server: WorkflowEnvironment, sqlite_database: Database, change: Change, expected: set[str]
) -> None:
    """By somebody who owns our storage and the database: only the book, and today's code, tell otherwise."""
    async with stack(dev_server, sqlite_database) as s:
        reference = await s.case(5)
        await s.keep()
        with sqlite_database.read() as tx:
            (row,) = histories.stretches(tx, reference)
        name = name_of(reference, row.run_id, row.first_event, row.last_event)
        (run,) = (await Records(sqlite_database, s.store, KEYS, None).of(reference)).runs
        clear = Stretch(reference, row.run_id, run.history.events).to_bytes(dev_server.client.namespace)
        said = json.loads(gzip.decompress(clear))
        change(said["events"])
        forged = gzip.compress(json.dumps(said).encode())
        s.store.put(name, forged)
        assert await s.kinds() == {"kept_differs"}
        s.write("update histories set digest = :d where reference = :r", d=hashlib.sha256(forged).digest(), r=reference)
        assert await s.kinds(offline=True) >= expected
        assert "kept_differs" in await s.kinds(), "the engine still has the true one"


async def test_a_history_that_is_no_longer_there_is_found(
    short_runs: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with stack(short_runs, sqlite_database) as s:
        reference = await s.case(9)
        await s.keep()
        with sqlite_database.read() as tx:
            rows = histories.stretches(tx, reference)
        first = rows[0]
        path = s.running.folder / "kept" / name_of(reference, first.run_id, first.first_event, first.last_event)
        path.unlink()
        assert await s.kinds() == {"kept_missing"}
        assert await s.kinds(offline=True) >= {"kept_missing", "history_missing"}
        s.write("delete from histories where reference = :r and run_id = :run", r=reference, run=first.run_id)
        assert "history_missing" in await s.kinds(offline=True)
