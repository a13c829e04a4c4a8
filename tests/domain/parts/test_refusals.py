"""Every refusal that the rules know, provoked once. A new rule without its refusal here fails the last test."""

import ast
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import domain.case
import domain.lifecycle
import domain.permissions
from domain.actors import Actor
from domain.complaint import Source
from domain.errors import NotFound, Refused
from domain.lifecycle import decide
from domain.parts.alert import AnswerAlert, PassDeadlines
from domain.parts.assignment import Assign
from domain.parts.base import Command
from domain.parts.closure import CountersignClosure, ProposeClosure, RejectClosure, Reopen
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import AddNote
from domain.parts.erasure import Erase, ProposeErasure
from domain.parts.files import AttachFile, RemoveFile
from domain.parts.filing import AnswerFilingRequest, File, PrepareFiling, RecordFilingRequest
from domain.parts.hold import Hold, ReleaseHold
from domain.parts.intake import AmendComplaint, Open
from domain.parts.letter import SendLetter
from domain.parts.pause import Pause, Resume
from domain.parts.piece import (
    AddPiece,
    MarkUnobtainable,
    Piece,
    ReceivePiece,
    RecordPieceRefusal,
    RequestPiece,
    WaivePieces,
)
from domain.parts.referral import AnswerReferral, CompleteReferral, MarkReferralSeen, Refer, WithdrawReferral
from domain.parts.time_limits import CorrectStart, RecordStart, RecordToll, RetractStart
from domain.vocabulary import ConsentForm, Party, Role
from tests.domain.examples import A_FILE, MONDAY, Story, closing, complaint, to_defender, to_partner
from tests.domain.samples import MEDIATION, NOTIFIED
from tests.people import (
    COLLEAGUE,
    HOME,
    LEAD,
    PARTNER,
    PARTNER_ORG,
    PARTNER_WORKER,
    STRANGER,
    SUPERVISOR,
    SUPERVISOR_2,
    SUPERVISOR_AMP,
    THIRD_ORG,
    THIRD_PARTNER,
    WORKER,
)

Asked = tuple[Story | None, Command, Actor]
PROVOKED: dict[str, list[Callable[[], Asked]]] = {}


def refused(code: str) -> Callable[[Callable[[], Asked]], Callable[[], Asked]]:
    def register(provoke: Callable[[], Asked]) -> Callable[[], Asked]:
        PROVOKED.setdefault(code, []).append(provoke)
        return provoke

    return register


ACCEPT = AnswerReferral(referral="R1", accept=True)
REFER = Refer(partner=PARTNER_ORG, purpose="Legal help")
REQUEST = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-20")
RECEIVE = ReceivePiece(piece="EV001", description="Two pages")
FILE = File(filing="F1")
PAUSE = Pause(reason="HEALTH", until="2026-04-01", comment="In hospital")


def stalled() -> Story:
    """A case of which only the case worker was reminded."""
    story = Story().until("2026-03-10").pass_deadlines()
    assert [a.key for a in story.case.standing_alerts] == ["stall/INTAKE/1/CASE_WORKER"]
    return story


def extend(until: str | None, decision: str = "EXTEND") -> AnswerAlert:
    return AnswerAlert(alert="stall/INTAKE/1/CASE_WORKER", decision=decision, until=until, reason="A letter is due")


@refused("not_permitted")
def a_role_that_may_not() -> Asked:
    return Story(), CountersignClosure(comment="Read"), WORKER


@refused("no_such_case")
def a_stranger() -> Asked:
    return Story(), AddNote(text="Hello"), STRANGER


@refused("no_such_case")
def a_supervisor_from_the_other_metropolis() -> Asked:
    return Story(), AddNote(text="Hello"), SUPERVISOR_AMP


@refused("already_open")
def opened_twice() -> Asked:
    return Story(), Open(complaint=complaint()), WORKER


@refused("not_open")
def a_clock_for_nothing() -> Asked:
    return None, PassDeadlines(), Actor(account="horloge", role=Role.SYSTEM, organisation="aboutir")


@refused("wrong_step")
def reopened_while_open() -> Asked:
    return Story(), Reopen(reason="Why not"), WORKER


@refused("date_future")
def happened_tomorrow() -> Asked:
    return Story(), AddNote(text="Soon", happened_at=MONDAY + timedelta(days=1)), WORKER


