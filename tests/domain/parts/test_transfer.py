"""A case goes to another metropolis: until somebody there accepts it, it is held, seen and clocked where it was."""

from collections.abc import Iterator

import pytest

from domain.actors import Actor
from domain.audience import seen, seen_entries
from domain.case import Case
from domain.lifecycle import offered
from domain.messages.notices import answers_for, notices
from domain.messages.people import People, Person, Preferences
from domain.next_steps import next_steps
from domain.parts.assignment import RecordDeparture
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import AddNote
from domain.parts.restriction import Restrict
from domain.parts.transfer import AcceptTransfer, DeclineTransfer, ProposeTransfer, WithdrawTransfer
from domain.permissions import may_see
from domain.sight import sees_whole, sight_of
from domain.time.clocks import agenda, still_awaited
from domain.vocabulary import Audience, DeadlineKind, Level, MailWhen, Step
from tests.domain.examples import CALENDAR, Story, to_partner
from tests.people import (
    AUDITOR,
    AUDITOR_AMP,
    CLOCK,
    COLLEAGUE,
    HOME,
    HOME_AMP,
    LEAD,
    LEAD_AMP,
    MARSEILLE,
    METROPOLIS,
    PARTNER_WORKER,
    STRANGER,
    SUPERVISOR,
    SUPERVISOR_AMP,
    WORKER,
    WORKER_AMP,
)

HERE, THERE = (WORKER, SUPERVISOR, LEAD), (WORKER_AMP, SUPERVISOR_AMP, LEAD_AMP)
REASON = "It was in Marseille: she remembers the street"
PEOPLE = People([Person(actor, Preferences(when=MailWhen.BOTH)) for actor in (*HERE, COLLEAGUE, *THERE)], {})


def proposed(by: Actor = WORKER) -> Story:
    move = ProposeTransfer(place={"commune": MARSEILLE}, organisation=HOME_AMP, reason=REASON)
    return Story().do(to_partner(HOME_AMP)).do(move, by=by)


def rung(story: Story) -> set[tuple[str, str]]:
    """The standing alerts of the transfer, once what has passed was noted: what of, for whom."""
    story.pass_deadlines()
    return {(a.kind, a.level) for a in story.case.standing_alerts if a.kind.startswith("TRANSFER")}


def hear(case: Case, kind: DeadlineKind, level: Level) -> set[str]:
    alert = next(a for a in case.standing_alerts if (a.kind, a.level) == (kind, level))
    return {person.account for person in answers_for(PEOPLE, alert, case)}


def test_until_it_is_accepted_nothing_of_the_case_changes() -> None:
    before, after = Story().do(to_partner(HOME_AMP)).case, proposed().case
    fields = set(Case.model_fields) - {"version", "transfers"}
    assert {name for name in fields if getattr(before, name) != getattr(after, name)} == set()
    assert all(sees_whole(actor, after) for actor in (*HERE, AUDITOR))
    kinds = {d.kind for d in agenda(before, Story().policy, CALENDAR)}
    assert kinds < {d.kind for d in agenda(after, Story().policy, CALENDAR)}


def test_whoever_is_asked_sees_a_summary_and_the_reason_and_nobody_else_does() -> None:
    story = proposed()
    for actor in THERE:
        sight = sight_of(actor, story.case)
        assert sight is not None and (sight.audience, sight.transfer) == (Audience.ADDRESSEE, "H1")
        shown = seen(story.case, sight)
        assert [(t.reason, t.metropolis) for t in shown.transfers] == [(REASON, "AMP")]
        assert shown.complaint.complainant is None and shown.complaint.facts.narrative == "-"
        assert [entry.event.tag for entry in seen_entries(story.entries, sight)] == ["transfer_proposed.1"]
        assert offered(actor, story.case, story.at) == ["accept_transfer", "decline_transfer"]
        steps = next_steps(story.case, actor, story.at, (), CALENDAR)
        assert [step.command for step in steps] == ["accept_transfer", "decline_transfer"]
    for stranger in (AUDITOR_AMP, STRANGER, PARTNER_WORKER):
        assert sight_of(stranger, story.case) is None


