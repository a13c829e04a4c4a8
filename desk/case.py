"""Showing a case, its agenda, its history, or a replay of it. Each look is noted in the journal first."""

from collections.abc import Sequence
from datetime import UTC, datetime

from activities.calendar import french_calendar
from desk.histories import Look, case_history, look_at
from desk.office import Office, reachable_records
from desk.views.case import (
    AgendaView,
    CaseView,
    ChangeView,
    ClosureReviewView,
    DeadlineView,
    EntryView,
    HistoryView,
    LimitView,
    ReplayView,
)
from domain.access import Access
from domain.actors import Actor
from domain.audience import seen_deadlines, seen_limits, summary_of
from domain.case import Case
from domain.changes import changes
from domain.errors import Action, Refused
from domain.events import Entry
from domain.hindsight import until
from domain.law.limitation import LimitationClock, time_bars
from domain.law.remaining import remaining
from domain.lifecycle import fold, offered
from domain.next_steps import next_steps
from domain.time.clocks import agenda
from domain.time.policy import Policy
from domain.values import day_of
from models import policies
from words import Words


def show_case(
    office: Office, actor: Actor, reference: str, words: Words, *, at: str | None = None, why: str | None = None
) -> CaseView:
    """A case that this account may see, as it stands or, with `at`, as it stood then: then without commands to ask.

    Raises NotFound for any other case, NoMoment or Refused for a moment that its history does not have.
    """
    look = look_at(office, actor, reference, Access.SHOW, why, at)
    due = seen_deadlines(agenda(look.whole, _policy(office), french_calendar()), look.sight)
    now = datetime.now(UTC)
    commands = offered(look.actor, look.whole, now) if at is None else ()
    steps = next_steps(look.whole, look.actor, now, due, french_calendar()) if at is None else ()
    limits = _running_limits(look.whole) if look.sight.is_whole else ()
    summary = None if look.sight.is_whole else summary_of(look.whole, french_calendar())
    review = _review(look, words, today=at is None) if look.sight.is_whole else None
    audience = look.sight.audience
    return CaseView.of(
        look.case,
        due,
        commands,
        limits,
        words,
        audience=audience,
        summary=summary,
        review=review,
        next_steps=steps,
    )


def show_agenda(office: Office, actor: Actor, reference: str, words: Words, *, why: str | None = None) -> AgendaView:
    """The deadlines and time limits of a case that this account may see. Raises NotFound for any other case.

    Outside the team: those of one's own referrals, and the law's once the referral is accepted.
    """
    look = look_at(office, actor, reference, Access.AGENDA, why)
    calendar = french_calendar()
    deadlines = seen_deadlines(agenda(look.whole, _policy(office), calendar), look.sight)
    limits = seen_limits(look.whole, look.sight, calendar)
    return AgendaView(
        reference=reference,
        deadlines=tuple(DeadlineView.of(deadline, words) for deadline in deadlines),
        time_limits=tuple(LimitView.of(limit, words) for limit in limits),
    )


def show_history(office: Office, actor: Actor, reference: str, *, why: str | None = None) -> HistoryView:
    """The history of a case, as far as this account may see it. Raises NotFound for any other case."""
    return HistoryView.of(look_at(office, actor, reference, Access.HISTORY, why).entries)


async def replay_case(
    office: Office,
    actor: Actor,
    reference: str,
    words: Words,
    *,
    at: str | None = None,
    against: str | None = None,
    from_histories: bool = False,
    why: str | None = None,
) -> ReplayView:
    """A case as it stood at a moment, under the policy of that moment, and what differs from the moment `against`.

    Read from the book or, with `from_histories`, from the histories of the engine. Raises what `show_case` raises, and
    Refused for histories that are not there or do not agree.
    """
    entries: Sequence[Entry] = case_history(office, actor, reference, Access.REPLAY, why)
    if from_histories:
        entries = await _remembered(office, reference)
    then = until(entries, at)
    other = None if against is None else until(entries, against, "against")
    case, moment = fold(reference, then), then[-1].recorded_at
    with office.reading() as tx:
        edition = policies.in_force_at(tx, moment)
    due = agenda(case, edition.policy, french_calendar())
    pair = None if other is None else sorted((then, other), key=len)
    return ReplayView.model_construct(
        reference=reference,
        version=case.version,
        moment=moment,
        policy_version=edition.version,
        case=CaseView.of(case, due, (), _running_limits(case), words, review=_review_on(case, moment, words)),
        alerts=case.standing_alerts,
        history=tuple(map(EntryView.of, then)),
        differences=None if pair is None else _differences(reference, *pair),
        last_version=entries[-1].version,
        compared=None if pair is None else (EntryView.of(pair[0][-1]), EntryView.of(pair[1][-1])),
    )


def _differences(reference: str, earlier: Sequence[Entry], later: Sequence[Entry]) -> tuple[ChangeView, ...]:
    return tuple(map(ChangeView.of, changes(fold(reference, earlier), fold(reference, later))))


async def _remembered(office: Office, reference: str) -> Sequence[Entry]:
    """The lines of a case, read from the engine's histories and from those in our archive instead of the book."""
    from audit.restore import DoesNotChain, NoHistory, remembered

    try:
        with office.watched():
            return await remembered(await reachable_records(office), reference)
    except DoesNotChain as error:
        raise Refused(
            "histories_differ",
            "The histories of this case do not agree with each other at {where}.",
            "Verify the case to see what else differs.",
            field="from",
            action=Action.VERIFY_CASE,
            where=str(error),
            reference=reference,
        ) from None
    except NoHistory:
        raise Refused(
            "no_history",
            "No history of this case can be had, from the engine or from our own storage.",
            "Start the stack, or tell it from the book.",
            field="from",
        ) from None


def _running_limits(case: Case) -> Sequence[LimitationClock]:
    """The time limits that a filing under way does not stop."""
    return time_bars(case, french_calendar()) if case.open_filings else ()


def _review(look: Look, words: Words, *, today: bool) -> ClosureReviewView | None:
    return _review_on(look.whole, datetime.now(UTC) if today else look.entries[-1].recorded_at, words)


def _review_on(case: Case, at: datetime, words: Words) -> ClosureReviewView | None:
    """The closure that is proposed, with what could still be claimed on that day."""
    if case.proposed_closure is None:
        return None
    return ClosureReviewView.of(case, remaining(case, day_of(at), french_calendar()), words)


def _policy(office: Office) -> Policy:
    with office.reading() as tx:
        return policies.in_force(tx).policy
