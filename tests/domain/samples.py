"""At least one well-formed sample of each command, and cases in all the states that matter."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from domain import commands as c
from domain.case import Case
from domain.errors import Refused
from domain.parts.alert import AnswerAlert
from domain.parts.base import Command
from domain.parts.capability import IssueCapability
from domain.parts.closure import ProposeClosure
from domain.parts.erasure import ProposeErasure
from domain.parts.files import AttachFile
from domain.parts.filing import File, PrepareFiling, RecordFilingRequest
from domain.parts.hold import Hold
from domain.parts.letter import SendLetter
from domain.parts.pause import Pause
from domain.parts.piece import RequestPiece, StartEvidence
from domain.parts.referral import AnswerReferral
from domain.parts.restriction import Restrict
from domain.parts.time_limits import RecordStart, RecordToll
from domain.vocabulary import Step
from tests.domain.examples import A_FILE, Story, closing, complaint, consent, to_defender, to_partner
from tests.domain.witnesses import witnesses
from tests.people import LEAD, PARTNER, PARTNER_ORG, PARTNER_WORKER, SUPERVISOR, SUPERVISOR_2, THIRD_ORG

MEDIATION = {
    "ground": "MEDIATION",
    "clocks": ["CIVIL_GENERAL"],
    "from_day": "2026-03-01",
    "reason": "Both sides agreed in writing",
}
NOTIFIED = {"clock": "ADM_REP", "on": "2026-02-25", "reason": "The letter is in the file"}

_DATA: list[dict[str, Any]] = [
    {"kind": "open", "complaint": complaint()},
    {"kind": "amend_complaint", "complaint": complaint(domain="EMPLOI_PRIVE"), "reason": "Heard wrong"},
    {
        "kind": "qualify",
        "domain": "LOGEMENT_SOCIAL",
        "criteria": ["LIEU_RESIDENCE"],
        "acts": ["DIRECTE"],
        "reasoning": "Said so in writing",
    },
    {"kind": "assign", "holder": "dominique", "organisation": "maison-du-droit", "reason": "Leave"},
    {"kind": "assign", "holder": "ariel", "organisation": "autre-equipe", "reason": "Leave"},
    {"kind": "withdraw_consent", "consent": "C1"},
    {"kind": "record_contact", "medium": "PHONE", "summary": "Called"},
    {"kind": "add_note", "text": "To call back"},
    {"kind": "restrict", "accounts": ["autre-compte"], "reason": "A cousin"},
    {"kind": "unrestrict", "reason": "No cousin"},
    {"kind": "issue_capability", "audience": "COMPLAINANT", "until": "2026-12-01"},
    {"kind": "issue_capability", "audience": "PARTNER", "referral": "R1", "until": "2026-12-01"},
    {"kind": "renew_capability", "capability": "K1", "until": "2027-01-01"},
    {"kind": "revoke_capability", "capability": "K1", "reason": "A forwarded mail"},
    {"kind": "refer", "partner": PARTNER_ORG, "purpose": "Legal help"},
    {"kind": "refer", "partner": THIRD_ORG, "purpose": "Legal help"},
    {"kind": "mark_referral_seen", "referral": "R1"},
    {"kind": "answer_referral", "referral": "R1", "accept": True},
    {"kind": "answer_referral", "referral": "R1", "accept": False, "reason": "NO_CAPACITY"},
    {"kind": "withdraw_referral", "referral": "R1", "reason": "Sent by mistake"},
    {"kind": "complete_referral", "referral": "R1", "result": "Letter written"},
    {"kind": "start_evidence"},
    {"kind": "add_piece", "label": "The lease", "held_by": "RESPONDENT"},
    {"kind": "request_piece", "piece": "EV001", "from_whom": "COMPLAINANT", "lever": "Asked", "due": "2026-12-01"},
    {"kind": "send_letter", "pieces": ["EV002"], "lever": "ATTESTATION"},
    {"kind": "send_letter", "pieces": ["EV009"], "lever": "PERSONAL_DATA"},
    {"kind": "receive_piece", "piece": "EV001", "description": "Two pages"},
    {"kind": "attach_file", **A_FILE, "description": "A letter"},
    {"kind": "attach_file", **A_FILE, "stored": "b" * 32, "to_scan": False},
    {"kind": "remove_file", "file": "D1", "reason": "Of somebody else"},
    {"kind": "record_scan", "file": "D1", "result": "INFECTED", "finding": "Test"},
    {"kind": "record_piece_refusal", "piece": "EV001", "explanation": "By letter"},
    {"kind": "mark_unobtainable", "pieces": ["EV002"], "reason": "No witness"},
    {"kind": "waive_pieces", "pieces": ["EV012"], "reason": "No algorithm"},
    {"kind": "assess", "treatment": "STANDS", "ground": "PARTIAL", "link": "MISSING", "reasoning": "Thin"},
    {"kind": "prepare_filing", "channel": "POST"},
    {"kind": "file", "filing": "F1"},
    {"kind": "acknowledge_filing", "filing": "F1", "register_number": "26-0001"},
    {"kind": "record_filing_request", "filing": "F1", "asked": "The lease", "due": "2026-12-01"},
    {"kind": "answer_filing_request", "filing": "F1", "request": "Q1", "answer": "Sent"},
    {"kind": "record_filing_decision", "filing": "F1", "outcome": "MEDIATION", "summary": "Agreed"},
    {"kind": "record_filing_declined", "filing": "F1", "reason": "Outside his remit"},
    {"kind": "withdraw_filing", "filing": "F1", "reason": "The person prefers a court"},
    {"kind": "record_toll", "toll": MEDIATION},
    {"kind": "correct_toll", "entry": "T1", "toll": MEDIATION | {"until": "2026-03-03"}, "reason": "It failed"},
    {"kind": "retract_toll", "entry": "T1", "reason": "Another case"},
    {"kind": "record_start", "start": NOTIFIED},
    {"kind": "correct_start", "entry": "S1", "start": NOTIFIED | {"on": "2026-02-26"}, "reason": "Read again"},
    {"kind": "retract_start", "entry": "S1", "reason": "Another case"},
    {"kind": "pause", "reason": "HEALTH", "until": "2026-06-01", "comment": "In hospital"},
    {"kind": "resume", "comment": "Back home"},
    {"kind": "countersign_closure", "comment": "Read and agreed"},
    {"kind": "reject_closure", "reason": "Ask the agency first"},
    {"kind": "reopen", "reason": "A witness came"},
    {"kind": "hold", "reason": "A court may ask for it", "review_on": "2028-12-01"},
    {"kind": "release_hold", "reason": "Judged"},
    {"kind": "set_archive_end", "until": "2031-03-02", "reason": "The court has judged"},
    {"kind": "propose_erasure", "reason": "The person asked"},
    {"kind": "erase", "reason": "PERSON_ASKED"},
    {"kind": "erase", "reason": "RETENTION_ENDED"},
    {"kind": "pass_deadlines"},
    {"kind": "record_departure", "holder": "camille"},
    {"kind": "record_departure", "holder": "camille", "to": "dominique"},
    {
        "kind": "record_undelivered",
        "notices": [
            {"mail": "a1", "account": "camille", "alerts": ["stall/INTAKE/2/CASE_WORKER"], "reason": "NO_ADDRESS"}
        ],
    },
]


def samples(cases: dict[str, Case | None]) -> list[Command]:
    """One or several of each command; alerts are answered by the keys that these cases know."""
    keys = sorted({a.key for case in cases.values() if case for a in case.standing_alerts})
    return [
        *_OWN,
        *(AnswerAlert(alert=key, decision="ACT", reason="It is under way") for key in keys or ["no/such/ALERT"]),
        *(command for name in _DERIVED for command in _least(name, cases)),
    ]


_OWN: list[Command] = [
    *(c.COMMANDS[data["kind"]].model_validate(data) for data in _DATA),
    consent("RESPONDENT"),
    to_partner(),
    to_defender(),
    closing(),
    closing(ProposeClosure),
]
_DERIVED = sorted(c.COMMANDS.keys() - {AnswerAlert.name(), *(command.kind for command in _OWN)})
"""The commands without a sample of their own: the content that asks the least does for them."""


def _least(name: str, cases: dict[str, Case | None]) -> list[Command]:
    """The content that asks the least of the first case of which something can be asked."""
    at = Story().at
    return next(filter(None, (witnesses(case, at)[name][:1] for case in cases.values() if case)), [])


def _after_the_least() -> Iterator[tuple[str, Case]]:
    """Cases in which one of those commands was just accepted: a part that they add is then there to be asked about."""
    for name in _DERIVED:
        story = Story()
        for command in witnesses(story.case, story.at)[name]:
            with suppress(Refused):
                yield name, story.do(command).case


def cases() -> dict[str, Case | None]:
    """Cases in every step, and in every state of a part that a rule asks about."""
    referred = Story().referred()
    accepted = Story().referred().do(AnswerReferral(referral="R1", accept=True), by=PARTNER)
    request = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-20")
    by_state: dict[str, Case | None] = {
        "no case yet": None,
        "intake": Story().do(to_partner(PARTNER_ORG), to_partner(THIRD_ORG)).case,
        "intake, paused": Story().do(Pause(reason="HEALTH", until="2026-05-01", comment="In hospital")).case,
        "intake, time limits entered": Story().do(RecordToll(toll=MEDIATION), RecordStart(start=NOTIFIED)).case,
        "intake, stalled": Story().until("2026-04-20").pass_deadlines().case,
        "referral sent": referred.case,
        "with an access": Story().do(IssueCapability(audience="COMPLAINANT", until="2026-12-01")).case,
        "closed, with an access": Story().do(IssueCapability(audience="COMPLAINANT", until="2026-12-01")).closed().case,
        "referral accepted": accepted.case,
        "handed over": Story()
        .referred(handover=True)
        .do(AnswerReferral(referral="R1", accept=True), by=PARTNER_WORKER)
        .case,
        "evidence, asked for": Story().do(StartEvidence(), request).case,
        "a file to be scanned": Story().do(AttachFile(**A_FILE, description="A letter")).case,
        "evidence exhausted": Story().do(StartEvidence()).exhausted().case,
        "closure proposed": Story().do(StartEvidence()).proposed().case,
        "filing prepared": Story().do(PrepareFiling(channel="POST")).case,
        "filing agreed to": Story().prepared().case,
        "filed": Story().prepared().do(File(filing="F1")).case,
        "closed, with a file": Story().do(AttachFile(**A_FILE, description="A letter")).closed().case,
        "asked by the Defender": Story()
        .prepared()
        .do(File(filing="F1"), RecordFilingRequest(filing="F1", asked="The lease", due="2026-03-20"))
        .case,
        "letter sent": Story().do(SendLetter(pieces=("EV002",), lever="ATTESTATION")).case,
        "closed": Story().do(to_partner()).closed().case,
        "closed, retention over": Story().closed().until("2028-04-03").pass_deadlines().case,
    }
    by_state["closed, held"] = Story().closed().do(Hold(reason="A court", review_on="2027-01-04"), by=SUPERVISOR_2).case
    by_state["closed, erasure proposed"] = Story().closed().do(ProposeErasure(reason="Asked"), by=SUPERVISOR_2).case
    by_state["closed, to somebody"] = Story().do(Restrict(accounts=("autre-compte",), reason="A cousin")).closed().case
    undated = {"narrative": "Some day last year."}
    by_state["closed, without an end"] = Story(facts=undated).closed().case
    by_state["erased"] = Story().closed().case.model_copy(update={"step": Step.ERASED})
    by_state |= {f"after {name}": case for name, case in _after_the_least()}
    assert {case.step for case in by_state.values() if case} == set(Step)
    assert {LEAD.metropolis, SUPERVISOR.metropolis} == {"MEL"}
    return by_state
