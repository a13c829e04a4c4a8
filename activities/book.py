"""The only writer of the book: decides a command and writes down what it becomes, in one transaction."""

import math
import threading
import time
from collections import OrderedDict
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.case import Case
from domain.commands import OF_THE_CLOCK, AnyCommand
from domain.dates import WorkingCalendar
from domain.errors import Away, Problem, Refused
from domain.events import Entry
from domain.exchange.cases import Ask, CommitRequest, Committed, Receipt, Shown, id_taken
from domain.lifecycle import decide, fold, record, when
from domain.log.chain import FIRST
from domain.messages.notices import notices
from domain.parts.alert import PassDeadlines
from domain.parts.assignment import Assign
from domain.parts.base import Command
from domain.parts.intake import Open
from domain.parts.notice import NoticeUndelivered, RecordUndelivered
from domain.permissions import require, require_holder
from domain.staleness import require_fresh
from domain.time.clocks import agenda, passed
from domain.time.deadline import Deadline
from domain.time.limits import OF_LIMITS
from domain.values import day_of
from kit.process.logs import get_logger
from kit.storage.database import Database, is_away, is_conflict
from models import alerts, book, cases, files, finding, mails, policies
from models.accounts import actor_named
from models.keys import INDEX, CaseKeys, Keys, NoKey
from models.preferences import anybody_wants_all_at_once, people_on

log = get_logger("activities.book")

COMMIT = "commit"

CARRIED = 1_000_000
"""Bytes of lines in one answer: the engine takes no answer of two megabytes, and no task of four."""

_HANDS_OVER = frozenset({"case_assigned.1", "referral_accepted.1", "referral_expired.1", "referral_withdrawn.1"})
"""Events after which somebody else may hold the case."""


class BookBehind(Exception):
    """The workflow or a list knows more than the book has: its tail was lost, nothing may be written in its place.

    The case waits until the tail is restored (`starter.py rebuild --from histories`).
    """


class RowsBehind(Exception):
    """Lists know less of a case than its book: what is written after their last line would follow from the wrong one.

    A mistake of ours, or somebody's hand. The case waits for nothing: `starter.py rebuild` brings lists back.
    """


