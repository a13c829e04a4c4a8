"""Thousands of lives of cases, drawn at random: whatever people ask and however long they wait, these things hold."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings, target
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain import commands as c
from domain.actors import CLOCK, SCANNER, Actor
from domain.case import Case
from domain.errors import Refused
from domain.events import EVENTS, Entry
from domain.law.limitation import has_no_known_end
from domain.lifecycle import decide, evolve, offered, record, when
from domain.parts.alert import AnswerAlert, PassDeadlines
from domain.parts.base import Command
from domain.parts.consent import WithdrawConsent
from domain.parts.filing import File, WithdrawFiling
from domain.parts.intake import Open
from domain.parts.referral import AnswerReferral, Refer, WithdrawReferral
from domain.permissions import may
from domain.time.clocks import agenda, passed, still_awaited
from domain.time.deadline import Deadline
from domain.time.policy import DEFAULT_POLICY
from domain.values import day_of
from domain.vocabulary import ConsentScope, DeadlineKind, Role, Step
from tests.domain import soundness
from tests.domain.drawer import Drawer, now_and_then
from tests.domain.examples import CALENDAR, MONDAY, complaint, explained, to_defender, to_partner
from tests.people import (
    LEAD,
    PARTNER,
    PARTNER_ORG,
    PARTNER_WORKER,
    PEOPLE,
    SUPERVISOR,
    SUPERVISOR_2,
    THIRD_WORKER,
    WORKER,
)  # fmt: skip

SEEN: Counter[str] = Counter()
ASKED: Counter[str] = Counter()
# Hypothesis draws who does what kind of thing, and dice draw its details: Hypothesis would repeat the same details over
# and over, so as to make failures small, and lives would stay shallow.
DICE = st.integers(0, 2**40)


class Life(RuleBasedStateMachine):
    """Several cases, many people, one clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.turn = MONDAY, 0
        self.histories: list[list[Entry]] = []
        self.stood: list[list[Case]] = []  # each case after each line of its history
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
        agreed = [{"scope": "REFERRAL", "recipient": PARTNER_ORG, "given_on": "2026-03-01"}]
        content = complaint(facts=facts, consents=dice.choice([[], agreed]))
        self.take(0, Open(complaint=content), by)

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
            soundness.check_offered(self.cases[which], by, names, self.now)
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
        by = dice.choice([p for p in self.near(self.cases[which]) if may(p, File, self.cases[which])] or [SUPERVISOR])
        if now_and_then(dice, 0.5):
            self.take(which, to_defender(on=day_of(self.now).isoformat()), by)
        elif now_and_then(dice, 0.3):
            for agreed in [k for k in self.cases[which].consents if k.given.scope is ConsentScope.DEFENDER]:
                self.take(which, WithdrawConsent(consent=agreed.id), by)
        ended = [*["record_filing_decision"] * 3, "record_filing_declined", "withdraw_filing"]
        requests = ["record_filing_request", "answer_filing_request"]
        for name in ("acknowledge_filing", *requests, dice.choice(ended), "file", "prepare_filing"):
            if dice.random() < 0.7 and self.ask(dice, which, name, by):
                return

    @rule(seed=DICE)
    def attention_is_paid(self, seed: int) -> None:
        names = ["pause", "resume", "answer_alert", "answer_alert", "assign"]
        names = soundness.LINKS if seed % 5 == 0 else ["restrict", "unrestrict"] if seed % 5 == 1 else names
        self.ask_somebody_near(self.dice(seed), names)

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
    def a_case_is_proposed_to_the_other_metropolis(self, seed: int) -> None:
        dice = self.dice(seed)
        which = self.which(dice)
        proposer, answer, by = Drawer(dice, self.cases[which], self.now).transfer()
        if now_and_then(dice, 0.3) and self.ask(dice, which, "propose_transfer", proposer):
            self.ask(dice, which, answer, by)

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
        case = self.cases[which := self.which(dice)]
        if case.hold:
            self.ask(dice, which, "release_hold", dice.choice([SUPERVISOR, SUPERVISOR_2]))
            return
        if not (case.proposed_closure or case.erasure_proposed_by) and not now_and_then(dice, 0.3):
            return
        if case.step is Step.CLOSED:
            end = ["set_archive_end"] * has_no_known_end(case)
            names = ["reopen", "reopen", "propose_erasure", "propose_erasure", "hold", *end]
            if case.erasure_proposed_by:
                names = ["erase", "erase", "erase", "reopen"]
            self.ask(dice, which, dice.choice(names), dice.choice([SUPERVISOR, SUPERVISOR_2]))
            return
        if case.proposed_closure:
            names = ["countersign_closure", "reject_closure"]
            self.ask(dice, which, dice.choice(names), dice.choice([SUPERVISOR, SUPERVISOR_2]))
            return
        for r in case.open_referrals:
            self.take(which, WithdrawReferral(referral=r.id, reason="Ending"), SUPERVISOR)
        for f in case.open_filings:
            self.take(which, WithdrawFiling(filing=f.id, reason="Ending"), SUPERVISOR)
        if dice.random() < 0.4:
            self.ask(dice, which, "close", SUPERVISOR)
            return
        if dice.random() < 0.9:
            for reason in explained(case):
                self.take(which, reason, SUPERVISOR)
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
        before, alerts_before = self.cases[which].version, len(self.cases[which].alerts)
        self.take(which, PassDeadlines(deadlines=due), CLOCK)
        # All that was due is raised, once, and nothing else; of a pause that ends nobody is alerted.
        raised = [a.key for a in self.cases[which].alerts[alerts_before:]]
        assert raised == [d.key for d in due if d.kind is not DeadlineKind.PAUSE_END]
        left = passed(self.agenda(which), self.now)
        # A deadline that is noted is noted: nothing makes the timer ring for it again. (A pause that ends sets the
        # stall clocks going, and a referral that comes back sets a step: those may have passed in their turn.)
        assert not {d.key for d in due} & {d.key for d in left}
        assert bool(due) == (self.cases[which].version > before)

        # What has just been told is awaited: a mail about it would not be dropped. (A referral that comes back at the
        # same moment is no longer waited for, and may set the case back to a step where nothing stalls yet.)
        case, moved = self.cases[which], {DeadlineKind.REFERRAL_ANSWER, DeadlineKind.STALL, DeadlineKind.NO_HOLDER}
        awaited = still_awaited(case)
        assert all(a.key in awaited for a in case.alerts[alerts_before:] if a.kind not in moved)
        assert set(awaited) <= {a.key for a in case.standing_alerts}

    @rule(seed=DICE)
    def a_mail_is_given_up_or_somebody_leaves(self, seed: int) -> None:
        self.ask(dice := self.dice(seed), self.which(dice), "record_departure", CLOCK)
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
        """True if it was accepted."""
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
        assert case is None or case.step is not Step.CLOSED or command.name() in soundness.WHEN_CLOSED
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
            soundness.check_history(case, self.histories[which])
        return True

    def step(self, before: Case | None, entry: Entry, by: Actor) -> Case:
        SEEN[entry.event.tag] += 1
        self.kinds.add(entry.event.tag)
        assert soundness.ENTRY.validate_json(soundness.ENTRY.dump_json(entry)) == entry
        after = evolve(before, entry, "0000-0000-0000")
        if before is not None:
            soundness.check_step(before, after, entry, by)
        return after

    @invariant()
    def every_case_is_sound(self) -> None:
        for which, (case, history) in enumerate(zip(self.cases, self.histories, strict=True)):
            if self.sound.get(which) is case:  # it is what it was, and so is all that is looked at here
                continue
            soundness.check_sound(case, history)
            self.sound[which] = case

    def end(self) -> None:
        """Looks through all that has been lived."""
        for history, stood in zip(self.histories, self.stood, strict=True):
            soundness.check_whole(history, stood)

    def teardown(self) -> None:
        self.end()
        target(float(len(self.kinds)), label="kinds of events in one life")


