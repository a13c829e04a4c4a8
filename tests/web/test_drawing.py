"""Days on pages: what lies in another year says so, or a right that ends in five years is taken for next week's."""

from datetime import UTC, date, datetime

import pytest

from domain.values import day_of
from web.drawing import speech
from words import Words


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("spoken", ["day", "short_day"])
def test_a_day_of_another_year_tells_its_year(language: str, spoken: str) -> None:
    say, this_year = speech(Words(language))[spoken], day_of(datetime.now(UTC)).year
    assert say(date(this_year + 5, 11, 25)).endswith(f" {this_year + 5}")
    assert say(date(this_year - 1, 11, 25)).endswith(f" {this_year - 1}")
    assert str(this_year) not in say(date(this_year, 11, 25))
