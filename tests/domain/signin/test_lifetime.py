"""The life of a session, for every combination of times."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.signin.bearer import Bearer
from domain.signin.lifetime import (
    ASKED_WITHIN,
    Life,
    Limits,
    begun,
    ends_at,
    is_alive,
    is_to_be_noted,
    require_asked_again,
    was_asked,
)
from domain.vocabulary import Door

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
LIMITS = Limits(timedelta(minutes=30), timedelta(hours=12))
spans = st.timedeltas(timedelta(0), timedelta(days=2))


@given(st.lists(st.timedeltas(timedelta(0), timedelta(minutes=50)), max_size=40))
def test_a_session_lives_while_it_is_used_and_never_beyond_its_end(pauses: list[timedelta]) -> None:
    life, at = begun(NOW, LIMITS), NOW
    for pause in pauses:
        at += pause
        lives = pause < LIMITS.idle and at < NOW + LIMITS.absolute
        assert is_alive(life, at, LIMITS) is lives
        if not lives:
            assert not is_alive(life, at + timedelta(days=1), LIMITS)
            return
        life = Life(life.made_at, at, life.asked_at, life.ends_at)


@given(spans, spans)
def test_it_is_alive_until_the_very_moment_of_its_end(idle: timedelta, absolute: timedelta) -> None:
    limits = Limits(idle, absolute)
    life = begun(NOW, limits)
    end = ends_at(life, limits)
    assert end == NOW + min(idle, absolute)
    assert not is_alive(life, end, limits)
    assert end == NOW or is_alive(life, end - timedelta(microseconds=1), limits)


@given(spans)
def test_a_limit_that_was_made_shorter_holds_for_what_is_there_and_a_longer_one_does_not(absolute: timedelta) -> None:
    life = begun(NOW, LIMITS)
    assert ends_at(life, Limits(timedelta(days=9), absolute)) == NOW + min(absolute, LIMITS.absolute)


@given(st.timedeltas(timedelta(hours=-1), timedelta(hours=1)))
def test_asked_again_is_within_five_minutes_and_never_in_the_future(passed: timedelta) -> None:
    assert was_asked(NOW, NOW + passed) is (timedelta(0) <= passed <= ASKED_WITHIN)
    assert not was_asked(None, NOW)


def test_whoever_was_not_asked_again_is_told_how_long_it_holds() -> None:
    require_asked_again(NOW, NOW + timedelta(minutes=5))
    with pytest.raises(Refused) as refused:
        require_asked_again(NOW, NOW + timedelta(minutes=5, seconds=1))
    assert (refused.value.code, refused.value.params) == ("ask_again", {"minutes": 5})
    require_asked_again(NOW, NOW + timedelta(minutes=5, seconds=1), timedelta(minutes=10))


@pytest.mark.parametrize("door", [door for door in Door if door is not Door.SESSION])
def test_whoever_came_by_another_door_cannot_be_asked(door: Door) -> None:
    with pytest.raises(Refused) as refused:
        Bearer(door=door, until=NOW, asked_again_at=NOW).require_asked_again(NOW)
    assert refused.value.code == "session_needed"


def test_a_session_that_was_just_asked_may_go_on() -> None:
    Bearer(door=Door.SESSION, until=NOW, asked_again_at=NOW).require_asked_again(NOW)


@given(st.timedeltas(timedelta(0), timedelta(minutes=3)))
def test_a_use_is_noted_when_the_last_note_is_a_minute_old(passed: timedelta) -> None:
    assert is_to_be_noted(begun(NOW, LIMITS), NOW + passed) is (passed >= timedelta(minutes=1))
