"""Commands that are offered: all that a case can take now from whoever looks, in the order of use, and nothing else.

That it is neither more nor less than what `decide` accepts is held over thousands of lives (test_life_of_a_case) and
over the whole table (test_every_pair_is_decided); here is what people read.
"""

import pytest

from domain import commands as c
from domain.actors import CLOCK, Actor
from domain.case import Case
from domain.lifecycle import offered
from domain.parts.alert import AnswerAlert
from domain.parts.closure import ProposeClosure
from domain.parts.erasure import ProposeErasure
from domain.parts.files import AttachFile, RemoveFile
from domain.parts.filing import AnswerFilingRequest, File, PrepareFiling, RecordFilingRequest
from domain.parts.hold import Hold
from domain.parts.pause import Pause
from domain.parts.piece import AddPiece, ReceivePiece, RequestPiece, StartEvidence
from domain.parts.referral import AnswerReferral
from domain.parts.time_limits import RecordToll, RetractToll
from domain.parts.transfer import ProposeTransfer
from domain.vocabulary import Level, Step
from tests.domain.examples import A_FILE, Story, closing, to_partner
from tests.people import (
    AUDITOR,
    COLLEAGUE,
    HOME,
    LEAD,
    LEAD_AMP,
    MARSEILLE,
    PARTNER,
    PARTNER_ORG,
    PARTNER_WORKER,
    STRANGER,
    SUPERVISOR,
    SUPERVISOR_2,
    SUPERVISOR_AMP,
    WORKER,
)

TALK = ["record_contact", "add_note"]
COMPLAINT = ["qualify", "amend_complaint", "assign", "propose_transfer", "restrict", "issue_capability"]
INTAKE = [*TALK, "record_consent", *COMPLAINT]
AGREED = [*TALK, "record_consent", "withdraw_consent", *COMPLAINT]
LOOK_FOR = ["request_piece", "receive_piece", "add_piece", "mark_unobtainable", "waive_pieces", "send_letter"]
EVIDENCE = [*LOOK_FOR, "attach_file", "assess"]
LAW = ["record_start", "record_toll"]
END = ["close", "propose_closure"]


def now(story: Story, by: Actor = WORKER) -> list[str]:
    return offered(by, story.case, story.at)


def gone(case: Case) -> Case:
    return case.model_copy(update={"step": Step.ERASED})


# --- A life, step by step --------------------------------------------------------------------------------


def test_of_a_fresh_case() -> None:
    assert now(Story()) == [*INTAKE, "start_evidence", *EVIDENCE, "prepare_filing", *LAW, "pause", *END]


def test_of_an_anonymous_report_no_filing() -> None:
    assert "prepare_filing" not in now(Story(complainant=None))


def test_a_referral_once_the_person_agrees_to_one() -> None:
    story = Story().do(to_partner())
    assert now(story) == [*(*AGREED, "refer", "start_evidence", *EVIDENCE, "prepare_filing", *LAW, "pause", *END)]


def test_of_a_referred_case() -> None:
    """It is not referred to the same partner again, and not closed while the partner owes an answer."""
    story = Story().referred()
    sender = ["mark_referral_seen", "answer_referral", "withdraw_referral"]
    agreed = [name for name in AGREED if name != "propose_transfer"]
    assert now(story) == [*(*agreed, *sender, "start_evidence", *EVIDENCE, "prepare_filing", *LAW, "pause")]
    for partner in (PARTNER, PARTNER_WORKER):
        assert now(story, partner) == ["add_note", "mark_referral_seen", "answer_referral"]


def test_of_what_a_partner_accepted() -> None:
    story = Story().referred().do(AnswerReferral(referral="R1", accept=True), by=PARTNER)
    assert now(story, PARTNER) == [*TALK, "complete_referral", "receive_piece", "attach_file"]


def test_of_what_a_partner_refused_nothing_more() -> None:
    refused = AnswerReferral(referral="R1", accept=False, reason="NO_CAPACITY")
    assert now(Story().referred().do(refused, by=PARTNER), PARTNER) == []


