"""Deadlines that were worked out by hand, each with its article and its reasoning: the code finds the same dates."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from domain.law.entered import KnownStart, Toll
from domain.law.limitation import LimitationClock
from tests.domain.examples import complaint
from tests.domain.law.limits import clocks_of

VECTORS = [*csv.DictReader(Path(__file__).with_name("vectors.csv").read_text(encoding="utf-8").splitlines())]
READ_OTHERWISE = {
    "V16": "Worked out as 7 March 2026, a Saturday: seizing the labour court is an act of procedure, which a day that "
    "is not worked puts off to the next that is (CPC 642). 7 March is the prudent date.",
    "V41": "Given for the civil action: it is a row of its own (loi 89-462 art. 7-1), beside the five years of the "
    "action for discrimination (C. civ. 2224), which stay the latest that can be argued.",
    "V55": "Given under the insults of C. pén. R625-7: R625-8-3 is another offence, and a row of its own.",
    "V58": "Given under implied refusals: the refusal of a document after the CADA is a row of its own.",
    "V65": "Given under the civil action: the liability of the State is a row of its own, with its four years.",
    "V12": "The residence, told in the reasoning, is in the facts here.",
    "V22": "The residence, told in the reasoning, is in the facts here.",
    "V33": "The request for reasons, told in the reasoning, is entered here.",
    "V40b": "V40 with the date of birth that its reasoning tells.",
}
"""Vectors that were put otherwise than they came, and why."""


def the_clock(vector: dict[str, str]) -> LimitationClock:
    facts: dict[str, Any] = json.loads(vector["facts"])
    starts, tolls = facts.pop("starts", []), facts.pop("tolls", [])
    facts = {"domain": "BIENS_SERVICES_PRIVES"} | facts | {"facts": {"narrative": "Told."} | facts["facts"]}
    entered = [Toll(ground=g, clocks=rows, from_day=a, until=b, reason="Entered") for g, rows, a, b in tolls]
    known = [KnownStart(clock=row, on=day, reason="Entered") for row, day in starts]
    found = [clock for clock in clocks_of(complaint(**facts), entered, known) if clock.code == vector["route"]]
    assert len(found) == 1, f"{vector['route']} is open {len(found)} times"
    return found[0]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_the_dates_are_those_that_were_worked_out_by_hand(vector: dict[str, str]) -> None:
    clock = the_clock(vector)
    assert (str(clock.deadline_legal or "")) == vector["legal"], vector["reasoning"]
    if vector["prudent"]:
        assert str(clock.deadline_prudent) == vector["prudent"], vector["reasoning"]


def test_every_vector_is_there_once_and_what_was_read_otherwise_is_among_them() -> None:
    ids = [vector["id"] for vector in VECTORS]
    assert len(ids) == len(set(ids)) == 46
    assert set(READ_OTHERWISE) <= set(ids)
    assert all(vector["article"] and vector["reasoning"] for vector in VECTORS)
