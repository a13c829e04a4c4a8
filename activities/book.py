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

from domain.actors import Actor
from domain.capabilities import is_over
from domain.case import Case
from domain.commands import OF_THE_CLOCK
from domain.dates import WorkingCalendar
from domain.errors import Away, Problem
from domain.events import Entry
from domain.exchange.cases import Ask, CommitRequest, Committed, Receipt, Shown, already_imported, id_taken, other_case
from domain.levels import may_answer
from domain.lifecycle import decide, fold, record, when
from domain.log.chain import FIRST
from domain.messages.notices import notices
from domain.messages.people import highest_there, require_receivers, require_somebody_left
from domain.parts.alert import AnswerAlert, PassDeadlines
from domain.parts.assignment import Assign, RecordDeparture
from domain.parts.base import Command
from domain.parts.files import AttachFile
from domain.parts.intake import Open
from domain.parts.notice import NoticeUndelivered, RecordUndelivered
from domain.parts.pause import Pause
from domain.parts.transfer import AcceptTransfer
from domain.permissions import no_such_case, require, require_holder
from domain.sight import sees_whole
from domain.staleness import require_fresh
from domain.time.clocks import agenda, passed
from domain.time.deadline import Deadline
from domain.time.limits import OF_LIMITS
from domain.values import day_of
from domain.vocabulary import Door, Level
from kit.process.logs import get_logger
from kit.storage.database import Database, is_away, is_conflict
from models import alerts, book, cases, files, finding, intakes, mails, policies
from models.accounts import actor_named, no_such_account, resolved, successor_of
from models.keys import INDEX, CaseKeys, Keys, NoKey
from models.preferences import anybody_wants_all_at_once, people_on
from models.sources import place_of, source_key

log = get_logger("activities.book")

COMMIT = "commit"

CARRIED = 1_000_000
"""Bytes of lines in one answer: the engine takes no answer of two megabytes, and no task of four."""

_HANDS_OVER = frozenset(
    {
        *("case_assigned.1", "holder_left.1", "transfer_accepted.1"),
        *("referral_accepted.1", "referral_expired.1", "referral_withdrawn.1"),
    }
)
"""Events after which somebody else may hold the case."""


class BookBehind(Exception):
    """The workflow or a list knows more lines than the book has: its last ones were lost, none may take their place.

    The case waits until they are restored (`starter.py rebuild --from histories`).
    """


