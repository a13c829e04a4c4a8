"""The life of a complaint's case in time.

The case is opened, takes one command at a time, and sleeps until its next deadline, for years if need be. It decides
nothing itself: the book decides and writes every command, and the history keeps the book's answer. A change of law, of
policy or of code therefore cannot break the replay of a running case.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from domain.actors import CLOCK
    from domain.case import Case
    from domain.commands import COMMANDS, OF_THE_CLOCK
    from domain.errors import Refused
    from domain.exchange.cases import (
        Ask,
        CaseStart,
        CaseState,
        CommitRequest,
        Committed,
        Receipt,
        Shown,
        Trace,
        other_case,
    )
    from domain.exchange.sweep import Armed
    from domain.lifecycle import decide, fold
    from domain.parts.alert import PassDeadlines
    from domain.parts.intake import Open
    from domain.parts.notice import RecordUndelivered
    from domain.permissions import require
    from domain.sight import sees_whole
    from domain.staleness import require_fresh
    from domain.vocabulary import Door, Step
    from workflows import attributes, book
    from workflows.doors import cause_of, checked, guarded
    from workflows.erasure import Erasure
    from workflows.erasure import workflow_id as erasure_id
    from workflows.outbox import Outbox
    from workflows.queues import upkeep

REMEMBERED = 64
"""Number of recent lines that a case keeps when it is continued as new: enough to recognise a command sent again."""

RETRY_AFTER = timedelta(hours=1)
"""Delay before a deadline is tried again that, against all expectation, could not be noted."""

UNHEARD = timedelta(days=365)
"""Delay of a timer that is there to be seen in the history, and not to ring."""

MARKED = "what-the-clock-waits-for-is-marked"
"""Name of a change of this code, in the histories of the runs that know it."""

UPDATES = tuple(name for name in COMMANDS if name not in OF_THE_CLOCK and name != Open.name())
"""The commands that come in by an Update of their name: not the opening, nor those that the workflow asks itself."""

_Workflow = TypeVar("_Workflow", bound=type)


def _ring() -> None:
    """Does nothing: should that timer ring after all, nobody waits for it."""


def takes(commands: Iterable[str]) -> Callable[[_Workflow], _Workflow]:
    """Gives a workflow class one Update for each of these commands."""

    def with_updates(cls: _Workflow) -> _Workflow:
        for command in commands:
            setattr(cls, command, _update_for(command))
        return cls

    return with_updates


def _update_for(command: str) -> Any:
    """The Update by which one command is asked: checked before it enters the history, then taken in its turn."""

    # `self` has no annotation: with one, the SDK would take it for the argument of the Update.
    async def update(self, ask: Ask) -> Receipt:  # type: ignore[no-untyped-def]
        receipt: Receipt = await self.take(ask)
        return receipt

    def check(self, ask: Ask) -> None:  # type: ignore[no-untyped-def]
        if ask.command.kind != command:
            raise Refused("wrong_door", "This is not the command {command}.", "", command=command)
        self.check(ask)

    handler = workflow.update(name=command)(guarded(update))
    handler.validator(checked(check))
    return handler


@workflow.defn
@takes(UPDATES)
class ComplaintWorkflow:
    """One complaint, from intake to the end of retention."""

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        self._reference = start.reference
        self._opening = start.opening
        self._case: Case | None = None
        self._opened: Receipt | None = None
        self._refused: BaseException | None = None
        self._recent: tuple[Trace, ...] = ()
        self._due: datetime | None = None  # the next deadline, or the next try at one that could not be noted
        self._armed: datetime | None = None  # the deadline that the running timer was set for
        self._shown = Shown.at_opening(start.opening.command.complaint) if start.state is None else start.state.shown
        self._one_at_a_time = asyncio.Lock()
        self._outbox = Outbox(self._record_undelivered)
        self._keeping_history: asyncio.Task[None] | None = None  # asyncio may collect a task that nothing refers to
        if start.state is not None:
            self._case, self._recent = start.state.case, start.state.recent
            self._due, self._opened = start.state.next_due, start.state.opened

    # --- The story ---

    @workflow.run
    async def run(self, start: CaseStart) -> None:
        """Opens the case, then notes each deadline as it passes, until the case is erased."""
        self._outbox.send(start.state.mails if start.state else ())
        is_over = False
        while not is_over:
            try:
                is_over = await self._live_until_the_next_deadline()
            except asyncio.CancelledError:
                # A case ends by its own rules and never by a stray cancellation: somebody depends on it.
                workflow.logger.warning("a cancellation was ignored")

    async def _live_until_the_next_deadline(self) -> bool:
        """Returns True once the case is erased and nothing is left to do."""
        if self._case is None:
            await self._open()
        await self._sleep()
        if self._is_erased:
            await self._end()
            return True
        if workflow.info().is_continue_as_new_suggested():
            await self._continue_as_new()
        if self._due is not None and self._due <= workflow.now():
            await self._pass_deadlines()
        return False

    async def _open(self) -> None:
        """Has the book write the opening. If the book refuses it, the run fails.

        It fails rather than completes so that the opening may be tried again under the same reference.
        """
        while True:
            try:
                self._opened = (await self._commit(self._opening)).receipt
            except FailureError as error:
                cause = cause_of(error)
                if cause is not None and cause.non_retryable:
                    self._refused = cause
                    break
                # The activity was cancelled, and the book may have written the opening already: ask it again.
                workflow.logger.warning("an opening is tried again")
            else:
                return
        await workflow.wait_condition(workflow.all_handlers_finished)
        raise ApplicationError("the case could not be opened", type="NotOpened", non_retryable=True)

    async def _sleep(self) -> None:
        """Sleeps until the armed deadline, or until something calls for an earlier look.

        The timer stays when the deadline moves later: one early wake-up is cheaper than a new timer at every step.
        """
        armed = self._armed = self._due
        wait = None if armed is None else max(armed - workflow.now(), timedelta(0))
        with contextlib.suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: self._is_erased or self._is_due_before(armed) or workflow.info().is_continue_as_new_suggested(),
                timeout=wait,
            )

    def _is_due_before(self, armed: datetime | None) -> bool:
        return self._due is not None and (armed is None or self._due < armed)

    @property
    def _is_closed(self) -> bool:
        return self._case is not None and self._case.step is Step.CLOSED

    @property
    def _is_erased(self) -> bool:
        return self._case is not None and self._case.step is Step.ERASED

    async def _pass_deadlines(self) -> None:
        """Has the book note every deadline that has passed."""
        now, before = workflow.now(), self._progress()
        try:
            await self._commit_as_clock(PassDeadlines())
        except Exception:  # noqa: BLE001 - a bug here would wedge the case: every command after it would wait for ever
            workflow.logger.exception("a deadline could not be noted")
        # Retry at once if the case advanced: a worker that died after writing may have left a deadline that passed
        # since. Back off only if nothing changed.
        if self._due is not None and self._due <= now and self._progress() == before:
            self._due = now + RETRY_AFTER

    def _progress(self) -> tuple[int, datetime | None]:
        return self._case.version if self._case else 0, self._due

    async def _end(self) -> None:
        """Leaves the destruction of the key to another workflow: this one still writes its last lines under the key."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        await workflow.start_child_workflow(
            Erasure.run,
            self._reference,
            id=erasure_id(self._reference),
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )

    # --- When the history grows long ---

    async def _continue_as_new(self) -> None:
        """Hands the case to a new run, with an empty history."""
        await self._keep_history()
        # Wait for what is being written, not for mails, which may take days: the next run sends those.
        await workflow.wait_condition(
            lambda: workflow.all_handlers_finished() and not self._one_at_a_time.locked(),
        )
        if self._case is None or self._opened is None:
            return
        state = CaseState(
            case=self._case,
            recent=self._recent,
            next_due=self._due,
            shown=self._shown,
            opened=self._opened,
            mails=self._outbox.under_way,
        )
        workflow.continue_as_new(CaseStart(reference=self._reference, opening=self._opening, state=state))

    async def _keep_history(self) -> None:
        """Copies the history of this run into our own storage, before the engine forgets it.

        A storage that is away holds nothing up: the nightly sweep finds what is missing.
        """
        try:
            await workflow.execute_activity(
                "keep_history",
                args=[self._reference, workflow.info().run_id],
                task_queue=upkeep(),
                start_to_close_timeout=timedelta(minutes=1),
                schedule_to_close_timeout=timedelta(minutes=2),
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2)),
            )
        except FailureError:
            workflow.logger.warning("a history is left to the nightly sweep")

    # --- How a command is taken ---

    def check(self, ask: Ask) -> None:
        """Refuses a command that the rules refuse, without a trace in the history. The book has the last word.

        A command that names no case is refused too: only a replay, which asks nothing of this, has such.
        """
        if ask.reference != self._reference:
            raise other_case()
        if self._case is None or self._remembers(ask):
            return
        # Permission comes before staleness: that refusal tells what changed, which a stranger must not learn.
        require(ask.actor, type(ask.command), self._case)
        ask.require_version()
        if ask.expected_version is not None and ask.expected_version > self._case.version:
            # They saw a line in the book of which this workflow has not been told: only the book can say what follows.
            return
        is_whole = sees_whole(ask.actor, self._case)
        require_fresh(
            ask.expected_version,
            self._case,
            lambda version: [t for t in self._recent if t.version > version and is_whole],
        )
        decide(self._case, ask.command, ask.actor, workflow.now())

    def _remembers(self, ask: Ask) -> bool:
        return any(t.command_id == ask.command_id and t.who == ask.actor.account for t in self._recent)

    async def take(self, ask: Ask) -> Receipt:
        """Commits a command once the case is open, after those that came before it."""
        await self._until_opened_or_refused()
        async with self._one_at_a_time:
            return (await self._commit(ask)).receipt

    async def _until_opened_or_refused(self) -> None:
        await workflow.wait_condition(lambda: self._case is not None or self._refused is not None)

    async def _commit_as_clock(self, command: PassDeadlines | RecordUndelivered) -> Receipt:
        """Commits a command that the case asks of itself."""
        with self._marked():
            async with self._one_at_a_time:
                command_id = f"clock:{workflow.uuid4()}"
                ask = Ask(
                    command=command, command_id=command_id, actor=CLOCK, door=Door.SYSTEM, reference=self._reference
                )
                return (await self._commit(ask)).receipt

    @contextlib.contextmanager
    def _marked(self) -> Iterator[None]:
        """Has the history show that the clock waits for something: by a timer, cancelled once that is there.

        It is there within the same task, mostly, and the engine never hears of the timer. Where it is not, the task
        must leave a command. After one that left none, a worker that takes the case up does the work of that task and
        of the next in one go (temporalio 1.35 takes the first for a heartbeat), and a command of a person that came
        with the second overtakes the clock. Later replays see two tasks and keep the order: they would fail for ever.
        """
        if not workflow.patched(MARKED):
            yield
            return
        mark = asyncio.get_running_loop().call_later(UNHEARD.total_seconds(), _ring)
        try:
            yield
        finally:
            mark.cancel()

    async def _record_undelivered(self) -> None:
        await self._commit_as_clock(RecordUndelivered())

    async def _commit(self, ask: Ask) -> Committed:
        """Has the book decide and write a command, and takes over its answer."""
        request = CommitRequest(
            reference=self._reference,
            known_version=self._case.version if self._case else 0,
            ask=ask,
            at=workflow.now(),
        )
        committed = await book.commit(request)
        self._apply(committed)
        return committed

    def _apply(self, committed: Committed) -> None:
        """Takes over what the book answered: all its lines at once, so that nobody sees half a case."""
        if committed.entries:
            was_closed = self._is_closed
            self._case = fold(self._reference, committed.entries, self._case)
            self._recent = (*self._recent, *(Trace.of(entry) for entry in committed.entries))[-REMEMBERED:]
            if self._is_closed and not was_closed:
                self._keeping_history = asyncio.create_task(self._keep_history())  # nothing waits for it
        if updates := attributes.changed(self._shown, committed.shown):
            workflow.upsert_search_attributes(updates)
        self._shown, self._due = committed.shown, committed.next_due
        self._outbox.send(committed.mails)

    # --- Queries, and the Updates that are no commands ---

    @workflow.query
    def view(self) -> Case:
        """The case as it stands."""
        if self._case is None:
            raise ApplicationError("the case is not open yet", type="NotYet")
        return self._case

    @workflow.query
    def armed(self) -> Armed:
        """The version of the case and the instant at which its timer rings, for the nightly sweep."""
        if self._case is None:
            raise ApplicationError("the case is not open yet", type="NotYet")
        return Armed(version=self._case.version, rings_at=self._armed)

    @workflow.update
    @guarded
    async def opened(self, command_id: str) -> Receipt:
        """Answers once the opening is in the book.

        It has no validator: the workflow starts with this Update, and a rejection would leave one without a case.
        """
        await workflow.wait_condition(lambda: self._opened is not None or self._refused is not None)
        if self._refused is not None:
            raise self._refused
        if self._opened is None or command_id != self._opening.command_id:
            raise Refused("already_open", "This case is open already.", "Submit another command to it.")
        return self._opened

    @workflow.update
    @guarded
    async def review(self) -> Receipt:
        """Counts the deadlines again, under today's policy. Every case is asked to when the policy changes."""
        await self._until_opened_or_refused()
        return await self._commit_as_clock(PassDeadlines())
