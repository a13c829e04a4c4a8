# mypy: disable-error-code="empty-body"
"""The life of a complaint's case, as time sees it.

The case is opened, takes one command at a time, and sleeps until its next deadline, for years if need be. It decides
nothing by itself: every command is decided and written by the book, whose answer the history keeps. So no change of
law, policy or code can break the replay of a running case.
"""

import asyncio
import contextlib
import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from domain.actors import CLOCK
    from domain.case import Case
    from domain.errors import Refused
    from domain.exchange.cases import Ask, CaseStart, CaseState, CommitRequest, Committed, Receipt, Shown, Trace
    from domain.exchange.sweep import Armed
    from domain.lifecycle import decide, fold
    from domain.parts.alert import PassDeadlines
    from domain.parts.notice import RecordUndelivered
    from domain.permissions import require
    from domain.staleness import require_fresh
    from domain.vocabulary import Step
    from workflows import attributes
    from workflows.doors import cause_of, checked, guarded
    from workflows.erasure import Erasure
    from workflows.erasure import workflow_id as erasure_id
    from workflows.queues import mailing, upkeep

REMEMBERED = 64
"""How many recent lines a case remembers, to know a command again after its run was continued as new."""

UNDELIVERED = "UNDELIVERED"
"""What became of a mail that was given up."""

TRY_AGAIN = timedelta(hours=1)
"""When something that should never happen kept a deadline from being noted."""


def asked(named: Callable[..., Any]) -> Any:
    """Makes the Update for the command a method is named after: checked first, guarded always, taken one by one."""

    @functools.wraps(named)
    async def update(self: "ComplaintWorkflow", ask: Ask) -> Receipt:
        return await self.take(ask)

    @checked
    def check(self, ask: Ask) -> None:  # type: ignore[no-untyped-def] # the SDK compares it with the method's own
        if ask.command.kind != named.__name__:
            raise Refused("wrong_door", "This is not the command {command}.", "", command=named.__name__)
        self.check(ask)

    door = workflow.update(guarded(update))
    door.validator(check)
    return door


