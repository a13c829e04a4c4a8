"""A case in which nearly everything has happened, told in French: what people read of it is read as they would."""

from typing import Any

from domain.parts.alert import AnswerAlert
from domain.parts.assessment import Assess
from domain.parts.assignment import Assign
from domain.parts.closure import ProposeClosure, RejectClosure
from domain.parts.contact import AddNote, RecordContact
from domain.parts.filing import (
    AcknowledgeFiling,
    AnswerFilingRequest,
    File,
    PrepareFiling,
    RecordFilingDeclined,
    RecordFilingRequest,
)
from domain.parts.intake import AmendComplaint
from domain.parts.letter import SendLetter
from domain.parts.pause import Pause, Resume
from domain.parts.piece import AddPiece, ReceivePiece, RecordPieceRefusal, RequestPiece, StartEvidence, WaivePieces
from domain.parts.referral import AnswerReferral, CompleteReferral, Refer
from domain.parts.time_limits import RecordStart, RecordToll
from tests.domain.examples import Story, closing, consent, explained, to_defender, to_partner
from tests.people import (
    AGENCY,
    COLLEAGUE,
    HOME,
    LILLE,
    LOU_BY_POST,
    PARTNER,
    PARTNER_ORG,
    SUPERVISOR,
    THIRD_ORG,
    THIRD_PARTNER,
)

CHILD = {
    "given_name": "Sam",
    "family_name": "Exemple",
    "is_minor": True,
    "language": "ar",
    "accessibility": "Interprète en langue des signes",
}
TOLD: dict[str, Any] = {
    "domain": "LOGEMENT_PRIVE",
    "criteria": ["ORIGINE", "HANDICAP"],
    "acts": ["DIRECTE"],
    "complainant": LOU_BY_POST,
    "concerned_person": CHILD,
    "capacity": "LEGAL_REPRESENTATIVE",
    "respondent": AGENCY,
    "facts": {
        "narrative": "L’agence a dit que l’appartement était loué ; une amie l’a visité le même jour.",
        "occurred_on": "2026-02-20",
        "ended_on": "2026-02-25",
        "place": {"commune": LILLE},
    },
    "prior_steps": [
        {"kind": "WRITTEN_COMPLAINT", "taken_on": "2026-02-26", "to_whom": "L’agence", "answer": "Aucune réponse"}
    ],
    "expectations": "Pouvoir louer un logement comme les autres.",
}


def rich() -> Story:
    """The case, eight months on: referred, refused, proven, filed, declined, and under evidence again."""
    story = Story(**TOLD)
    story.do(RecordContact(medium="PHONE", summary="Écoutée une heure."), AddNote(text="Rappeler après 18 heures."))
    story.wait(days=1).do(to_partner(PARTNER_ORG), Refer(partner=PARTNER_ORG, purpose="Conseil sur le bail"))
    story.wait(days=2).do(AnswerReferral(referral="R1", accept=True, comment="Rendez-vous pris"), by=PARTNER)
    story.wait(days=9).do(CompleteReferral(referral="R1", result="Une lettre a été écrite à l’agence."), by=PARTNER)
    story.do(to_partner(THIRD_ORG), Refer(partner=THIRD_ORG, purpose="Aide psychologique"))

    story.wait(days=1).do(
        AnswerReferral(referral="R2", accept=False, reason="NO_CAPACITY", comment="Complet jusqu’en juin"),
        by=THIRD_PARTNER,
    )
    story.do(StartEvidence(), consent("RESPONDENT"), AddPiece(label="Le bail proposé", held_by="RESPONDENT"))
    story.do(RequestPiece(piece="EV033", from_whom="COMPLAINANT", lever="OWN_PAPERS", due="2026-03-25"))
    story.do(SendLetter(pieces=("EV011",), lever="REASONS_PRIVATE"), SendLetter(pieces=("EV002",), lever="ATTESTATION"))
    story.wait(days=4).do(ReceivePiece(piece="EV033", description="Les messages du 20 février"))
    story.do(ReceivePiece(piece="EV002", description="Une amie atteste avoir visité le logement"))
    story.until("2026-05-20").pass_deadlines()
    story.do(RecordPieceRefusal(piece="EV011", silent=True, explanation="Aucune réponse à la lettre"))
    stall = next(a for a in story.case.standing_alerts if a.kind == "STALL" and a.level == "SUPERVISOR")
    story.do(
        AnswerAlert(alert=stall.key, decision="EXTEND", until="2026-06-30", reason="Réponse attendue"), by=SUPERVISOR
    )
    story.do(Assign(holder=COLLEAGUE.account, organisation=HOME, reason="Congé"), by=SUPERVISOR)
    facts = TOLD["facts"] | {"revealed_on": "2026-02-21"}
    story.do(AmendComplaint(changes={"facts": {"revealed_on": facts["revealed_on"]}}, reason="Elle s’en souvient"))
    story.do(Pause(reason="HEALTH", until="2026-06-20", comment="Hospitalisée")).wait(days=5).do(
        Resume(comment="Sortie")
    )
    toll = {"ground": "MEDIATION", "clocks": ["CIVIL_GENERAL"], "from_day": "2026-04-01", "reason": "Médiation"}
    story.do(RecordToll(toll=toll))
    story.do(RecordStart(start={"clock": "CIVIL_GENERAL", "on": "2026-02-21", "reason": "Révélation"}))
    story.do(*explained(story.case, WaivePieces, "Sans objet ici : l’échange a été écrit."))
    story.do(Assess(treatment="STANDS", ground="PARTIAL", link="STANDS", reasoning="Le refus est écrit."))
    story.do(closing(ProposeClosure, last_known_fact="L’agence n’a pas répondu.", not_told_because="Sans adresse"))
    story.do(RejectClosure(reason="Saisir d’abord le Défenseur des droits"), by=SUPERVISOR)
    story.do(to_defender(), PrepareFiling(channel="POST"), File(filing="F1"))
    story.wait(days=20).do(AcknowledgeFiling(filing="F1", register_number="26-0001"))
    story.do(RecordFilingRequest(filing="F1", asked="Le bail", due="2026-08-01"))
    story.do(AnswerFilingRequest(filing="F1", request="Q1", answer="Envoyé par courrier"))
    story.wait(days=30).do(RecordFilingDeclined(filing="F1", reason="Hors de sa compétence"))
    return story.until("2026-11-02").pass_deadlines()
