"""Complaints, people and commands as the tests of the engine ask them: by default what is usual, changed by name."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain import commands as c
from domain.actors import Actor
from domain.case import Case
from domain.complaint import Complaint
from domain.parts.assessment import Assess
from domain.parts.base import Command
from domain.parts.closure import Close
from domain.parts.consent import RecordConsent
from domain.parts.contact import AddNote, RecordContact
from domain.parts.filing import AcknowledgeFiling, File, PrepareFiling, RecordFilingDecision
from domain.parts.piece import (
    THE_DECISION,
    MarkUnobtainable,
    ReceivePiece,
    RequestPiece,
    StartEvidence,
    WaivePieces,
    by_kind,
)
from domain.parts.referral import AnswerReferral, CompleteReferral, MarkReferralSeen, Refer
from domain.permissions import may
from domain.values import day_of
from domain.vocabulary import PieceStatus, Step
from kit.storage.store import new_name
from tests.people import (
    COLLEAGUE,
    HOME,
    LEAD,
    LILLE,
    LOU,
    PARTNER,
    PARTNER_ORG,
    PARTNER_WORKER,
    SUPERVISOR,
    THIRD_ORG,
    WORKER,
)

# --- What is said ----------------------------------------------------------------------------------------


def complaint(**changes: Any) -> Complaint:
    """A complaint received an hour ago at the desk. `commune=None` for a place that is not known."""
    commune = changes.pop("commune", LILLE)
    received: datetime = changes.pop("received_at", datetime.now(UTC) - timedelta(hours=1))
    content: dict[str, Any] = {
        "received_at": received,
        "channel": "DESK",
        "domain": "LOGEMENT_PRIVE",
        "criteria": ["ORIGINE"],
        "facts": {
            "narrative": "L’agence a dit que l’appartement était loué; une amie l’a visité le même jour.",
            "occurred_on": day_of(received) - timedelta(days=9),
            "place": {"commune": commune},
        },
        "complainant": LOU,
        "fictitious": True,
    }
    return Complaint.model_validate(content | changes)


def note(text: str = "To call back") -> AddNote:
    return AddNote(text=text)


def contact(summary: str = "Called") -> RecordContact:
    return RecordContact.model_validate({"medium": "PHONE", "summary": summary})


def consent(scope: str, on: date, recipient: str | None = None) -> RecordConsent:
    return RecordConsent.model_validate({"consent": {"scope": scope, "recipient": recipient, "given_on": on}})


def a_file() -> dict[str, Any]:
    """The fields of a stored file, for a file that is in no store."""
    return {
        "filename": "Lettre de Lou.pdf",
        "stored": new_name(),
        "sha256": "0" * 64,
        "size": 1_000,
        "media_type": "application/pdf",
    }


def closing(**changes: Any) -> Close:
    content = {
        "outcome": "SITUATION_REDRESSED",
        "reason": "SETTLED",
        "last_known_fact": "The flat was let to the person.",
        "not_told_because": "No address, no telephone.",
    }
    return Close.model_validate(content | changes)


def journey(today: date) -> list[tuple[Command, Actor, Step]]:
    """From intake to closure through every step: what is asked, by whom, and where the case stands then."""
    due = today + timedelta(days=30)
    answer = AnswerReferral(referral="R1", accept=True, comment="We take it")
    request = RequestPiece.model_validate(
        {"piece": "EV001", "from_whom": "COMPLAINANT", "lever": "Asked for at the desk", "due": due}
    )
    assessed = {"treatment": "STANDS", "ground": "STANDS", "link": "PARTIAL", "reasoning": "Two visits, two answers"}
    decided = {"filing": "F1", "outcome": "SETTLEMENT", "summary": "The agency lets the flat"}
    return [
        (consent("REFERRAL", today, PARTNER_ORG), WORKER, Step.INTAKE),
        (Refer(partner=PARTNER_ORG, purpose="Legal help"), WORKER, Step.REFERRAL),
        (MarkReferralSeen(referral="R1"), PARTNER, Step.REFERRAL),
        (answer, PARTNER_WORKER, Step.REFERRAL),
        (CompleteReferral(referral="R1", result="Letter written"), PARTNER_WORKER, Step.REFERRAL),
        (StartEvidence(), WORKER, Step.EVIDENCE),
        (request, WORKER, Step.EVIDENCE),
        (ReceivePiece(piece="EV001", description="Two pages"), WORKER, Step.EVIDENCE),
        (Assess.model_validate(assessed), WORKER, Step.EVIDENCE),
        (consent("DEFENDER", today), WORKER, Step.EVIDENCE),
        (PrepareFiling.model_validate({"channel": "POST"}), WORKER, Step.ESCALATION),
        (File(filing="F1"), WORKER, Step.ESCALATION),
        (AcknowledgeFiling(filing="F1", register_number="26-0001"), WORKER, Step.ESCALATION),
        (RecordFilingDecision.model_validate(decided), WORKER, Step.ESCALATION),
        (closing(), SUPERVISOR, Step.CLOSED),
    ]


def explained(
    case: Case, how: type[MarkUnobtainable | WaivePieces] = MarkUnobtainable, reason: str = "Nobody holds it any more"
) -> list[MarkUnobtainable | WaivePieces]:
    """Gives up every piece that is neither received, nor refused, nor explained: each kind with its reason."""
    unexplained = [piece for piece in case.pieces if piece.is_unexplained]
    decision = tuple(piece.id for piece in unexplained if piece.id in THE_DECISION)
    kinds = by_kind(case, (piece for piece in unexplained if piece.id not in THE_DECISION))
    given_up = [how(pieces=tuple(piece.id for piece in alike), reason=reason) for alike in kinds]
    return [*given_up, MarkUnobtainable(pieces=decision, reason=reason)] if decision else given_up


# --- What anybody might ask ------------------------------------------------------------------------------


def samples(case: Case, today: date, chance: random.Random) -> Iterator[Command]:
    """Something well-formed for every command that a person may ask of this case; the rules may still refuse it."""
    organisation = chance.choice((PARTNER_ORG, THIRD_ORG))
    referral = chance.choice([r.id for r in case.referrals] or ["R1"])
    filing = chance.choice([f.id for f in case.filings] or ["F1"])
    open_pieces = [p.id for p in case.pieces if p.status is not PieceStatus.RECEIVED] or ["EV001"]
    piece = chance.choice(open_pieces)
    alert = chance.choice([a.key for a in case.standing_alerts] or ["none"])
    entry, received = chance.choice([*[t.id for t in case.tolls], "T1"]), day_of(case.complaint.received_at)
    accepts = chance.random() < 0.6
    agreed = [x.id for x in case.consents if x.withdrawn_at is None] or ["C1"]
    stated = {"outcome": "NO_RESULT", "last_known_fact": "-", "not_told_because": "Moved away"}
    later = today + timedelta(days=chance.randint(5, 60))
    contents: list[dict[str, Any]] = [
        {"kind": "qualify", "domain": chance.choice(["EMPLOI_PRIVE", "SANTE"]), "criteria": ["AGE"],
         "acts": ["DIRECTE"], "reasoning": "-"},
        {"kind": "assign", "holder": chance.choice(["camille", "dominique"]), "organisation": HOME, "reason": "-"},
        {"kind": "amend_complaint", "reason": "-", "complaint": case.complaint.model_copy(update={
            "facts": case.complaint.facts.model_copy(update={"narrative": "Heard better"})})},
        {"kind": "record_consent", "consent": {"scope": "REFERRAL", "recipient": organisation, "given_on": today}},
        {"kind": "record_consent", "consent": {"scope": "DEFENDER", "given_on": today}},
        {"kind": "withdraw_consent", "consent": chance.choice(agreed)},
        {"kind": "record_contact", "medium": "PHONE", "summary": "-"},
        {"kind": "add_note", "text": "é € 👋 '\"\\ \n-"},
        {"kind": "refer", "partner": organisation, "purpose": "-", "handover": chance.random() < 0.4},
        {"kind": "mark_referral_seen", "referral": referral},
        {"kind": "answer_referral", "referral": referral, "accept": accepts,
         "reason": None if accepts else "NO_CAPACITY"},
        {"kind": "withdraw_referral", "referral": referral, "reason": "-"},
        {"kind": "complete_referral", "referral": referral, "result": "-"},
        {"kind": "start_evidence"},
        {"kind": "add_piece", "label": "The lease", "held_by": "RESPONDENT"},
        {"kind": "request_piece", "piece": piece, "from_whom": "COMPLAINANT", "lever": "-", "due": later},
        {"kind": "send_letter", "pieces": open_pieces[:2], "lever": chance.choice(["OWN_PAPERS", "ATTESTATION"])},
        {"kind": "receive_piece", "piece": piece, "description": "-"},
        {"kind": "attach_file", "piece": piece, "description": "-", **a_file(), "to_scan": chance.random() < 0.5},
        {"kind": "remove_file", "file": chance.choice([f.id for f in case.files] or ["D1"]), "reason": "-"},
        {"kind": "record_piece_refusal", "piece": piece, "explanation": "-"},
        {"kind": "mark_unobtainable", "pieces": open_pieces[:3], "reason": "-"},
        {"kind": "waive_pieces", "pieces": open_pieces, "reason": "-"},
        {"kind": "assess", "treatment": "STANDS", "ground": "PARTIAL", "link": "MISSING", "reasoning": "-"},
        {"kind": "prepare_filing", "channel": "POST"},
        {"kind": "file", "filing": filing},
        {"kind": "acknowledge_filing", "filing": filing, "register_number": "26-1"},
        {"kind": "record_filing_request", "filing": filing, "asked": "-", "due": later},
        {"kind": "answer_filing_request", "filing": filing, "request": "Q1", "answer": "-"},
        {"kind": "record_filing_decision", "filing": filing, "outcome": "MEDIATION", "summary": "-"},
        {"kind": "record_filing_declined", "filing": filing, "reason": "-"},
        {"kind": "withdraw_filing", "filing": filing, "reason": "-"},
        {"kind": "record_toll", "toll": {"ground": chance.choice(["MEDIATION", "COURT_ACTION"]),
         "clocks": ["CIVIL_GENERAL"], "from_day": today - timedelta(days=chance.randint(0, 9)), "reason": "-"}},
        {"kind": "correct_toll", "entry": entry, "reason": "-", "toll": {"ground": "MEDIATION",
         "clocks": ["CIVIL_GENERAL"], "from_day": today - timedelta(days=9), "until": today, "reason": "-"}},
        {"kind": "retract_toll", "entry": entry, "reason": "-"},
        {"kind": "record_start", "start": {"clock": "ADM_REP", "on": today, "reason": "-"}},
        {"kind": "correct_start", "entry": "S1", "start": {"clock": "ADM_REP", "on": received, "reason": "-"},
         "reason": "-"},
        {"kind": "retract_start", "entry": "S1", "reason": "-"},
        {"kind": "pause", "reason": "HEALTH", "until": later, "comment": "-"},
        {"kind": "resume", "comment": "-"},
        {"kind": "answer_alert", "alert": alert, "decision": "ACT", "reason": "-"},
        {"kind": "close", "reason": "WITHDRAWN", **stated},
        {"kind": "propose_closure", "reason": "LACK_OF_PROOF", **stated},
        {"kind": "countersign_closure", "comment": "-"},
        {"kind": "reject_closure", "reason": "-"},
        {"kind": "reopen", "reason": "-"},
    ]  # fmt: skip
    chance.shuffle(contents)
    for content in contents:
        yield c.COMMANDS[content["kind"]].model_validate(content)


def somebody_for(case: Case, command: Command, chance: random.Random) -> Actor | None:
    """Somebody who may ask this command of this case, if there is anybody."""
    people = [WORKER, COLLEAGUE, SUPERVISOR, LEAD, PARTNER_WORKER, PARTNER]
    able = [who for who in people if case.step in command.steps and may(who, type(command), case)]
    return chance.choice(able) if able else None