@refused("date_future")
def received_tomorrow() -> Asked:
    return None, Open(complaint=complaint(received_at=MONDAY + timedelta(days=1))), WORKER


@refused("date_future")
def appealed_tomorrow() -> Asked:
    steps = [{"kind": "OTHER"}, {"kind": "ADMINISTRATIVE_APPEAL", "taken_on": "2026-03-03"}]
    return None, Open(complaint=complaint(prior_steps=steps)), WORKER


@refused("date_future")
def agreed_tomorrow() -> Asked:
    return Story(), to_defender(on="2026-03-03"), WORKER


@refused("date_future")
def told_tomorrow() -> Asked:
    return Story(), closing(not_told_because=None, person_told_on="2026-03-03", person_told_by="PHONE"), WORKER


@refused("before_reception")
def happened_before_the_complaint_was_received() -> Asked:
    return Story(), AddNote(text="Earlier", happened_at="2026-03-01"), WORKER


@refused("date_past")
def asked_for_yesterday() -> Asked:
    return Story(), REQUEST.model_copy(update={"due": MONDAY.date() - timedelta(days=1)}), WORKER


@refused("date_past")
def an_answer_due_yesterday() -> Asked:
    late = REFER.model_copy(update={"answer_due": MONDAY.date() - timedelta(days=1)})
    return Story().do(to_partner()), late, WORKER


@refused("unknown_part")
def an_unknown_piece() -> Asked:
    return Story(), RECEIVE.model_copy(update={"piece": "P99"}), WORKER


@refused("unknown_part")
def an_unknown_referral() -> Asked:
    return Story(), WithdrawReferral(referral="R7", reason="Which?"), WORKER


@refused("unknown_part")
def an_unknown_filing() -> Asked:
    return Story(), File(filing="F7"), WORKER


@refused("unknown_part")
def an_unknown_consent() -> Asked:
    return Story(), WithdrawConsent(consent="C7"), WORKER


@refused("too_many_parts")
def one_part_more_than_names_go_round() -> Asked:
    story = Story()
    story._case = story.case.model_copy(update={"pieces": tuple(Piece(id=f"P{n}") for n in range(1, 10_000))})
    return story, AddPiece(label="One more", held_by="WITNESS"), WORKER


# --- Intake ---


@refused("elsewhere")
def a_supervisor_opens_what_they_could_not_read() -> Asked:
    marseille = complaint(facts={"narrative": "Refused at the door", "place": {"commune": "13055"}})
    return None, Open(complaint=marseille), SUPERVISOR


@refused("written_consent_needed")
def an_association_with_an_oral_agreement() -> Asked:
    return Story(capacity="ASSOCIATION"), to_defender(form=ConsentForm.ORAL), WORKER


@refused("written_consent_needed")
def an_association_opens_with_an_oral_agreement() -> Asked:
    oral = {"scope": "DEFENDER", "given_on": "2026-03-01", "form": "ORAL"}
    return None, Open(complaint=complaint(capacity="ASSOCIATION", consents=[oral])), WORKER


@refused("origin_fixed")
def another_origin() -> Asked:
    amended = complaint().model_copy(update={"source": Source(system="registre", id="1")})
    return Story(), AmendComplaint(complaint=amended, reason="Imported"), WORKER


@refused("origin_fixed")
def an_example_made_real() -> Asked:
    return Story(), AmendComplaint(complaint=complaint(fictitious=False), reason="Real"), WORKER


@refused("consents_apart")
def a_consent_slipped_in() -> Asked:
    amended = complaint(consents=[{"scope": "DEFENDER", "given_on": "2026-03-01"}])
    return Story(), AmendComplaint(complaint=amended, reason="Forgotten"), WORKER


@refused("already_holder")
def given_to_its_holder() -> Asked:
    return Story(), Assign(holder=WORKER.account, organisation=HOME, reason="Again"), WORKER


@refused("assign_elsewhere")
def passed_to_another_organisation_without_consent() -> Asked:
    return Story(), Assign(holder="noa", organisation=PARTNER_ORG, reason="They know"), WORKER


@refused("already_withdrawn")
def a_consent_taken_back_twice() -> Asked:
    withdraw = WithdrawConsent(consent="C1")
    return Story().do(to_defender(), withdraw), withdraw, WORKER


