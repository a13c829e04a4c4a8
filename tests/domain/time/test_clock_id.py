"""The ids of clocks and the keys of alerts are stored: what is printed is what was stored, and is read back whole."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import CLOCK
from domain.parts.assignment import RecordDeparture
from domain.parts.consent import WithdrawConsent
from domain.parts.filing import AcknowledgeFiling, File, RecordFilingDeclined, RecordFilingRequest
from domain.parts.hold import Hold
from domain.parts.letter import SendLetter
from domain.parts.pause import Pause
from domain.parts.piece import AddPiece, RequestPiece
from domain.parts.transfer import DeclineTransfer, ProposeTransfer
from domain.time.clock_id import AlertKey, ClockForm, ClockId, alert_key, in_round, limit_of
from domain.vocabulary import Level, Step
from tests.domain.examples import Story
from tests.people import HOME, MARSEILLE, SUPERVISOR, SUPERVISOR_AMP, WORKER
from tests.replay.record import HISTORIES, in_clear

STORED = {
    "stall/INTAKE/1": ClockId(ClockForm.STALL, ("INTAKE", "1")),
    "stall/INTAKE/1/2": ClockId(ClockForm.STALL, ("INTAKE", "1"), 2),
    "contact/2026-03-02": ClockId(ClockForm.CONTACT, ("2026-03-02",)),
    "contact/2026-03-02/12": ClockId(ClockForm.CONTACT, ("2026-03-02",), 12),
    "referral/R1/3": ClockId(ClockForm.REFERRAL, ("R1", "3")),
    "referral/R1/3/2": ClockId(ClockForm.REFERRAL, ("R1", "3"), 2),
    "referral/R1/3/expiry": ClockId(ClockForm.REFERRAL_EXPIRY, ("R1", "3")),
    "piece/EV001/5": ClockId(ClockForm.PIECE, ("EV001", "5")),
    "letter/L1/7": ClockId(ClockForm.LETTER, ("L1", "7")),
    "request/F1/Q1/9": ClockId(ClockForm.REQUEST, ("F1", "Q1", "9")),
    "request/F1/Q1/9/3": ClockId(ClockForm.REQUEST, ("F1", "Q1", "9"), 3),
    "filing/F1/8": ClockId(ClockForm.FILING, ("F1", "8")),
    "unsent/F1/8": ClockId(ClockForm.UNSENT, ("F1", "8")),
    "agreement/F1/C1": ClockId(ClockForm.AGREEMENT, ("F1", "C1")),
    "agreement/F1/C1/2": ClockId(ClockForm.AGREEMENT, ("F1", "C1"), 2),
    "ended/F1/9": ClockId(ClockForm.ENDED, ("F1", "9")),
    "decision/F1/8": ClockId(ClockForm.DECISION, ("F1", "8")),
    "retention/1/2026-03-02": ClockId(ClockForm.RETENTION, ("1", "2026-03-02")),
    "archive/1/2026-03-02": ClockId(ClockForm.ARCHIVE, ("1", "2026-03-02")),
    "hold/4": ClockId(ClockForm.HOLD, ("4",)),
    "hold/4/2": ClockId(ClockForm.HOLD, ("4",), 2),
    "undated/0": ClockId(ClockForm.UNDATED, ("0",)),
    "archive-review/1/2026-03-02": ClockId(ClockForm.ARCHIVE_REVIEW, ("1", "2026-03-02")),
    "holder/4": ClockId(ClockForm.HOLDER, ("4",)),
    "transfer/H1/4": ClockId(ClockForm.TRANSFER, ("H1", "4")),
    "transfer/H1/4/2": ClockId(ClockForm.TRANSFER, ("H1", "4"), 2),
    "transfer/H1/4/proposed": ClockId(ClockForm.TRANSFER_PROPOSED, ("H1", "4")),
    "transfer/H1/5/declined": ClockId(ClockForm.TRANSFER_DECLINED, ("H1", "5")),
    "pause/4": ClockId(ClockForm.PAUSE, ("4",)),
    "limit/ADM_REP/2026-03-31/30": ClockId(ClockForm.LIMIT, ("ADM_REP", "2026-03-31", "30")),
    "over/4": ClockId(ClockForm.OVER, ("4",)),
    "perishes/P1/2026-03-31/3": ClockId(ClockForm.PERISHES, ("P1", "2026-03-31", "3")),
}


@pytest.mark.parametrize("text", STORED)
def test_an_id_is_printed_as_it_was_always_stored(text: str) -> None:
    assert ClockId.parse(text) == STORED[text]
    assert str(STORED[text]) == text


def test_every_form_has_a_stored_example() -> None:
    assert {clock.form for clock in STORED.values()} == set(ClockForm)


FACT = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1).filter(
    lambda fact: fact != "expiry"
)
CLOCKS = st.sampled_from(ClockForm).flatmap(
    lambda form: st.builds(
        ClockId, st.just(form), st.tuples(*[FACT] * len(form.fields)), st.integers(min_value=1, max_value=10**6)
    )
)
KEYS = st.builds(AlertKey, CLOCKS, st.sampled_from(Level), st.integers(min_value=1, max_value=10**6))


@given(CLOCKS)
def test_an_id_is_read_back_as_it_was(clock: ClockId) -> None:
    assert ClockId.parse(str(clock)) == clock
    assert clock.first_round == clock.form.id(**dict(zip(clock.form.fields, clock.facts, strict=True)))


@given(KEYS)
def test_a_key_is_read_back_as_it_was(key: AlertKey) -> None:
    assert AlertKey.parse(str(key)) == key


@given(st.text("stalcoreh/0123-EXPIRY", max_size=30) | st.lists(st.sampled_from(
    ["stall", "hold", "referral", "expiry", "1", "2", "02", "0", "-1", "²", "", "CASE_WORKER", "R1"]
), max_size=6).map("/".join))  # fmt: skip
def test_what_is_read_at_all_is_printed_to_the_letter(text: str) -> None:
    for kind in (ClockId, AlertKey):
        try:
            read = kind.parse(text)
        except ValueError:
            continue
        assert str(read) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "/", "stall", "stall/INTAKE", "stall//1", "stall/INTAKE/1/", "stall/INTAKE/1/02", "stall/INTAKE/1/1"),
        *("stall/INTAKE/1/2/3", "stall/INTAKE/1/SUPERVISOR", "referral/R1/3/expired", "elsewhere/1", "STALL/INTAKE/1"),
        *("stall/INTAKE/1/²", "referral/R1/3/expiry/expiry"),
    ],
)
def test_what_is_no_id_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not the id of a clock"):
        ClockId.parse(text)


@pytest.mark.parametrize("text", ["", "stall/INTAKE/1", "stall/INTAKE/1/2", "stall/INTAKE/1/AUDITOR", "SUPERVISOR"])
def test_what_is_no_key_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not the"):
        AlertKey.parse(text)


def test_ids_and_keys_can_be_built_from_their_parts() -> None:
    clock = ClockForm.STALL.id(step=Step.INTAKE, version=1)
    assert clock == "stall/INTAKE/1"
    assert ClockForm.CONTACT.id(day=date(2026, 3, 2)) == "contact/2026-03-02"
    assert [in_round(clock, 1), in_round(clock, 2)] == [clock, "stall/INTAKE/1/2"]
    assert alert_key(clock, Level.PLAN_LEAD) == "stall/INTAKE/1/PLAN_LEAD"
    assert alert_key(in_round(clock, 2), Level.PLAN_LEAD, 3) == "stall/INTAKE/1/2/PLAN_LEAD/3"


def test_the_time_limit_of_a_notice_is_read_from_its_clock_and_from_its_key() -> None:
    expected = ("ADM_REP", date(2026, 3, 31))
    assert limit_of("limit/ADM_REP/2026-03-31/30") == expected
    assert limit_of("limit/ADM_REP/2026-03-31/30/SUPERVISOR") == expected
    assert limit_of("perishes/P1/2026-03-31/3") is None
    assert limit_of("stall/INTAKE/1/2/PLAN_LEAD/3") is None


# --- The ids that cases have -----------------------------------------------------------------------------


def test_the_ids_of_stories_in_which_everything_is_timed_are_read_back() -> None:
    busy = Story().prepared().do(File(filing="F1")).referred()
    busy.do(RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-06"))
    busy.do(AddPiece(label="A film", held_by="RESPONDENT", perishes_on="2026-04-30"))
    busy.do(SendLetter(pieces=("EV002",), lever="ATTESTATION"))
    busy.do(RecordFilingRequest(filing="F1", asked="The lease", due="2026-04-20"))
    acknowledged = Story().prepared().do(File(filing="F1"), AcknowledgeFiling(filing="F1", register_number="26-0001"))
    taken_back = Story().prepared().do(File(filing="F1"), WithdrawConsent(consent="C1"))
    declined = Story().prepared().do(File(filing="F1")).wait(days=1)
    declined.do(RecordFilingDeclined(filing="F1", reason="Outside his remit"))
    filings = [Story().prepared().agenda(), taken_back.agenda(), declined.agenda()]
    paused = Story().do(Pause(reason="HEALTH", until="2026-03-31", comment="Ill"))
    held = Story().closed().do(Hold(reason="A court", review_on="2026-09-01"), by=SUPERVISOR)
    left = Story().do(RecordDeparture(holder=WORKER.account), by=CLOCK)
    move = ProposeTransfer(place={"commune": MARSEILLE}, organisation=HOME, reason="Heard wrong")
    moved = [Story().do(move), Story().do(move).do(DeclineTransfer(reason="No room"), by=SUPERVISOR_AMP)]
    alone = Story()
    for _ in range(20):
        alone.at = max(alone.at, alone.agenda()[0].due)
        alone.pass_deadlines()
    undated = {"narrative": "Some day."}
    over = Story(facts={"narrative": "Long ago.", "occurred_on": "2012-05-04"})
    others = (over, Story(facts=undated), Story(facts=undated).closed(), *moved)
    agendas = [story.agenda() for story in (busy, acknowledged, paused, held, left, Story().closed(), alone, *others)]
    deadlines = [deadline for found in (*agendas, *filings) for deadline in found]
    assert [str(ClockId.parse(d.clock)) for d in deadlines] == [d.clock for d in deadlines]
    assert [str(AlertKey.parse(d.key)) for d in deadlines] == [d.key for d in deadlines]
    assert {ClockId.parse(d.clock).form for d in deadlines} == set(ClockForm)
    assert any(AlertKey.parse(d.key).times > 1 for d in deadlines), "nothing was told again"


@pytest.mark.parametrize("path", sorted(HISTORIES.glob("*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_ids_in_the_recorded_histories_are_read_back(path: Path) -> None:
    text = in_clear(path.read_text())
    clocks = set(re.findall(r'"clock":"([^"]*/[^"]*)"', text))
    keys = set(re.findall(r'"key":"([^"]*/[^"]*)"', text))
    assert {str(ClockId.parse(clock)) for clock in clocks} == clocks
    assert {str(AlertKey.parse(key)) for key in keys} == keys
    assert clocks or path.stem != "alerts", "no id was found where alerts are"
