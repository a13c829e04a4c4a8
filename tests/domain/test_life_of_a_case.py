"""Thousands of lives of cases, drawn at random: whatever people ask and however long they wait, these things hold."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings, target
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pydantic import TypeAdapter

from domain import commands as c
from domain.actors import CLOCK, SCANNER, Actor
from domain.case import Case
from domain.dates import WorkingCalendar
from domain.errors import Refused
from domain.events import EVENTS, Entry
from domain.law.limitation import limitation_clocks
from domain.levels import Ladder
from domain.lifecycle import decide, evolve, fold, offered, record, when
from domain.parts.alert import AnswerAlert, PassDeadlines
from domain.parts.assignment import CaseAssigned
from domain.parts.base import Command
from domain.parts.consent import WithdrawConsent
from domain.parts.filing import File, WithdrawFiling
from domain.parts.intake import ComplaintOpened, Open
from domain.parts.piece import WaivePieces
from domain.parts.referral import AnswerReferral, Refer, ReferralExpired, WithdrawReferral
from domain.permissions import may
from domain.time.clock_id import AlertKey, ClockId
from domain.time.clocks import agenda, passed, still_awaited, still_running
from domain.time.deadline import Deadline
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.values import day_of
from domain.vocabulary import (
    OPEN_STEPS,
    ClosureReason,
    ConsentScope,
    DeadlineKind,
    Level,
    MailReason,
    PieceStatus,
    ReferralStatus,
    Role,
    ScanState,
    Step,
)
from tests.domain.examples import A_FILE, CALENDAR, MONDAY, complaint, to_defender, to_partner
from tests.domain.witnesses import witnesses
from tests.people import (
    HOME,
    LEAD,
    PARTNER,
    PARTNER_ORG,
    PARTNER_WORKER,
    PEOPLE,
    SUPERVISOR,
    SUPERVISOR_2,
    THIRD_ORG,
    THIRD_WORKER,
    WORKER,
)

MOVES_THE_LAW = {
    *("complaint_amended.1", "complaint_qualified.1", "toll_recorded.1", "toll_corrected.1", "toll_retracted.1"),
    *("start_recorded.1", "start_corrected.1", "start_retracted.1"),
}
ENTRY, CASE = TypeAdapter(Entry), TypeAdapter(Case)
SEEN: Counter[str] = Counter()
ASKED: Counter[str] = Counter()
OFFERED: Counter[str] = Counter()
WHEN_CLOSED = {
    *("withdraw_consent", "record_contact", "add_note", "answer_alert", "reopen"),
    *("hold", "release_hold", "propose_erasure", "erase", "remove_file"),
    *c.OF_THE_SYSTEM,
}
# Hypothesis draws who does what kind of thing, and dice draw its details: Hypothesis would repeat the same details over
# and over, so as to make failures small, and lives would stay shallow.
DICE = st.integers(0, 2**40)


STRICT = Policy(
    stall=dict.fromkeys(OPEN_STEPS, Ladder(case_worker=1, supervisor=2, plan_lead=3)),
    no_contact=Ladder(case_worker=2, supervisor=3, plan_lead=4),
    limitation_notice=(360, 40, 2),
    short_limitation_notice=(20, 2),
    repeat=1,
)


def clocks(found: tuple[Deadline, ...]) -> set[tuple[str, str, int]]:
    """What is still to come of our own clocks: the notices before a time limit are as many as the policy says."""
    law = (DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE)
    return {(d.clock, d.level, d.times) for d in found if d.kind not in law}


def now_and_then(dice: Random, often: float = 0.1) -> bool:
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
        data = {"kind": name} | getattr(self, name, dict)()
        if now_and_then(self.dice):
            data["happened_at"] = self.at - timedelta(hours=self.dice.randint(-2, 24 * 60))
        return c.COMMANDS[name].model_validate(data)

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
        given = {"scope": scope, "recipient": recipient, "given_on": self.day(-3, 0)}
        return {"consent": given | {"form": self.one("WRITTEN", "ORAL")}}

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
        }

    def remove_file(self) -> dict[str, Any]:
        return {"file": self.id(self.case.files, "D1"), "reason": "Of somebody else"}

    def record_scan(self) -> dict[str, Any]:
        found = {"result": self.one("CLEAN", "INFECTED", "NOT_SCANNED"), "finding": self.one(None, "Eicar")}
        return {"file": self.id(self.case.files, "D1")} | found

    def record_piece_refusal(self) -> dict[str, Any]:
        asked = [p.id for p in self.case.pieces if p.status is PieceStatus.REQUESTED]
        return {"piece": self.one(*asked, "EV001"), "silent": self.one(True, False), "explanation": "No answer"}

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
        said = {"ground": ground, "from_day": self.day(-began, -began), "until": until, "reason": "In writing"}
        return said | {"clocks": self.one(["CIVIL_GENERAL"], ["CIVIL_GENERAL", "EMP_PRIV_REPARATION"])}

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
        return self.closing("LACK_OF_PROOF")

    def closing(self, reason: str) -> dict[str, Any]:
        said: dict[str, Any] = {"outcome": "ADVICE_GIVEN", "reason": reason, "last_known_fact": "Told"}
        if self.one(True, False):
            return said | {"not_told_because": "No address"}
        return said | {"person_told_on": self.day(-2, 0), "person_told_by": "PHONE"}

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

    def erase(self) -> dict[str, Any]:
        return {"reason": self.one("RETENTION_ENDED", "PERSON_ASKED", "OPENED_IN_ERROR")}

    def pass_deadlines(self) -> dict[str, Any]:
        """Deadlines as they stand, or as they stood: a timer may come late."""
        found = agenda(self.case, DEFAULT_POLICY, CALENDAR)
        some = found if self.one(True, False) else passed(found, self.at)
        return {"deadlines": [d.model_dump() for d in (*some, *some[:1])]}

    def record_undelivered(self) -> dict[str, Any]:
        """Mails that were given up, some of them told before: a workflow may tell twice."""
        mails = [n.mail for n in self.case.undelivered] + [f"mail-{self.dice.randint(0, 99)}"]
        told = {"account": "camille", "alerts": ["-"], "reason": self.one(*MailReason)}
        return {"notices": [{"mail": mail, **told} for mail in (*mails, *mails[:1])]}


class Life(RuleBasedStateMachine):
    """Several cases, many people, one clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.turn = MONDAY, 0
        self.histories: list[list[Entry]] = []
        self.stood: list[list[Case]] = []
        """Each case after each line of its history."""
        self.cases: list[Case] = []
        self.sound: dict[int, Case] = {}
        """Each case as it was when it was last looked through."""
        self.stale: list[Command] = []
        self.kinds: set[str] = set()

    # --- What people do ---

    @initialize(seed=DICE)
    def a_case_is_opened(self, seed: int) -> None:
        dice = self.dice(seed)
        self.histories, self.stood, self.cases = [[]], [[]], []
        by = dice.choice([WORKER, SUPERVISOR, PARTNER_WORKER])
        place = dice.choice([{}, {"commune": "59350"}, {"commune": "13055"}])
        facts = {"narrative": "Refused at the door", "place": place if by.role is Role.CASE_WORKER else {}}
        given = [{"scope": "REFERRAL", "recipient": PARTNER_ORG, "given_on": "2026-03-01"}]
        said = complaint(facts=facts, consents=dice.choice([[], given]))
        self.take(0, Open(complaint=said), by)

    @rule(seed=DICE)
    def another_case_is_opened(self, seed: int) -> None:
        dice = self.dice(seed)
        if len(self.cases) < 3 and now_and_then(dice):
            self.histories.append([])
            self.stood.append([])
            self.take(len(self.histories) - 1, Open(complaint=complaint(received_at=self.now)), WORKER)

    @rule(seed=DICE)
    def somebody_asks_what_they_are_offered(self, seed: int) -> None:
        dice = self.dice(seed)
        which = self.which(dice)
        by = dice.choice(self.near(self.cases[which]))
        names = offered(by, self.cases[which], self.now)
        if now_and_then(dice, 0.2):
            self.check_offered(self.cases[which], by, names)
        if likely := [name for name in names if name != "close"]:
            self.ask(dice, which, dice.choice(likely), by)

    @rule(seed=DICE)
    def anybody_asks_anything(self, seed: int) -> None:
        dice = self.dice(seed)
        by = dice.choice(PEOPLE)
        self.ask(dice, self.which(dice), dice.choice(sorted(c.COMMANDS)), by)

    @rule(seed=DICE)
    def the_referral_goes_on(self, seed: int) -> None:
        dice = self.dice(seed)
        names = ["record_consent", "refer", "mark_referral_seen", "answer_referral", "complete_referral"]
        names = ["withdraw_consent", *names] if now_and_then(dice, 0.3) else names
        self.ask_somebody_near(dice, names)

    @rule(seed=DICE)
    def the_evidence_goes_on(self, seed: int) -> None:
        dice = self.dice(seed)
        given_up = ["assess", "mark_unobtainable", "waive_pieces", "qualify", "add_piece"]
        names = [*given_up, "receive_piece", "start_evidence", "request_piece", "send_letter", "record_piece_refusal"]
        self.ask_somebody_near(dice, ["remove_file", "attach_file"] if now_and_then(dice, 0.2) else names)
        if now_and_then(dice, 0.2):
            self.ask(dice, self.which(dice), "record_scan", SCANNER)

    @rule(seed=DICE)
    def the_filing_goes_on(self, seed: int) -> None:
        dice = self.dice(seed)
        which = self.which(dice)
        by = dice.choice([p for p in self.near(self.cases[which]) if may(p, File, self.cases[which])])
        if now_and_then(dice, 0.5):
            self.take(which, to_defender(on=day_of(self.now).isoformat()), by)
        elif now_and_then(dice, 0.3):
            for agreed in [k for k in self.cases[which].consents if k.given.scope is ConsentScope.DEFENDER]:
                self.take(which, WithdrawConsent(consent=agreed.id), by)
        ended = ["record_filing_decision", "record_filing_declined", "withdraw_filing"]
        asked = ["record_filing_request", "answer_filing_request"]
        for name in ("acknowledge_filing", *asked, dice.choice(ended), "file", "prepare_filing"):
            if dice.random() < 0.7 and self.ask(dice, which, name, by):
                return

    @rule(seed=DICE)
    def attention_is_paid(self, seed: int) -> None:
        self.ask_somebody_near(self.dice(seed), ["pause", "resume", "answer_alert", "answer_alert", "assign"])

    @rule(seed=DICE)
    def a_jurist_enters_what_stops_the_law(self, seed: int) -> None:
        dice = self.dice(seed)
        names = [f"{verb}_{what}" for verb in ("record", "correct", "retract") for what in ("toll", "start")]
        self.ask_somebody_near(dice, dice.sample(names, 3))

    @rule(seed=DICE)
    def a_case_is_handed_over(self, seed: int) -> None:
        dice = self.dice(seed)
        which = self.which(dice)
        holders = {p.organisation: p for p in (WORKER, PARTNER_WORKER, THIRD_WORKER)}
        sender, to = holders.get(self.cases[which].organisation, SUPERVISOR), dice.choice(list(holders.values()))
        self.take(which, to_partner(to.organisation, on=day_of(self.now).isoformat()), sender)
        refer = Refer(partner=to.organisation, purpose="Help", handover=True)
        if self.take(which, refer, sender):
            answer = AnswerReferral(referral=self.cases[which].referrals[-1].id, accept=True)
            self.take(which, answer, to)

    @rule(seed=DICE)
    def a_case_is_left_alone_and_the_plan_lead_lets_it_be(self, seed: int) -> None:
        dice = self.dice(seed)
        which = self.which(dice)
        if now_and_then(dice, 0.3):
            self.now += timedelta(days=dice.randint(30, 200))
            self.take(which, PassDeadlines(deadlines=passed(self.agenda(which), self.now)), CLOCK)
            for alert in self.cases[which].standing_alerts:
                self.take(which, AnswerAlert(alert=alert.key, decision="ACT", reason="Let it be"), LEAD)

    @rule(seed=DICE)
    def the_end_comes_nearer(self, seed: int) -> None:
        dice = self.dice(seed)
        which = self.which(dice)
        case = self.cases[which]
        if case.hold:
            self.ask(dice, which, "release_hold", dice.choice([SUPERVISOR, SUPERVISOR_2]))
            return
        if not (case.proposed_closure or case.erasure_proposed_by) and not now_and_then(dice, 0.3):
            return
        if case.step is Step.CLOSED:
            names = ["reopen", "reopen", "propose_erasure", "propose_erasure", "hold"]
            if case.erasure_proposed_by:
                names = ["erase", "erase", "erase", "reopen"]
            self.ask(dice, which, dice.choice(names), dice.choice([SUPERVISOR, SUPERVISOR_2]))
            return
        if case.proposed_closure:
            by = dice.choice([SUPERVISOR, SUPERVISOR_2])
            self.ask(dice, which, dice.choice(["countersign_closure", "reject_closure"]), by)
            return
        for r in case.open_referrals:
            self.take(which, WithdrawReferral(referral=r.id, reason="Ending"), SUPERVISOR)
        for f in case.open_filings:
            self.take(which, WithdrawFiling(filing=f.id, reason="Ending"), SUPERVISOR)
        if dice.random() < 0.4:
            self.ask(dice, which, "close", SUPERVISOR)
            return
        unexplained = tuple(p.id for p in case.pieces if p.is_unexplained)
        if unexplained and dice.random() < 0.9:
            self.take(which, WaivePieces(pieces=unexplained, reason="Ending"), SUPERVISOR)
        self.ask(dice, which, "assess", SUPERVISOR)
        self.ask(dice, which, "propose_closure", SUPERVISOR)

    @rule(days=st.integers(0, 25), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.now += timedelta(days=days, hours=hours)

    @rule(seed=DICE)
    def a_long_outage(self, seed: int) -> None:
        dice = self.dice(seed)
        if now_and_then(dice):
            self.now += timedelta(days=dice.randint(100, 1200))

    @rule(seed=DICE)
    def the_timer_rings(self, seed: int) -> None:
        dice = self.dice(seed)
        which = self.which(dice)
        due = passed(self.agenda(which), self.now)
        before, known = self.cases[which].version, len(self.cases[which].alerts)
        self.take(which, PassDeadlines(deadlines=due), CLOCK)
        # All that was due is raised, once, and nothing else; of a pause that ends nobody is alerted.
        raised = [a.key for a in self.cases[which].alerts[known:]]
        assert raised == [d.key for d in due if d.kind is not DeadlineKind.PAUSE_END]
        left = passed(self.agenda(which), self.now)
        # A deadline that is noted is noted: nothing makes the timer ring for it again. (A pause that ends sets the
        # stall clocks going, and a referral that comes back sets a step: those may have passed in their turn.)
        assert not {d.key for d in due} & {d.key for d in left}
        assert bool(due) == (self.cases[which].version > before)

        # What has just been told is awaited: a mail about it would not be dropped. (A referral that comes back at the
        # same moment is no longer waited for, and may set the case back to a step where nothing stalls yet.)
        case, moved = self.cases[which], {DeadlineKind.REFERRAL_ANSWER, DeadlineKind.STALL}
        awaited = still_awaited(case)
        assert all(a.key in awaited for a in case.alerts[known:] if a.kind not in moved)
        assert set(awaited) <= {a.key for a in case.standing_alerts}

    @rule(seed=DICE)
    def a_mail_is_given_up(self, seed: int) -> None:
        dice = self.dice(seed)
        which = self.which(dice)
        before = {n.mail for n in self.cases[which].undelivered}
        self.ask(dice, which, "record_undelivered", CLOCK)
        after = [n.mail for n in self.cases[which].undelivered]
        assert len(set(after)) == len(after) <= len(before) + 1

    @rule(seed=DICE)
    def a_late_timer_rings(self, seed: int) -> None:
        dice = self.dice(seed)
        if self.stale:
            self.take(self.which(dice), dice.choice(self.stale[-5:]), CLOCK)

    # --- How it is done ---

    def dice(self, seed: int) -> Random:
        self.turn += 1
        return Random(f"{self.turn}/{seed}")  # noqa: S311 - dice

    def agenda(self, which: int) -> tuple[Deadline, ...]:
        return agenda(self.cases[which], DEFAULT_POLICY, CALENDAR)

    def which(self, dice: Random) -> int:
        return dice.randrange(len(self.cases))

    @staticmethod
    def near(case: Case) -> list[Actor]:
        return [p for p in PEOPLE if p.organisation in case.parties] + [SUPERVISOR, SUPERVISOR_2, LEAD]

    def ask_somebody_near(self, dice: Random, names: list[str]) -> None:
        """Tries one thing after another until something is accepted: the case goes on."""
        which = self.which(dice)
        near = [*self.near(self.cases[which]), PARTNER, PARTNER_WORKER, THIRD_WORKER]
        late_first = names[::-1] if dice.random() < 0.7 else dice.sample(names, len(names))
        for name in late_first:
            if any(self.ask(dice, which, name, by) for by in dice.sample(near, 6)):
                return

    def ask(self, dice: Random, which: int, name: str, by: Actor) -> bool:
        return self.take(which, Drawer(dice, self.cases[which], self.now).command(name), by)

    def take(self, which: int, command: Command, by: Actor) -> bool:
        """Whether it was accepted."""
        case = self.cases[which] if which < len(self.cases) else None
        if isinstance(command, PassDeadlines):
            self.stale.append(command)
        try:
            events = decide(case, command, by, self.now)
        except Refused as refused:
            assert refused.code and refused.message and refused.remedy
            ASKED["refused"] += 1
            return False
        ASKED["accepted"] += 1
        assert case is None or case.step is not Step.CLOSED or command.name() in WHEN_CLOSED
        assert case is None or command.name() in offered(by, case, self.now), command.name()
        entries = record(
            events,
            after=case.version if case else 0,
            command_id=f"command-{ASKED['accepted']:06}",
            actor=by,
            happened_at=when(command, case, self.now),
            recorded_at=self.now,
        )
        for entry in entries:
            case = self.step(case, entry, by)
            self.stood[which].append(case)
        if case is not None:
            self.histories[which] += entries
            self.cases[which:] = [case, *self.cases[which + 1 :]]
            self.check_history(which)
        return True

    def step(self, before: Case | None, entry: Entry, by: Actor) -> Case:
        SEEN[entry.event.tag] += 1
        self.kinds.add(entry.event.tag)
        assert ENTRY.validate_json(ENTRY.dump_json(entry)) == entry
        after = evolve(before, entry, "0000-0000-0000")
        if before is not None:
            self.check_consents(before, entry)
            self.check_expiry(before, entry)
            self.check_closure(before, after, by)
            self.check_the_law(before, after, entry)
            self.check_files(before, after)
        return after

    # --- What always holds ---

    def check_history(self, which: int) -> None:
        case, history = self.cases[which], self.histories[which]
        assert [entry.version for entry in history] == list(range(1, len(history) + 1))
        assert case.version == len(history)
        half = len(history) // 2
        if half:
            assert fold("", history[half:], self.stood[which][half - 1]) == case
        assert CASE.validate_json(CASE.dump_json(case)) == case

    def check_histories(self) -> None:
        """At the end of a life: every prefix of a history is a case, the very one that stood then."""
        for history, stood in zip(self.histories, self.stood, strict=True):
            folded = None
            for entry, then in zip(history, stood, strict=True):
                folded = evolve(folded, entry, "0000-0000-0000")
                assert folded == then
                assert folded.version == entry.version
            assert not history or folded == fold("0000-0000-0000", history)
            half = len(history) // 2
            if half:
                assert fold("", history[half:], fold("0000-0000-0000", history[:half])) == folded

    def check_offered(self, case: Case, by: Actor, names: list[str]) -> None:
        """Of each command that is offered, some content is accepted; of those that are not, none."""
        for name, contents in witnesses(case, self.now).items():
            assert any(self.accepts(case, command, by) for command in contents) == (name in names), (name, by.account)
            OFFERED["yes" if name in names else "no"] += 1

    def accepts(self, case: Case, command: Command, by: Actor) -> bool:
        try:
            decide(case, command, by, self.now)
        except Refused:
            return False
        return True

    def check_consents(self, before: Case, entry: Entry) -> None:
        event, day = entry.event, day_of(entry.happened_at)
        standing = [k.given for k in before.consents if k.withdrawn_at is None and k.given.given_on <= day]
        if event.tag == "referral_sent.1":
            assert any(g.scope is ConsentScope.REFERRAL and g.recipient == event.partner for g in standing)
        if event.tag == "case_assigned.1" and event.organisation not in before.parties:
            assert any(g.scope is ConsentScope.REFERRAL and g.recipient == event.organisation for g in standing)
        if event.tag == "filing_sent.1":
            written = before.complaint.capacity == "ASSOCIATION"
            assert any(g.scope is ConsentScope.DEFENDER and (not written or g.form == "WRITTEN") for g in standing)
            assert before.complaint.complainant is not None

    @staticmethod
    def check_expiry(before: Case, entry: Entry) -> None:
        if isinstance(entry.event, ReferralExpired):
            assert entry.event.due <= entry.happened_at
            referral = before.referral(entry.event.id)
            assert referral.awaits_answer
            assert referral.answer_due is None or referral.answer_due < day_of(entry.happened_at)

    @staticmethod
    def check_the_law(before: Case, after: Case, entry: Entry) -> None:
        """What is told of the facts moves a time limit, and what a jurist enters; no pause, filing or act does."""
        if entry.event.tag not in MOVES_THE_LAW and after.step is not Step.ERASED:  # then nothing is left to be told of
            assert limitation_clocks(after, CALENDAR) == limitation_clocks(before, CALENDAR), entry.event.tag

    @staticmethod
    def check_files(before: Case, after: Case) -> None:
        if after.step is Step.ERASED:
            assert after.files == ()
            return
        now = {file.id: file for file in after.files}
        for was in before.files:  # none is forgotten, changed, called clean after it was not, or brought back
            file = now[was.id]
            assert (file.stored, file.sha256, file.size) == (was.stored, was.sha256, was.size)
            assert was.scan is not ScanState.INFECTED or file.scan is ScanState.INFECTED
            assert was.is_held or not file.is_held

    @staticmethod
    def check_closure(before: Case, after: Case, by: Actor) -> None:
        if before.step in OPEN_STEPS and after.step is Step.CLOSED:
            closure = after.closures[-1]
            if closure.reason is ClosureReason.LACK_OF_PROOF:
                assert not any(p.is_unexplained for p in before.pieces)
                assert before.assessment is not None and not before.assessment.all_stand
                assert closure.proposed_by is not None and closure.proposed_by != by.account
                assert by.role is Role.SUPERVISOR

    @invariant()
    def every_case_is_sound(self) -> None:
        for which, (case, history) in enumerate(zip(self.cases, self.histories, strict=True)):
            if self.sound.get(which) is case:  # it is what it was, and so is all that is looked at here
                continue
            assert case.holder and (case.organisation in case.parties) != case.is_archived
            keys = [alert.key for alert in case.alerts]
            assert len(keys) == len(set(keys))
            assert [(str(ClockId.parse(a.clock)), str(AlertKey.parse(a.key))) for a in case.alerts] == [
                (a.clock, a.key) for a in case.alerts
            ]
            if case.step is Step.CLOSED:
                assert not (case.open_referrals or case.open_filings or case.pause or case.proposed_closure)
            for referral in case.open_referrals:
                assert case.consent_for(ConsentScope.REFERRAL, referral.partner)
            self.check_agenda(case)
            # Nobody holds a case by a handover that is over: who holds it opened it, was assigned it, or accepted it.
            given = {e.event.organisation for e in history if isinstance(e.event, (ComplaintOpened, CaseAssigned))}
            accepted = {r.partner for r in case.referrals if r.handover and r.status is ReferralStatus.ACCEPTED}
            assert case.organisation in given | accepted
            self.sound[which] = case

    @staticmethod
    def check_agenda(case: Case) -> None:
        found = agenda(case, DEFAULT_POLICY, CALENDAR)
        assert found == agenda(case.model_copy(), DEFAULT_POLICY, CALENDAR)
        assert list(found) == sorted(found, key=lambda d: (d.due, d.key))
        keys = {d.key for d in found}
        assert len(keys) == len(found)
        assert {str(AlertKey.parse(key)) for key in keys} == keys
        assert not keys & {a.key for a in case.alerts}
        # Which clocks run depends on the case alone, never on the policy's delays or the calendar.
        for policy, calendar in ((DEFAULT_POLICY, WorkingCalendar(())), (STRICT, CALENDAR)):
            assert clocks(found) == clocks(agenda(case, policy, calendar))
        everything = agenda(case, STRICT, CALENDAR)
        assert {d.key for d in still_running(case, (*everything, *everything))} == {d.key for d in everything}
        assert len(list(still_running(case, (*everything, *everything)))) == len(everything)
        if case.pause:
            assert all(d.kind not in (DeadlineKind.STALL, DeadlineKind.NO_CONTACT) for d in found)
        if case.step in OPEN_STEPS:
            # No case can sleep: something of ours is always still to come, whoever has an alert to decide on.
            assert any(d.kind in (DeadlineKind.STALL, DeadlineKind.PAUSE_END) for d in found)
            assert all(d.level is Level.PLAN_LEAD or d.kind is DeadlineKind.HOLD_REVIEW for d in found if d.times > 1)
        elif case.step is Step.CLOSED:
            kinds = {d.kind for d in found}
            assert kinds == (
                {DeadlineKind.HOLD_REVIEW} if case.hold else {DeadlineKind.RETENTION, DeadlineKind.ARCHIVE_END}
            )
        elif case.step is Step.ERASED:
            assert found == ()
            assert case.complaint.complainant is None

    def teardown(self) -> None:
        self.check_histories()
        target(float(len(self.kinds)), label="kinds of events in one life")


PROFILE = settings(
    derandomize=True,
    max_examples=80,
    stateful_step_count=60,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.target, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


STEPS = [
    Life.somebody_asks_what_they_are_offered,
    Life.anybody_asks_anything,
    Life.the_referral_goes_on,
    Life.the_evidence_goes_on,
    Life.the_filing_goes_on,
    Life.attention_is_paid,
    Life.a_jurist_enters_what_stops_the_law,
    Life.a_case_is_handed_over,
    Life.a_case_is_left_alone_and_the_plan_lead_lets_it_be,
    Life.the_end_comes_nearer,
    Life.a_long_outage,
    Life.the_timer_rings,
    Life.a_late_timer_rings,
    Life.another_case_is_opened,
]


def live(seed: int, steps: int) -> None:
    """One life by plain dice: everything about as often. (Hypothesis leaves out kinds of steps, so as to go deep.)"""
    dice, life = Random(seed), Life()  # noqa: S311 - dice
    life.a_case_is_opened(seed)
    for _ in range(steps):
        dice.choice(STEPS)(life, dice.getrandbits(40))
        if dice.random() < 0.3:
            life.time_passes(dice.randint(0, 12), dice.randint(0, 23))
        life.every_case_is_sound()
    life.check_histories()


@pytest.mark.timeout(300)
def test_every_life_of_a_case_is_sound_and_every_kind_of_event_is_lived(
    record_property: Callable[[str, object], None],
) -> None:
    SEEN.clear()
    ASKED.clear()
    OFFERED.clear()
    run_state_machine_as_test(Life, settings=PROFILE)
    for seed in range(45):
        live(seed, steps=120)
    record_property(
        "domain: lives of cases",
        f"{ASKED['accepted']} commands accepted, {ASKED['refused']} refused, {sum(SEEN.values())} events "
        f"of {len(SEEN)} kinds (rarest: {', '.join(f'{t} {n}' for t, n in SEEN.most_common()[-3:])})",
    )
    record_property("domain: offered is what is accepted", f"{OFFERED['yes']} offers and {OFFERED['no']} refusals held")
    assert set(SEEN) == set(EVENTS), set(EVENTS) - set(SEEN)
