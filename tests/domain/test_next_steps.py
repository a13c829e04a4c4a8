"""The next steps of a case: few, possible, the most urgent first; and every open case has one, or a day to wait for."""

from datetime import date

import pytest

from domain import commands as c
from domain.actors import Actor
from domain.errors import Refused
from domain.lifecycle import decide
from domain.next_steps import MOST, NextStep, next_steps
from domain.parts.alert import AnswerAlert
from domain.parts.assessment import Assess
from domain.parts.closure import ProposeClosure
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import RecordContact
from domain.parts.filing import File, PrepareFiling, RecordFilingDeclined, RecordFilingRequest
from domain.parts.pause import Pause
from domain.parts.piece import AddPiece, StartEvidence
from domain.parts.referral import AnswerReferral, CompleteReferral
from domain.vocabulary import OPEN_STEPS, Step
from tests.domain.examples import CALENDAR, Story, closing, explained, to_partner
from tests.domain.random_story import random_story
from tests.domain.witnesses import contents_of
from tests.people import AUDITOR, LEAD, PARTNER, STRANGER, SUPERVISOR, SUPERVISOR_2, WORKER
from words import FRENCH

TOLD = RecordContact(medium="PHONE", summary="Told")


def steps(story: Story, by: Actor = WORKER) -> tuple[NextStep, ...]:
    return next_steps(story.case, by, story.at, story.agenda(), CALENDAR)


def names(story: Story, by: Actor = WORKER) -> list[str | None]:
    return [step.command for step in steps(story, by)]


def settled(**changes: object) -> Story:
    """A case whose law is settled, and none of whose limits is near."""
    return Story(**{"acts": ["DIRECTE"], "criteria": ["ORIGINE"]} | changes)


# --- A life ----------------------------------------------------------------------------------------------


def test_at_intake_first_what_vanishes_and_bars() -> None:
    facts = {"narrative": "Refused at the door of a club", "occurred_on": "2026-02-25", "place": {"commune": "59350"}}
    story = settled(domain="BIENS_SERVICES_PRIVES", facts=facts)
    first = steps(story)[0]
    assert (first.command, first.given) == ("send_letter", {"pieces": "EV052"})
    assert first.day is not None and first.day >= date(2026, 3, 2)


def test_what_is_gone_is_asked_for_no_more() -> None:
    facts = {"narrative": "Refused at the door of a club", "occurred_on": "2019-02-25", "place": {"commune": "59350"}}
    assert "send_letter" not in names(settled(domain="BIENS_SERVICES_PRIVES", facts=facts))


def test_a_limit_that_is_near_is_told_to_the_person() -> None:
    facts = {"narrative": "Refused at the door", "occurred_on": "2021-04-10"}
    first = steps(settled(facts=facts))[0]
    assert (first.command, first.day) == ("record_contact", date(2026, 4, 9))


def test_where_the_day_of_the_facts_is_not_known_it_is_asked_for() -> None:
    assert "amend_complaint" in names(settled(facts={"narrative": "Refused at the door"}))


def test_what_is_not_characterised_is() -> None:
    assert "qualify" in names(Story())


def test_a_partner_answers_then_completes() -> None:
    story = settled().referred()
    assert [(s.command, s.given) for s in steps(story, PARTNER)] == [("answer_referral", {"referral": "R1"})]
    assert "answer_referral" not in names(story)
    story.do(AnswerReferral(referral="R1", accept=True), by=PARTNER)
    assert names(story, PARTNER) == ["complete_referral"]


def test_after_a_referral_the_person_is_told_then_the_proof_goes_on() -> None:
    story = settled().referred().do(AnswerReferral(referral="R1", accept=True), by=PARTNER).wait(days=1)
    story.do(CompleteReferral(referral="R1", result="A letter was written"), by=PARTNER)
    assert names(story) == ["record_contact", "start_evidence", "close"]
    assert names(story.wait(hours=1).do(TOLD)) == ["start_evidence", "close"]


def test_after_a_refusal_another_partner_is_looked_for() -> None:
    story = settled().referred().do(AnswerReferral(referral="R1", accept=False, reason="NO_CAPACITY"), by=PARTNER)
    step = steps(story)[0]
    assert (step.command, step.given) == ("record_consent", {"consent.scope": "REFERRAL"})


def test_after_a_consent_is_taken_back_the_person_is_asked() -> None:
    story = settled().do(to_partner()).wait(days=1).do(WithdrawConsent(consent="C1"))
    assert names(story)[0] == "record_contact"


