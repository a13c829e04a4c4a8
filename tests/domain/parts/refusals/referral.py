"""Refusals of a referral."""

from domain.parts.consent import WithdrawConsent
from domain.parts.referral import AnswerReferral, CompleteReferral, MarkReferralSeen, Refer, WithdrawReferral
from tests.domain.examples import MONDAY, Story, to_partner
from tests.domain.parts.refusals.general import REFER
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import HOME, PARTNER, SUPERVISOR, THIRD_ORG, THIRD_PARTNER, WORKER

ACCEPT = AnswerReferral(referral="R1", accept=True)


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


@refused("before_sent")
def accepted_the_day_before_it_was_sent() -> Asked:
    story = Story().wait(days=3).referred()
    return story, ACCEPT.model_copy(update={"happened_at": MONDAY}), PARTNER


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


@refused("before_sent")
def seen_the_day_before_it_was_sent() -> Asked:
    return Story().wait(days=3).referred(), MarkReferralSeen(referral="R1", happened_at=MONDAY), PARTNER


@refused("before_sent")
def withdrawn_the_day_before_it_was_sent() -> Asked:
    withdraw = WithdrawReferral(referral="R1", reason="By mistake", happened_at=MONDAY)
    return Story().wait(days=3).referred(), withdraw, WORKER