def test_of_a_proposed_closure() -> None:
    """It is countersigned by a supervisor who did not propose it; nobody closes it otherwise meanwhile."""
    story = Story().do(StartEvidence()).exhausted().do(closing(ProposeClosure), by=SUPERVISOR)
    assert now(story) == [*INTAKE, *EVIDENCE, "prepare_filing", *LAW, "pause"]
    assert now(story, SUPERVISOR)[-3:] == ["pause", "reject_closure", "hold"]
    assert now(story, SUPERVISOR_2)[-4:] == ["pause", "countersign_closure", "reject_closure", "hold"]


def test_of_a_proposed_closure_that_is_no_longer_true() -> None:
    story = Story().proposed().do(AddPiece(label="The lease", held_by="RESPONDENT"))
    assert now(story, SUPERVISOR)[-3:] == ["pause", "reject_closure", "hold"]


def test_of_a_case_to_be_filed() -> None:
    asked = Story().do(PrepareFiling(channel="POST"))
    assert "file" not in now(asked), "the person has not agreed"
    agreed = Story().prepared()
    assert [name for name in now(agreed) if "fil" in name] == ["attach_file", "file", "withdraw_filing"]


def test_of_a_filed_case() -> None:
    story = Story().prepared().do(File(filing="F1"))
    before_him = ["record_filing_request", "record_filing_decision", "record_filing_declined", "withdraw_filing"]
    assert now(story) == [*(*AGREED, "start_evidence", *EVIDENCE, "acknowledge_filing", *before_him, *LAW, "pause")]
    story.do(RecordFilingRequest(filing="F1", asked="The lease", due="2026-03-20"))
    assert "answer_filing_request" in now(story)
    story.do(AnswerFilingRequest(filing="F1", request="Q1", answer="Sent"))
    assert "answer_filing_request" not in now(story)


def test_of_a_paused_case() -> None:
    story = Story().do(Pause(reason="HEALTH", until="2026-04-01", comment="In hospital"))
    assert ("pause" in now(story), "resume" in now(story)) == (False, True)


def test_of_a_case_with_an_alert_a_decision_for_whoever_may_take_it() -> None:
    story = Story().until("2026-03-10").pass_deadlines()
    assert {alert.level for alert in story.case.standing_alerts} == {"CASE_WORKER"}
    assert all("answer_alert" in now(story, by) for by in (WORKER, SUPERVISOR, LEAD))


def test_of_an_alert_above_nothing_below() -> None:
    story = Story().until("2026-04-20").pass_deadlines()
    for alert in story.case.standing_alerts:
        if alert.level is Level.CASE_WORKER:
            story.do(AnswerAlert(alert=alert.key, decision="ACT", reason="It is under way"))
    assert Level.SUPERVISOR in {alert.level for alert in story.case.standing_alerts}
    assert ("answer_alert" in now(story), "answer_alert" in now(story, SUPERVISOR)) == (False, True)