class RowsBehind(Exception):
    """Lists know fewer lines of a case than its book: the next line would be chained to the wrong one.

    Caused by a bug, or by somebody's hand. Waiting does not help: `starter.py rebuild` brings the lists back.
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
            _require_own_case(request)
            keys = self.keys.at_hand(request.reference, INDEX)
            committed, case = self._tried(keys, request)
        except (Away, NoKey):
            # A missing key is treated like an unreachable store: retried, since the store may have to be restored.
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
        """Decides and writes, three times at most: a line that another process wrote first is seen at the next try.

        Raises IntegrityError for a conflict that lasts, and for any other constraint that is broken.
        """
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
        reference = request.reference
        key = keys.of(reference)
        head = cases.head(tx, reference)
        if request.known_version > (head.version if head else 0):
            raise BookBehind
        case = self._case(tx, keys, reference, head.version) if head else None
        if already := book.of_command(tx, request.ask.command_id):
            return self._already(
                tx, keys, request, case, [book.entry_of(row, key) for row in already if row.reference == reference]
            )

        request = _resolved(tx, request, case)
        ask = request.ask
        place = _unused_place(tx, keys, ask) if case is None else None
        unknown = book.history(tx, keys, reference, after=request.known_version) if _is_behind(request, case) else []
        require(ask.actor, type(ask.command), case)  # first: what changed is not told to a stranger
        ask.require_version()
        require_fresh(ask.expected_version, case, lambda version: self._since(tx, keys, case, ask.actor, version))
        edition = self._in_force(tx, fresh=isinstance(ask.command, PassDeadlines))
        entries = self._decided(tx, keys, case, request, edition)
        if case is not None and not entries:
            next_deadline = self._next(case, edition)
            cases.schedule(tx, case, next_deadline, edition.version)
            return self._answer(ask, case, [], unknown, next_deadline, case), case
        after = fold(reference, entries, case)
        _require_heard(tx, case, after, request.at)
        hash = book.append(tx, key, reference, head.hash if head else FIRST, entries)
        next_deadline = self._next(after, edition)
        cases.project(tx, after, hash, next_deadline, edition.version, case, place)
        alerts.project_alerts(tx, reference, after, before=case)
        self._post(tx, case, after, entries, request.at)
        finding.project_marks(tx, keys.digest, after, before=case)
        files.project_files(tx, keys.digest, reference, after, before=case)
        if isinstance(ask.command, AttachFile) and ask.command.intake is not None:
            intakes.use(tx, ask.command.intake, after.files[-1].id)
        return self._answer(ask, after, entries, unknown + entries, next_deadline, after), after

    @staticmethod
    def _since(tx: Connection, keys: Keys, case: Case | None, actor: Actor, version: int) -> list[Entry]:
        """The lines after a version, for whoever sees the whole case: to others, nothing of them is told."""
        if case is None or not sees_whole(actor, case):
            return []
        return book.history(tx, keys, case.reference, after=version)

    def _decided(
        self, tx: Connection, keys: Keys, case: Case | None, request: CommitRequest, edition: policies.Edition
    ) -> list[Entry]:
        """Decides the command of a request; gives the lines that it becomes. Raises a Problem when the rules say no."""
        ask = request.ask
        command = self._filled_in(tx, keys, ask, case, request.at, edition)
        events = decide(case, command, ask.actor, request.at)
        if isinstance(command, Assign) and case is not None:
            require_holder(actor_named(tx, command.holder, "holder", held=True), command.organisation, case.metropolis)
        if isinstance(command, AcceptTransfer) and case is not None and (transfer := case.pending_transfer):
            holder = actor_named(tx, command.holder or ask.actor.account, "holder", held=True)
            require_holder(holder, transfer.organisation, transfer.metropolis)
        return record(
            events,
            after=case.version if case else 0,
            command_id=ask.command_id,
            actor=ask.actor,
            happened_at=when(command, case, request.at),
            recorded_at=request.at,
            door=ask.door,
        )

    @staticmethod
    def _post(tx: Connection, before: Case | None, after: Case, entries: list[Entry], at: datetime) -> None:
        """Writes the mails that events call for in their own transaction, so that none is lost and none made twice."""
        if _calls_for_notices(tx, before, after):
            mails.post(tx, after.reference, notices(before, after, people_on(tx, day_of(at)), at))
        if undelivered := [entry.event.mail for entry in entries if isinstance(entry.event, NoticeUndelivered)]:
            mails.told_on_case(tx, undelivered)

    @staticmethod
    def _with_mails(tx: Connection, request: CommitRequest, committed: Committed) -> Committed:
        """Adds to an answer the mails that wait to be sent: after a handover, and for commands of the case's own clock.

        So a mail that a workflow has lost sight of comes back to it.
        """
        if request.ask.command.kind in OF_THE_CLOCK or any(e.what in _HANDS_OVER for e in committed.entries):
            return committed.model_copy(update={"mails": mails.unsettled(tx, request.reference)})
        return committed

    def _case(self, tx: Connection, keys: Keys, reference: str, version: int) -> Case:
        """The case at the version of its row. Raises BookBehind or RowsBehind when the book has another version."""
        start = self._cases.get(reference)
        if start is not None and start.version == version:
            return start
        if start is not None and start.version > version:
            start = None
        case = fold(reference, book.history(tx, keys, reference, after=start.version if start else 0), start)
        if case.version < version:
            raise BookBehind
        if case.version > version:
            raise RowsBehind
        return case

    def _already(
        self, tx: Connection, keys: Keys, request: CommitRequest, case: Case | None, entries: list[Entry]
    ) -> tuple[Committed, Case]:
        """Answers a command as it was answered the first time, if the same person sends it again."""
        if case is None or not entries or entries[0].actor.account != request.ask.actor.account:
            raise id_taken()
        history = book.history(tx, keys, request.reference)
        # A workflow that does not know these lines lost the answer half-way: it can only be the same command.
        is_known = request.known_version >= entries[-1].version
        if is_known and not _is_asked_again(history, entries, request.reference, request.ask):
            raise id_taken()
        then = fold(request.reference, [entry for entry in history if entry.version <= entries[-1].version])
        unknown = [entry for entry in history if entry.version > request.known_version]
        return self._answer(request.ask, then, entries, unknown, self._next(case, self._in_force(tx)), case), case

    def _in_force(self, tx: Connection, *, fresh: bool = False) -> policies.Edition:
        """The policy in force: read again after a second, and at once for a command that is about deadlines."""
        now = time.monotonic()
        if fresh or now - self._asked > 1:
            self._edition, self._asked = policies.in_force(tx), now
        return self._edition

    def _filled_in(
        self,
        tx: Connection,
        keys: Keys,
        ask: Ask,
        case: Case | None,
        at: datetime,
        edition: policies.Edition,
    ) -> Command:
        """Completes a command with what only the book knows, and nobody who asks may say."""
        command, actor = ask.command, ask.actor
        if isinstance(command, PassDeadlines) and case is not None:
            due = passed(agenda(case, edition.policy, self.calendar), at)
            return command.model_copy(update={"deadlines": due})
        if isinstance(command, Pause):
            return command.model_copy(update={"alone": edition.policy.pause_alone})
        if isinstance(command, AnswerAlert) and case is not None:
            return command.model_copy(update={"highest": _highest_above(tx, command, case, actor, at)})
        if isinstance(command, RecordDeparture) and case is not None:
            return command.model_copy(update={"to": successor_of(tx, command.holder, case)})
        if isinstance(command, RecordUndelivered) and case is not None:
            return command.model_copy(update={"notices": mails.given_up(tx, case.reference)})
        if isinstance(command, AttachFile) and case is not None:
            return intakes.filled_in(tx, keys, case.reference, command)
        return command

    def _next(self, case: Case, edition: policies.Edition) -> Deadline | None:
        deadlines = agenda(case, edition.policy, self.calendar)
        return deadlines[0] if deadlines else None

    @staticmethod
    def _answer(
        ask: Ask, then: Case, entries: list[Entry], unknown: list[Entry], next_deadline: Deadline | None, now: Case
    ) -> Committed:
        """Answers a command that left the case at `then`, for a workflow that is to know the case as it is `now`."""
        receipt = Receipt(
            reference=then.reference,
            version=then.version,
            step=then.step,
            events=tuple(entry.what for entry in entries),
            asked=ask.digest,
        )
        carried = _first_of(unknown)
        return Committed.model_construct(
            receipt=receipt,
            entries=tuple(carried),
            next_due=next_deadline.due if next_deadline else None,
            shown=Shown.of(now),
            more=len(carried) < len(unknown),
        )


def _require_own_case(request: CommitRequest) -> None:
    """Raises Refused when a workflow asks for another case than its own, or hands on what was asked of another."""
    request.ask.require_of(request.reference)
    if activity.in_activity() and activity.info().workflow_id != request.reference:
        raise other_case()


def _resolved(tx: Connection, request: CommitRequest, case: Case | None) -> CommitRequest:
    """The request of who the actor is now: a closed account is refused, a changed role counts, whatever was said.

    Whoever acts by a capability has no account: the case itself says what they may, and until when.
    """
    asked_by = request.ask.actor
    if asked_by.by_capability is not (request.ask.door is Door.CAPABILITY):
        raise no_such_account(asked_by.account, "as")
    if asked_by.by_capability:
        if case is None or is_over(case, asked_by, request.at):
            raise no_such_case()
        return request
    actor = resolved(tx, request.ask.actor, held=True)
    if actor is request.ask.actor:
        return request
    return request.model_copy(update={"ask": request.ask.model_copy(update={"actor": actor})})


def _is_behind(request: CommitRequest, case: Case | None) -> bool:
    """True if the book has lines of the case that its workflow does not know."""
    return case is not None and case.version > request.known_version


def _require_heard(tx: Connection, before: Case | None, after: Case, at: datetime) -> None:
    """Refuses a restriction or a transfer after which nobody who oversees the case would hear of it."""
    is_restricted = after.restriction is not None and (before is None or before.restriction != after.restriction)
    has_moved = before is not None and before.pending_transfer is not None and before.metropolis != after.metropolis
    is_proposed = after.pending_transfer is not None and (before is None or before.pending_transfer is None)
    if not (is_restricted or has_moved or is_proposed):
        return
    people = people_on(tx, day_of(at))
    if is_proposed:
        require_receivers(people, after)
    if is_restricted or has_moved:
        require_somebody_left(people, after)


def _highest_above(tx: Connection, command: AnswerAlert, case: Case, actor: Actor, at: datetime) -> Level | None:
    """The highest level at which somebody oversees the case; None for an alert that this actor answers anyway."""
    alert = next((alert for alert in case.standing_alerts if alert.key == command.alert), None)
    if alert is None or actor.role in may_answer(alert.level):
        return None
    return highest_there(people_on(tx, day_of(at)), case)


def _calls_for_notices(tx: Connection, before: Case | None, after: Case) -> bool:
    """True if somebody may have to be told at once. Most alerts are for the digest, and no reader is looked up then."""
    new = after.alerts[len(before.alerts) if before else 0 :]
    handed_over = before is not None and before.holder != after.holder
    others_see_it = before is not None and (before.restriction, before.metropolis) != (
        after.restriction,
        after.metropolis,
    )
    return (
        handed_over
        or others_see_it
        or any(alert.kind in OF_LIMITS for alert in new)
        or (bool(new) and anybody_wants_all_at_once(tx))
    )


def _unused_place(tx: Connection, keys: Keys, ask: Ask) -> str | None:
    """The place of the row that a complaint comes from, if it comes from one. Raises Refused for that of a case."""
    source = ask.command.complaint.source if isinstance(ask.command, Open) else None
    if source is None:
        return None
    place, reference = place_of(tx, ask.actor, source_key(keys.digest, source))
    if reference is not None:
        raise already_imported(reference)
    return place


def _is_asked_again(history: list[Entry], entries: list[Entry], reference: str, ask: Ask) -> bool:
    """True if this command became these lines: decided upon the case as it was then, it becomes the same events.

    Taken for the same without a comparison: a command that today's rules refuse, since those of then may have been
    others, and one that differs each time it is sent (`volatile_fields`).
    """
    before = [entry for entry in history if entry.version < entries[0].version]
    if isinstance(ask.command, Open) is bool(before):  # of a case that is not there yet the rules refuse all but this
        return False
    if ask.command.volatile_fields:
        return True
    try:
        then = fold(reference, before) if before else None
        events = decide(then, ask.command, entries[0].actor, entries[0].recorded_at)
    except Problem:
        return True
    return events == [entry.event for entry in entries]


def _first_of(entries: list[Entry]) -> list[Entry]:
    """Takes as many of the first lines as one answer carries, and one at least: no line alone is too long."""
    if len(entries) < 2:
        return entries
    carried = 0
    for number, entry in enumerate(entries):
        carried += len(entry.model_dump_json().encode())
        if number and carried > CARRIED:
            return entries[:number]
    return entries


class _Recent:
    """The cases committed last, kept so that no case is folded from its first line at every step.

    Safe with several workers: a case is used only up to the version that the database has.
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
