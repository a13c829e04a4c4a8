"""Intake: what opening, amending, qualifying, assigning and consenting do."""

from datetime import date, timedelta

import pytest

from domain.actors import Actor
from domain.errors import Refused
from domain.lifecycle import decide
from domain.parts.assignment import Assign
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import AddNote, RecordContact
from domain.parts.intake import AmendComplaint, Qualify
from domain.parts.piece import ReceivePiece
from domain.parts.referral import AnswerReferral
from domain.permissions import may_see, require_holder
from domain.reference import checklist_for
from domain.vocabulary import Domain, Role, Step
from tests.domain.examples import MONDAY, Story, complaint, to_defender, to_partner
from tests.people import (
    COLLEAGUE,
    HOME,
    LEAD,
    LILLE,
    MARSEILLE,
    PARTNER_ORG,
    PARTNER_WORKER,
    SUPERVISOR,
    SUPERVISOR_AMP,
    THIRD_ORG,
    WORKER,
    person,
)


def test_opening_gives_the_case_a_holder_a_territory_and_a_checklist() -> None:
    case = Story().case
    assert (case.step, case.holder, case.organisation, case.metropolis) == (Step.INTAKE, "camille", HOME, "MEL")
    assert [p.id for p in case.pieces] == [item.code for item in checklist_for(Domain.LOGEMENT_PRIVE)]
    assert case.pieces[0].id in {item.code for item in checklist_for(Domain.LOGEMENT_PRIVE) if item.perishable}


def test_opening_records_the_consents_that_came_with_the_complaint() -> None:
    given = [{"scope": "REFERRAL", "recipient": PARTNER_ORG, "given_on": "2026-03-01"}]
    story = Story(consents=given)
    assert [k.id for k in story.case.consents] == ["C1"]
    assert [k.id for k in story.do(to_defender()).case.consents] == ["C1", "C2"]


def test_a_clock_a_little_ahead_does_not_turn_a_complaint_away() -> None:
    story = Story(received_at=MONDAY + timedelta(minutes=4))
    assert story.entries[0].happened_at == MONDAY


def test_a_case_of_unknown_place_is_everybodys() -> None:
    nowhere = person("siege", Role.CASE_WORKER, "siege", None)
    story = Story(opened_by=nowhere, facts={"narrative": "On the telephone"})
    assert story.case.metropolis is None
    for supervisor in (SUPERVISOR, SUPERVISOR_AMP):
        story.do(AddNote(text="Seen"), by=supervisor)
    assert story.case.notes == 2


def test_a_case_worker_follows_a_case_of_the_other_metropolis_and_its_supervisors_see_it() -> None:
    story = Story(facts={"narrative": "Refused at the door", "place": {"commune": "13055"}})
    story.do(AddNote(text="Seen"), by=WORKER).do(AddNote(text="Seen"), by=SUPERVISOR_AMP)
    assert story.refusal(AddNote(text="Seen"), by=SUPERVISOR).code == "no_such_case"


@pytest.mark.parametrize("command", ["amend", "qualify"])
def test_another_domain_completes_the_checklist_and_drops_nothing(command: str) -> None:
    story = Story(domain="AUTRE").do(ReceivePiece(piece="EV001", description="Two pages"))
    if command == "amend":
        story.do(AmendComplaint(complaint=complaint(domain="SANTE"), reason="At the dentist’s"))
    else:
        story.do(Qualify(domain="SANTE", criteria=("ETAT_SANTE",), acts=("REFUS_SOINS",), reasoning="In writing"))
    assert {item.code for item in checklist_for(Domain.SANTE)} <= {p.id for p in story.case.pieces}
    assert story.case.piece("EV001").status == "RECEIVED"
    assert len({p.id for p in story.case.pieces}) == len(story.case.pieces)


def amended(commune: str | None) -> AmendComplaint:
    place = {"commune": commune} if commune else {}
    return AmendComplaint(complaint=complaint(facts={"narrative": "Heard", "place": place}), reason="Heard wrong")


