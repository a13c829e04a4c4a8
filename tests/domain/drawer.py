"""Draws commands as people would ask them of a case."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from domain import commands as c
from domain.actors import Actor
from domain.case import Case
from domain.parts.base import Command
from domain.parts.contact import AddNote
from domain.time.clocks import agenda, passed
from domain.time.policy import DEFAULT_POLICY
from domain.values import day_of
from domain.vocabulary import FileRemark, MailReason, PieceStatus, Role
from tests.domain.examples import A_FILE, CALENDAR, complaint
from tests.domain.witnesses import contents_of
from tests.people import HOME, PARTNER_ORG, PEOPLE, SUPERVISOR, SUPERVISOR_AMP, THIRD_ORG, WORKER


def now_and_then(dice: Random, often: float = 0.1) -> bool:
    """True as often as that."""
    return dice.random() < often


class Drawer:
    """Draws a command that makes some sense for the case, as a person with the page open would."""

    def __init__(self, dice: Random, case: Case, at: datetime) -> None:
        self.dice, self.case, self.at = dice, case, at

    def one(self, *choices: Any) -> Any:
        return self.dice.choice(choices)

    def id(self, parts: tuple[Any, ...], otherwise: str) -> str:
        # The last parts are those that are open, as a rule.
        return str(self.one(*[p.id for p in parts[-3:]], otherwise) if parts else otherwise)

    def day(self, first: int, last: int) -> Any:
        return day_of(self.at) + timedelta(days=self.dice.randint(first, last))

    def command(self, name: str) -> Command:
        draw = getattr(self, name, None)
        content = draw() if draw else self.least(name)
        if content is None:
            return AddNote(text="Nothing to ask it of")
        data = {"kind": name} | content
        if now_and_then(self.dice):
            data["happened_at"] = self.at - timedelta(hours=self.dice.randint(-2, 24 * 60))
        return c.COMMANDS[name].model_validate(data)

    def least(self, name: str) -> dict[str, Any] | None:
        """The content that asks the least of the last part: it does for a command that needs no more variety."""
        return next(reversed(contents_of(self.case, day_of(self.at))[name]), None)

    def open(self) -> dict[str, Any]:
        return {"complaint": complaint()}

    def amend_complaint(self) -> dict[str, Any]:
        was = self.case.complaint
        changes = self.one(
            {"domain": "EMPLOI_PRIVE"}, {"capacity": "ASSOCIATION"}, {"complainant": None}, {"channel": "POST"}
        )
        if was.complainant is None or self.one(True, False):
            changes = {"complainant": complaint().complainant, "capacity": "SELF"}
        return {"complaint": was.model_dump() | changes, "reason": "Heard wrong"}

    def qualify(self) -> dict[str, Any]:
        domain = self.one("LOGEMENT_PRIVE", "SANTE", "POLICE_JUSTICE")
        return {"domain": domain, "criteria": ["AGE", "SEXE"], "acts": ["DIRECTE"], "reasoning": "In writing"}

    def assign(self) -> dict[str, Any]:
        to = self.one(*[p for p in PEOPLE if p.role is Role.CASE_WORKER])
        return {"holder": to.account, "organisation": to.organisation, "reason": "Leave"}

    def record_consent(self) -> dict[str, Any]:
        scope = self.one("REFERRAL", "REFERRAL", "DEFENDER", "DEFENDER", "RESPONDENT", "MEDICAL")
        recipient = self.one(PARTNER_ORG, THIRD_ORG, HOME) if scope == "REFERRAL" else None
        consent = {"scope": scope, "recipient": recipient, "given_on": self.day(-3, 0)}
        return {"consent": consent | {"form": self.one("WRITTEN", "ORAL")}}

    def withdraw_consent(self) -> dict[str, Any]:
        return {"consent": self.id(self.case.consents, "C1")}

    def record_contact(self) -> dict[str, Any]:
        return {"medium": "PHONE", "reached": self.one(True, False), "summary": "Called"}

    def add_note(self) -> dict[str, Any]:
        return {"text": self.one("To call back", "Vu à l’accueil 👋")}

    def refer(self) -> dict[str, Any]:
        due = self.one(None, self.day(0, 30))
        partner = self.one(PARTNER_ORG, THIRD_ORG, HOME)
        return {"partner": partner, "purpose": "Help", "answer_due": due, "handover": self.one(True, False)}

    def transfer(self) -> tuple[Actor, str, Actor]:
        """Who proposes the case to the other metropolis, the command that answers, and who asks that."""
        sides = (SUPERVISOR, SUPERVISOR_AMP)
        here, there = sides[::-1] if self.case.metropolis == "AMP" else sides
        answer = self.one("accept_transfer", "decline_transfer", "withdraw_transfer", "add_note")
        if here is SUPERVISOR_AMP:  # most people are of this side: it comes back
            answer = "accept_transfer"
        return self.one(here, WORKER), answer, here if answer in ("withdraw_transfer", "add_note") else there

    def mark_referral_seen(self) -> dict[str, Any]:
        return {"referral": self.id(self.case.referrals, "R1")}

    def answer_referral(self) -> dict[str, Any]:
        accept = self.one(True, False)
        reason = None if accept else "NO_CAPACITY"
        return {"referral": self.id(self.case.referrals, "R1"), "accept": accept, "reason": reason}

    def withdraw_referral(self) -> dict[str, Any]:
        return {"referral": self.id(self.case.referrals, "R1"), "reason": "By mistake"}

    def complete_referral(self) -> dict[str, Any]:
        return {"referral": self.id(self.case.referrals, "R1"), "result": "Letter written"}

    def add_piece(self) -> dict[str, Any]:
        return {"label": "The lease", "held_by": "RESPONDENT", "perishes_on": self.day(0, 30)}

    def piece(self) -> str:
        return str(self.one(*[p.id for p in self.case.pieces], "P9"))

    def request_piece(self) -> dict[str, Any]:
        whom = self.one("COMPLAINANT", "RESPONDENT")
        return {"piece": self.piece(), "from_whom": whom, "lever": "Letter", "due": self.day(0, 40)}

    def send_letter(self) -> dict[str, Any]:
        lever = self.one("OWN_PAPERS", "PERSONAL_DATA", "CCTV")
        return {"pieces": sorted({self.piece(), self.piece()}), "lever": lever, "due": self.one(None, self.day(0, 40))}

    def receive_piece(self) -> dict[str, Any]:
        return {"piece": self.piece(), "description": "Two pages", "sha256": self.one(None, "0" * 64)}

    def attach_file(self) -> dict[str, Any]:
        return A_FILE | {
            "piece": self.piece(),
            "description": self.one(None, "A letter"),
            "stored": f"{self.dice.getrandbits(128):032x}",
            "to_scan": self.one(True, False),
            "remark": self.one(None, *FileRemark),
        }

    def remove_file(self) -> dict[str, Any]:
        return {"file": self.id(self.case.files, "D1"), "reason": "Of somebody else"}

    def record_scan(self) -> dict[str, Any]:
        verdict = {"result": self.one("CLEAN", "INFECTED", "NOT_SCANNED"), "finding": self.one(None, "Eicar")}
        return {"file": self.id(self.case.files, "D1")} | verdict

    def record_piece_refusal(self) -> dict[str, Any]:
        requested = [p.id for p in self.case.pieces if p.status is PieceStatus.REQUESTED]
        return {"piece": self.one(*requested, "EV001"), "silent": self.one(True, False), "explanation": "No answer"}

    def mark_unobtainable(self) -> dict[str, Any]:
        pieces = [p.id for p in self.case.pieces if p.is_unexplained]
        return {"pieces": pieces if pieces and self.one(True, False) else [self.piece()], "reason": "Gone"}

    waive_pieces = mark_unobtainable

    def assess(self) -> dict[str, Any]:
        legs = {leg: self.one("STANDS", "PARTIAL", "MISSING") for leg in ("treatment", "ground", "link")}
        return legs | {"reasoning": "As far as we know"}

    def prepare_filing(self) -> dict[str, Any]:
        return {"channel": "DELEGATE"}

    def file(self) -> dict[str, Any]:
        return {"filing": self.id(self.case.filings, "F1")}

    def acknowledge_filing(self) -> dict[str, Any]:
        return self.file() | {"register_number": "26-0001"}

    def record_filing_request(self) -> dict[str, Any]:
        return self.file() | {"asked": "The lease", "due": self.day(0, 30)}

    def answer_filing_request(self) -> dict[str, Any]:
        filing = self.case.filings[-1] if self.case.filings else None
        return self.file() | {"request": self.id(filing.requests if filing else (), "Q1"), "answer": "Sent"}

    def record_filing_decision(self) -> dict[str, Any]:
        return self.file() | {"outcome": "MEDIATION", "summary": "Agreed"}

    def record_filing_declined(self) -> dict[str, Any]:
        return self.file() | {"reason": "Outside his remit"}

    withdraw_filing = record_filing_declined

    def toll(self) -> dict[str, Any]:
        ground = self.one("MEDIATION", "COURT_ACTION", "IMPOSSIBILITY")
        began = self.dice.randint(0, 40)
        until = self.one(None, self.day(-began, 0))
        entry = {"ground": ground, "from_day": self.day(-began, -began), "until": until, "reason": "In writing"}
        return entry | {"clocks": self.one(["CIVIL_GENERAL"], ["CIVIL_GENERAL", "EMP_PRIV_REPARATION"])}

    def start(self) -> dict[str, Any]:
        return {"clock": self.one("ADM_REP", "PENAL_DELIT", "CPH_APPEL"), "on": self.day(-60, 0), "reason": "A letter"}

    def record_toll(self) -> dict[str, Any]:
        return {"toll": self.toll()}

    def correct_toll(self) -> dict[str, Any]:
        return {"entry": self.id(self.case.tolls, "T1"), "toll": self.toll(), "reason": "Read again"}

    def retract_toll(self) -> dict[str, Any]:
        return {"entry": self.id(self.case.tolls, "T1"), "reason": "Another case"}

    def record_start(self) -> dict[str, Any]:
        return {"start": self.start()}

    def correct_start(self) -> dict[str, Any]:
        return {"entry": self.id(self.case.starts, "S1"), "start": self.start(), "reason": "Read again"}

    def retract_start(self) -> dict[str, Any]:
        return {"entry": self.id(self.case.starts, "S1"), "reason": "Another case"}

    def pause(self) -> dict[str, Any]:
        return {"reason": "HEALTH", "until": self.day(0, 190), "comment": "In hospital"}

    def resume(self) -> dict[str, Any]:
        return {"comment": "Back home"}

    def answer_alert(self) -> dict[str, Any]:
        alerts = [a.key for a in self.case.standing_alerts]
        decision = self.one("ACT", "EXTEND")
        until = self.day(1, 200) if decision == "EXTEND" else None
        return {"alert": self.one(*alerts, "none"), "decision": decision, "until": until, "reason": "Under way"}

    def close(self) -> dict[str, Any]:
        return self.closing("ADVICE_SUFFICED")

    def propose_closure(self) -> dict[str, Any]:
        return self.closing(self.one("LACK_OF_PROOF", "LACK_OF_PROOF", "NOT_DISCRIMINATION", "TIME_BARRED"))

    def closing(self, reason: str) -> dict[str, Any]:
        content: dict[str, Any] = {"outcome": "ADVICE_GIVEN", "reason": reason, "last_known_fact": "Told"}
        if self.one(True, False):
            return content | {"not_told_because": "No address"}
        return content | {"person_told_on": self.day(-2, 0), "person_told_by": "PHONE"}

    def countersign_closure(self) -> dict[str, Any]:
        return {"comment": "Read"}

    def reject_closure(self) -> dict[str, Any]:
        return {"reason": "Ask again"}

    def reopen(self) -> dict[str, Any]:
        return {"reason": "A witness came"}

    def hold(self) -> dict[str, Any]:
        return {"reason": "A court", "review_on": self.day(0, 60)}

    def release_hold(self) -> dict[str, Any]:
        return {"reason": "Judged"}

    propose_erasure = release_hold

    def set_archive_end(self) -> dict[str, Any]:
        return {"until": self.day(0, 400), "reason": "Judged"}

    def erase(self) -> dict[str, Any]:
        return {"reason": self.one("RETENTION_ENDED", "PERSON_ASKED", "OPENED_IN_ERROR")}

    def pass_deadlines(self) -> dict[str, Any]:
        """Deadlines as they stand, or as they stood: a timer may come late."""
        due = agenda(self.case, DEFAULT_POLICY, CALENDAR)
        noted = due if self.one(True, False) else passed(due, self.at)
        return {"deadlines": [d.model_dump() for d in (*noted, *noted[:1])]}

    def record_departure(self) -> dict[str, Any]:
        """Of whoever holds the case or of somebody else, to a colleague or to nobody yet."""
        return {"holder": self.one(self.case.holder or "somebody", "somebody"), "to": self.one(None, "dominique")}

    def record_undelivered(self) -> dict[str, Any]:
        """Mails that were given up, some of them told before: a workflow may tell twice."""
        mails = [n.mail for n in self.case.undelivered] + [f"mail-{self.dice.randint(0, 99)}"]
        details = {"account": "camille", "alerts": ["-"], "reason": self.one(*MailReason)}
        return {"notices": [{"mail": mail, **details} for mail in (*mails, *mails[:1])]}