# --- Referral ---


@refused("referral_to_self")
def referred_to_its_own_holder() -> Asked:
    return Story().do(to_partner(HOME)), Refer(partner=HOME, purpose="Help"), WORKER


@refused("consent_missing")
def referred_without_consent() -> Asked:
    return Story(), REFER, WORKER


@refused("consent_missing")
def referred_on_a_consent_to_another() -> Asked:
    return Story().do(to_partner(THIRD_ORG)), REFER, WORKER


@refused("consent_missing")
def referred_on_a_consent_that_was_withdrawn() -> Asked:
    return Story().do(to_partner(), WithdrawConsent(consent="C1")), REFER, WORKER


@refused("consent_missing")
def referred_the_day_before_the_consent() -> Asked:
    story = Story().wait(days=1).do(to_partner(on="2026-03-03"))
    return story, REFER.model_copy(update={"happened_at": MONDAY}), WORKER


@refused("referral_open")
def referred_twice() -> Asked:
    return Story().referred(), REFER, WORKER


@refused("referral_answered")
def answered_twice() -> Asked:
    return Story().referred().do(ACCEPT, by=PARTNER), ACCEPT, PARTNER


@refused("referral_answered")
def withdrawn_when_it_is_over() -> Asked:
    withdraw = WithdrawReferral(referral="R1", reason="By mistake")
    return Story().referred().do(withdraw), withdraw, WORKER


@refused("already_seen")
def seen_twice() -> Asked:
    seen = MarkReferralSeen(referral="R1")
    return Story().referred().do(seen, by=PARTNER), seen, PARTNER


@refused("not_addressed")
def one_partner_answers_for_another() -> Asked:
    return Story().referred().referred(THIRD_ORG), ACCEPT, THIRD_PARTNER


@refused("not_addressed")
def one_partner_has_seen_it_for_another() -> Asked:
    return Story().referred().referred(THIRD_ORG), MarkReferralSeen(referral="R1"), THIRD_PARTNER


@refused("not_addressed")
def one_partner_completes_for_another() -> Asked:
    story = Story().referred().referred(THIRD_ORG).do(ACCEPT, by=PARTNER)
    return story, CompleteReferral(referral="R1", result="Done"), THIRD_PARTNER


@refused("not_addressed")
def a_supervisor_answers_in_a_partners_name() -> Asked:
    return Story().referred(), ACCEPT, SUPERVISOR


@refused("reason_missing")
def refused_without_a_reason() -> Asked:
    return Story().referred(), AnswerReferral(referral="R1", accept=False), PARTNER


@refused("reason_unexpected")
def accepted_with_a_reason_to_refuse() -> Asked:
    return Story().referred(), ACCEPT.model_copy(update={"reason": "NO_CAPACITY"}), PARTNER


@refused("handover_not_accepted")
def a_handover_accepted_by_its_sender() -> Asked:
    return Story().referred(handover=True), ACCEPT, WORKER


@refused("handover_not_accepted")
def a_handover_accepted_by_a_link() -> Asked:
    return Story().referred(handover=True), ACCEPT, PARTNER


@refused("referral_not_accepted")
def completed_before_it_was_accepted() -> Asked:
    return Story().referred(), CompleteReferral(referral="R1", result="Done"), PARTNER


# --- Evidence ---


@refused("piece_received")
def received_twice() -> Asked:
    return Story().do(RECEIVE), RECEIVE, WORKER


@refused("description_missing")
def received_by_a_file_without_a_word_on_it() -> Asked:
    return Story(), AttachFile(**A_FILE), WORKER


@refused("file_removed")
def removed_twice() -> Asked:
    story = Story().do(AttachFile(**A_FILE, description="A letter"))
    removal = RemoveFile(file="D1", reason="Of somebody else")
    return story.do(removal, by=SUPERVISOR), removal, SUPERVISOR


@refused("unknown_part")
def an_unknown_file() -> Asked:
    return Story(), RemoveFile(file="D1", reason="-"), SUPERVISOR


@refused("piece_received")
def asked_for_though_it_is_here() -> Asked:
    return Story().do(RECEIVE), REQUEST, WORKER


@refused("piece_received")
def given_up_though_it_is_here() -> Asked:
    return Story().do(RECEIVE), MarkUnobtainable(pieces=("EV002", "EV001"), reason="Gone"), WORKER