class Book:
    """Commits commands. One instance in each worker; several workers may share a database."""

    def __init__(self, database: Database, keys: CaseKeys, calendar: WorkingCalendar) -> None:
        self.database, self.keys, self.calendar = database, keys, calendar
        self._edition, self._asked = policies.BEGINNING, -math.inf
        self._cases = _Recent(2_000)

    @activity.defn(name=COMMIT, no_thread_cancel_exception=True)  # what is being written is written, or not, as a whole
    def commit(self, request: CommitRequest) -> Committed:
        """Writes a command's events into the book and answers with them; the same command id is answered once.

        Raises ApplicationError: "Refused" when the rules say no and "Bug" when we are wrong, neither worth trying
        again; "Away", to be tried again, when the database or the keys are not there, or the book has lost lines.
        """
        ask = request.ask
        try:
            keys = self.keys.at_hand(request.reference, INDEX)
            committed, case = self._tried(keys, request)
        except (Away, NoKey):
            # A key that is missing is waited for as one that cannot be asked for: a store may have to be restored.
            log.warning("keys_away", reference=request.reference, command=ask.command.kind, exc_info=True)
            raise ApplicationError("the keys are away", type="Away") from None
        except BookBehind:
            log.error("book_behind", reference=request.reference, command=ask.command.kind)  # noqa: TRY400 - no bug
            raise ApplicationError("the book has lost lines of this case", type="Away") from None
        except Problem as problem:
            raise ApplicationError(problem.code, problem.as_dict(), type="Refused", non_retryable=True) from None
        except Exception as error:
            if is_away(error):
                log.warning("book_away", reference=request.reference, command=ask.command.kind, exc_info=True)
                raise ApplicationError("the book is away", type="Away") from None
            log.error("commit_failed", reference=request.reference, command=ask.command.kind, exc_info=True)
            raise ApplicationError("a bug in commit", type="Bug", non_retryable=True) from None
        self._cases.put(case)  # after the transaction: what was rolled back is never remembered
        return committed

    def _tried(self, keys: Keys, request: CommitRequest) -> tuple[Committed, Case]:
        """Decides and writes. What somebody else wrote first is seen at the next try; what is in the way at each of
        them will be for ever, and is raised."""
        for is_last in (False, False, True):
            try:
                with self.database.write() as tx:
                    committed, case = self._commit(tx, keys, request)
                    return self._with_mails(tx, request, committed), case
            except IntegrityError as error:
                if is_last or not is_conflict(error):
                    raise
        raise AssertionError("the last try returns or raises")

    def _commit(self, tx: Connection, keys: Keys, request: CommitRequest) -> tuple[Committed, Case]:
        reference, ask = request.reference, request.ask
        key = keys.of(reference)
        head = cases.head(tx, reference)
        if request.known_version > (head.version if head else 0):
            raise BookBehind
        case = self._case(tx, keys, reference, head.version) if head else None
        if already := book.of_command(tx, ask.command_id):
            return self._already(
                tx, keys, request, case, [book.entry_of(row, key) for row in already if row.reference == reference]
            )

        source_key = _source_key(keys, ask.command) if case is None else None
        if source_key is not None:
            self._not_opened_before(tx, source_key)
        known = request.known_version
        unknown = book.history(tx, keys, reference, after=known) if case and case.version > known else []
        require(ask.actor, type(ask.command), case)  # first: what changed is not told to a stranger
        require_fresh(ask.expected_version, case, lambda version: book.history(tx, keys, reference, after=version))
        edition = self._in_force(tx, fresh=isinstance(ask.command, PassDeadlines))
        command = self._filled_in(tx, ask.command, case, request.at, edition)
        events = decide(case, command, ask.actor, request.at)
        if isinstance(command, Assign) and case is not None:
            require_holder(actor_named(tx, command.holder, "holder"), command.organisation, case.metropolis)
        happened_at = when(command, case, request.at)
        entries = record(
            events,
            after=case.version if case else 0,
            command_id=ask.command_id,
            actor=ask.actor,
            happened_at=happened_at,
            recorded_at=request.at,
        )
        if case is not None and not entries:
            next_deadline = self._next(case, edition)
            cases.schedule(tx, case, next_deadline, edition.version)
            return self._answer(ask, case, [], unknown, next_deadline, case), case
        after = fold(reference, entries, case)
        hash = book.append(tx, key, reference, head.hash if head else FIRST, entries)
        next_deadline = self._next(after, edition)
        cases.project(tx, after, hash, next_deadline, edition.version, case, source_key)
        alerts.project_alerts(tx, reference, after, before=case)
        self._post(tx, case, after, entries, request.at)
        finding.project_marks(tx, keys.digest, after, before=case)
        files.project_files(tx, reference, after, before=case)
        return self._answer(ask, after, entries, unknown + entries, next_deadline, after), after

    @staticmethod
    def _post(tx: Connection, before: Case | None, after: Case, entries: list[Entry], at: datetime) -> None:
        """Writes down, with the events themselves, the mails that they call for: none is lost, none made twice."""
        new = after.alerts[len(before.alerts) if before else 0 :]
        handed_over = before is not None and before.holder != after.holder
        # Most alerts are for the digest: then there is no need to look who there is.
        if handed_over or any(a.kind in OF_LIMITS for a in new) or (new and anybody_wants_all_at_once(tx)):
            mails.post(tx, after.reference, notices(before, after, people_on(tx, day_of(at)), at))
        if told := [entry.event.mail for entry in entries if isinstance(entry.event, NoticeUndelivered)]:
            mails.told_on_case(tx, told)

    @staticmethod
    def _with_mails(tx: Connection, request: CommitRequest, committed: Committed) -> Committed:
        """The answer, with the mails to be sent. Asked after a handover, and of whatever the case's own clock asks:
        so one that a workflow has lost sight of comes back to it."""
        if request.ask.command.kind in OF_THE_CLOCK or any(e.what in _HANDS_OVER for e in committed.entries):
            return committed.model_copy(update={"mails": mails.unsettled(tx, request.reference)})
        return committed

    @staticmethod
    def _not_opened_before(tx: Connection, source_key: str) -> None:
        for reference in cases.opened_from(tx, [source_key]).values():
            raise Refused(
                "already_imported",
                "This complaint was opened already, as {reference}.",
                "Nothing to do.",
                field="source",
                reference=reference,
            )

    def _case(self, tx: Connection, keys: Keys, reference: str, version: int) -> Case:
        """The case at the version that its row tells. Raises BookBehind or RowsBehind when the book tells another."""
        known = self._cases.get(reference)
        if known is not None and known.version == version:
            return known
        start = known if known is not None and known.version < version else None
        case = fold(reference, book.history(tx, keys, reference, after=start.version if start else 0), start)
        if case.version < version:
            raise BookBehind
        if case.version > version:
            raise RowsBehind
        return case

    def _already(
        self, tx: Connection, keys: Keys, request: CommitRequest, case: Case | None, entries: list[Entry]
    ) -> tuple[Committed, Case]:
        """The answer that this command got the first time, for whoever gave it."""
        if case is None or not entries or entries[0].actor.account != request.ask.actor.account:
            raise id_taken()
        history = book.history(tx, keys, request.reference)
        # Where the workflow does not know these lines, an answer was lost half-way: nothing else can have been asked.
        is_known = request.known_version >= entries[-1].version
        if is_known and not _is_asked_again(history, entries, request.reference, request.ask):
            raise id_taken()
        then = fold(request.reference, [entry for entry in history if entry.version <= entries[-1].version])
        unknown = [entry for entry in history if entry.version > request.known_version]
        return self._answer(request.ask, then, entries, unknown, self._next(case, self._in_force(tx)), case), case

    def _in_force(self, tx: Connection, *, fresh: bool = False) -> policies.Edition:
        """The policy of the day. Asked again every second; at once when deadlines are what it is about."""
        now = time.monotonic()
        if fresh or now - self._asked > 1:
            self._edition, self._asked = policies.in_force(tx), now
        return self._edition

    def _filled_in(
        self, tx: Connection, command: AnyCommand, case: Case | None, at: datetime, edition: policies.Edition
    ) -> Command:
        """What the case's own clock asks, with what only the book knows."""
        if isinstance(command, PassDeadlines) and case is not None:
            due = passed(agenda(case, edition.policy, self.calendar), at)
            return command.model_copy(update={"deadlines": due})
        if isinstance(command, RecordUndelivered) and case is not None:
            return command.model_copy(update={"notices": mails.given_up(tx, case.reference)})
        return command

    def _next(self, case: Case, edition: policies.Edition) -> Deadline | None:
        deadlines = agenda(case, edition.policy, self.calendar)
        return deadlines[0] if deadlines else None

    @staticmethod
    def _answer(
        ask: Ask, then: Case, entries: list[Entry], unknown: list[Entry], next_deadline: Deadline | None, now: Case
    ) -> Committed:
        """The answer to a command that left the case at `then`, for a workflow that is to know it as it is `now`."""
        receipt = Receipt(
            reference=then.reference,
            version=then.version,
            step=then.step,
            events=tuple(entry.what for entry in entries),
            asked=ask.digest,
        )
        told = _first_of(unknown)
        return Committed.model_construct(
            receipt=receipt,
            entries=tuple(told),
            next_due=next_deadline.due if next_deadline else None,
            shown=Shown.of(now),
            more=len(told) < len(unknown),
        )