@workflow.defn
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
        self._due: datetime | None = None
        self._armed: datetime | None = None
        self._shown = Shown.at_opening(start.opening.command.complaint) if start.state is None else start.state.shown
        self._one_at_a_time = asyncio.Lock()
        self._mails: dict[str, asyncio.Task[None]] = {}
        self._putting_away: asyncio.Task[None] | None = None  # held: a task that nobody holds may be collected
        if start.state is not None:
            self._case, self._recent = start.state.case, start.state.recent
            self._due, self._opened = start.state.next_due, start.state.opened

    # --- The story ---

    @workflow.run
    async def run(self, start: CaseStart) -> None:
        """Opens the case, then notes each deadline as it passes, until the case is no more."""
        self._send(start.state.mails if start.state else ())
        while True:
            try:
                if self._case is None and not await self._open():
                    await workflow.wait_condition(workflow.all_handlers_finished)
                    # Failed, not completed: the same opening may then be tried again under the same reference.
                    raise ApplicationError("the case could not be opened", type="NotOpened", non_retryable=True)
                await self._sleep()
                if self._is_over:
                    await self._end()
                    return
                if workflow.info().is_continue_as_new_suggested():
                    await self._continue_as_new()
                if self._due is not None and self._due <= workflow.now():
                    await self._pass_deadlines()
            except asyncio.CancelledError:
                # A case ends by its own rules and never by a stray cancellation: somebody depends on it.
                workflow.logger.warning("a cancellation was ignored")

    async def _open(self) -> bool:
        while True:
            try:
                self._opened = (await self._commit(self._opening)).receipt
            except FailureError as error:
                cause = cause_of(error)
                if cause is not None and cause.non_retryable:
                    self._refused = cause
                    return False
                # Somebody cancelled what was waiting for the book, which may have the case already: it is asked again.
                workflow.logger.warning("an opening is tried again")
            else:
                return True

    async def _sleep(self) -> None:
        """Until the armed deadline, or until something makes an earlier look necessary.

        A deadline that moves later does not disturb the timer: waking once too often is cheaper than setting it anew
        at every step.
        """
        armed = self._armed = self._due
        wait = None if armed is None else max(armed - workflow.now(), timedelta(0))
        with contextlib.suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: self._is_over or self._is_sooner_than(armed) or workflow.info().is_continue_as_new_suggested(),
                timeout=wait,
            )

    @property
    def _is_closed(self) -> bool:
        return self._case is not None and self._case.step is Step.CLOSED

    @property
    def _is_over(self) -> bool:
        return self._case is not None and self._case.step is Step.ERASED

    async def _end(self) -> None:
        """Leaves the destruction of the key to a workflow of its own: this one writes its last lines under it."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        await workflow.start_child_workflow(
            Erasure.run,
            self._reference,
            id=erasure_id(self._reference),
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )

    def _is_sooner_than(self, armed: datetime | None) -> bool:
        return self._due is not None and (armed is None or self._due < armed)

    async def _pass_deadlines(self) -> None:
        now, before = workflow.now(), self._stands_at()
        try:
            async with self._one_at_a_time:
                await self._commit(self._clocks_own(PassDeadlines()))
        except Exception:  # noqa: BLE001 - a bug here would wedge the case: every command after it would wait for ever
            workflow.logger.exception("a deadline could not be noted")
        # Something was noted, and the next is due already: a worker died after it had written, and meanwhile time went
        # on. That one is taken at once. Only what does not move waits for its next try.
        if self._due is not None and self._due <= now and self._stands_at() == before:
            self._due = now + TRY_AGAIN

    def _stands_at(self) -> tuple[int, datetime | None]:
        return self._case.version if self._case else 0, self._due

    @staticmethod
    def _clocks_own(command: PassDeadlines | RecordUndelivered) -> Ask:
        return Ask(command=command, command_id=f"clock:{workflow.uuid4()}", actor=CLOCK)

    async def _continue_as_new(self) -> None:
        await self._put_history_away()
        # A mail may wait for days: it is not waited for, the next run has it sent. What is being written is.
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
            mails=tuple(self._mails),
        )
        workflow.continue_as_new(CaseStart(reference=self._reference, opening=self._opening, state=state))

    async def _put_history_away(self) -> None:
        """Into our own storage: the engine will forget this run, before a long case ends or while a closed one is kept.

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

    # --- Mails ---

    def _send(self, mails: tuple[str, ...]) -> None:
        """Has each mail sent beside whatever else the case does; one that is being sent already is not sent twice."""
        for mail in mails:
            if mail not in self._mails:
                self._mails[mail] = asyncio.create_task(self._deliver(mail))

    async def _deliver(self, mail: str) -> None:
        """Sends one mail, tried again by the engine for days without a line in the history, and tells if it fails.

        Whatever goes wrong here is no reason to stop a case: the daily round finds a mail that was forgotten.
        """
        try:
            became: str = await workflow.execute_activity(
                "deliver_notice",
                mail,
                result_type=str,
                task_queue=mailing(),
                start_to_close_timeout=timedelta(minutes=2),
                heartbeat_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=5),
                    backoff_coefficient=2,
                    maximum_interval=timedelta(minutes=10),
                ),
            )
            if became == UNDELIVERED:
                async with self._one_at_a_time:
                    await self._commit(self._clocks_own(RecordUndelivered()))
        except Exception:  # noqa: BLE001 - see above
            workflow.logger.exception("a mail could not be seen through")
        finally:
            self._mails.pop(mail, None)

    # --- How a command is taken ---

    def check(self, ask: Ask) -> None:
        """Refuses, without a trace in the history, what the rules refuse. The book has the last word."""
        if self._case is None or self._remembers(ask):
            return
        require(ask.actor, type(ask.command), self._case)  # first: what changed is not told to a stranger
        require_fresh(
            ask.expected_version, self._case, lambda version: [t for t in self._recent if t.version > version]
        )
        decide(self._case, ask.command, ask.actor, workflow.now())

    def _remembers(self, ask: Ask) -> bool:
        return any(t.command_id == ask.command_id and t.who == ask.actor.account for t in self._recent)

    async def take(self, ask: Ask) -> Receipt:
        await workflow.wait_condition(lambda: self._case is not None or self._refused is not None)
        async with self._one_at_a_time:
            committed = await self._commit(ask)
        return committed.receipt

    async def _commit(self, ask: Ask) -> Committed:
        """Has the book decide and write, and takes in what it answers.

        Once as a local activity, which is quick. When that fails because the book is away, as an ordinary one: the
        engine tries it again and again without a line in the history, for as long as it takes.
        """
        request = CommitRequest(
            reference=self._reference,
            known_version=self._case.version if self._case else 0,
            ask=ask,
            at=workflow.now(),
        )
        try:
            committed: Committed = await workflow.execute_local_activity(
                "commit",
                request,
                result_type=Committed,
                # One try within one limit. Tried again, a local activity outlives its limit (temporalio 1.35: a limit
                # that passes between two tries is lost), and the history grows for as long as it does.
                schedule_to_close_timeout=timedelta(seconds=4),
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
        except FailureError as error:  # an ActivityError, or bare what was raised: a local activity's comes as it is
            cause = cause_of(error)
            if cause is not None and cause.non_retryable:
                raise
            committed = await self._commit_patiently(request)
        while committed.more:
            # The same command is answered again, from there on: never as a local activity, since all that those answer
            # goes to the engine at once. Taken in as a whole: nobody sees half a case.
            known = committed.entries[-1].version
            rest = await self._commit_patiently(request.model_copy(update={"known_version": known}))
            committed = committed.and_then(rest)
        self._take_in(committed)
        return committed

    @staticmethod
    async def _commit_patiently(request: CommitRequest) -> Committed:
        committed: Committed = await workflow.execute_activity(
            "commit",
            request,
            result_type=Committed,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(seconds=1),
                backoff_coefficient=1.5,
                maximum_interval=timedelta(seconds=10),
            ),
        )
        return committed

    def _take_in(self, committed: Committed) -> None:
        if committed.entries:
            was_closed = self._is_closed
            self._case = fold(self._reference, committed.entries, self._case)
            self._recent = (*self._recent, *(Trace.of(entry) for entry in committed.entries))[-REMEMBERED:]
            if self._is_closed and not was_closed:
                self._putting_away = asyncio.create_task(self._put_history_away())  # nobody waits for it
        if updates := attributes.changed(self._shown, committed.shown):
            workflow.upsert_search_attributes(updates)
        self._shown, self._due = committed.shown, committed.next_due
        self._send(committed.mails)

    # --- What may be asked ---

    @workflow.query
    def view(self) -> Case:
        """The case as it stands."""
        if self._case is None:
            raise ApplicationError("the case is not open yet", type="NotYet")
        return self._case

    @workflow.query
    def armed(self) -> Armed:
        """When the timer rings, and what is known by then: the sweep asks it every night, and leaves no trace."""
        if self._case is None:
            raise ApplicationError("the case is not open yet", type="NotYet")
        return Armed(version=self._case.version, rings_at=self._armed)

    @workflow.update
    @guarded
    async def opened(self, command_id: str) -> Receipt:
        """Answers once the opening is in the book. It has no validator: a rejection here would leave a ghost case."""
        await workflow.wait_condition(lambda: self._opened is not None or self._refused is not None)
        if self._refused is not None:
            raise self._refused
        if self._opened is None or command_id != self._opening.command_id:
            raise Refused("already_open", "This case is open already.", "Submit another command to it.")
        return self._opened

    @workflow.update
    @guarded
    async def review(self) -> Receipt:
        """Looks at the deadlines again, under the policy of today: asked of every case when the policy changes."""
        await workflow.wait_condition(lambda: self._case is not None or self._refused is not None)
        async with self._one_at_a_time:
            return (await self._commit(self._clocks_own(PassDeadlines()))).receipt

    @asked
    async def amend_complaint(self, ask: Ask) -> Receipt: ...

    @asked
    async def qualify(self, ask: Ask) -> Receipt: ...

    @asked
    async def assign(self, ask: Ask) -> Receipt: ...

    @asked
    async def record_consent(self, ask: Ask) -> Receipt: ...

    @asked
    async def withdraw_consent(self, ask: Ask) -> Receipt: ...

    @asked
    async def record_contact(self, ask: Ask) -> Receipt: ...

    @asked
    async def add_note(self, ask: Ask) -> Receipt: ...

    @asked
    async def refer(self, ask: Ask) -> Receipt: ...

    @asked
    async def mark_referral_seen(self, ask: Ask) -> Receipt: ...

    @asked
    async def answer_referral(self, ask: Ask) -> Receipt: ...

    @asked
    async def withdraw_referral(self, ask: Ask) -> Receipt: ...

    @asked
    async def complete_referral(self, ask: Ask) -> Receipt: ...

    @asked
    async def start_evidence(self, ask: Ask) -> Receipt: ...

    @asked
    async def add_piece(self, ask: Ask) -> Receipt: ...

    @asked
    async def request_piece(self, ask: Ask) -> Receipt: ...

    @asked
    async def send_letter(self, ask: Ask) -> Receipt: ...

    @asked
    async def receive_piece(self, ask: Ask) -> Receipt: ...

    @asked
    async def attach_file(self, ask: Ask) -> Receipt: ...

    @asked
    async def remove_file(self, ask: Ask) -> Receipt: ...

    @asked
    async def record_scan(self, ask: Ask) -> Receipt: ...

    @asked
    async def record_piece_refusal(self, ask: Ask) -> Receipt: ...

    @asked
    async def mark_unobtainable(self, ask: Ask) -> Receipt: ...

    @asked
    async def waive_pieces(self, ask: Ask) -> Receipt: ...

    @asked
    async def assess(self, ask: Ask) -> Receipt: ...

    @asked
    async def prepare_filing(self, ask: Ask) -> Receipt: ...

    @asked
    async def file(self, ask: Ask) -> Receipt: ...

    @asked
    async def acknowledge_filing(self, ask: Ask) -> Receipt: ...

    @asked
    async def record_filing_request(self, ask: Ask) -> Receipt: ...

    @asked
    async def answer_filing_request(self, ask: Ask) -> Receipt: ...

    @asked
    async def record_filing_decision(self, ask: Ask) -> Receipt: ...

    @asked
    async def record_filing_declined(self, ask: Ask) -> Receipt: ...

    @asked
    async def withdraw_filing(self, ask: Ask) -> Receipt: ...

    @asked
    async def record_toll(self, ask: Ask) -> Receipt: ...

    @asked
    async def correct_toll(self, ask: Ask) -> Receipt: ...

    @asked
    async def retract_toll(self, ask: Ask) -> Receipt: ...

    @asked
    async def record_start(self, ask: Ask) -> Receipt: ...

    @asked
    async def correct_start(self, ask: Ask) -> Receipt: ...

    @asked
    async def retract_start(self, ask: Ask) -> Receipt: ...

    @asked
    async def pause(self, ask: Ask) -> Receipt: ...

    @asked
    async def resume(self, ask: Ask) -> Receipt: ...

    @asked
    async def answer_alert(self, ask: Ask) -> Receipt: ...

    @asked
    async def close(self, ask: Ask) -> Receipt: ...

    @asked
    async def propose_closure(self, ask: Ask) -> Receipt: ...

    @asked
    async def countersign_closure(self, ask: Ask) -> Receipt: ...

    @asked
    async def reject_closure(self, ask: Ask) -> Receipt: ...

    @asked
    async def reopen(self, ask: Ask) -> Receipt: ...

    @asked
    async def hold(self, ask: Ask) -> Receipt: ...

    @asked
    async def release_hold(self, ask: Ask) -> Receipt: ...

    @asked
    async def propose_erasure(self, ask: Ask) -> Receipt: ...

    @asked
    async def erase(self, ask: Ask) -> Receipt: ...
