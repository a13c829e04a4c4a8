"""Refusals of a closure."""

from domain.parts.closure import CountersignClosure, ProposeClosure, RejectClosure
from domain.parts.filing import PrepareFiling
from domain.parts.intake import AmendComplaint
from domain.parts.piece import AddPiece, WaivePieces
from tests.domain.examples import Story, closing, complaint, explained
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.domain.parts.refusals.referral import ACCEPT
from tests.people import PARTNER, SUPERVISOR, WORKER


@refused("outcome_unfit")
def no_news_told_as_a_result() -> Asked:
    return Story(), closing(reason="NO_NEWS", outcome="SITUATION_REDRESSED"), WORKER


@refused("duplicate_of_what")
def a_duplicate_of_nothing() -> Asked:
    return Story(), closing(reason="DUPLICATE", outcome="PROCEEDINGS_ELSEWHERE"), WORKER


@refused("duplicate_of_itself")
def a_duplicate_of_itself() -> Asked:
    content = {"reason": "DUPLICATE", "outcome": "PROCEEDINGS_ELSEWHERE", "duplicate_of": "0000-0000-0000"}
    return Story(), closing(**content), WORKER


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


@refused("two_people")
def no_discrimination_by_one_person() -> Asked:
    return Story(), closing(reason="NOT_DISCRIMINATION"), SUPERVISOR


@refused("still_in_time")
def time_barred_ten_days_after_the_facts() -> Asked:
    return Story(), closing(ProposeClosure, reason="TIME_BARRED"), WORKER


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
    return story.do(*explained(story.case, WaivePieces)), closing(ProposeClosure), WORKER


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