def _source_key(keys: Keys, command: AnyCommand) -> str | None:
    source = command.complaint.source if isinstance(command, Open) else None
    return cases.source_key(keys.digest, source) if source else None


def _is_asked_again(history: list[Entry], entries: list[Entry], reference: str, ask: Ask) -> bool:
    """Whether this is what became these lines: decided where it was decided then, it becomes the same.

    What the rules of today refuse is taken for the same: they may have been others then. So is what is never asked
    alike.
    """
    if ask.command.made_anew:
        return True
    before = [entry for entry in history if entry.version < entries[0].version]
    try:
        events = decide(fold(reference, before) if before else None, ask.command, ask.actor, entries[0].recorded_at)
    except Problem:
        return True
    return events == [entry.event for entry in entries]


def _first_of(entries: list[Entry]) -> list[Entry]:
    """As many of the first lines as one answer carries, and one at least: no line alone is too long."""
    if len(entries) < 2:
        return entries
    carried = 0
    for number, entry in enumerate(entries):
        carried += len(entry.model_dump_json().encode())
        if number and carried > CARRIED:
            return entries[:number]
    return entries


class _Recent:
    """The cases committed last, so that a case is not folded from its first day at every step.

    Safe with several workers: a case is only used at the very version that the database has.
    """

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, threading.Lock()
        self._cases: OrderedDict[str, Case] = OrderedDict()

    def get(self, reference: str) -> Case | None:
        with self._lock:
            return self._cases.get(reference)

    def put(self, case: Case) -> None:
        with self._lock:
            self._cases[case.reference] = case
            self._cases.move_to_end(case.reference)
            if len(self._cases) > self._size:
                self._cases.popitem(last=False)
