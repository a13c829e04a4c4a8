"""The hands of the sweep: looks at cases and workflows, repairs what it can, and notes what it found."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from sqlalchemy import Connection
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError, RPCStatusCode

from activities.beat import beating
from activities.review import look_again
from domain.case import Case
from domain.dates import WorkingCalendar
from domain.errors import Problem
from domain.events import Entry
from domain.exchange.cases import Opening
from domain.exchange.sweep import Armed, Expected, Finding, Report, Sweep, Swept, disagreement, expected
from domain.lifecycle import fold
from domain.time.clocks import agenda
from domain.vocabulary import Disagreement
from kit.process.logs import get_logger
from kit.storage.database import Database
from models import book, cases, policies, sweeps
from models.destroyed_keys import erase_again
from models.drafts import destroy_what_is_over
from models.keys import CaseErased, CaseKeys, NoKey
from models.lost_keys import cases_without_keys
from models.taking_up import TakingUp
from models.unused_keys import SPARED, may_be_destroyed, unused_keys

log = get_logger("activities.sweep")

TakeUp = Callable[[str, Opening], Awaitable[object]]
"""Starts a case's workflow again from what the book has."""

AT_ONCE = 50
"""Cases that one activity looks at, at most."""
LONG = timedelta(minutes=1)
"""Time after which an activity leaves the other cases to the next one, so that slow or silent cases hold nothing up."""
PAGE = 500
"""Workflows that the engine lists at once."""
ANSWER = timedelta(seconds=10)
"""Time that a workflow has to say what it is armed for."""
ENDED_SINCE = timedelta(hours=26)
"""How far back an hourly look goes. What ended before is found by the sweep of the night between."""
ENDED_AT_MOST = 5_000
"""Ended runs that one hourly look goes through."""
KEYS_AT_ONCE = 500
"""Unused keys that one sweep looks at."""
_AWAY = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED})
_HEALED_BY_A_LOOK = frozenset(
    {Disagreement.NO_WORKFLOW, Disagreement.BEHIND, Disagreement.OVERDUE, Disagreement.LATE_TIMER}
)


class _Unreadable(Exception):
    """The lines of this one case cannot be read, whoever asks, and however often."""


class _Keyless(_Unreadable):
    """This one case has no key."""


