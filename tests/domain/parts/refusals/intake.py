"""Refusals of an intake, an amendment, an assignment or a consent."""

from domain.complaint import Source
from domain.parts.assignment import Assign
from domain.parts.consent import WithdrawConsent
from domain.parts.intake import AmendComplaint, Open
from domain.vocabulary import ConsentForm
from tests.domain.examples import MONDAY, Story, complaint, to_defender, to_partner
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import HOME, MARSEILLE, PARTNER_ORG, SUPERVISOR, WORKER


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


@refused("address_impossible")
def opened_with_an_address_to_which_no_mail_can_go() -> Asked:
    person = {"given_name": "Camille", "family_name": "Exemple", "email": "a..b@example.org"}
    return None, Open(complaint=complaint(complainant=person)), WORKER


@refused("address_impossible")
def amended_to_such_an_address() -> Asked:
    person = {"given_name": "Camille", "family_name": "Exemple", "email": "été@example.org"}
    return Story(), AmendComplaint(complaint=complaint(complainant=person), reason="Said on the phone"), WORKER


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


@refused("amended_one_way")
def amended_in_nothing() -> Asked:
    return Story(), AmendComplaint(reason="Heard wrong"), WORKER


@refused("amendment_invalid")
def amended_to_what_no_complaint_says() -> Asked:
    return Story(), AmendComplaint(changes={"facts": {"occurred_on": "yesterday"}}, reason="Heard wrong"), WORKER


@refused("moves_elsewhere")
def the_place_is_amended_to_the_other_metropolis() -> Asked:
    facts = {"narrative": "Heard", "place": {"commune": MARSEILLE}}
    return Story(), AmendComplaint(complaint=complaint(facts=facts), reason="Heard wrong"), WORKER


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


@refused("before_given")
def a_consent_taken_back_the_day_before_it_was_given() -> Asked:
    story = Story().wait(days=1).do(to_partner(on="2026-03-03"))
    return story, WithdrawConsent(consent="C1", happened_at=MONDAY), WORKER