def test_once_accepted_it_is_held_seen_and_followed_up_there() -> None:
    story = proposed().do(AcceptTransfer(), by=WORKER_AMP)
    case = story.case
    assert (case.metropolis, case.organisation, case.holder) == ("AMP", HOME_AMP, WORKER_AMP.account)
    assert case.complaint.facts.place.commune == MARSEILLE
    assert case.progress.recorded_at == story.at
    assert all(sees_whole(actor, case) for actor in (*THERE, AUDITOR_AMP))
    assert not any(may_see(actor, case) for actor in (*HERE, AUDITOR))


def test_a_supervisor_there_accepts_it_for_whoever_is_to_hold_it() -> None:
    story = proposed().do(AcceptTransfer(holder=WORKER_AMP.account), by=SUPERVISOR_AMP)
    assert story.case.holder == WORKER_AMP.account


@pytest.mark.parametrize(
    ("answer", "by", "status"),
    [
        (DeclineTransfer(reason="No room before June"), SUPERVISOR_AMP, "DECLINED"),
        (DeclineTransfer(reason="No room before June"), WORKER_AMP, "DECLINED"),
        (WithdrawTransfer(reason="It was in Lille after all"), COLLEAGUE, "WITHDRAWN"),
        (WithdrawTransfer(reason="It was in Lille after all"), SUPERVISOR, "WITHDRAWN"),
        (WithdrawTransfer(reason="It was in Lille after all"), LEAD, "WITHDRAWN"),
    ],
)
def test_declined_or_taken_back_it_stays_and_can_be_proposed_again(
    answer: DeclineTransfer | WithdrawTransfer, by: Actor, status: str
) -> None:
    story = proposed().do(answer, by=by)
    assert (story.case.metropolis, story.case.holder) == ("MEL", WORKER.account)
    assert [(t.status, t.answer, t.answered_by) for t in story.case.transfers] == [(status, answer.reason, by.account)]
    assert not any(may_see(actor, story.case) for actor in THERE)
    story.do(ProposeTransfer(place={"commune": MARSEILLE}, organisation=HOME_AMP, reason=REASON))
    assert story.case.pending_transfer is not None and story.case.pending_transfer.id == "H2"


# --- Alerts ----------------------------------------------------------------------------------------------


def test_both_sides_hear_at_once_and_then_as_it_climbs() -> None:
    story = proposed()
    assert rung(story) == {("TRANSFER_PROPOSED", "SUPERVISOR")}
    assert hear(story.case, DeadlineKind.TRANSFER_PROPOSED, Level.SUPERVISOR) == {"sacha", "maxime"}
    assert set(still_awaited(story.case)) >= {a.key for a in story.case.standing_alerts}
    story.until("2026-03-05")
    assert ("TRANSFER_ANSWER", "CASE_WORKER") in rung(story)
    assert hear(story.case, DeadlineKind.TRANSFER_ANSWER, Level.CASE_WORKER) == {WORKER.account}
    story.until("2026-03-09")
    assert ("TRANSFER_ANSWER", "SUPERVISOR") in rung(story)
    assert hear(story.case, DeadlineKind.TRANSFER_ANSWER, Level.SUPERVISOR) == {"sacha", "maxime"}
    story.until("2026-03-16")
    assert ("TRANSFER_ANSWER", "PLAN_LEAD") in rung(story)
    assert hear(story.case, DeadlineKind.TRANSFER_ANSWER, Level.PLAN_LEAD) == {"charlie", "ange"}
    stall = next(a for a in story.case.standing_alerts if a.kind is DeadlineKind.STALL)
    assert {person.account for person in answers_for(PEOPLE, stall, story.case)} <= {actor.account for actor in HERE}


