"""A history as far as somebody wants to look back."""

import pytest

from domain.errors import NoMoment, Problem, Refused
from domain.hindsight import until
from domain.parts.contact import AddNote
from tests.domain.examples import Story


@pytest.fixture(scope="module")
def told() -> Story:
    """A case of 2 March with a note on each of the three days after."""
    story = Story()
    for _ in range(3):
        story.wait(days=1).do(AddNote(text="-"))
    return story


@pytest.mark.parametrize(
    ("at", "left"),
    [
        (None, 3),
        ("2", 0),
        ("3", 1),
        ("note_added", 3),
        ("note_added.1:1", 1),
        ("note_added:2", 2),
        ("2026-03-03", 1),
        ("2026-03-04T08:59:59", 1),
        ("2026-03-04T09:00", 2),
        ("2026-03-04T08:00:00+00:00", 2),
        ("2199-01-01", 3),
    ],
)
def test_it_goes_to_a_version_an_event_a_day_or_an_instant(told: Story, at: str | None, left: int) -> None:
    assert sum(entry.what == "note_added.1" for entry in until(told.entries, at)) == left


@pytest.mark.parametrize(
    ("at", "kind", "code"),
    [
        ("yesterday", NoMoment, "bad_at"),
        ("2026-02-30", NoMoment, "bad_at"),
        ("nobody_came", NoMoment, "unknown_event"),
        ("0", Refused, "no_such_version"),
        ("99", Refused, "no_such_version"),
        ("9" * 400, Refused, "no_such_version"),
        ("note_added:4", Refused, "no_such_event"),
        ("case_closed", Refused, "no_such_event"),
        ("2026-03-01", Refused, "not_yet_open"),
    ],
)
def test_what_is_no_moment_of_it_names_the_field(told: Story, at: str, kind: type[Problem], code: str) -> None:
    with pytest.raises(kind) as problem:
        until(told.entries, at, "against")
    assert (problem.value.code, problem.value.field) == (code, "against")
    assert problem.value.remedy
