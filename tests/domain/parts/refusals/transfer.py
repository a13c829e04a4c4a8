"""Refusals of transfers: a case goes to another metropolis only with the yes of somebody there."""

from domain.parts.base import Command
from domain.parts.closure import Close
from domain.parts.intake import AmendComplaint
from domain.parts.referral import Refer
from domain.parts.restriction import Restrict
from domain.parts.transfer import AcceptTransfer, DeclineTransfer, ProposeTransfer, WithdrawTransfer
from tests.domain.examples import Story, closing, to_partner
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import (
    HOME,
    HOME_AMP,
    LEAD_AMP,
    LILLE,
    MARSEILLE,
    METROPOLIS_AMP,
    PARTNER_ORG,
    SUPERVISOR,
    SUPERVISOR_AMP,
    WORKER,
    everywhere,
)


def proposal(organisation: str = HOME, commune: str | None = MARSEILLE) -> ProposeTransfer:
    return ProposeTransfer(place={"commune": commune}, organisation=organisation, reason="It was in Marseille")


def proposed() -> Story:
    return Story().do(proposal())


@refused("transfer_pending")
def proposed_twice() -> Asked:
    return proposed(), proposal(), WORKER


@refused("transfer_pending")
def referred_meanwhile() -> Asked:
    return proposed().do(to_partner()), Refer(partner=PARTNER_ORG, purpose="Help"), WORKER


@refused("transfer_pending")
def amended_meanwhile_to_a_place_where_it_would_be_seen_by_fewer() -> Asked:
    nowhere = Story(facts={"narrative": "Refused at the door"}, opened_by=everywhere(WORKER)).do(proposal())
    changes = {"facts": {"place": {"commune": LILLE}}}
    return nowhere, AmendComplaint(changes=changes, reason="It was in Lille"), WORKER


@refused("parts_open")
def closed_meanwhile() -> Asked:
    command: Command = closing(Close)
    return proposed(), command, WORKER


@refused("referrals_open")
def proposed_while_a_partner_has_it() -> Asked:
    return Story().referred(), proposal(), WORKER


@refused("not_elsewhere")
def proposed_to_where_it_is() -> Asked:
    return Story(), proposal(commune=LILLE), WORKER


@refused("not_elsewhere")
def proposed_to_nowhere() -> Asked:
    return Story(), proposal(commune=None), SUPERVISOR


@refused("consent_missing")
def proposed_to_an_organisation_that_the_person_has_not_agreed_to() -> Asked:
    return Story(), proposal(HOME_AMP), WORKER


@refused("closed_to_them")
def proposed_to_an_organisation_it_is_closed_to() -> Asked:
    story = Story().do(Restrict(organisations=(HOME_AMP,), reason="It is the respondent"))
    return story, proposal(HOME_AMP), WORKER


@refused("no_transfer")
def accepted_though_nothing_is_proposed() -> Asked:
    return Story(), WithdrawTransfer(reason="A mistake"), WORKER


@refused("no_such_case")
def accepted_by_a_metropolis_that_is_not_asked() -> Asked:
    return Story(), AcceptTransfer(), SUPERVISOR_AMP


@refused("not_permitted")
def accepted_here() -> Asked:
    return proposed(), AcceptTransfer(), SUPERVISOR


@refused("not_permitted")
def declined_here() -> Asked:
    return proposed(), DeclineTransfer(reason="I say so"), WORKER


@refused("same_person_transfer")
def accepted_by_whoever_proposed_it() -> Asked:
    by = everywhere(SUPERVISOR)
    return Story().do(proposal(), by=by), AcceptTransfer(holder=by.account), by


@refused("holder_missing")
def accepted_for_an_organisation_without_a_holder() -> Asked:
    return proposed(), AcceptTransfer(), LEAD_AMP


@refused("holder_missing")
def accepted_by_a_supervisor_of_another_organisation() -> Asked:
    story = Story().do(to_partner(METROPOLIS_AMP), proposal(HOME))
    return story, AcceptTransfer(), SUPERVISOR_AMP
