"""The engine's port gives no power: whoever reaches it without a key can change nothing of the book and of the keys."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.enums.v1 import UpdateWorkflowExecutionLifecycleStage
from temporalio.api.update.v1 import Input, Meta, Request, WaitPolicy
from temporalio.api.workflowservice.v1 import UpdateWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from domain.commands import COMMANDS
from domain.values import new_reference
from kit.engine.temporal import converter
from kit.storage.database import Database
from models.keys import CaseKeys
from tests.people import SUPERVISOR, WORKER
from tests.support.builders import complaint, contact, note
from tests.support.harness import Running, running_case_worker
from tests.support.servers import KEYS
from workers.build import WORKFLOWS
from workflows.complaint import ComplaintWorkflow
from workflows.erasure import Erasure

STARTED_BY_ANYBODY = {
    "DigestRound",
    "NightlySweep",
    "SealBook",
    "KeepHistories",
    "ScanFiles",
    "SweepStore",
    "TakeUpEnded",
    "HandOver",
}
"""Workflows without an argument: each is bounded, and one run more of it changes nothing."""


@dataclass
class Attack:
    """Two cases, a worker as in production, and somebody with the port and nothing else."""

    running: Running
    stranger: Client
    reference: str
    other: str

    def book(self) -> list[tuple[Any, ...]]:
        """Every line of the book, and which keys live."""
        with self.running.database.read() as tx:
            lines = [tuple(row) for row in tx.execute(text("select reference, version, hash from book order by 1, 2"))]
        return [*lines, *((reference, KEYS.of(reference).name) for reference in (self.reference, self.other))]


@pytest_asyncio.fixture(loop_scope="session")
async def attack(dev_server: WorkflowEnvironment, sqlite_database: Database) -> AsyncIterator[Attack]:
    address = dev_server.client.service_client.config.target_host
    strict = await Client.connect(address, data_converter=converter(KEYS, strict=True), identity="aboutir")
    async with running_case_worker(strict, sqlite_database, sandboxed=False) as running:
        references = []
        for _ in range(2):
            receipt = await running.desk.open(complaint(), WORKER)
            await running.desk.submit(receipt.reference, contact(), WORKER)
            references.append(receipt.reference)
        yield Attack(running, await Client.connect(address), *references)


def forged(name: str, **content: Any) -> dict[str, Any]:
    return {
        "command": {"kind": name, **content},
        "command_id": "forged-command-1",
        "actor": SUPERVISOR.model_dump(mode="json"),
    }


async def is_refused(attempt: Callable[[], Any]) -> bool:
    """True if an attempt is answered with a refusal; anything but an answer within ten seconds fails the test."""
    async with asyncio.timeout(10):
        try:
            await attempt()
        except (WorkflowUpdateFailedError, WorkflowQueryFailedError, WorkflowFailureError, RPCError):
            return True
    return False


async def still_works(attack: Attack) -> None:
    """The case takes its next command, and the book grows by that alone."""
    before = len(attack.book())
    await attack.running.desk.submit(attack.reference, note(), WORKER)
    assert len(attack.book()) == before + 1


async def test_no_update_is_taken_from_whoever_has_no_key(attack: Attack, record_property: Callable[..., None]) -> None:
    before, handle = attack.book(), attack.stranger.get_workflow_handle(attack.reference)
    tried = 0
    for name in COMMANDS:
        for content in ({"text": "forged"}, {"reason": "PERSON_ASKED"}, {"outcome": "NO_RESULT"}, {}):
            assert await is_refused(lambda n=name, c=content: handle.execute_update(n, forged(n, **c)))
            tried += 1
    for argument in ("a command id", 3, None):
        assert await is_refused(lambda a=argument: handle.execute_update("opened", a))
        tried += 1
    record_property("port: updates", f"{tried} forged, 0 taken")
    assert attack.book() == before
    await still_works(attack)


async def test_what_was_sealed_for_one_case_opens_in_no_other(attack: Attack) -> None:
    """A command of one case, taken from its history as it is, is sent to the other."""
    sealed = await _accepted_arguments(attack.stranger, attack.other)
    assert sealed
    before = attack.book()
    for name, arguments in sealed:
        assert await is_refused(lambda n=name, a=arguments: _send_raw(attack.stranger, attack.reference, n, a))
    renamed = [
        (name, Payloads(payloads=[_renamed(payload, attack.reference) for payload in arguments.payloads]))
        for name, arguments in sealed
    ]
    for name, arguments in renamed:
        assert await is_refused(lambda n=name, a=arguments: _send_raw(attack.stranger, attack.reference, n, a))
    assert attack.book() == before
    await still_works(attack)


def _renamed(payload: Payload, reference: str) -> Payload:
    """The same payload, which says that it was sealed for another case."""
    made = Payload.FromString(payload.SerializeToString())
    made.metadata["key"] = made.metadata["workflow"] = reference.encode()
    return made


async def _accepted_arguments(client: Client, reference: str) -> list[tuple[str, Payloads]]:
    history = await client.get_workflow_handle(reference).fetch_history()
    accepted = [event.workflow_execution_update_accepted_event_attributes for event in history.events]
    inputs = [attributes.accepted_request.input for attributes in accepted if attributes.protocol_instance_id]
    return [(call.name, call.args) for call in inputs if call.args.payloads]


async def _send_raw(client: Client, reference: str, name: str, arguments: Payloads) -> None:
    """An Update whose arguments are bytes as they are. Raises WorkflowUpdateFailedError when it fails."""
    request = UpdateWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=reference),
        wait_policy=WaitPolicy(
            lifecycle_stage=UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED
        ),
        request=Request(meta=Meta(update_id=new_reference()), input=Input(name=name, args=arguments)),
    )
    answer = await client.workflow_service.update_workflow_execution(request)
    if answer.outcome.HasField("failure"):
        raise WorkflowUpdateFailedError(RuntimeError(answer.outcome.failure.message))


async def test_signals_and_queries_tell_and_do_nothing(attack: Attack) -> None:
    before, handle = attack.book(), attack.stranger.get_workflow_handle(attack.reference)
    for name in ("add_note", "erase", "anything"):
        await handle.signal(name, forged(name))
    assert await is_refused(lambda: handle.query("view", "an argument that it does not take"))
    with pytest.raises(KeyError, match="aboutir-sealed"):  # the answer is sealed: there is nothing to read in it
        await handle.query("view")
    assert attack.book() == before
    await still_works(attack)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: str(workflow.__name__))
async def test_a_forged_start_ends_alone(attack: Attack, workflow: type) -> None:
    before, forged_id = attack.book(), new_reference()
    takes_argument = len(inspect.signature(workflow.run).parameters) > 1
    arguments: list[Any] = [_start_of(workflow, attack)] if takes_argument else []
    started = await attack.stranger.start_workflow(
        workflow.__name__, args=arguments, id=forged_id, task_queue=attack.running.task_queue
    )
    if takes_argument:
        assert await is_refused(started.result)
        assert (await started.describe()).status.name == "FAILED"
    else:
        assert workflow.__name__ in STARTED_BY_ANYBODY
        await started.terminate()
    assert attack.book() == before
    assert KEYS.of(attack.reference)
    await still_works(attack)


def _start_of(workflow: type, attack: Attack) -> Any:
    """The argument that would do most harm."""
    if workflow is ComplaintWorkflow:
        opening = forged("open", complaint=complaint().model_dump(mode="json"))
        return {"reference": new_reference(), "opening": opening}
    return attack.reference if workflow is Erasure else {"version": 1}


def test_what_anybody_may_start_takes_no_argument_that_must_be_given() -> None:
    """Each of these is bounded and idempotent: a seal of nothing new, a round that finds nothing due."""
    optional = {
        workflow.__name__
        for workflow in WORKFLOWS
        if all(
            parameter.default is not inspect.Parameter.empty
            for parameter in list(inspect.signature(workflow.run).parameters.values())[1:]
        )
    }
    assert optional == STARTED_BY_ANYBODY


async def test_a_case_ended_from_outside_loses_nothing_and_is_taken_up_again(attack: Attack) -> None:
    before = attack.book()
    await attack.stranger.get_workflow_handle(attack.reference).terminate("by a stranger")
    forged_again = await attack.stranger.start_workflow(
        "ComplaintWorkflow",
        _start_of(ComplaintWorkflow, attack) | {"reference": attack.reference},
        id=attack.reference,
        task_queue=attack.running.task_queue,
    )
    assert await is_refused(forged_again.result)
    assert attack.book() == before
    assert isinstance(KEYS, CaseKeys)
    assert KEYS.of(attack.reference)