@refused("piece_received")
def waived_though_it_is_here() -> Asked:
    return Story().do(RECEIVE), WaivePieces(pieces=("EV001",), reason="No need"), WORKER


@refused("piece_received")
def written_for_though_it_is_here() -> Asked:
    return Story().do(RECEIVE), SendLetter(pieces=("EV002", "EV001"), lever="OWN_PAPERS"), WORKER


@refused("repeated")
def written_for_twice_in_one_letter() -> Asked:
    return Story(), SendLetter(pieces=("EV001", "EV001"), lever="OWN_PAPERS"), WORKER


@refused("nothing_to_send")
def a_letter_for_what_is_published() -> Asked:
    return Story(), SendLetter(pieces=("EV001",), lever="PUBLISHED", due="2026-04-01"), WORKER


@refused("date_past")
def a_letter_whose_answer_was_due_before_it_was_sent() -> Asked:
    return Story(), SendLetter(pieces=("EV002",), lever="ATTESTATION", due="2026-03-01"), WORKER


@refused("consent_missing_respondent")
def a_letter_to_the_respondent_without_consent() -> Asked:
    return Story(), SendLetter(pieces=("EV009",), lever="PERSONAL_DATA"), WORKER


@refused("unknown_part")
def a_letter_for_a_piece_that_the_case_has_not() -> Asked:
    return Story(), SendLetter(pieces=("P9",), lever="ATTESTATION"), WORKER


@refused("silence_early")
def silence_before_the_answer_is_due() -> Asked:
    return Story().do(REQUEST), RecordPieceRefusal(piece="EV001", silent=True, explanation="Nothing yet"), WORKER


@refused("consent_missing_respondent")
def the_respondent_asked_without_consent() -> Asked:
    return Story(), REQUEST.model_copy(update={"from_whom": Party.RESPONDENT}), WORKER


@refused("piece_not_requested")
def refused_though_nobody_asked() -> Asked:
    return Story(), RecordPieceRefusal(piece="EV001", explanation="Silence"), WORKER


# --- Escalation ---


@refused("anonymous")
def prepared_without_a_name() -> Asked:
    return Story(complainant=None), PrepareFiling(channel="POST"), WORKER


@refused("anonymous")
def filed_after_the_name_was_taken_away() -> Asked:
    story = Story().prepared().do(AmendComplaint(complaint=complaint(complainant=None), reason="Fear"))
    return story, File(filing="F1"), WORKER


@refused("witness_cannot_file")
def prepared_by_a_witness() -> Asked:
    return Story(capacity="WITNESS"), PrepareFiling(channel="POST"), WORKER


@refused("witness_cannot_file")
def filed_by_somebody_who_turns_out_to_be_a_witness() -> Asked:
    story = Story().prepared()
    return story.do(AmendComplaint(complaint=complaint(capacity="WITNESS"), reason="Heard better")), FILE, WORKER


@refused("filing_open")
def two_filings_at_once() -> Asked:
    return Story().prepared(), PrepareFiling(channel="POST"), WORKER


def asked_for_more() -> Story:
    return Story().prepared().do(FILE, RecordFilingRequest(filing="F1", asked="The lease", due="2026-03-20"))


@refused("filing_status")
def asked_for_more_before_it_was_filed() -> Asked:
    return Story().prepared(), RecordFilingRequest(filing="F1", asked="The lease", due="2026-03-20"), WORKER


@refused("date_past")
def asked_for_more_by_a_day_that_was_over() -> Asked:
    return Story().prepared().do(FILE), RecordFilingRequest(filing="F1", asked="-", due="2026-03-01"), WORKER


@refused("request_answered")
def the_defender_answered_twice() -> Asked:
    answer = AnswerFilingRequest(filing="F1", request="Q1", answer="Sent")
    return asked_for_more().do(answer), answer, WORKER


@refused("unknown_part")
def an_answer_to_what_was_not_asked() -> Asked:
    return asked_for_more(), AnswerFilingRequest(filing="F1", request="Q2", answer="Sent"), WORKER


@refused("filing_status")
def filed_twice() -> Asked:
    return Story().prepared().do(File(filing="F1")), File(filing="F1"), WORKER


@refused("consent_missing_defender")
def filed_without_consent() -> Asked:
    return Story().do(PrepareFiling(channel="POST")), File(filing="F1"), WORKER