def test_forgetting_the_place_leaves_the_case_where_it_is() -> None:
    assert Story().do(amended(None)).case.metropolis == "MEL"


@pytest.mark.parametrize("now", ["MEL", "AMP", None])
@pytest.mark.parametrize("to", [LILLE, MARSEILLE, None])
@pytest.mark.parametrize("of", ["MEL", "AMP", None])
@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.SUPERVISOR])
def test_no_amendment_takes_a_case_out_of_the_sight_of_whoever_oversees_it(
    role: Role, now: str | None, to: str | None, of: str | None
) -> None:
    case = Story().case.model_copy(update={"metropolis": now})
    by, overseer = (actor.model_copy(update={"metropolis": of}) for actor in (WORKER, SUPERVISOR))
    moved = {LILLE: "MEL", MARSEILLE: "AMP", None: now}[to]
    try:
        decide(case, amended(to), by.model_copy(update={"role": role}), MONDAY + timedelta(days=1))
    except Refused as refusal:
        assert refusal.code in ("moves_elsewhere", "no_such_case") and (moved != now or role is Role.SUPERVISOR)
    else:
        watchers = [SUPERVISOR.model_copy(update={"metropolis": each}) for each in ("MEL", "AMP")]
        after = case.model_copy(update={"metropolis": moved})
        lost = [each for each in watchers if may_see(each, case) and not may_see(each, after)]
        assert lost == [] or (now is None and may_see(overseer, after)), "only a place that nobody knew is found"


def test_a_case_worker_gives_a_case_to_a_colleague_and_that_is_no_progress() -> None:
    story = Story()
    before = story.case.progress
    story.wait(days=1).do(Assign(holder=COLLEAGUE.account, organisation=HOME, reason="Leave"))
    assert (story.case.holder, story.case.progress) == (COLLEAGUE.account, before)


@pytest.mark.parametrize("by", [SUPERVISOR, LEAD])
def test_a_supervisor_or_the_plan_lead_gives_a_case_to_another_organisation_when_the_person_agrees(by: Actor) -> None:
    give = Assign(holder="noa", organisation=PARTNER_ORG, reason="Closure of the office")
    assert Story().refusal(give, by=by).code == "consent_missing"
    assert Story().do(to_partner(THIRD_ORG)).refusal(give, by=by).code == "consent_missing"
    assert Story().do(to_partner(), WithdrawConsent(consent="C1")).refusal(give, by=by).code == "consent_missing"
    story = Story().do(to_partner()).do(give, by=by)
    assert story.case.organisation == PARTNER_ORG
    assert story.refusal(AddNote(text="Mine?"), by=WORKER).code == "no_such_case"
    story.do(AddNote(text="Mine"), by=PARTNER_WORKER)


def test_a_case_is_given_without_another_consent_to_whoever_has_it_before_them() -> None:
    handed_over = Story().referred(handover=True).do(AnswerReferral(referral="R1", accept=True), by=PARTNER_WORKER)
    handed_over.do(Assign(holder=COLLEAGUE.account, organisation=HOME, reason="Back for now"), by=SUPERVISOR)
    assert handed_over.case.organisation == HOME


@pytest.mark.parametrize(
    ("holder", "code"),
    [
        (COLLEAGUE, None),
        (SUPERVISOR.model_copy(update={"organisation": HOME}), None),
        (PARTNER_WORKER, "holder_elsewhere"),
        (COLLEAGUE.model_copy(update={"role": Role.PARTNER}), "holder_cannot_act"),
        (COLLEAGUE.model_copy(update={"role": Role.AUDITOR}), "holder_cannot_act"),
        (COLLEAGUE.model_copy(update={"role": Role.PLAN_LEAD}), "holder_cannot_act"),
        (COLLEAGUE.model_copy(update={"metropolis": "AMP"}), "holder_in_other_metropolis"),
    ],
)
def test_a_case_is_given_to_somebody_who_can_follow_it_up(holder: Actor, code: str | None) -> None:
    if code is None:
        require_holder(holder, HOME, "MEL")
    else:
        with pytest.raises(Refused) as refused:
            require_holder(holder, HOME, "MEL")
        assert refused.value.code == code


