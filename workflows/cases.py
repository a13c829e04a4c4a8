"""The typed client of a case's workflow: command line, import and every other door speak to cases through it."""

import asyncio
import contextlib
import random
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.actors import Actor
from domain.complaint import Complaint
from domain.errors import Away, NotFound, Problem, Refused
from domain.exchange.cases import Ask, CaseStart, Opening, Receipt, id_taken
from domain.lifecycle import decide
from domain.parts.base import Command
from domain.parts.intake import Open
from domain.parts.restriction import OPEN_TO_ALL, ClosedTo
from domain.permissions import no_such_case
from domain.values import new_reference
from domain.vocabulary import Door
from workflows import attributes
from workflows.complaint import ComplaintWorkflow
from workflows.doors import REFUSED, cause_of

_Answer = TypeVar("_Answer")

_STOPPED_MEANWHILE = "AcceptedUpdateCompletedWorkflow"
"""The engine's answer when the run of a case ends while a command is under way."""

STOPPED = "case_stopped"
_GONE = frozenset({STOPPED, no_such_case().code})


class Rescue(Protocol):
    """The book, for a case that has lost its workflow: somebody with the engine's port can end or delete a run."""

    def opening_of(self, reference: str) -> Opening | None:
        """The opening of a case that needs a workflow; None for any other. It may block."""

    def note(self, reference: str) -> None:
        """Notes that the case was taken up again. It may block."""


AT_ONCE = 24
"""Commands to one case that one process has under way: four such processes stay below the limit of the engine, 100."""