def test_a_filing_awaits_consent_then_is_sent() -> None:
    story = settled().do(PrepareFiling(channel="POST"))
    assert steps(story)[0].given == {"consent.scope": "DEFENDER"}
    assert names(settled().prepared())[0] == "file"


def test_the_defender_is_answered_by_the_day() -> None:
    story = settled().prepared().do(File(filing="F1"))
    story.do(RecordFilingRequest(filing="F1", asked="The lease", due="2026-03-20"))
    first = steps(story)[0]
    assert (first.command, first.given, first.day) == (
        "answer_filing_request",
        {"filing": "F1", "request": "Q1"},
        date(2026, 3, 20),
    )


def test_after_a_decline_the_person_is_told_of_the_other_routes() -> None:
    story = settled().prepared().do(File(filing="F1")).wait(days=1)
    story.do(RecordFilingDeclined(filing="F1", reason="Outside his remit"))
    assert story.case.step is Step.EVIDENCE
    assert names(story)[:2] == ["record_contact", "send_letter"]


def test_lack_of_proof_takes_another_supervisor() -> None:
    story = settled().do(StartEvidence()).exhausted()
    assert names(story) == ["prepare_filing", "propose_closure"]
    story.do(closing(ProposeClosure), by=SUPERVISOR)
    assert "countersign_closure" not in names(story, SUPERVISOR)
    assert names(story, SUPERVISOR_2)[0] == "countersign_closure"
    story.do(AddPiece(label="The lease", held_by="RESPONDENT"))
    assert names(story, SUPERVISOR_2) == ["reject_closure"]


def test_what_is_received_or_explained_is_assessed() -> None:
    story = settled().do(StartEvidence())
    story.do(*explained(story.case))
    assert names(story) == ["assess"]
    story.do(Assess(treatment="STANDS", ground="STANDS", link="STANDS", reasoning="All of it"))
    assert names(story) == ["prepare_filing"]


def test_an_alert_is_decided_by_whose_it_is() -> None:
    story = settled().until("2026-05-20").pass_deadlines()
    assert names(story, LEAD) == ["answer_alert"]
    for alert in story.case.standing_alerts:
        if alert in story.case.standing_alerts:
            story.do(AnswerAlert(alert=alert.key, decision="ACT", reason="Under way"), by=LEAD)
    assert names(story, LEAD) == [None]


def test_nothing_before_a_day() -> None:
    story = settled().prepared().do(File(filing="F1")).do(Pause(reason="HEALTH", until="2026-05-04", comment="Ill"))
    (step,) = steps(story)
    assert step.command is None and step.day is not None and step.day > date(2026, 3, 2)
    assert FRENCH.fact(step.why).startswith("Rien avant le ")
    assert [s.command for s in steps(settled(), AUDITOR)] == [None]


def test_to_whoever_may_not_see_it_nothing() -> None:
    assert steps(settled(), STRANGER) == ()


# --- Whatever happens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_every_open_case_has_a_step_that_would_be_accepted_or_a_day(seed: int) -> None:
    story = random_story(seed)
    for day in (0, 1, 20, 60, 200):
        story.wait(days=day)
        if day in (20, 200):
            story.pass_deadlines()
        for by in (WORKER, SUPERVISOR, LEAD, AUDITOR, PARTNER):
            recommended = steps(story, by)
            assert len(recommended) <= MOST
            sees = by is not PARTNER or any(r.partner == by.organisation for r in story.case.open_referrals)
            assert bool(recommended) == (story.case.step in OPEN_STEPS and sees)
            for step in recommended:
                _check(story, by, step)


def _check(story: Story, by: Actor, step: NextStep) -> None:
    assert not FRENCH.fact(step.why).count("{")
    if step.command is None:
        assert step.day is not None
        return
    known = {name: value for name, value in step.given.items() if "." not in name}
    contents = [c.COMMANDS[step.command].model_validate(content) for content in _fitting(story, step.command, known)]
    assert any(_accepted(story, by, command) for command in contents), (step, by.account)


def _fitting(story: Story, name: str, known: dict[str, str]) -> list[dict[str, object]]:
    """The least contents of a command that are about the part which the step names."""

    def is_about(content: dict[str, object], field: str, value: str) -> bool:
        return value in content[field] if isinstance(content[field], list) else content[field] == value

    contents = contents_of(story.case, story.at.date())[name]
    if name == "record_piece_refusal":
        return [content | known for content in contents]
    return [content for content in contents if all(is_about(content, f, v) for f, v in known.items())]


def _accepted(story: Story, by: Actor, command: c.Command) -> bool:
    try:
        decide(story.case, command, by, story.at)
    except Refused:
        return False
    return True
