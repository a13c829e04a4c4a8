"""Lives of cases in which everything that a person can write is written."""

from datetime import timedelta

from domain import commands as c
from domain.actors import SCANNER, Actor
from domain.case import Case
from domain.complaint import Complaint
from domain.parts.base import Command
from domain.parts.piece import WaivePieces
from domain.values import day_of
from kit.storage.database import Database
from models.accounts import add_account
from tests.people import (
    COLLEAGUE,
    HOME,
    LILLE,
    MARSEILLE,
    METROPOLIS_AMP,
    PARTNER_ORG,
    PARTNER_WORKER,
    SUPERVISOR,
    SUPERVISOR_2,
    SUPERVISOR_AMP,
    WORKER,
)
from tests.support.builders import a_file, closing, explained, journey


def settle_in(database: Database) -> None:
    """The account that a case is given to on the way."""
    with database.write() as tx:
        add_account(tx, COLLEAGUE)


Asked = tuple[Command, Actor]


def everything(told: Complaint) -> list[Asked]:
    """Commands of a first case, from intake to closure and again: nearly every one there is."""
    today = day_of(told.received_at)
    later, before = today + timedelta(days=20), today - timedelta(days=9)
    toll = {"ground": "MEDIATION", "clocks": ["CIVIL_GENERAL"], "from_day": before, "reason": "-"}
    agreed = {"scope": "REFERRAL", "recipient": PARTNER_ORG, "given_on": today}
    suing = {"ground": "COURT_ACTION", "clocks": ["CIVIL_GENERAL"], "from_day": before, "reason": "-"}
    start = {"clock": "ADM_REP", "on": before, "reason": "-"}
    contents: list[tuple[dict[str, object], Actor]] = [
        ({"kind": "amend_complaint", "complaint": told, "reason": "-"}, WORKER),
        ({"kind": "qualify", "domain": "SANTE", "criteria": ["AGE"], "acts": ["DIRECTE"], "reasoning": "-"}, WORKER),
        ({"kind": "assign", "holder": COLLEAGUE.account, "organisation": HOME, "reason": "-"}, WORKER),
        ({"kind": "record_contact", "medium": "PHONE", "summary": "-"}, WORKER),
        ({"kind": "add_note", "text": "-"}, WORKER),
        ({"kind": "restrict", "accounts": ["autre-compte"], "reason": "-"}, SUPERVISOR),
        ({"kind": "unrestrict", "reason": "-"}, SUPERVISOR),
        ({"kind": "issue_capability", "audience": "COMPLAINANT", "until": later}, WORKER),
        ({"kind": "renew_capability", "capability": "K1", "until": later}, WORKER),
        ({"kind": "revoke_capability", "capability": "K1", "reason": "-"}, WORKER),
        ({"kind": "pause", "reason": "HEALTH", "until": later, "comment": "-"}, WORKER),
        ({"kind": "resume", "comment": "-"}, WORKER),
        ({"kind": "record_consent", "consent": agreed}, WORKER),
        ({"kind": "refer", "partner": PARTNER_ORG, "purpose": "-"}, WORKER),
        (
            {"kind": "answer_referral", "referral": "R1", "accept": False, "reason": "NO_CAPACITY", "comment": "-"},
            PARTNER_WORKER,
        ),
        ({"kind": "refer", "partner": PARTNER_ORG, "purpose": "-"}, WORKER),
        ({"kind": "withdraw_referral", "referral": "R2", "reason": "-"}, WORKER),
        ({"kind": "record_toll", "toll": toll}, WORKER),
        ({"kind": "correct_toll", "entry": "T1", "toll": toll | {"until": today}, "reason": "-"}, WORKER),
        ({"kind": "retract_toll", "entry": "T1", "reason": "-"}, WORKER),
        ({"kind": "record_start", "start": start}, WORKER),
        ({"kind": "correct_start", "entry": "S1", "start": start | {"on": today}, "reason": "-"}, WORKER),
        ({"kind": "retract_start", "entry": "S1", "reason": "-"}, WORKER),
        ({"kind": "start_evidence"}, WORKER),
        ({"kind": "add_piece", "label": "-", "held_by": "RESPONDENT"}, WORKER),
        ({"kind": "request_piece", "piece": "P1", "from_whom": "ADMINISTRATION", "lever": "-", "due": later}, WORKER),
        ({"kind": "record_piece_refusal", "piece": "P1", "explanation": "-"}, WORKER),
        ({"kind": "add_piece", "label": "-", "held_by": "ADMINISTRATION"}, WORKER),
        ({"kind": "send_letter", "pieces": ["P2"], "lever": "ATTESTATION", "addressee": "-"}, WORKER),
        ({"kind": "add_piece", "label": "-", "held_by": "RESPONDENT"}, WORKER),
        ({"kind": "mark_unobtainable", "pieces": ["P3"], "reason": "-"}, WORKER),
        ({"kind": "add_piece", "label": "-", "held_by": "RESPONDENT"}, WORKER),
        ({"kind": "waive_pieces", "pieces": ["P4"], "reason": "-"}, WORKER),
        ({"kind": "attach_file", "piece": "P4", "description": "-", **a_file(), "to_scan": True}, WORKER),
        ({"kind": "record_scan", "file": "D1", "result": "CLEAN", "scanner": "-", "finding": "-"}, SCANNER),
        ({"kind": "remove_file", "file": "D1", "reason": "-"}, SUPERVISOR),
        ({"kind": "record_consent", "consent": {"scope": "DEFENDER", "given_on": today}}, WORKER),
        ({"kind": "prepare_filing", "channel": "POST"}, WORKER),
        ({"kind": "withdraw_filing", "filing": "F1", "reason": "-"}, WORKER),
        ({"kind": "prepare_filing", "channel": "POST"}, WORKER),
        ({"kind": "file", "filing": "F2", "register_number": "-"}, WORKER),
        ({"kind": "acknowledge_filing", "filing": "F2", "register_number": "-"}, WORKER),
        ({"kind": "record_filing_request", "filing": "F2", "asked": "-", "due": later}, WORKER),
        ({"kind": "answer_filing_request", "filing": "F2", "request": "Q1", "answer": "-"}, WORKER),
        ({"kind": "record_filing_declined", "filing": "F2", "reason": "-"}, WORKER),
        ({"kind": "withdraw_consent", "consent": "C2", "reason": "-"}, WORKER),
        ({"kind": "record_toll", "toll": suing}, WORKER),
        *_there_and_back(agreed),
        (closing(outcome="NO_RESULT", reason="WITHDRAWN").model_dump(), SUPERVISOR),
        ({"kind": "set_archive_end", "until": later, "reason": "-"}, SUPERVISOR),
        ({"kind": "hold", "reason": "-", "review_on": later}, SUPERVISOR),
        ({"kind": "release_hold", "reason": "-"}, SUPERVISOR_2),
        ({"kind": "propose_erasure", "reason": "-"}, SUPERVISOR),
        ({"kind": "reopen", "reason": "-"}, SUPERVISOR),
    ]
    return [(c.COMMANDS[str(content["kind"])].model_validate(content), who) for content, who in contents]


