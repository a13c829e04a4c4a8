"""All that the engine lets somebody do who has its port and no key: what it changes is told, of the book nothing."""

import asyncio
import http.client
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, ResetWorkflowExecutionRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    ScheduleUpdate,
    WorkflowExecutionStatus,
)
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError, RPCStatusCode

from cli.stack.embedded import ENGINE_SETTINGS
from domain.commands import COMMANDS
from domain.values import new_reference
from domain.vocabulary import Disagreement
from kit.engine.temporal import converter
from kit.storage.database import Database, sqlite_url
from models import sweeps
from models.migrate import migrate
from models.taking_up import TakingUp
from tests.faults.operations import operations, still_tried
from tests.people import SUPERVISOR, WORKER
from tests.support.accounts import open_accounts
from tests.support.builders import complaint, contact, note
from tests.support.harness import Running, eventually, running_case_worker
from tests.support.servers import KEYS, Engine
from workers.build import WORKFLOWS
from workflows.cases import CaseClient
from workflows.schedules import SCHEDULES, ensure
from workflows.taking_up import TakeUpEnded

QUEUE = "campaign"


@dataclass
class Campaign:
    """A stack with cases, and somebody with the port and nothing else."""

    engine: Engine
    running: Running
    desk: CaseClient
    """Opens cases and speaks to them as the desk does: it takes up what has lost its workflow."""
    stranger: Client
    references: list[str]
    told: list[tuple[str, str]] = field(default_factory=list)

    def book(self) -> list[tuple[Any, ...]]:
        """Every line of the book, and the keys that live."""
        with self.running.database.read() as tx:
            lines = [tuple(row) for row in tx.execute(text("select reference, version, hash from book order by 1, 2"))]
        return [*lines, *((reference,) for reference in KEYS.alive_among(self.references))]

    async def tries(self, what: str, attempt: Callable[[], Awaitable[Any]], changes: str) -> None:
        """Makes an attempt, which may well be let through, and holds the book and the keys against those before it."""
        before = self.book()
        try:
            async with asyncio.timeout(20):
                await attempt()
            outcome = changes
        except KeyError:  # the answer is sealed, and its encoding unknown
            outcome = f"{changes}; the answer is sealed"
        except RPCError as error:
            outcome = f"refused ({error.status.name})"
        except (TemporalError, RuntimeError) as error:
            outcome = f"refused ({type(error).__name__})"
        assert self.book() == before, what
        self.told.append((what, outcome))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def campaign(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Campaign]:
    folder: Path = tmp_path_factory.mktemp("campaign")
    engine = Engine(folder, *ENGINE_SETTINGS)
    await asyncio.to_thread(engine.start)
    try:
        client = await engine.client(converter(KEYS, strict=True))
        with closing(Database(sqlite_url(folder / "aboutir.db"))) as database:
            migrate(database)
            open_accounts(database)
            async with running_case_worker(client, database, sandboxed=False, task_queue=QUEUE) as running:
                desk = CaseClient(client, QUEUE, KEYS.mint, rescue=TakingUp(database, KEYS))
                references = []
                for _ in range(7):
                    reference = (await desk.open(complaint(), WORKER)).reference
                    await desk.submit(reference, contact(), WORKER)
                    references.append(reference)
                await ensure(client, QUEUE)
                yield Campaign(engine, running, desk, await Client.connect(engine.address), references)
    finally:
        engine.kill()


def forged(name: str, reference: str) -> dict[str, Any]:
    return {
        "command": {"kind": name, "text": "forged", "reason": "PERSON_ASKED"},
        "command_id": "forged-command-1",
        "actor": SUPERVISOR.model_dump(mode="json"),
        "reference": reference,
    }