PROFILE = settings(
    derandomize=True,
    stateful_step_count=60,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.target, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


STEPS = [
    *(Life.somebody_asks_what_they_are_offered, Life.anybody_asks_anything, Life.the_referral_goes_on),
    *(Life.the_evidence_goes_on, Life.the_filing_goes_on, Life.attention_is_paid),
    *(Life.a_jurist_enters_what_stops_the_law, Life.a_case_is_handed_over),
    *(Life.a_case_is_proposed_to_the_other_metropolis, Life.a_case_is_left_alone_and_the_plan_lead_lets_it_be),
    *(Life.the_end_comes_nearer, Life.a_long_outage, Life.the_timer_rings),
    *(Life.a_mail_is_given_up_or_somebody_leaves, Life.a_late_timer_rings, Life.another_case_is_opened),
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
    life.end()


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("deep", "plain"), [(8, 12), pytest.param(300, 300, marks=pytest.mark.proof)])
def test_every_life_of_a_case_is_sound_and_every_kind_of_event_is_lived(
    deep: int, plain: int, record_property: Callable[[str, object], None]
) -> None:
    for counted in (SEEN, ASKED, soundness.OFFERED):
        counted.clear()
    run_state_machine_as_test(Life, settings=settings(PROFILE, max_examples=deep))
    for seed in range(300):
        if seed < plain or set(SEEN) != set(EVENTS):  # the rarest kinds come within forty
            live(seed, steps=120)
    record_property(
        "domain: lives of cases",
        f"{ASKED['accepted']} commands accepted, {ASKED['refused']} refused, {sum(SEEN.values())} events "
        f"of {len(SEEN)} kinds (rarest: {', '.join(f'{t} {n}' for t, n in SEEN.most_common()[-3:])})",
    )
    record_property(
        "domain: offered is what is accepted",
        f"{soundness.OFFERED['yes']} offers and {soundness.OFFERED['no']} refusals held",
    )
    assert set(SEEN) == set(EVENTS), set(EVENTS) - set(SEEN)
