"""Refusals of a filing with the Defender of Rights."""

from domain.parts.consent import WithdrawConsent
from domain.parts.filing import AnswerFilingRequest, File, PrepareFiling, RecordFilingRequest, WithdrawFiling
from domain.parts.intake import AmendComplaint
from domain.vocabulary import ConsentForm
from tests.domain.examples import MONDAY, Story, complaint, to_defender
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import WORKER

FILE = File(filing="F1")


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


def filed_later() -> Story:
    return Story().prepared().wait(days=3).do(FILE)


@refused("before_sent")
def taken_back_the_day_before_it_was_filed() -> Asked:
    return filed_later(), WithdrawFiling(filing="F1", reason="Settled", happened_at=MONDAY), WORKER


@refused("before_sent")
def more_was_asked_for_the_day_before_it_was_filed() -> Asked:
    more = RecordFilingRequest(filing="F1", asked="The lease", due="2026-03-20", happened_at=MONDAY)
    return filed_later(), more, WORKER


@refused("before_asked")
def answered_the_day_before_it_was_asked_for() -> Asked:
    story = filed_later().do(RecordFilingRequest(filing="F1", asked="The lease", due="2026-03-20"))
    return story, AnswerFilingRequest(filing="F1", request="Q1", answer="Here", happened_at=MONDAY), WORKER