def test_an_answer_ends_the_alerts_and_a_refusal_is_told_to_the_holder_at_once() -> None:
    story = proposed().until("2026-03-16").pass_deadlines()
    story.do(DeclineTransfer(reason="No room before June"), by=SUPERVISOR_AMP)
    assert rung(story) == {("TRANSFER_DECLINED", "CASE_WORKER")}
    assert hear(story.case, DeadlineKind.TRANSFER_DECLINED, Level.CASE_WORKER) == {WORKER.account}
    assert story.wait(days=60).pass_deadlines() and ("TRANSFER_ANSWER", "SUPERVISOR") not in rung(story)
    for end in (AcceptTransfer(), WithdrawTransfer(reason="A mistake")):
        other = proposed().until("2026-03-16").pass_deadlines()
        other.do(end, by=WORKER_AMP if isinstance(end, AcceptTransfer) else WORKER)
        assert rung(other) == set()


def test_alerts_that_stand_are_told_to_those_who_take_the_case_over() -> None:
    story = proposed().until("2026-04-20").pass_deadlines()
    before = story.case
    story.do(AcceptTransfer(), by=WORKER_AMP)
    told = {notice.account for notice in notices(before, story.case, PEOPLE, story.at)}
    standing = {a.level for a in story.case.standing_alerts}
    assert {Level.SUPERVISOR, Level.PLAN_LEAD} <= standing
    assert {SUPERVISOR_AMP.account, LEAD_AMP.account} <= told
    assert told.isdisjoint({actor.account for actor in HERE})


def _lives() -> Iterator[Story]:
    """A case at each moment of a transfer, whoever holds it and whomever it is closed to."""
    yield proposed()
    yield proposed().do(RecordDeparture(holder=WORKER.account), by=CLOCK)
    yield proposed().do(Restrict(organisations=(METROPOLIS,), reason="It is the respondent"))
    yield proposed().do(AddNote(text="Waits"), WithdrawConsent(consent="C1"))
    yield proposed().do(DeclineTransfer(reason="No room"), by=SUPERVISOR_AMP)
    yield proposed().do(WithdrawTransfer(reason="A mistake"))
    yield proposed().do(AcceptTransfer(), by=WORKER_AMP)


@pytest.mark.parametrize("number", range(7))
def test_at_every_moment_one_metropolis_sees_it_whole_and_hears_every_alert(number: int) -> None:
    story = list(_lives())[number].until("2026-04-20").pass_deadlines()
    case = story.case
    overseers = {actor.account: actor for actor in (SUPERVISOR, LEAD, SUPERVISOR_AMP, LEAD_AMP)}
    whole = {name for name, actor in overseers.items() if sees_whole(actor, case)}
    assert whole == {actor.account for actor in (SUPERVISOR, LEAD) if may_see(actor, case)} or (
        case.metropolis == "AMP" and whole == {"maxime", "ange"}
    )
    is_barred = case.restriction is not None  # then the book asks for somebody else who oversees it
    for alert in case.standing_alerts:
        told = {person.account for person in answers_for(PEOPLE, alert, case)}
        assert told & (whole | {case.holder}) or is_barred, alert.key
    assert case.step is Step.INTAKE


def test_a_consent_that_is_taken_back_meanwhile_stops_it() -> None:
    story = proposed().do(WithdrawConsent(consent="C1"))
    assert story.refusal(AcceptTransfer(), by=WORKER_AMP).code == "consent_missing"
    assert offered(WORKER_AMP, story.case, story.at) == ["decline_transfer"]


def test_the_same_organisation_takes_it_over_in_the_other_metropolis_without_another_consent() -> None:
    story = Story().do(ProposeTransfer(place={"commune": MARSEILLE}, organisation=HOME, reason=REASON))
    there = COLLEAGUE.model_copy(update={"metropolis": "AMP"})
    story.do(AcceptTransfer(), by=there)
    assert (story.case.metropolis, story.case.holder, story.case.organisation) == ("AMP", there.account, HOME)
    assert not may_see(SUPERVISOR, story.case) and may_see(SUPERVISOR_AMP, story.case)