@refused("consent_missing_defender")
def filed_after_consent_was_withdrawn() -> Asked:
    return Story().prepared().do(WithdrawConsent(consent="C1")), File(filing="F1"), WORKER


@refused("consent_missing_defender")
def filed_by_an_association_on_an_oral_agreement_of_before() -> Asked:
    story = Story().do(to_defender(form=ConsentForm.ORAL), PrepareFiling(channel="POST"))
    amended = AmendComplaint(complaint=complaint(capacity="ASSOCIATION"), reason="They complain now")
    return story.do(amended), File(filing="F1"), WORKER


@refused("consent_missing_defender")
def filed_the_day_before_the_consent() -> Asked:
    story = Story().wait(days=1).do(PrepareFiling(channel="POST"), to_defender(on="2026-03-03"))
    return story, File(filing="F1", happened_at=MONDAY), WORKER


# --- Closure ---


@refused("outcome_unfit")
def no_news_told_as_a_result() -> Asked:
    return Story(), closing(reason="NO_NEWS", outcome="SITUATION_REDRESSED"), WORKER


@refused("person_told")
def nobody_told_and_no_reason_why() -> Asked:
    return Story(), closing(not_told_because=None), WORKER


@refused("person_told_by")
def told_but_not_how() -> Asked:
    return Story(), closing(not_told_because=None, person_told_on="2026-03-02"), WORKER


@refused("closure_proposed")
def closed_while_a_closure_is_proposed() -> Asked:
    return Story().proposed(), closing(), WORKER


@refused("parts_open")
def closed_while_a_partner_works() -> Asked:
    return Story().referred().do(ACCEPT, by=PARTNER), closing(), WORKER


@refused("parts_open")
def countersigned_while_a_filing_was_begun() -> Asked:
    story = Story().proposed().do(PrepareFiling(channel="POST"))
    return story, CountersignClosure(comment="Read"), SUPERVISOR


@refused("two_people")
def lack_of_proof_by_one_person() -> Asked:
    return Story().exhausted(), closing(reason="LACK_OF_PROOF"), SUPERVISOR


@refused("one_person_suffices")
def another_reason_proposed() -> Asked:
    return Story(), closing(ProposeClosure, reason="ADVICE_SUFFICED"), WORKER


@refused("proof_not_exhausted")
def lack_of_proof_with_pieces_wanted() -> Asked:
    return Story(), closing(ProposeClosure), WORKER


@refused("proof_not_exhausted")
def lack_of_proof_with_the_checklist_of_another_domain() -> Asked:
    story = Story(domain="AUTRE").exhausted()
    story.do(AmendComplaint(complaint=complaint(domain="EMPLOI_PRIVE"), reason="It was a job"))
    return story, closing(ProposeClosure), WORKER


@refused("proof_not_exhausted")
def countersigned_after_the_checklist_grew() -> Asked:
    story = Story().proposed().do(AddPiece(label="The lease", held_by="RESPONDENT"))
    return story, CountersignClosure(comment="Read"), SUPERVISOR


@refused("not_assessed")
def lack_of_proof_that_nobody_weighed() -> Asked:
    story = Story()
    pieces = tuple(p.id for p in story.case.pieces)
    return story.do(WaivePieces(pieces=pieces, reason="No need")), closing(ProposeClosure), WORKER


@refused("proof_stands")
def lack_of_proof_when_all_stands() -> Asked:
    return Story().exhausted(ground="STANDS", link="STANDS"), closing(ProposeClosure), WORKER


@refused("nothing_proposed")
def countersigned_out_of_the_blue() -> Asked:
    return Story(), CountersignClosure(comment="Read"), SUPERVISOR


@refused("nothing_proposed")
def sent_back_out_of_the_blue() -> Asked:
    return Story(), RejectClosure(reason="No"), SUPERVISOR


@refused("same_person")
def countersigned_by_whoever_proposed() -> Asked:
    story = Story().exhausted().do(closing(ProposeClosure), by=SUPERVISOR)
    return story, CountersignClosure(comment="Read"), SUPERVISOR


# --- Attention ---


@refused("already_paused")
def paused_twice() -> Asked:
    return Story().do(PAUSE), PAUSE, WORKER


