"""Refusals of capabilities: for nobody, for what is over, for more than a link can allow."""

from domain.parts.capability import IssueCapability, RenewCapability, RevokeCapability
from domain.parts.contact import AddNote
from domain.parts.referral import AnswerReferral
from tests.domain.examples import Story
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import PARTNER, WORKER

LATER = "2026-12-01"
OF_PERSON = IssueCapability(audience="COMPLAINANT", until=LATER)
OF_PARTNER = IssueCapability(audience="PARTNER", referral="R1", until=LATER)


@refused("link_for_whom")
def of_a_partner_without_a_referral() -> Asked:
    return Story().referred(), IssueCapability(audience="PARTNER", until=LATER), WORKER


@refused("link_for_whom")
def of_the_person_with_a_referral() -> Asked:
    return Story().referred(), IssueCapability(audience="COMPLAINANT", referral="R1", until=LATER), WORKER


@refused("link_referral_over")
def of_a_referral_that_was_refused() -> Asked:
    story = Story().referred().do(AnswerReferral(referral="R1", accept=False, reason="NO_CAPACITY"), by=PARTNER)
    return story, OF_PARTNER, WORKER


@refused("date_past")
def until_yesterday() -> Asked:
    return Story(), IssueCapability(audience="COMPLAINANT", until="2026-03-01"), WORKER


@refused("too_much_for_a_link")
def for_more_than_a_link_can_allow() -> Asked:
    command = IssueCapability(audience="COMPLAINANT", until=LATER, commands=("add_note", "assign"))
    return Story(), command, WORKER


@refused("link_over")
def renewed_once_it_is_revoked() -> Asked:
    story = Story().do(OF_PERSON, RevokeCapability(capability="K1", reason="Forwarded"))
    return story, RenewCapability(capability="K1", until=LATER), WORKER


@refused("not_permitted")
def issued_by_whoever_came_by_one() -> Asked:
    story = Story().do(OF_PERSON)
    return story, OF_PERSON, story.case.capability("K1").actor(story.case.reference)


@refused("no_such_case")
def used_after_its_last_day() -> Asked:
    story = Story().do(OF_PERSON).until("2026-12-02")
    return story, AddNote(text="Hello"), story.case.capability("K1").actor(story.case.reference)
