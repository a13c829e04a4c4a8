"""Checks of a case and its history that hold whatever is asked of it."""

from collections import Counter
from datetime import datetime

from pydantic import TypeAdapter

from domain import commands as c
from domain.actors import Actor
from domain.case import Case
from domain.dates import WorkingCalendar
from domain.errors import Refused
from domain.events import Entry
from domain.law.limitation import has_no_known_end, limitation_clocks
from domain.levels import Ladder
from domain.lifecycle import decide, evolve, fold
from domain.parts.assignment import CaseAssigned
from domain.parts.base import Command
from domain.parts.closure import TWO_PEOPLE
from domain.parts.intake import ComplaintOpened
from domain.parts.referral import ReferralExpired
from domain.parts.transfer import TransferAccepted
from domain.time.clock_id import AlertKey, ClockId
from domain.time.clocks import agenda, still_running
from domain.time.deadline import Deadline
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.values import NOBODY, day_of
from domain.vocabulary import (
    OPEN_STEPS,
    ClosureReason,
    ConsentScope,
    DeadlineKind,
    Level,
    ReferralStatus,
    Role,
    ScanState,
    Step,
)
from tests.domain.examples import CALENDAR
from tests.domain.witnesses import witnesses

ENTRY, CASE = TypeAdapter(Entry), TypeAdapter(Case)
OFFERED: Counter[str] = Counter()
LINKS = ["issue_capability", "renew_capability", "revoke_capability"]
WHEN_CLOSED = {
    *("withdraw_consent", "record_contact", "add_note", "answer_alert", "reopen"),
    *("restrict", "unrestrict", "hold", "release_hold", "propose_erasure", "set_archive_end", "erase", "remove_file"),
    "revoke_capability",
    *c.OF_THE_SYSTEM,
}
MOVES_THE_LAW = {
    *("complaint_amended.1", "complaint_qualified.1", "toll_recorded.1", "toll_corrected.1", "toll_retracted.1"),
    *("start_recorded.1", "start_corrected.1", "start_retracted.1"),
}
STRICT = Policy(
    stall=dict.fromkeys(OPEN_STEPS, Ladder(case_worker=1, supervisor=2, plan_lead=3)),
    no_contact=Ladder(case_worker=2, supervisor=3, plan_lead=4),
    limitation_notice=(360, 40, 2),
    short_limitation_notice=(20, 2),
    repeat=1,
)


def clocks(found: tuple[Deadline, ...]) -> set[tuple[str, str, int]]:
    """Deadlines of our own clocks; of the notices before a time limit there are as many as the policy says."""
    law = (DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE)
    return {(d.clock, d.level, d.times) for d in found if d.kind not in law}


def check_history(case: Case, history: list[Entry]) -> None:
    """After each command: the history is numbered without a gap, and the case is read back as it was written."""
    assert [entry.version for entry in history] == list(range(1, len(history) + 1))
    assert case.version == len(history)
    assert CASE.validate_json(CASE.dump_json(case)) == case


def check_whole(history: list[Entry], stood: list[Case]) -> None:
    """At the end of a life: every prefix of a history is a case, the very one that stood then."""
    folded = None
    for entry, then in zip(history, stood, strict=True):
        folded = evolve(folded, entry, "0000-0000-0000")
        assert folded == then
        assert folded.version == entry.version
    assert not history or folded == fold("0000-0000-0000", history)
    half = len(history) // 2
    if half:
        assert fold("", history[half:], fold("0000-0000-0000", history[:half])) == folded


def check_offered(case: Case, by: Actor, names: list[str], at: datetime) -> None:
    """Every command that is offered has a content that is accepted; no other command has one."""
    for name, contents in witnesses(case, at).items():
        assert any(_accepts(case, command, by, at) for command in contents) == (name in names), (name, by.account)
        OFFERED["yes" if name in names else "no"] += 1


def _accepts(case: Case, command: Command, by: Actor, at: datetime) -> bool:
    try:
        decide(case, command, by, at)
    except Refused:
        return False
    return True


def check_step(before: Case, after: Case, entry: Entry, by: Actor) -> None:
    """One line of a history: what it may change, and on what grounds."""
    _check_consents(before, entry)
    _check_expiry(before, entry)
    _check_closure(before, after, by)
    _check_the_law(before, after, entry)
    _check_files(before, after)


def _check_consents(before: Case, entry: Entry) -> None:
    event, day = entry.event, day_of(entry.happened_at)
    standing = [k.given for k in before.consents if k.withdrawn_at is None and k.given.given_on <= day]
    if event.tag == "referral_sent.1":
        assert any(g.scope is ConsentScope.REFERRAL and g.recipient == event.partner for g in standing)
    if event.tag == "case_assigned.1" and event.organisation not in before.parties:
        assert any(g.scope is ConsentScope.REFERRAL and g.recipient == event.organisation for g in standing)
    if event.tag in ("transfer_proposed.1", "transfer_accepted.1") and event.organisation not in before.parties:
        assert any(g.scope is ConsentScope.REFERRAL and g.recipient == event.organisation for g in standing)
    if event.tag == "filing_sent.1":
        written = before.complaint.capacity == "ASSOCIATION"
        assert any(g.scope is ConsentScope.DEFENDER and (not written or g.form == "WRITTEN") for g in standing)
        assert before.complaint.complainant is not None


