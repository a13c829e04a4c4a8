"""Waits for whoever guesses: they grow, they end, and nobody elsewhere can impose them on a usual place."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.signin.throttle import PACES, Count, Pace, Tries, after, forgotten_at, longest_wait, wait, without_one

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
ZERO, DAY = timedelta(0), timedelta(days=1)
counts = st.sampled_from(list(Count))
gaps = st.lists(st.timedeltas(ZERO, timedelta(hours=3)), max_size=60)


def made(pace: Pace, pauses: list[timedelta]) -> tuple[Tries, datetime]:
    """Tries made after these pauses, whether there is a wait or not."""
    tries, at = Tries(), NOW
    for pause in pauses:
        at += pause
        tries = after(tries, pace, at)
    return tries, at


def guesses(pace: Pace, lasts: timedelta) -> Iterator[datetime]:
    """The moments at which somebody who never tires may try."""
    tries, at = Tries(), NOW
    while at < NOW + lasts:
        left = wait(tries, pace, at)
        at += left
        if not left:
            tries = after(tries, pace, at)
            yield at
            at += timedelta(milliseconds=1)


@given(counts, gaps, st.timedeltas(ZERO, timedelta(hours=2)))
def test_a_wait_is_bounded_and_only_gets_shorter(count: Count, pauses: list[timedelta], passed: timedelta) -> None:
    tries, at = made(PACES[count], pauses)
    left = wait(tries, PACES[count], at)
    assert ZERO <= left <= PACES[count].longest
    assert wait(tries, PACES[count], at + passed) == max(ZERO, left - passed)
    assert wait(tries, PACES[count], at + PACES[count].longest) == ZERO


@given(counts, gaps)
def test_one_more_try_never_makes_the_wait_shorter(count: Count, pauses: list[timedelta]) -> None:
    pace = PACES[count]
    tries, at = made(pace, pauses)
    assert wait(after(tries, pace, at), pace, at) >= wait(tries, pace, at)
    assert wait(without_one(tries), pace, at) <= wait(tries, pace, at)


@given(counts, st.integers(0, 400))
def test_whoever_tries_more_slowly_than_tries_are_forgotten_never_waits(count: Count, number: int) -> None:
    pace = PACES[count]
    tries, at = made(pace, [pace.forgets] * number)
    assert wait(tries, pace, at) == ZERO


@given(counts, gaps)
def test_a_count_that_is_deleted_says_nothing_any_more(count: Count, pauses: list[timedelta]) -> None:
    pace = PACES[count]
    tries, _ = made(pace, [*pauses, ZERO])
    then = forgotten_at(tries, pace)
    assert then is not None
    assert wait(tries, pace, then) == ZERO
    assert after(tries, pace, then).count == pytest.approx(1)


@given(counts, st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
def test_a_clock_that_goes_back_neither_frees_nor_fails(count: Count, back: timedelta) -> None:
    pace = PACES[count]
    tries, at = made(pace, [ZERO] * (pace.free + 3))
    assert wait(tries, pace, at - back) > ZERO
    assert after(tries, pace, at - back).count == tries.count + 1


@pytest.mark.parametrize(
    ("count", "most"), [(Count.PAIR, 120), (Count.ACCOUNT, 140), (Count.PLACE, 350), (Count.ALL, 9_000)]
)
def test_in_a_day_there_are_few_guesses_however_hard_somebody_tries(count: Count, most: int) -> None:
    number = sum(1 for _ in guesses(PACES[count], DAY))
    print(f"\n{count.value}: {number} guesses a day")
    assert PACES[count].free < number <= most


@given(st.dictionaries(st.sampled_from([Count.ACCOUNT, Count.PLACE, Count.ALL]), st.integers(0, 10**6)))
def test_at_a_usual_place_nothing_that_others_do_elsewhere_counts(elsewhere: dict[Count, int]) -> None:
    tries = {count: Tries(number, NOW) for count, number in elsewhere.items()}
    assert longest_wait(tries, NOW, usual=True) == ZERO
    tries[Count.PAIR] = Tries(5, NOW)
    assert longest_wait(tries, NOW, usual=True) == timedelta(seconds=1)


@given(counts, st.integers(0, 10**6))
def test_at_a_new_place_every_count_holds(count: Count, number: int) -> None:
    tries = {count: Tries(number, NOW)}
    assert longest_wait(tries, NOW, usual=False) == wait(tries[count], PACES[count], NOW)


def test_waits_double_from_a_second_to_a_quarter_of_an_hour() -> None:
    pace, tries, waits = PACES[Count.PAIR], Tries(), []
    for _ in range(17):
        tries = after(tries, pace, NOW)
        waits.append(int(wait(tries, pace, NOW).total_seconds()))
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