class Sweeper:
    """Holds the book against the engine, and the engine against the book."""

    def __init__(
        self, database: Database, keys: CaseKeys, calendar: WorkingCalendar, client: Client, take_up: TakeUp
    ) -> None:
        self._database, self._keys, self._calendar = database, keys, calendar
        self._client, self._take_up = client, take_up
        self._taking_up = TakingUp(database, keys)

    @activity.defn(name="begin_sweep")
    async def begin_sweep(self, id: str) -> None:
        """Notes that a sweep has begun; destroys the drafts whose day has come, and again the keys of erased cases."""
        await asyncio.to_thread(self._begin, id)
        await asyncio.to_thread(destroy_what_is_over, self._database, self._keys, _now())
        for reference in await asyncio.to_thread(erase_again, self._database, self._keys):
            finding = Finding(reference=reference, kind=Disagreement.KEY_ALIVE, repaired=True, found_at=_now())
            await self._found(id, finding)

    @activity.defn(name="sweep_book")
    async def sweep_book(self, sweep: Sweep) -> Swept:
        """Looks at the next cases of the book. Tried again, it goes on after the last one it had looked at."""
        looked_at, after = activity.info().heartbeat_details or (0, sweep.after)
        left = AT_ONCE - looked_at
        enough = time.monotonic() + LONG.total_seconds()
        reported: set[str] = set()
        keyless = cache(partial(cases_without_keys, self._database, self._keys))
        async with beating(lambda: (looked_at, after)):
            references = await asyncio.to_thread(self._next_cases, after, left)
            for reference in references:
                finding = await self._look_at(reference, keyless)
                if finding is not None and finding.reference not in reported:
                    reported.add(finding.reference)
                    await self._found(sweep.id, finding)
                looked_at, after = looked_at + 1, reference
                await asyncio.sleep(1 / sweep.per_second)
                if time.monotonic() > enough:
                    return Swept(looked_at=looked_at, next=after, done=False)
        return Swept(looked_at=looked_at, next=after, done=len(references) < left)

    @activity.defn(name="sweep_engine")
    async def sweep_engine(self, sweep: Sweep) -> Swept:
        """Looks at the next page of running workflows: each has its case in the book, or is only just opening it."""
        ours = (
            "WorkflowType = 'ComplaintWorkflow' AND ExecutionStatus = 'Running' "
            f"AND TaskQueue = '{activity.info().task_queue}'"
        )
        listed = self._client.list_workflows(ours, page_size=PAGE, next_page_token=base64.b64decode(sweep.page) or None)
        async with beating():
            await listed.fetch_next_page()
            page = list(listed.current_page or ())
            in_book = await asyncio.to_thread(self._in_book, [run.id for run in page])
            opened_by = datetime.now(UTC) - sweep.opening
            for run in page:
                if run.id not in in_book and run.start_time <= opened_by and await self._runs(run.id):
                    await self._found(sweep.id, Finding(reference=run.id, kind=Disagreement.NO_CASE, found_at=_now()))
            if not listed.next_page_token:
                await self._sweep_keys(sweep.id)
        token = base64.b64encode(listed.next_page_token or b"").decode()
        return Swept(looked_at=len(page), next=token, done=not token)

    async def _sweep_keys(self, id: str) -> None:
        """Destroys the keys that openings left behind a day ago or before, where no run of the engine needs them."""
        before = _now() - SPARED
        unused = await asyncio.to_thread(unused_keys, self._database, self._keys, before)
        if not unused:
            return
        is_safe = await asyncio.to_thread(may_be_destroyed, self._database, self._keys, unused)
        left = [reference for reference in unused[:KEYS_AT_ONCE] if await self._came_to_nothing(reference)]
        told = await asyncio.to_thread(self._keys.destroy_unasked, left, before) if is_safe else left
        for reference in told:
            finding = Finding(reference=reference, kind=Disagreement.KEY_UNUSED, repaired=is_safe, found_at=_now())
            await self._found(id, finding)

    async def _came_to_nothing(self, reference: str) -> bool:
        """True if the engine knows no opening of this case, or one that failed."""
        try:
            description = await self._client.get_workflow_handle(reference).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return True
            raise
        return description.status is WorkflowExecutionStatus.FAILED

    @activity.defn(name="end_sweep")
    async def end_sweep(self, sweep: Sweep) -> Report:
        """Notes that a sweep is over; gives what it came to."""
        report = await asyncio.to_thread(self._end, sweep)
        log.info("sweep_done", **report.model_dump(include={"cases", "workflows", "found", "repaired", "overdue"}))
        return report

    @activity.defn(name="take_up_ended")
    async def take_up_ended(self) -> int:
        """Takes up the cases whose run was ended from outside in the last day; gives how many have a workflow again.

        Bounded: what one look does not come to is left to the next, and to the sweep at night.
        """
        since = (datetime.now(UTC) - ENDED_SINCE).isoformat(timespec="seconds").replace("+00:00", "Z")
        ended = (
            "WorkflowType = 'ComplaintWorkflow' "
            "AND ExecutionStatus IN ('Terminated', 'Canceled', 'TimedOut', 'Failed') "
            f"AND TaskQueue = '{activity.info().task_queue}' AND CloseTime > '{since}'"
        )
        taken_up, looked_at, enough = 0, set[str](), time.monotonic() + LONG.total_seconds() * 5
        async with beating():
            async for run in self._client.list_workflows(ended, page_size=PAGE, limit=ENDED_AT_MOST):
                if run.id in looked_at or time.monotonic() > enough:
                    continue
                looked_at.add(run.id)
                if await self._lost_its_workflow(run.id):
                    is_repaired = await self._repair(run.id, Disagreement.NO_WORKFLOW)
                    await asyncio.to_thread(self._taking_up.note, run.id, repaired=is_repaired)
                    taken_up += is_repaired
        return taken_up

    async def _lost_its_workflow(self, reference: str) -> bool:
        """True for a case of the book that is not erased, and for which no run runs."""
        if not await asyncio.to_thread(self._lives, reference):
            return False
        try:
            return (await self._compare(reference))[0] is Disagreement.NO_WORKFLOW
        except (CaseErased, _Unreadable):
            return False

    # --- One case ---

    async def _look_at(self, reference: str, keyless: Callable[[], int]) -> Finding | None:
        """Finds what is wrong with a case, if anything is.

        `keyless` gives how many cases lack their key, if most do: that is one finding for all of them.
        """
        try:
            return await self._examine(reference)
        except CaseErased:  # since the list was read
            return None
        except _Keyless:
            if lost := await asyncio.to_thread(keyless):
                return Finding(reference="", kind=Disagreement.OTHER_KEYS, cases=lost, found_at=_now())
            return Finding(reference=reference, kind=Disagreement.UNREADABLE, found_at=_now())
        except _Unreadable:
            # A finding, and not a failure, which would keep all the others from being looked at every night.
            return Finding(reference=reference, kind=Disagreement.UNREADABLE, found_at=_now())

    async def _examine(self, reference: str) -> Finding | None:
        kind, expectation, _ = await self._compare(reference)
        if kind is None:
            await asyncio.to_thread(self._list_anew, expectation)
            return None
        # Re-check: a command may have landed between the two reads.
        kind, expectation, armed = await self._compare(reference)
        if kind is None:
            return None
        repaired = kind in _HEALED_BY_A_LOOK and await self._repair(reference, kind)
        return Finding(
            reference=reference,
            kind=kind,
            due=expectation.due,
            rings_at=armed and armed.rings_at,
            overdue=expectation.overdue,
            repaired=repaired,
            found_at=_now(),
        )

    async def _compare(self, reference: str) -> tuple[Disagreement | None, Expected, Armed | None]:
        expectation = await asyncio.to_thread(self._expected, reference)
        handle = self._client.get_workflow_handle(reference)
        try:
            query = handle.query("armed", result_type=Armed, reject_condition=QueryRejectCondition.NOT_OPEN)
            armed: Armed = await asyncio.wait_for(query, ANSWER.total_seconds())
        except WorkflowQueryRejectedError:
            return Disagreement.NO_WORKFLOW, expectation, None
        except (WorkflowQueryFailedError, TimeoutError):
            return Disagreement.NO_ANSWER, expectation, None
        except RPCError as error:
            if error.status in _AWAY:
                raise
            missing = error.status is RPCStatusCode.NOT_FOUND
            return Disagreement.NO_WORKFLOW if missing else Disagreement.NO_ANSWER, expectation, None
        return disagreement(expectation, armed), expectation, armed

    async def _repair(self, reference: str, kind: Disagreement) -> bool:
        """Repairs a case as far as it can be; gives True if all is well afterwards."""
        if kind is Disagreement.NO_WORKFLOW:
            opening = await asyncio.to_thread(self._opening, reference)
            try:
                await self._take_up(reference, opening)
            except Problem as problem:
                log.warning("case_not_taken_up", reference=reference, kind=problem.code)
                return False
        if not await look_again(self._client, reference):
            return False
        return (await self._compare(reference))[0] is None

    async def _runs(self, id: str) -> bool:
        """True if the workflow runs by the engine's own record: its list may lag behind."""
        return (await self._client.get_workflow_handle(id).describe()).status is WorkflowExecutionStatus.RUNNING

    async def _found(self, sweep: str, finding: Finding) -> None:
        log.warning("sweep_finding", reference=finding.reference, kind=finding.kind, repaired=finding.repaired)
        await asyncio.to_thread(self._note, sweep, finding)

    # --- The database, in threads ---

    def _begin(self, id: str) -> None:
        with self._database.write() as tx:
            sweeps.begin(tx, id, _now())

    def _next_cases(self, after: str, limit: int) -> list[str]:
        with self._database.read() as tx:
            return cases.references_after(tx, after, limit)

    def _expected(self, reference: str) -> Expected:
        with self._database.read() as tx:
            case = self._read(tx, reference)[1]
            return expected(case, policies.in_force(tx).policy, self._calendar, _now())

    def _list_anew(self, expectation: Expected) -> None:
        """Lists what is due next as it is counted today: before an upgrade it may have been counted otherwise.

        A case under another version of the policy is left to the rollout of that policy, and one that has moved on
        was listed anew by doing so.
        """
        with self._database.read() as tx:
            row, edition = cases.row_of(tx, expectation.reference), policies.in_force(tx)
            if row is None or (row.policy_version or 0) != edition.version:
                return
            if (row.next_due, row.next_kind) == (expectation.due, expectation.kind):
                return
            case = self._read(tx, expectation.reference)[1]
        due = next(iter(agenda(case, edition.policy, self._calendar)), None)
        with self._database.write() as tx:
            cases.schedule(tx, case, due, edition.version)

    def _opening(self, reference: str) -> Opening:
        with self._database.read() as tx:
            return Opening.recorded(self._read(tx, reference)[0])

    def _read(self, tx: Connection, reference: str) -> tuple[Entry, Case]:
        """A case and its first line. Raises CaseErased; _Unreadable when trying again would not help.

        What keeps every case from being read (a store or a master key that is away) is raised as it is.
        """
        try:
            entries = book.history(tx, self._keys, reference)
            return entries[0], fold(reference, entries)
        except NoKey:
            raise _Keyless from None
        except book.UNREADABLE as error:
            log.warning("case_unreadable", reference=reference, why=type(error).__name__)
            raise _Unreadable from None

    def _in_book(self, references: list[str]) -> set[str]:
        with self._database.read() as tx:
            return cases.known(tx, references)

    def _lives(self, reference: str) -> bool:
        with self._database.read() as tx:
            return bool(cases.living(tx, [reference]))

    def _note(self, id: str, finding: Finding) -> None:
        with self._database.write() as tx:
            sweeps.note(tx, id, finding)

    def _end(self, sweep: Sweep) -> Report:
        with self._database.write() as tx:
            return sweeps.end(tx, sweep.id, _now(), cases=sweep.cases, workflows=sweep.workflows)


def _now() -> datetime:
    return datetime.now(UTC)