class CaseClient:
    """Opens cases and submits commands to them."""

    def __init__(
        self,
        client: Client,
        task_queue: str,
        mint: Callable[[str], object],
        patience: timedelta = timedelta(seconds=30),
        *,
        door: Door = Door.LOCAL,
        rescue: Rescue | None = None,
    ) -> None:
        """`mint` makes the key of a case, or finds the one that it has already; it may block.

        `patience` is the longest wait for an answer; after it, the command is reported as not confirmed. `door` is the
        way by which whoever asks has come here: the book notes it. With `rescue`, a case whose workflow is gone is
        taken up again by the first command that is sent to it.
        """
        self._client, self._task_queue, self._mint, self._patience = client, task_queue, mint, patience
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._door, self._rescue = door, rescue

    async def open(
        self,
        complaint: Complaint,
        actor: Actor,
        *,
        reference: str | None = None,
        command_id: str | None = None,
        closed_to: ClosedTo = OPEN_TO_ALL,
    ) -> Receipt:
        """Opens a case, closed to some perhaps, and answers once its first events are in the book.

        The same reference and command id sent twice open one case and get the same answer. Raises Refused if the rules
        say no (then nothing was started), Away if the engine does not answer.
        """
        reference = reference or new_reference()
        command_id = command_id or str(uuid.uuid4())
        command = Open(complaint=complaint, closed_to=closed_to.organisations, closed_to_accounts=closed_to.accounts)
        # Ask the rules before anything is started: a refused opening leaves nothing behind.
        decide(None, command, actor, datetime.now(UTC))
        ask = Opening(command=command, command_id=command_id, actor=actor, door=self._door, reference=reference)
        # Mint the key first: nothing may be written without one. A failed opening leaves an unused key.
        await asyncio.to_thread(self._mint, reference)
        # A running or completed case is never started again. One that failed to open, or that an operator terminated,
        # may be: it takes up what the book has.
        return _checked(ask, await self._start(reference, ask, WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY))

    async def take_up(self, reference: str, opening: Opening) -> Receipt:
        """Starts the workflow of a case that is in the book again, however the one before ended.

        The workflow takes up everything that the book has. If one is running, nothing changes. The rules are not asked:
        a case stays open that was opened under the rules of its day. Raises Refused or Away.
        """
        addressed = opening.model_copy(update={"reference": reference})
        return await self._start(reference, addressed, WorkflowIDReusePolicy.ALLOW_DUPLICATE)

    async def _start(self, reference: str, opening: Opening, reuse: WorkflowIDReusePolicy) -> Receipt:
        async def attempt() -> Receipt:
            start = WithStartWorkflowOperation(
                ComplaintWorkflow.run,
                CaseStart(reference=reference, opening=opening),
                id=reference,
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=reuse,
                search_attributes=attributes.at_opening(opening.command.complaint),
            )
            try:
                # No update id: Temporal would return the stopped run's cached answer and start nothing.
                receipt: Receipt = await self._client.execute_update_with_start_workflow(
                    ComplaintWorkflow.opened, opening.command_id, start_workflow_operation=start
                )
            except BaseException:
                await _retrieve_failure(start)
                raise
            return receipt

        return await self._answer(attempt, opening.command_id)

    async def submit(
        self,
        reference: str,
        command: Command,
        actor: Actor,
        *,
        command_id: str | None = None,
        expected_version: int | None = None,
    ) -> Receipt:
        """Submits a command to a case and answers once its events are in the book.

        The same command id sent twice counts once and gets the same answer. Raises Refused, NotFound or Away: Refused
        also when a decision that cannot be undone comes without the version that it was taken on.
        """
        command_id = command_id or str(uuid.uuid4())
        ask = Ask(
            command=command,
            command_id=command_id,
            actor=actor,
            expected_version=expected_version,
            door=self._door,
            reference=reference,
        )
        ask.require_version()
        handle = self._case(reference)

        async def attempt() -> Receipt:
            receipt: Receipt = await handle.execute_update(command.name(), ask, id=command_id, result_type=Receipt)
            return receipt

        try:
            async with self._place(reference):
                return _checked(ask, await self._answer(attempt, command_id))
        except (Away, NotFound) as problem:
            if problem.code not in _GONE:
                raise
            if not await self._is_rescued(reference):
                # A run fails only if its case could not be opened: then there never was such a case.
                if problem.code == STOPPED:
                    run = await self._answer(handle.describe, command_id)
                    if run.status is WorkflowExecutionStatus.FAILED:
                        raise no_such_case() from None
                raise
        async with self._place(reference):
            return _checked(ask, await self._answer(attempt, command_id))

    async def _is_rescued(self, reference: str) -> bool:
        """Takes up a case that the book has and the engine has not; True if it has a workflow again."""
        if self._rescue is None or (opening := await asyncio.to_thread(self._rescue.opening_of, reference)) is None:
            return False
        await self.take_up(reference, opening)
        await asyncio.to_thread(self._rescue.note, reference)
        return True

    def _case(self, reference: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(reference)

    def _place(self, reference: str) -> asyncio.Semaphore:
        """The places for commands to one case; who finds none waits here, in the order of asking.

        An engine that is asked for more than its limit forgets every command that waits for the case, of all callers.
        """
        places = self._places.get(reference)
        if places is None:
            places = self._places[reference] = asyncio.Semaphore(AT_ONCE)
        return places

    async def _answer(self, attempt: Callable[[], Awaitable[_Answer]], command_id: str) -> _Answer:
        """Tries until there is an answer or patience ends, and raises what went wrong as a Problem.

        The engine lets only so many commands wait for one case: those it turns away are sent again after a while.
        """
        pause = 0.05
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                while True:
                    try:
                        return await attempt()
                    except RPCError as error:
                        if not _was_busy(error):
                            raise
                    await asyncio.sleep(pause * (1 + random.random()))  # noqa: S311 - only spreads the retries
                    pause = min(pause * 2, 2.0)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            _raise_if_cancelled()
            raise not_confirmed(command_id) from None
        except WorkflowUpdateFailedError as error:
            raise _problem(error, command_id) from None
        except WorkflowAlreadyStartedError:
            raise Refused("already_open", "This case is open already.", "Submit another command to it.") from None
        except RPCError as error:
            _raise_if_cancelled()
            raise _unreachable(error, command_id) from None


def _checked(ask: Ask, receipt: Receipt) -> Receipt:
    """The receipt, if it is for what was asked: the engine answers an id that it knows without comparing the rest."""
    if receipt.asked and receipt.asked != ask.digest:
        raise id_taken()
    return receipt


def _raise_if_cancelled() -> None:
    """Raises the cancellation of this task, which the SDK turns into an error of its own."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _was_busy(error: RPCError) -> bool:
    """True if the engine is there and only has too much to do: the same command may be sent again."""
    if error.status is RPCStatusCode.UNAVAILABLE:
        return "update was aborted" in error.message
    return error.status is RPCStatusCode.RESOURCE_EXHAUSTED


async def _retrieve_failure(start: WithStartWorkflowOperation[Any, Any]) -> None:
    """Retrieves the failure that the operation's handle holds too, which asyncio would report as never retrieved."""
    handle = asyncio.ensure_future(start.workflow_handle())
    await asyncio.wait({handle}, timeout=0.1)
    handle.cancel()
    with contextlib.suppress(BaseException):
        await handle


def _problem(error: WorkflowUpdateFailedError, command_id: str) -> Problem:
    cause = cause_of(error)
    if cause is not None and cause.type == _STOPPED_MEANWHILE:
        return _stopped(command_id)
    if cause is not None and cause.type == REFUSED and cause.details:
        return Problem.from_dict(cause.details[0])
    return _internal()


def _internal() -> Problem:
    return Problem(
        "internal",
        "Something went wrong on our side. Nothing was recorded.",
        "Try again; if it happens again, tell whoever runs this service, with the time.",
    )


def not_confirmed(command_id: str) -> Away:
    """The problem of a caller who cannot know if a command was recorded."""
    return Away(
        "not_confirmed",
        "The command was sent but is not confirmed yet: it may still be recorded.",
        "Send it again with the same id ({command_id}): it will not count twice.",
        command_id=command_id,
    )


def _stopped(command_id: str) -> Away:
    return Away(
        STOPPED,
        "This case was stopped by whoever runs the service. What was sent may still be recorded.",
        "Ask them to open it again under its own reference. Then send it again with the same id ({command_id}).",
        command_id=command_id,
    )


def _unreachable(error: RPCError, command_id: str) -> Problem:
    if error.status is RPCStatusCode.NOT_FOUND:
        if "namespace" in error.message.lower():
            return Away(
                "engine_lost",
                "The engine that answers knows nothing of this installation: it is another one, or has lost its data.",
                "Tell whoever runs this service. Nothing was recorded, and the cases are in the book.",
            )
        # For a case that never was, the engine says "not found"; for one whose run has ended, it says how it ended.
        return no_such_case() if "not found" in error.message else _stopped(command_id)
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return not_confirmed(command_id)
    if error.status in (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED):
        return _internal()
    return Away(
        "engine_away",
        "The engine does not answer. What was sent may still be recorded.",
        "Send it again in a moment with the same id ({command_id}): it will not count twice.",
        command_id=command_id,
    )
