"""Refusals of restrictions: a case is closed to somebody, and never to whoever follows it up."""

from domain.parts.assignment import Assign
from domain.parts.intake import Open
from domain.parts.referral import Refer
from domain.parts.restriction import Restrict, Unrestrict
from tests.domain.examples import Story, complaint, to_partner
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import COLLEAGUE, HOME, METROPOLIS, PARTNER_ORG, SUPERVISOR, WORKER

CLOSED = Restrict(organisations=(METROPOLIS,), reason="The city is the respondent")


@refused("nobody_named")
def closed_to_nobody() -> Asked:
    return Story(), Restrict(reason="Why not"), WORKER


@refused("holder_restricted")
def closed_to_its_holder() -> Asked:
    return Story(), Restrict(accounts=(WORKER.account,), reason="Their cousin"), WORKER


@refused("holder_restricted")
def opened_and_closed_to_the_team_that_opens_it() -> Asked:
    return None, Open(complaint=complaint(), closed_to=(HOME,)), WORKER


@refused("not_restricted")
def opened_to_all_though_closed_to_nobody() -> Asked:
    return Story(), Unrestrict(reason="It is over"), WORKER


@refused("no_such_case")
def lifted_by_a_supervisor_who_is_named() -> Asked:
    return Story().do(CLOSED), Unrestrict(reason="I say so"), SUPERVISOR


@refused("closed_to_them")
def given_to_somebody_it_is_closed_to() -> Asked:
    story = Story().do(Restrict(accounts=(COLLEAGUE.account,), reason="Their cousin"))
    return story, Assign(holder=COLLEAGUE.account, organisation=HOME, reason="Holidays"), WORKER


@refused("closed_to_them")
def referred_to_an_organisation_it_is_closed_to() -> Asked:
    story = Story().do(to_partner(), Restrict(organisations=(PARTNER_ORG,), reason="It is the respondent"))
    return story, Refer(partner=PARTNER_ORG, purpose="Help"), WORKER