def test_of_a_piece_that_was_asked_for_its_refusal() -> None:
    story = Story()
    assert "record_piece_refusal" not in now(story)
    story.do(RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-20"))
    assert "record_piece_refusal" in now(story)


def test_of_a_case_that_has_all_its_pieces_no_search() -> None:
    story = Story()
    story.do(*(ReceivePiece(piece=piece.id, description="Two pages") for piece in story.case.pieces))
    assert [name for name in now(story) if name in EVIDENCE] == ["add_piece", "attach_file", "assess"]
    story.do(AddPiece(label="The lease", held_by="RESPONDENT"))
    assert [name for name in now(story) if name in EVIDENCE] == EVIDENCE


def test_of_what_a_jurist_entered_its_correction() -> None:
    toll = {"ground": "MEDIATION", "clocks": ["CIVIL_GENERAL"], "from_day": "2026-03-01", "reason": "In writing"}
    story = Story().do(RecordToll(toll=toll))
    assert [name for name in now(story) if "toll" in name] == ["record_toll", "correct_toll", "retract_toll"]
    story.do(RetractToll(entry="T1", reason="Another case"))
    assert [name for name in now(story) if "toll" in name] == ["record_toll"]


def test_of_a_case_that_is_proposed_to_another_metropolis() -> None:
    """It goes on here, but is neither referred nor closed; there, it is accepted or declined and nothing else."""
    story = Story().do(ProposeTransfer(place={"commune": MARSEILLE}, organisation=HOME, reason="Heard wrong"))
    here = [name for name in INTAKE if name != "propose_transfer"]
    here.insert(here.index("restrict"), "withdraw_transfer")
    assert now(story) == [*here, "start_evidence", *EVIDENCE, "prepare_filing", *LAW, "pause"]
    for there in (SUPERVISOR_AMP, LEAD_AMP):
        assert now(story, there) == ["accept_transfer", "decline_transfer"]


# --- The end ---------------------------------------------------------------------------------------------


def test_of_a_closed_case() -> None:
    story = Story().closed()
    assert now(story) == [*TALK, "restrict", "reopen", "propose_erasure"]
    assert now(story, SUPERVISOR) == [*TALK, "restrict", "reopen", "hold", "propose_erasure"]
    assert now(story, LEAD) == ["add_note"]


def test_of_a_closed_case_with_a_file_its_removal_by_a_supervisor() -> None:
    story = Story().do(AttachFile(**A_FILE, description="A letter")).closed()
    assert "remove_file" in now(story, SUPERVISOR)
    assert "remove_file" not in now(story.do(RemoveFile(file="D1", reason="Not ours"), by=SUPERVISOR), SUPERVISOR)


def test_of_a_held_case() -> None:
    """Whoever placed the hold does not release it, and nothing is erased meanwhile."""
    story = Story().closed().do(Hold(reason="A court", review_on="2027-01-04"), by=SUPERVISOR)
    assert now(story, SUPERVISOR) == [*TALK, "restrict", "reopen"]
    assert now(story, SUPERVISOR_2) == [*TALK, "restrict", "reopen", "release_hold"]


def test_of_a_case_to_be_erased_before_its_time() -> None:
    story = Story().closed().do(ProposeErasure(reason="Asked"), by=SUPERVISOR)
    assert now(story, SUPERVISOR) == [*TALK, "restrict", "reopen", "hold", "propose_erasure"]
    assert now(story, SUPERVISOR_2) == [*TALK, "restrict", "reopen", "hold", "propose_erasure", "erase"]


def test_of_an_archived_case_only_to_those_who_oversee() -> None:
    story = Story().closed().until("2028-04-03").pass_deadlines()
    assert story.case.is_archived
    assert (now(story), "add_note" in now(story, SUPERVISOR)) == ([], True)


def test_of_a_case_whose_retention_is_over() -> None:
    story = Story().closed().until("2033-04-04").pass_deadlines()
    assert now(story, SUPERVISOR)[-3:] == ["hold", "propose_erasure", "erase"]


@pytest.mark.parametrize("by", [WORKER, SUPERVISOR, LEAD, CLOCK])
def test_of_an_erased_case_nothing(by: Actor) -> None:
    story = Story().closed()
    assert offered(by, gone(story.case), story.at) == []


# --- Who looks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [AUDITOR, STRANGER])
def test_to_whoever_only_looks_or_may_not_even_look_nothing(by: Actor) -> None:
    assert now(Story(), by) == []


def test_to_a_colleague_the_same() -> None:
    story = Story().do(to_partner(PARTNER_ORG))
    assert now(story, COLLEAGUE) == now(story)


def test_in_the_order_of_the_commands() -> None:
    order = list(c.COMMANDS)
    for story in (Story().referred(), Story().prepared().do(File(filing="F1")), Story().proposed()):
        assert (names := now(story, SUPERVISOR)) == sorted(names, key=order.index)