def _check_expiry(before: Case, entry: Entry) -> None:
    if isinstance(entry.event, ReferralExpired):
        assert entry.event.due <= entry.happened_at
        referral = before.referral(entry.event.id)
        assert referral.awaits_answer
        assert referral.answer_due is None or referral.answer_due < day_of(entry.happened_at)


def _check_the_law(before: Case, after: Case, entry: Entry) -> None:
    """Facts that are told move a time limit, and entries of a jurist; no pause, filing or act does."""
    if entry.event.tag not in MOVES_THE_LAW and after.step is not Step.ERASED:  # then nothing is left to be told of
        assert limitation_clocks(after, CALENDAR) == limitation_clocks(before, CALENDAR), entry.event.tag


def _check_files(before: Case, after: Case) -> None:
    if after.step is Step.ERASED:
        assert after.files == ()
        return
    now = {file.id: file for file in after.files}
    for was in before.files:  # none is forgotten, changed, called clean after it was not, or brought back
        file = now[was.id]
        assert (file.stored, file.sha256, file.size) == (was.stored, was.sha256, was.size)
        assert was.scan is not ScanState.INFECTED or file.scan is ScanState.INFECTED
        assert was.is_held or not file.is_held


def _check_closure(before: Case, after: Case, by: Actor) -> None:
    if before.step in OPEN_STEPS and after.step is Step.CLOSED:
        closure = after.closures[-1]
        if closure.reason is ClosureReason.LACK_OF_PROOF:
            assert not any(p.is_unexplained for p in before.pieces)
            assert before.assessment is not None and not before.assessment.all_stand
        if closure.reason in TWO_PEOPLE:
            assert closure.proposed_by is not None and closure.proposed_by != by.account
            assert by.role is Role.SUPERVISOR


def check_sound(case: Case, history: list[Entry]) -> None:
    """A case at any time."""
    assert (case.holder == NOBODY) <= (case.unheld is not None)
    assert (case.organisation in case.parties) != case.is_archived
    keys = [alert.key for alert in case.alerts]
    assert len(keys) == len(set(keys))
    assert [(str(ClockId.parse(a.clock)), str(AlertKey.parse(a.key))) for a in case.alerts] == [
        (a.clock, a.key) for a in case.alerts
    ]
    if case.step is Step.CLOSED:
        assert not (case.open_referrals or case.open_filings or case.pause or case.proposed_closure)
        assert case.pending_transfer is None
    assert not (case.open_referrals and case.pending_transfer)
    assert case.complaint.facts.place.metropolis in (None, case.metropolis)
    for referral in case.open_referrals:
        assert case.consent_for(ConsentScope.REFERRAL, referral.partner)
    check_agenda(case)
    # Nobody holds a case by a handover that is over: who holds it opened it, was assigned it, or accepted it.
    given = (ComplaintOpened, CaseAssigned, TransferAccepted)
    assigned = {e.event.organisation for e in history if isinstance(e.event, given)}
    accepted = {r.partner for r in case.referrals if r.handover and r.status is ReferralStatus.ACCEPTED}
    assert case.organisation in assigned | accepted


OF_SUPERVISORS = (DeadlineKind.HOLD_REVIEW, DeadlineKind.NO_HOLDER)
"""Deadlines that climb no further than to the supervisors."""


def check_agenda(case: Case) -> None:
    """The deadlines of a case: each once and in order, whatever the policy and the calendar."""
    deadlines = agenda(case, DEFAULT_POLICY, CALENDAR)
    assert deadlines == agenda(case.model_copy(), DEFAULT_POLICY, CALENDAR)
    assert list(deadlines) == sorted(deadlines, key=lambda d: (d.due, d.key))
    keys = {d.key for d in deadlines}
    assert len(keys) == len(deadlines)
    assert {str(AlertKey.parse(key)) for key in keys} == keys
    assert not keys & {a.key for a in case.alerts}
    # Which clocks run depends on the case alone, never on the policy's delays or the calendar.
    for policy, calendar in ((DEFAULT_POLICY, WorkingCalendar(())), (STRICT, CALENDAR)):
        assert clocks(deadlines) == clocks(agenda(case, policy, calendar))
    everything = agenda(case, STRICT, CALENDAR)
    assert {d.key for d in still_running(case, (*everything, *everything))} == {d.key for d in everything}
    assert len(list(still_running(case, (*everything, *everything)))) == len(everything)
    if case.pause:
        told = {ClockId.parse(a.clock).first_round for a in case.standing_alerts if a.level is not Level.CASE_WORKER}
        paused = [d for d in deadlines if d.kind in (DeadlineKind.STALL, DeadlineKind.NO_CONTACT)]
        assert all(ClockId.parse(d.clock).first_round in told for d in paused)
    if case.step in OPEN_STEPS:
        # No case can sleep: something of ours is always still to come, whoever has an alert to decide on.
        assert any(d.kind in (DeadlineKind.STALL, DeadlineKind.PAUSE_END) for d in deadlines)
        assert all(d.level is Level.PLAN_LEAD or d.kind in OF_SUPERVISORS for d in deadlines if d.times > 1)
    elif case.step is Step.CLOSED:
        kinds = {d.kind for d in deadlines}
        endless = has_no_known_end(case) and case.archive_until is None
        end = DeadlineKind.ARCHIVE_REVIEW if endless else DeadlineKind.ARCHIVE_END
        assert kinds == ({DeadlineKind.HOLD_REVIEW} if case.hold else {DeadlineKind.RETENTION, end})
    elif case.step is Step.ERASED:
        assert deadlines == ()
        assert case.complaint.complainant is None
