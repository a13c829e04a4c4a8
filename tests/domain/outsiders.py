"""One full case in each state of a referral, a consent and the case itself, with words that tell whose they are."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from domain.actors import CLOCK
from domain.commands import COMMANDS
from domain.parts.capability import IssueCapability
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import AddNote, RecordContact
from domain.parts.erasure import Erase, ProposeErasure
from domain.parts.files import AttachFile
from domain.parts.letter import SendLetter
from domain.parts.notice import RecordUndelivered, Undelivered
from domain.parts.pause import Pause
from domain.parts.referral import (
    AnswerReferral,
    CompleteReferral,
    MarkReferralSeen,
    Refer,
    WithdrawReferral,
)
from domain.parts.time_limits import RecordStart, RecordToll
from domain.parts.transfer import ProposeTransfer
from domain.vocabulary import MailReason
from tests.domain.examples import A_FILE, Story, closing, consent, to_partner
from tests.domain.samples import MEDIATION, NOTIFIED
from tests.people import HOME, PARTNER, SUPERVISOR, SUPERVISOR_2, THIRD_ORG, THIRD_PARTNER

PERSON, MEDICAL, TEAM, FOR_PARTNER, FOR_PERSON, OTHERS = (
    "Kanari", "Medikal", "Interne", "PourPartenaire", "PourPersonne", "AutrePartenaire"
)  # fmt: skip
"""Words of the person, of a medical piece, of the team, for the partner, for the person, for another partner."""

SOMEBODY: dict[str, Any] = {
    "given_name": PERSON,
    "family_name": PERSON,
    "email": f"{PERSON}@example.org",
    "phone": "+33612345678",
    "address": PERSON,
    "language": "ar",
    "accessibility": PERSON,
}


def _base() -> Story:
    """A case with something in all its parts, referred to two partners."""
    story = Story(
        complainant=SOMEBODY,
        concerned_person=SOMEBODY,
        capacity="ASSOCIATION",
        respondent={"kind": "COMPANY", "name": PERSON, "address": PERSON},
        prior_steps=[{"kind": "OTHER", "taken_on": "2026-02-25", "to_whom": PERSON, "answer": PERSON}],
        expectations=PERSON,
        source={"system": "registre", "id": PERSON},
        facts={
            "narrative": PERSON,
            "occurred_on": "2026-02-20",
            "place": {"commune": "59350", "neighbourhood": "QN05971M", "detail": PERSON},
        },
    )
    story.do(
        AddNote(text=TEAM),
        RecordContact(medium="PHONE", summary=TEAM),
        RecordToll.model_validate({"toll": MEDIATION | {"reason": TEAM}}),
        RecordStart.model_validate({"start": NOTIFIED | {"reason": TEAM}}),
        AttachFile.model_validate(A_FILE | {"filename": PERSON, "description": PERSON}),
        AttachFile.model_validate(
            A_FILE | {"piece": "EV013", "stored": "b" * 32, "filename": MEDICAL, "description": MEDICAL}
        ),
        SendLetter(pieces=("EV002",), lever="ATTESTATION", addressee=TEAM),
        Pause(reason="HEALTH", until=date(2026, 3, 10), comment=TEAM),
        to_partner(),
        Refer(partner=PARTNER.organisation, purpose=FOR_PARTNER),
        to_partner(THIRD_ORG),
        Refer(partner=THIRD_ORG, purpose=OTHERS),
        AddNote(text=FOR_PARTNER, audience="PARTNER", referral="R1"),
        AddNote(text=OTHERS, audience="PARTNER", referral="R2"),
        AddNote(text=FOR_PERSON, audience="COMPLAINANT"),
    )
    story.do(
        IssueCapability(audience="PARTNER", referral="R1", until="2199-01-01"),
        IssueCapability(audience="COMPLAINANT", until="2199-01-01"),
    )
    story.do(AddNote(text=OTHERS, asks="QUESTION"), by=THIRD_PARTNER)
    story.do(
        RecordUndelivered(
            notices=(Undelivered(mail="m1", account="camille", alerts=("a/b",), reason=MailReason.NO_ADDRESS),)
        ),
        by=CLOCK,
    )
    return story.prepared().exhausted()


def _accepted() -> Story:
    return _base().do(AnswerReferral(referral="R1", accept=True, comment=FOR_PARTNER), by=PARTNER)


def _proposed() -> Story:
    """Taken back from the partners, and proposed to the other metropolis."""
    story = _base().do(*(WithdrawReferral(referral=id, reason=TEAM) for id in ("R1", "R2")))
    place = {"commune": "13055", "detail": PERSON}
    return story.do(ProposeTransfer(place=place, organisation=HOME, reason=FOR_PARTNER))


def _completed() -> Story:
    return _accepted().do(CompleteReferral(referral="R1", result=FOR_PARTNER), by=PARTNER)


def _closed() -> Story:
    story = _completed().do(WithdrawReferral(referral="R2", reason=TEAM))
    story.do(
        *(COMMANDS["withdraw_filing"].model_validate({"filing": f.id, "reason": TEAM}) for f in story.case.filings)
    )
    return story.do(closing(last_known_fact=TEAM), by=SUPERVISOR)


def _erased() -> Story:
    story = _closed().do(ProposeErasure(reason=TEAM), by=SUPERVISOR)
    return story.do(Erase.model_validate({"reason": "PERSON_ASKED"}), by=SUPERVISOR_2)


@cache
def states() -> Mapping[str, Story]:
    """The same case in each state, by its name."""
    refusal = AnswerReferral(referral="R1", accept=False, reason="NO_CAPACITY", comment=FOR_PARTNER)
    consents = {k.given.recipient: k.id for k in _base().case.consents}
    return {
        "sent": _base(),
        "seen": _base().do(MarkReferralSeen(referral="R1"), by=PARTNER),
        "accepted": _accepted(),
        "medical": _accepted().do(consent("MEDICAL")),
        "unagreed": _accepted().do(WithdrawConsent(consent=consents[PARTNER.organisation])),
        "refused": _base().do(refusal, by=PARTNER),
        "withdrawn": _base().do(WithdrawReferral(referral="R1", reason=TEAM)),
        "expired": _base().until("2026-07-01").pass_deadlines(),
        "completed": _completed(),
        "proposed": _proposed(),
        "closed": _closed(),
        "erased": _erased(),
    }
