"""Refusals of what a jurist enters about the law's time limits."""

from typing import Any

from domain.parts.time_limits import CorrectStart, RecordStart, RecordToll, RetractStart
from tests.domain.examples import Story
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.domain.samples import MEDIATION, NOTIFIED
from tests.people import WORKER


def toll(**changes: Any) -> RecordToll:
    return RecordToll.model_validate({"toll": MEDIATION | changes})


def start(**changes: Any) -> RecordStart:
    return RecordStart.model_validate({"start": NOTIFIED | changes})


@refused("toll_at_once")
def an_act_that_lasts() -> Asked:
    return Story(), toll(ground="PROSECUTION", clocks=["PENAL_DELIT"], until="2026-03-02"), WORKER


@refused("toll_not_undone")
def a_suspension_undone() -> Asked:
    return Story(), toll(undone=True), WORKER


@refused("toll_no_effect")
def a_ground_that_does_nothing_to_the_row() -> Asked:
    return Story(), toll(clocks=["CIVIL_GENERAL", "PENAL_DELIT"]), WORKER


@refused("start_undated")
def a_start_of_what_has_no_date() -> Asked:
    return Story(), start(clock="DDD_SAISINE"), WORKER


@refused("entered_already")
def the_same_entry_twice() -> Asked:
    return Story().do(toll()), toll(), WORKER


@refused("entry_retracted")
def a_correction_of_what_was_taken_back() -> Asked:
    story = Story().do(start()).do(RetractStart(entry="S1", reason="-"))
    return story, CorrectStart(entry="S1", start=NOTIFIED, reason="-"), WORKER
