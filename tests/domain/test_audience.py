"""What is shown of a case outside its team: every field, for every audience, in every state."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from domain.audience import SEEN_EVENTS, seen, seen_entries, seen_fields
from domain.case import Case
from domain.events import EVENTS
from domain.parts.erasure import GONE
from domain.sight import Sight, sight_of
from domain.values import Value
from tests.domain.examples import Story
from tests.domain.outsiders import FOR_PARTNER, FOR_PERSON, MEDICAL, OTHERS, PERSON, TEAM, states
from tests.people import PARTNER, PARTNER_WORKER, STRANGER, SUPERVISOR_AMP

EXPECTED = Path(__file__).parent.parent / "fixtures" / "audience.txt"
STATES = tuple(states())


READERS = ("partner", "partner by a link", "person by a link", "elsewhere")


def sight(reader: str, story: Story) -> Sight | None:
    """The way in which the partner of R1, by its account or a link, the person, or the other metropolis sees a case."""
    if reader in ("partner", "elsewhere"):
        return sight_of(PARTNER if reader == "partner" else SUPERVISOR_AMP, story.case)
    id = "K1" if reader == "partner by a link" else "K2"
    links = [each.actor(story.case.reference) for each in story.case.capabilities if each.id == id]
    return sight_of(links[0], story.case) if links else None


# --- The table -------------------------------------------------------------------------------------------


def test_what_each_audience_sees_of_each_field_in_each_state_is_as_it_was_decided() -> None:
    table = "\n".join([*_of_cases(), "", *_of_events(), ""])
    print(table)
    assert table == EXPECTED.read_text(encoding="utf-8"), (
        "what is shown outside the team has changed, or a field has no decision yet: read the difference, then keep it"
    )


def _of_cases() -> Iterator[str]:
    for audience in READERS:
        yield f"{audience}: values seen of those there are"
        yield " " * 40 + "".join(f"{state:>10}" for state in STATES)
        seen_in, there_in = {}, {}
        for state, story in states().items():
            how = sight(audience, story)
            there_in[state] = _counts(story.case)
            seen_in[state] = {} if how is None else _counts(seen(story.case, how))
        for path in _paths(Case):
            cells = (f"{seen_in[state].get(path, 0)}/{there_in[state].get(path, 0)}" for state in STATES)
            yield f"{path:40}" + "".join(f"{'.' if cell == '0/0' else cell:>10}" for cell in cells)
        totals = (f"{sum(seen_in[state].values())}/{sum(there_in[state].values())}" for state in STATES)
        yield f"{'ALL':40}" + "".join(f"{cell:>10}" for cell in totals)
        yield ""


def _of_events() -> Iterator[str]:
    yield "events: who sees which field (A a partner who has not answered, P one who accepted, C the person)"
    for tag, event in EVENTS.items():
        told = SEEN_EVENTS.get(event, {})
        fields = [f"{name}:{told.get(name) or '-'}" for name in event.model_fields if name != "tag"]
        yield f"{tag:26} {' '.join(fields)}".rstrip()


def _paths(kind: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every field of a kind of value, and of the values in it."""
    for name, field in kind.model_fields.items():
        inner = [*_kinds(field.annotation)]
        for part in inner:
            yield from _paths(part, f"{path}{name}.")
        if not inner:
            yield f"{path}{name}"


def _kinds(annotation: Any) -> Iterator[type[Value]]:
    if isinstance(annotation, type) and issubclass(annotation, Value):
        yield annotation
    for argument in get_args(annotation):
        yield from _kinds(argument)


def _counts(value: Any, path: str = "") -> dict[str, int]:
    """How many values that say something stand in each field."""
    counts: dict[str, int] = {}
    for name, field in type(value).model_fields.items():
        held = getattr(value, name)
        if held == field.default:
            continue
        for member in held if isinstance(held, tuple) else (held,):
            if isinstance(member, Value):
                for inner, count in _counts(member, f"{path}{name}.").items():
                    counts[inner] = counts.get(inner, 0) + count
            elif member not in (None, GONE, False, (), 0):
                counts[f"{path}{name}"] = counts.get(f"{path}{name}", 0) + 1
    return counts


# --- The words -------------------------------------------------------------------------------------------


def everything(story: Story, how: Sight | None) -> str:
    """All that a reader is shown: the case and every line of its history."""
    if how is None:
        return ""
    lines = "".join(entry.model_dump_json() for entry in seen_entries(story.entries, how))
    return seen(story.case, how).model_dump_json(warnings=False) + lines


@pytest.mark.parametrize("state", STATES)
def test_no_audience_reads_a_word_that_is_not_for_it(state: str) -> None:
    story = states()[state]
    for who in (PARTNER, PARTNER_WORKER):
        text = everything(story, sight_of(who, story.case))
        words = {word for word in (PERSON, MEDICAL, TEAM, FOR_PARTNER, FOR_PERSON, OTHERS) if word in text}
        allowed = {"sent": {FOR_PARTNER}, "seen": {FOR_PARTNER}, "accepted": {PERSON, FOR_PARTNER}}
        assert words == (allowed | {"medical": {PERSON, MEDICAL, FOR_PARTNER}}).get(state, set()), who.account
        assert "+336" not in text or PERSON in words
    text = everything(story, sight_of(SUPERVISOR_AMP, story.case))
    words = {word for word in (PERSON, MEDICAL, TEAM, FOR_PARTNER, FOR_PERSON, OTHERS) if word in text}
    assert words == ({FOR_PARTNER} if state == "proposed" else set()), "the reason for which it is proposed"
    text = everything(story, sight("person by a link", story))
    assert [word for word in (TEAM, FOR_PARTNER, OTHERS, MEDICAL) if word in text] == []
    assert (FOR_PERSON in text) is (PERSON in text) is True or state == "erased"
    assert sight_of(STRANGER, story.case) is None


@pytest.mark.parametrize("state", STATES)
def test_by_a_link_a_partner_sees_what_its_account_would_and_not_a_line_more(state: str) -> None:
    story = states()[state]
    by_account, by_link = sight("partner", story), sight("partner by a link", story)
    assert by_link == by_account and everything(story, by_link) == everything(story, by_account)


def test_a_field_that_nobody_has_decided_on_is_seen_by_nobody() -> None:
    """A new kind of part, a new field: blank outside the team, whatever stands in it."""
    fields = seen_fields()
    for kind, told in fields.items():
        assert set(told) <= set(kind.model_fields), f"{kind.__name__}: a name in the list that is no field"
    reached = {
        part for kind, told in fields.items() for name in told for part in _kinds(kind.model_fields[name].annotation)
    }
    assert reached <= set(fields), "a part of which a field is shown has a list of its own"


def test_a_small_commune_is_not_told_before_the_answer() -> None:
    small = Story(facts={"narrative": PERSON, "place": {"commune": "59005"}}).referred()
    how = sight_of(PARTNER, small.case)
    assert how is not None and seen(small.case, how).complaint.facts.place.commune is None
    assert seen(small.case, how).metropolis == "MEL"