async def test_whatever_the_port_allows_changes_nothing_of_the_book_and_of_the_keys(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger, tries = campaign.stranger, campaign.tries
    spoken_to, terminated, cancelled, reset, deleted, paused, in_batch = campaign.references
    case = stranger.get_workflow_handle(spoken_to)
    for name in (*COMMANDS, "opened", "review_again"):
        await tries(f"update {name}", lambda n=name: case.execute_update(n, forged(n, spoken_to)), "taken")
        await tries(f"signal {name}", lambda n=name: case.signal(n, forged(n, spoken_to)), "kept, and dropped unread")
    # It takes no argument, so anybody may ask for it: the case looks at its deadlines, as it does by itself.
    await tries("update review", lambda: case.execute_update("review"), "the case counts its deadlines")
    for name in ("view", "armed", "__stack_trace"):
        await tries(f"query {name}", lambda n=name: case.query(n), "asked in vain")
    for workflow in WORKFLOWS:
        for arguments in ([], [forged("open", spoken_to)], [spoken_to], [{"version": 1, "id": "x"}]):
            started = f"start {workflow.__name__} with {len(arguments)} argument(s)"
            await tries(started, lambda w=workflow, a=arguments: _started(campaign, w.__name__, a), "ends alone")
    for name, id in (("NoSuchWorkflow", None), ("NoSuchWorkflow", new_reference()), ("SealBook", new_reference())):
        await tries(f"start {name}", lambda n=name, i=id: _started(campaign, n, [], i), "ends alone")
    await tries("terminate", stranger.get_workflow_handle(terminated).terminate, "ended; taken up within the hour")
    await operations(stranger, tries, paused, in_batch)
    await tries("cancel", stranger.get_workflow_handle(cancelled).cancel, "asked, and ignored by the case")
    await tries("reset", lambda: _reset(stranger, reset), "starts from an earlier step; the book tells it the rest")
    await tries("delete", lambda: _delete(stranger, deleted), "gone; taken up by whoever speaks to it")
    await _schedules(campaign)
    await _http(campaign)

    with capsys.disabled():
        outcomes: dict[str, int] = {}
        for what, outcome in campaign.told:
            kind = f"{what.split()[0]:10} {outcome}"
            outcomes[kind] = outcomes.get(kind, 0) + 1
        print(f"\nthe port and nothing else: {len(campaign.told)} tries, of the book 0 changed, of the keys 0")
        for kind, count in sorted(outcomes.items()):
            print(f"  {count:4} x {kind}")
    taken = [what for what, outcome in campaign.told if outcome == "taken"]
    assert taken == []
    assert await still_tried(stranger) == []
    await _come_back(campaign, terminated, deleted)
    for reference in campaign.references:
        version = campaign.running.case(reference).version
        assert (await campaign.desk.submit(reference, note(), WORKER)).version == version + 1


async def _started(campaign: Campaign, workflow: str, arguments: list[Any], id: str | None = None) -> None:
    """Starts a workflow, and waits until its run is over."""
    id = id or f"forged-{new_reference()}"
    started = await campaign.stranger.start_workflow(workflow, args=arguments, id=id, task_queue=QUEUE)

    async def is_over() -> bool:
        return (await started.describe()).status is not WorkflowExecutionStatus.RUNNING

    await eventually(is_over)


async def _reset(stranger: Client, reference: str) -> None:
    history = await stranger.get_workflow_handle(reference).fetch_history()
    first = next(e.event_id for e in history.events if e.HasField("workflow_task_completed_event_attributes"))
    request = ResetWorkflowExecutionRequest(
        namespace=stranger.namespace,
        workflow_execution=WorkflowExecution(workflow_id=reference),
        workflow_task_finish_event_id=first,
        request_id=new_reference(),
        reason="by a stranger",
    )
    await stranger.workflow_service.reset_workflow_execution(request)


async def _delete(stranger: Client, reference: str) -> None:
    request = DeleteWorkflowExecutionRequest(
        namespace=stranger.namespace, workflow_execution=WorkflowExecution(workflow_id=reference)
    )
    await stranger.workflow_service.delete_workflow_execution(request)

    async def is_gone() -> bool:
        try:
            await stranger.get_workflow_handle(reference).describe()
        except RPCError as error:
            return error.status is RPCStatusCode.NOT_FOUND
        return False

    await eventually(is_gone)


async def _schedules(campaign: Campaign) -> None:
    stranger, tries = campaign.stranger, campaign.tries
    for planned in SCHEDULES:
        handle = stranger.get_schedule_handle(planned.id)
        await tries("schedule pause", handle.pause, "paused; `schedules` and the log of the sweep show it")
        await tries("schedule trigger", handle.trigger, "runs once more, and changes nothing")
        harm = Schedule(
            action=ScheduleActionStartWorkflow(
                "Erasure", campaign.references[0], id=f"forged-{planned.id}", task_queue=QUEUE
            ),
            spec=ScheduleSpec(),
        )
        await tries("schedule update", lambda h=handle, s=harm: h.update(lambda _: ScheduleUpdate(s)), "changed")
        await tries("schedule trigger", handle.trigger, "starts what is refused")
        await tries("schedule delete", handle.delete, "deleted; made again when the stack starts")


async def _http(campaign: Campaign) -> None:
    """The engine's other port, as a page in a browser of this machine would use it."""
    at = f"/api/v1/namespaces/default/workflows/{campaign.references[0]}"
    body = json.dumps({"input": [forged("add_note", campaign.references[0])], "workflowType": {"name": "SweepStore"}})
    paths = [f"{at}/update/{name}" for name in COMMANDS]
    paths += [f"{at}/signal/add_note", f"{at}/terminate", f"{at}/cancel", f"{at}/reset", f"{at}/query/view", at]
    paths += [f"/api/v1/namespaces/default/schedules/{planned.id}" for planned in SCHEDULES]

    def posted(path: str, headers: dict[str, str]) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", campaign.engine.http_port, timeout=10)) as connection:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status

    before, tried = campaign.book(), 0
    for path in paths:
        for headers in ({"Content-Type": "text/plain", "Origin": "http://evil.example"}, {"Host": "localhost"}, {}):
            assert await asyncio.to_thread(posted, path, headers) == 403, path
            tried += 1
    assert campaign.book() == before
    campaign.told += [("http POST", "refused (403)")] * tried


async def _come_back(campaign: Campaign, terminated: str, deleted: str) -> None:
    client, database = campaign.running.client, campaign.running.database

    async def looked() -> bool:  # the engine lists what has ended a moment later
        await client.execute_workflow(TakeUpEnded.run, id=f"look-{new_reference()}", task_queue=QUEUE)
        return await campaign.running.is_open(terminated)

    await eventually(looked)
    version = campaign.running.case(deleted).version
    assert (await campaign.desk.submit(deleted, note(), WORKER)).version == version + 1
    assert await campaign.running.is_open(deleted)
    with database.read() as tx:
        last = sweeps.last(tx)
        assert last is not None
        found = {finding.reference: finding for finding in sweeps.found_by(tx, last.id)}
    for reference in (terminated, deleted):
        assert (found[reference].kind, found[reference].repaired) == (Disagreement.NO_WORKFLOW, True)