@refused("pause_length")
def paused_until_today() -> Asked:
    return Story(), PAUSE.model_copy(update={"until": MONDAY.date()}), WORKER


@refused("pause_length")
def paused_for_a_year() -> Asked:
    return Story(), PAUSE.model_copy(update={"until": MONDAY.date() + timedelta(days=184)}), WORKER


@refused("not_paused")
def resumed_without_a_pause() -> Asked:
    return Story(), Resume(comment="Back"), WORKER


@refused("no_such_alert")
def an_alert_that_does_not_stand() -> Asked:
    return Story(), extend("2026-03-20"), WORKER


@refused("no_such_alert")
def an_alert_answered_twice() -> Asked:
    return stalled().do(extend("2026-03-20"), by=SUPERVISOR), extend("2026-03-20"), SUPERVISOR


@refused("alert_above")
def a_case_worker_answers_for_the_supervisor() -> Asked:
    story = Story().until("2026-03-20").pass_deadlines()
    alert = AnswerAlert(alert="stall/INTAKE/1/SUPERVISOR", decision="ACT", reason="Under way")
    return story, alert, COLLEAGUE


@refused("extension_date")
def more_time_without_an_end() -> Asked:
    return stalled(), extend(None), SUPERVISOR


@refused("extension_date")
def an_end_without_more_time() -> Asked:
    return stalled(), extend("2026-03-20", "ACT"), SUPERVISOR


@refused("extension_above")
def more_time_taken_by_a_case_worker() -> Asked:
    return stalled(), extend("2026-03-20"), WORKER


@refused("extension_impossible")
def more_time_before_a_time_limit_of_the_law() -> Asked:
    story = Story(received_at="2026-03-01T09:00", domain="SERVICES_PUBLICS").until("2026-04-18").pass_deadlines()
    alert = next(a for a in story.case.standing_alerts if a.kind == "LIMITATION")
    return story, AnswerAlert(alert=alert.key, decision="EXTEND", until="2026-05-20", reason="A letter is due"), LEAD


@refused("extension_past")
def more_time_until_today() -> Asked:
    return stalled(), extend("2026-03-10"), SUPERVISOR


@refused("extension_long")
def more_time_for_ever() -> Asked:
    return stalled(), extend("2199-12-31"), SUPERVISOR


# --- Time limits of the law ---


def toll(**changes: Any) -> RecordToll:
    return RecordToll.model_validate({"toll": MEDIATION | changes})


def start(**changes: Any) -> RecordStart:
    return RecordStart.model_validate({"start": NOTIFIED | changes})


@refused("toll_at_once")
def an_act_that_lasts() -> Asked:
    return Story(), toll(ground="PROSECUTION", clocks=["PENAL_DELIT"], until="2026-03-02"), WORKER


@refused("toll_not_undone")
def a_suspension_undone() -> Asked:
    return Story(), toll(undone=True), WORKER


@refused("toll_no_effect")
def a_ground_that_does_nothing_to_the_row() -> Asked:
    return Story(), toll(clocks=["CIVIL_GENERAL", "PENAL_DELIT"]), WORKER


@refused("start_undated")
def a_start_of_what_has_no_date() -> Asked:
    return Story(), start(clock="DDD_SAISINE"), WORKER


@refused("entered_already")
def the_same_entry_twice() -> Asked:
    return Story().do(toll()), toll(), WORKER


@refused("entry_retracted")
def a_correction_of_what_was_taken_back() -> Asked:
    story = Story().do(start()).do(RetractStart(entry="S1", reason="-"))
    return story, CorrectStart(entry="S1", start=NOTIFIED, reason="-"), WORKER


# --- Retention -------------------------------------------------------------------------------------------

HOLD = Hold(reason="A court may ask for it", review_on="2027-01-04")


def held() -> Story:
    return Story().closed().do(HOLD, by=SUPERVISOR)


@refused("already_held")
def a_second_hold() -> Asked:
    return held(), HOLD, SUPERVISOR_2


@refused("not_held")
def a_release_of_nothing() -> Asked:
    return Story().closed(), ReleaseHold(reason="Judged"), SUPERVISOR


@refused("same_person_hold")
def a_release_by_whoever_placed_it() -> Asked:
    return held(), ReleaseHold(reason="Judged"), SUPERVISOR