def test_a_consent_taken_back_stops_what_it_allowed_and_brings_the_case_home() -> None:
    story = Story().referred().do(WithdrawConsent(consent="C1"))
    assert [r.status for r in story.case.referrals] == ["WITHDRAWN"]
    assert story.case.step is Step.INTAKE


def test_a_consent_taken_back_stops_nothing_of_another_partner() -> None:
    story = Story().referred().referred(THIRD_ORG).do(WithdrawConsent(consent="C1"))
    assert [r.status for r in story.case.referrals] == ["WITHDRAWN", "SENT"]
    assert story.case.step is Step.REFERRAL


def test_a_consent_given_twice_stands_until_it_is_taken_back_twice() -> None:
    story = Story().referred().do(to_partner(), WithdrawConsent(consent="C1"))
    assert story.case.referral("R1").is_open
    assert not story.do(WithdrawConsent(consent="C2")).case.referral("R1").is_open


def test_consent_withdrawn_after_a_handover_takes_the_case_back_from_the_partner() -> None:
    accept = AnswerReferral(referral="R1", accept=True)
    story = Story().referred(handover=True).do(accept, by=PARTNER_WORKER)
    story.do(WithdrawConsent(consent="C1"), by=PARTNER_WORKER)
    assert (story.case.holder, story.case.organisation) == (WORKER.account, HOME)


def test_a_filing_agreed_to_twice_stays_agreed_to_when_one_agreement_is_taken_back() -> None:
    story = Story().prepared().do(to_defender(), WithdrawConsent(consent="C1"))
    assert story.case.filing("F1").status == "CONSENTED"
    assert story.do(WithdrawConsent(consent="C2")).case.filing("F1").status == "PREPARED"


def test_only_a_contact_that_reached_the_person_counts_as_the_last_contact() -> None:
    story = Story().wait(days=2).do(RecordContact(medium="PHONE", reached=False, summary="Rang out"))
    assert story.case.last_contact_at == MONDAY
    story.do(RecordContact(medium="PHONE", summary="Spoke"))
    assert story.case.last_contact_at == story.at


def test_a_note_is_no_progress() -> None:
    story = Story()
    before = story.case.progress
    assert story.wait(days=3).do(AddNote(text="To call")).case.progress == before


def test_an_old_fact_found_today_does_not_set_the_clocks_back() -> None:
    story = Story().until("2026-03-20").do(RecordContact(medium="PHONE", summary="Spoke"))
    story.do(RecordContact(medium="POST", summary="A letter found", happened_at="2026-03-04"))
    assert story.case.progress.happened_at == story.at
    assert story.case.last_contact_at == story.at


# --- Amending one field ----------------------------------------------------------------------------------


def test_one_field_is_amended_and_the_others_stay() -> None:
    before = Story()
    after = Story().do(AmendComplaint(changes={"facts": {"occurred_on": "2026-02-19"}}, reason="Read in the letter"))
    told = before.case.complaint.facts.model_copy(update={"occurred_on": date(2026, 2, 19)})
    assert after.case.complaint == before.case.complaint.model_copy(update={"facts": told})


def test_a_field_is_emptied() -> None:
    story = Story().do(AmendComplaint(changes={"complainant": None}, reason="They wish to stay unnamed"))
    assert story.case.complaint.complainant is None


def test_what_cannot_be_amended_cannot_be_amended_by_itself_either() -> None:
    refused = Story().refusal(AmendComplaint(changes={"fictitious": False}, reason="Real"))
    assert refused.code == "origin_fixed"
