"""A stale view is refused with what came since: nothing of it is left out unsaid."""

from dataclasses import dataclass

import pytest

from domain.case import Case
from domain.errors import Refused, fill
from domain.staleness import TOLD, require_fresh


@dataclass(frozen=True)
class Line:
    version: int
    what: str = "note_added.1"
    who: str = "jm"


def refused(case: Case, expected: int, known_from: int) -> Refused:
    with pytest.raises(Refused) as caught:
        require_fresh(
            expected,
            case,
            lambda after: [Line(n, f"e{n}") for n in range(max(after + 1, known_from), case.version + 1)],
        )
    return caught.value


def said(problem: Refused) -> str:
    return fill(problem.message, problem.params)


def at(version: int) -> Case:
    return Case.model_construct(version=version)


@pytest.mark.parametrize("count", [1, 8, 9, TOLD])
def test_every_event_that_came_since_is_told(count: int) -> None:
    problem = refused(at(1 + count), 1, known_from=1)
    assert problem.params["changes"] == ", ".join(f"e{n} (jm)" for n in range(2, 2 + count))


def test_of_many_the_first_and_the_last_are_told_and_how_many_are_not() -> None:
    told = said(refused(at(41), 1, known_from=1))
    assert "by 40 events. First: e2 (jm). Last: e38 (jm), e39 (jm), e40 (jm), e41 (jm)." in told
    assert told.endswith("not told here: 35.")


@pytest.mark.parametrize("known_from", [30, 41, 42])
def test_what_is_no_longer_known_is_counted_too(known_from: int) -> None:
    problem = refused(at(41), 1, known_from)
    told = min(4, 41 - known_from + 1)
    assert (problem.params["first"], problem.params["between"]) == ("?", 40 - told)
    assert str(problem.params["last"]).count("(jm)") == told