@refused("held")
def an_erasure_of_what_is_held() -> Asked:
    return held(), Erase(reason="PERSON_ASKED"), SUPERVISOR_2


@refused("held")
def a_proposal_to_erase_what_is_held() -> Asked:
    return held(), ProposeErasure(reason="Asked"), SUPERVISOR_2


@refused("retention_runs")
def an_end_of_retention_that_has_not_come() -> Asked:
    return Story().closed().do(ProposeErasure(reason="Asked"), by=SUPERVISOR), RETENTION_ENDED, SUPERVISOR_2


@refused("retention_runs")
def an_end_of_retention_that_came_before_the_case_was_reopened() -> Asked:
    story = Story().closed().until("2060-01-05").pass_deadlines()
    return story.do(Reopen(reason="A witness"), by=SUPERVISOR).do(closing()), RETENTION_ENDED, SUPERVISOR


@refused("erasure_not_proposed")
def an_early_erasure_by_one_person() -> Asked:
    return Story().closed(), Erase(reason="PERSON_ASKED"), SUPERVISOR


@refused("same_person_erasure")
def an_early_erasure_by_the_same_person_twice() -> Asked:
    return Story().closed().do(ProposeErasure(reason="Asked"), by=SUPERVISOR), ASKED_FOR, SUPERVISOR


@refused("erasure_not_proposed")
def an_early_erasure_after_a_hold_made_the_proposal_void() -> Asked:
    story = Story().closed().do(ProposeErasure(reason="Asked"), by=SUPERVISOR).do(HOLD, by=SUPERVISOR)
    return story.do(ReleaseHold(reason="Judged"), by=SUPERVISOR_2), ASKED_FOR, SUPERVISOR_2


RETENTION_ENDED, ASKED_FOR = Erase(reason="RETENTION_ENDED"), Erase(reason="PERSON_ASKED")


NO_COMMAND = {
    *("verify_for_auditors", "holder_elsewhere", "holder_cannot_act", "holder_in_other_metropolis"),
    *("file_quarantined", "file_to_be_scanned"),
}
"""Refused to somebody who sends no command (tests/domain/test_who_verifies.py, tests/files), or by what only the book
knows of accounts (tests/domain/parts/test_intake.py)."""

CASES = [(code, provoke) for code, provokers in PROVOKED.items() for provoke in provokers]


@pytest.mark.parametrize(("code", "provoke"), CASES, ids=[f"{p.__name__}" for _, p in CASES])
def test_refuses(code: str, provoke: Callable[[], Asked]) -> None:
    story, command, by = provoke()
    with pytest.raises(Refused) as caught:
        decide(story.case if story else None, command, by, story.at if story else MONDAY)
    assert caught.value.code == code
    assert caught.value.message
    assert caught.value.remedy
    assert caught.value.http_status == (404 if code == "no_such_case" else 409)


def test_every_refusal_of_the_rules_is_provoked_here(record_property: Callable[[str, object], None]) -> None:
    known = codes_in_the_source()
    record_property("domain: refusals", f"{len(known)} codes in the rules, {len(CASES)} ways of meeting them tried")
    assert set(PROVOKED) | NO_COMMAND == known


def codes_in_the_source() -> set[str]:
    """The first argument of every Refused(...) and NotFound(...) of the rules."""
    room = Path(domain.case.__file__).parent
    files = [*(room / "parts").glob("*.py"), room / "case.py", room / "lifecycle.py", room / "permissions.py"]
    codes = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (Refused.__name__, NotFound.__name__):
            assert isinstance(node.args[0], ast.Constant), ast.unparse(node)
            codes.add(str(node.args[0].value))
    return codes


def test_only_the_plan_lead_answers_for_the_plan_lead() -> None:
    story = Story().until("2026-04-03").pass_deadlines()
    command = AnswerAlert(alert="stall/INTAKE/1/PLAN_LEAD", decision="ACT", reason="Under way")
    assert story.refusal(command, by=SUPERVISOR).code == "alert_above"
    assert "alert_answered" in story.do(command, by=LEAD).tags


def test_a_case_worker_of_the_partner_accepts_a_handover() -> None:
    story = Story().referred(handover=True).do(ACCEPT, by=PARTNER_WORKER)
    assert (story.case.holder, story.case.organisation) == (PARTNER_WORKER.account, PARTNER_ORG)
