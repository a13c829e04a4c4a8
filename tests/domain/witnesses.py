"""For each command, the contents that ask the least: one for each part of the case, and the usual words otherwise.

Where `decide` refuses all of them, no content would do: what is wrong is then how the case stands.
"""

from datetime import date, datetime, timedelta
from typing import Any

from domain import commands as c
from domain.case import Case
from domain.parts.base import Command
from domain.values import day_of
from domain.vocabulary import ConsentScope
from tests.domain.examples import A_FILE, MONDAY
from tests.people import LILLE, MARSEILLE

NAMES = sorted(set(c.COMMANDS) - {"open"})
"""The names of all commands."""

REASON = {"reason": "It must be"}
ENDING = {"last_known_fact": "Told", "not_told_because": "No address"}
LEGS = dict.fromkeys(("treatment", "ground", "link"), "STANDS")
FILE = {name: said for name, said in A_FILE.items() if name != "piece"} | {"description": "A letter"}


def witnesses(case: Case, at: datetime) -> dict[str, list[Command]]:
    """The contents of each command that ask the least of this case at this instant."""
    contents = contents_of(case, day_of(at))
    return {name: [c.COMMANDS[name].model_validate(content) for content in contents[name]] for name in NAMES}


def contents_of(case: Case, today: date) -> dict[str, list[dict[str, Any]]]:
    """The same as plain data, by the name of the command."""
    partners = [k.given.recipient for k in case.consents if k.given.scope is ConsentScope.REFERRAL]
    referrals = [{"referral": r.id} for r in case.referrals]
    pieces = [{"piece": p.id} for p in case.pieces]
    lists = [{"pieces": [p.id]} for p in case.pieces]
    filings = [{"filing": f.id} for f in case.filings]
    requests = [{"filing": f.id, "request": q.id} for f in case.filings for q in f.requests]
    elsewhere = LILLE if case.metropolis == "AMP" else MARSEILLE
    # Other days than those entered so far: the same thing twice is refused.
    toll = {"ground": "MEDIATION", "clocks": ["CIVIL_GENERAL"], "from_day": _before(len(case.tolls)), **REASON}
    start = {"clock": "ADM_REP", "on": _before(len(case.starts)), **REASON}
    return {
        "record_contact": [{"medium": "PHONE", "summary": "Called"}],
        "add_note": [{"text": "To call back"}],
        "record_consent": [{"consent": {"scope": "RESPONDENT", "given_on": today}}],
        "qualify": [{"domain": "SANTE", "criteria": ["AGE"], "acts": ["DIRECTE"], "reasoning": "In writing"}],
        "assign": [{"holder": "somebody-else", "organisation": case.organisation, **REASON}],
        "propose_transfer": [{"place": {"commune": elsewhere}, "organisation": case.organisation, **REASON}],
        "accept_transfer": [{"holder": "somebody-there"}],
        "decline_transfer": [REASON],
        "withdraw_transfer": [REASON],
        "restrict": [{"accounts": ["somebody-barred"], **REASON}],
        "unrestrict": [REASON],
        "issue_capability": [{"audience": "COMPLAINANT", "until": today}],
        "renew_capability": [{"capability": k.id, "until": today} for k in case.capabilities],
        "revoke_capability": [{"capability": k.id, **REASON} for k in case.capabilities],
        "amend_complaint": [{"complaint": case.complaint, **REASON}],
        "withdraw_consent": [{"consent": k.id} for k in case.consents],
        "refer": [{"partner": partner, "purpose": "Help"} for partner in partners],
        "mark_referral_seen": referrals,
        "answer_referral": [part | {"accept": False, "reason": "NO_CAPACITY"} for part in referrals],
        "complete_referral": [part | {"result": "Letter written"} for part in referrals],
        "withdraw_referral": [part | REASON for part in referrals],
        "start_evidence": [{}],
        "request_piece": [part | {"from_whom": "COMPLAINANT", "lever": "Asked", "due": today} for part in pieces],
        "send_letter": [part | {"lever": "OWN_PAPERS"} for part in lists],
        "receive_piece": [part | {"description": "Two pages"} for part in pieces],
        "attach_file": [part | FILE for part in pieces],
        "record_piece_refusal": [part | {"explanation": "By letter"} for part in pieces],
        "add_piece": [{"label": "The lease", "held_by": "RESPONDENT"}],
        "mark_unobtainable": [part | REASON for part in lists],
        "waive_pieces": [part | REASON for part in lists],
        "assess": [LEGS | {"reasoning": "As far as we know"}],
        "remove_file": [{"file": f.id, **REASON} for f in case.files],
        "record_scan": [{"file": f.id, "result": "CLEAN"} for f in case.files],
        "prepare_filing": [{"channel": "POST"}],
        "file": filings,
        "acknowledge_filing": [part | {"register_number": "26-0001"} for part in filings],
        "record_filing_request": [part | {"asked": "The lease", "due": today} for part in filings],
        "answer_filing_request": [part | {"answer": "Sent"} for part in requests],
        "record_filing_decision": [part | {"outcome": "MEDIATION", "summary": "Agreed"} for part in filings],
        "record_filing_declined": [part | REASON for part in filings],
        "withdraw_filing": [part | REASON for part in filings],
        "record_start": [{"start": start}],
        "correct_start": [{"entry": s.id, "start": start, **REASON} for s in case.starts],
        "retract_start": [{"entry": s.id, **REASON} for s in case.starts],
        "record_toll": [{"toll": toll}],
        "correct_toll": [{"entry": t.id, "toll": toll, **REASON} for t in case.tolls],
        "retract_toll": [{"entry": t.id, **REASON} for t in case.tolls],
        "answer_alert": [{"alert": a.key, "decision": "ACT", **REASON} for a in case.alerts],
        "pause": [{"reason": "HEALTH", "until": today + timedelta(days=1), "comment": "In hospital"}],
        "resume": [{"comment": "Back home"}],
        "close": [{"outcome": "ADVICE_GIVEN", "reason": "ADVICE_SUFFICED", **ENDING}],
        "propose_closure": [
            {"outcome": "NO_RESULT", "reason": reason, **ENDING} for reason in ("NOT_DISCRIMINATION", "LACK_OF_PROOF")
        ],
        "countersign_closure": [{"comment": "Read"}],
        "reject_closure": [REASON],
        "reopen": [REASON],
        "hold": [{"review_on": today, **REASON}],
        "release_hold": [REASON],
        "set_archive_end": [{"until": today, **REASON}],
        "propose_erasure": [REASON],
        "erase": [{"reason": "PERSON_ASKED"}],
        "pass_deadlines": [{}],
        "record_undelivered": [{}],
        "record_departure": [{"holder": case.holder or "somebody"}],
    }


def _before(many: int) -> date:
    return MONDAY.date() - timedelta(days=100 + many)