def _there_and_back(agreed: dict[str, object]) -> list[tuple[dict[str, object], Actor]]:
    """A transfer that is declined, one that is taken back, one that is accepted, and the way home."""
    there = {"kind": "propose_transfer", "place": {"commune": MARSEILLE}, "organisation": METROPOLIS_AMP, "reason": "-"}
    back = there | {"place": {"commune": LILLE}, "organisation": HOME}
    return [
        ({"kind": "record_consent", "consent": agreed | {"recipient": METROPOLIS_AMP}}, WORKER),
        ({"kind": "record_consent", "consent": agreed | {"recipient": HOME}}, WORKER),
        (there, WORKER),
        ({"kind": "decline_transfer", "reason": "-"}, SUPERVISOR_AMP),
        (there, WORKER),
        ({"kind": "withdraw_transfer", "reason": "-"}, WORKER),
        (there, WORKER),
        ({"kind": "accept_transfer"}, SUPERVISOR_AMP),
        (back, SUPERVISOR_AMP),
        ({"kind": "accept_transfer"}, WORKER),
    ]


def to_the_end(told: Complaint) -> list[Asked]:
    """Commands of a second case: referred, proven, filed and closed."""
    return [(command, who) for command, who, _ in journey(day_of(told.received_at))]


def for_lack_of_proof(case: Case) -> list[Asked]:
    """Commands of a third: closed for lack of proof, by two people."""
    contents: list[tuple[dict[str, object], Actor]] = [
        *((reason.model_dump(), WORKER) for reason in explained(case, WaivePieces, "-")),
        (
            {"kind": "assess", "treatment": "STANDS", "ground": "MISSING", "link": "MISSING", "reasoning": "-"},
            WORKER,
        ),
        (_proposal(), WORKER),
        ({"kind": "reject_closure", "reason": "-"}, SUPERVISOR),
        (_proposal(), WORKER),
        ({"kind": "countersign_closure", "comment": "-"}, SUPERVISOR),
    ]
    return [(c.COMMANDS[str(content["kind"])].model_validate(content), who) for content, who in contents]


def _proposal() -> dict[str, object]:
    content = closing(outcome="NO_RESULT", reason="ADVICE_SUFFICED").model_dump()
    return content | {"kind": "propose_closure", "reason": "LACK_OF_PROOF"}
