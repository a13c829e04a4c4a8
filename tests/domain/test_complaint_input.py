"""Input of people, files and programs becomes a value, or an error that names the field. Nothing else."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.commands import COMMANDS, AnyCommand
from domain.complaint import Complaint
from domain.reference import criteria, territories
from domain.values import _ALPHABET, Reference, day_of, new_reference, reference_from
from domain.vocabulary import Act
from tests.domain.examples import complaint_data
from tests.people import LOU

COMMAND: TypeAdapter[Any] = TypeAdapter(AnyCommand)
REFERENCE: TypeAdapter[str] = TypeAdapter(Reference)


def put(path: str, value: object) -> dict[str, Any]:
    """A good complaint with one bad thing in it."""
    data = complaint_data(complainant=dict(LOU))
    *parents, last = path.split(".")
    at = data
    for parent in parents:
        at = at.setdefault(parent, {})
    at[last] = value
    return data


def locations(data: object) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Complaint.model_validate(data)
    return [".".join(map(str, error["loc"])) for error in caught.value.errors()]


MEGABYTE = "a" * 1_000_000
BAD: list[tuple[str, object]] = [
    ("surprise", 1),
    ("facts.surprise", 1),
    ("complainant.date_of_birth", "1990-01-01"),
    # wrong types
    ("channel", "CARRIER_PIGEON"),
    ("channel", 7),
    ("criteria", "ORIGINE"),
    ("criteria", {"ORIGINE": True}),
    ("criteria", None),
    ("facts", []),
    ("facts", "he said"),
    ("facts.ongoing", "perhaps"),
    ("fictitious", "perhaps"),
    ("fictitious", "yes"),
    ("fictitious", 1),
    ("consents", [7]),
    # dates
    ("received_at", "2026-02-30"),
    ("received_at", "2026-02-30T10:00:00"),
    ("received_at", "2026-13-01"),
    ("received_at", "0001-01-01"),
    ("received_at", "0001-01-01T00:00:00+14:00"),
    ("received_at", "1899-12-31"),
    ("received_at", "9999-12-31T23:59:59"),
    ("received_at", "9999-12-31T23:59:59Z"),
    ("received_at", "9999-12-31T23:59:59-12:00"),
    ("received_at", "2200-01-01"),
    ("received_at", "2026-03-29T02:30:00"),
    ("received_at", "yesterday"),
    ("received_at", ""),
    ("received_at", 1_700_000_000),
    ("received_at", 46_000.5),
    ("received_at", math.nan),
    ("received_at", math.inf),
    ("received_at", True),
    ("received_at", None),
    ("received_at", "２０２６-０３-０１"),
    ("received_at", "\ud800"),
    *(
        (f"facts.{field}", value)
        for field in ("occurred_on", "ended_on", "revealed_on")
        for value in (
            *("2026-02-30", "0001-01-01", "1899-12-31", "9999-12-31", "9999-12-31T23:59:59", "01/02/2026", "nan", ""),
            *("1700000000", 45_000, 45_000.0, math.nan, math.inf, -math.inf, True, b"2026-01-01", ["2026-01-01"]),
        )
    ),
    ("facts.ended_on", "2026-01-01"),
    ("facts.revealed_on", "2026-01-01"),
    ("prior_steps", [{"kind": "OTHER", "taken_on": "0001-01-01"}]),
    ("consents", [{"scope": "DEFENDER", "given_on": "9999-12-31"}]),
    # texts
    ("facts.narrative", ""),
    ("facts.narrative", " \n\t "),
    ("facts.narrative", MEGABYTE),
    ("facts.narrative", "before\x00after"),
    ("facts.narrative", "\x1b[2J"),
    ("facts.narrative", "user\u202etxt.exe"),
    ("facts.narrative", "\u2066hidden\u2069"),
    ("facts.narrative", "half a letter: \ud800"),
    ("expectations", MEGABYTE),
    ("complainant.given_name", ""),
    ("complainant.given_name", "\u200b"),
    ("complainant.given_name", " \u200b \u2060"),
    ("complainant.given_name", MEGABYTE),
    ("complainant.given_name", "Lou\nBcc: all@example.org"),
    ("complainant.given_name", "Lou\u2028Exemple"),
    ("complainant.family_name", "\u202eelpmexE"),
    ("complainant.email", "lou"),
    ("complainant.email", "lou@example.org, all@example.org"),
    ("complainant.email", "lou\x00@example.org"),
    ("complainant.email", "lou\u202e@example.org"),
    ("complainant.email", MEGABYTE + "@example.org"),
    ("complainant.phone", "call me"),
    ("complainant.phone", "1" * 1_000_000),
    ("complainant.language", "French"),
    ("source", {"system": "../../etc", "id": "1"}),
    ("source", {"system": "registre", "id": ""}),
    # codes
    ("criteria", []),
    ("criteria", ["COIFFURE"]),
    ("criteria", ["ORIGINE", "ORIGINE"]),
    ("criteria", [MEGABYTE]),
    ("criteria", list(criteria())),
    ("acts", []),
    ("acts", ["DIRECTE", "DIRECTE"]),
    ("acts", [act.value for act in Act]),
    ("facts.place.commune", "75056"),
    ("facts.place.commune", "200093201"),
    ("facts.place.commune", "QN05965M"),
    ("facts.place.commune", 59350),
    ("facts.place.commune", ""),
    ("facts.place.neighbourhood", "59350"),
    ("facts.place.neighbourhood", "QP059001"),
    ("facts.place.neighbourhood", "QN05965M"),  # lies in Villeneuve-d'Ascq, and the commune is Lille
    ("consents", [{"scope": "REFERRAL", "given_on": "2026-03-01"}]),
    ("complainant", [[[[[{}]]]]]),
    ("prior_steps", [{"kind": "OTHER"}] * 41),
]


@pytest.mark.parametrize(("path", "value"), BAD, ids=[f"{path}-{n}" for n, (path, _) in enumerate(BAD)])
def test_a_bad_value_is_an_error_that_names_its_field(path: str, value: object) -> None:
    found = locations(put(path, value))
    assert found
    assert {at[: len(path)] for at in found} == {path}


def test_a_date_after_reception_names_the_facts() -> None:
    assert locations(put("facts.occurred_on", "2026-03-03")) == ["facts"]


def test_what_is_missing_is_named() -> None:
    assert locations({}) == ["received_at", "channel", "domain", "criteria", "facts"]


@pytest.mark.parametrize("junk", [None, 7, "text", [], [[]], b"\xff", math.nan, object()])
def test_what_is_no_complaint_at_all_is_an_error(junk: object) -> None:
    assert locations(junk) == [""]


def test_the_error_itself_can_be_said_as_json() -> None:
    for path, value in BAD:
        with pytest.raises(ValidationError) as caught:
            Complaint.model_validate(put(path, value))
        caught.value.errors(include_input=False, include_url=False)
        assert "\x00" not in str([error["msg"] for error in caught.value.errors()])


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        ("2026-03-02", "2026-03-01T23:00:00+00:00"),
        ("2026-07-02", "2026-07-01T22:00:00+00:00"),
        (" 2026-03-02T09:00 ", "2026-03-02T08:00:00+00:00"),
        ("2026-03-29T01:59", "2026-03-29T00:59:00+00:00"),
        ("2026-03-29T03:00", "2026-03-29T01:00:00+00:00"),
        ("2025-10-26T02:30", "2025-10-26T00:30:00+00:00"),  # twice that night: the first counts
        ("2026-03-02T09:00:00-05:00", "2026-03-02T14:00:00+00:00"),
    ],
)
def test_a_time_without_zone_is_a_time_in_paris(said: str, instant: str) -> None:
    facts = {"narrative": "Refused at the door"}
    received = Complaint.model_validate(put("received_at", said) | {"facts": facts}).received_at
    assert received.isoformat() == instant


def test_a_neighbourhood_that_straddles_communes_lies_in_each_of_them() -> None:
    for territory in territories().values():
        if territory.level == "qpv":
            for commune in territory.parents:
                place = {"commune": commune, "neighbourhood": territory.code}
                data = complaint_data(facts={"narrative": "Refused at the door", "place": place})
                assert Complaint.model_validate(data).facts.place.metropolis == territory.metropolis


def test_windows_line_ends_become_line_ends_and_accents_stay() -> None:
    said = Complaint.model_validate(put("facts.narrative", "  Refusé…\r\n« déjà loué »\r👋 \n"))
    assert said.facts.narrative == "Refusé…\n« déjà loué »\n👋"


# --- Anything at all -------------------------------------------------------------------------------------

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["2026-02-30", "9999-12-31T23:59:59Z", "0001-01-01", "ORIGINE", "59350", "R1", "SELF", "\ud800"])
)
FIELDS = sorted({f for model in (*COMMANDS.values(), Complaint) for f in model.model_fields} | {"place", "commune"})
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON, st.sampled_from(sorted(complaint_data())), st.booleans())
def test_any_json_is_a_complaint_or_an_error(junk: Any, field: str, whole: bool) -> None:
    try:
        read = Complaint.model_validate(junk if whole else complaint_data() | {field: junk})
    except ValidationError as error:
        assert error.error_count() > 0
    else:
        day_of(read.received_at)
        assert Complaint.model_validate_json(read.model_dump_json()) == read


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(COMMANDS)), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6), JSON)
def test_any_json_is_a_command_or_an_error(kind: str, fields: dict[str, Any], junk: Any) -> None:
    known = {name: value for name, value in fields.items() if name in COMMANDS[kind].model_fields}
    for data in (junk, fields | {"kind": kind}, known | {"kind": kind}):
        try:
            read = COMMAND.validate_python(data)
        except ValidationError as error:
            assert error.error_count() > 0
        else:
            assert COMMAND.validate_json(COMMAND.dump_json(read)) == read


# --- References ------------------------------------------------------------------------------------------

NUMBERS = st.integers(0, 2**55 - 1)


@given(NUMBERS)
def test_one_wrong_letter_is_always_seen(number: int) -> None:
    letters = reference_from(number).replace("-", "")
    for at, was in enumerate(letters):
        for wrong in _ALPHABET.replace(was, ""):
            with pytest.raises(ValidationError):
                REFERENCE.validate_python(letters[:at] + wrong + letters[at + 1 :])


@given(NUMBERS)
def test_two_swapped_neighbours_are_always_seen(number: int) -> None:
    letters = reference_from(number).replace("-", "")
    for at in range(11):
        swapped = letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]
        if swapped != letters:
            with pytest.raises(ValidationError):
                REFERENCE.validate_python(swapped)


@given(NUMBERS, st.randoms(use_true_random=False))
def test_a_reference_is_read_however_it_is_written(number: int, dice: Any) -> None:
    reference = reference_from(number)
    written = "".join(
        dice.choice({"1": "1IiLl", "0": "0Oo", "-": ["-", "", " ", "–", "\u2011", " - "]}.get(c, [c, c.lower()]))
        for c in reference
    )
    assert REFERENCE.validate_python(f" {written}\t") == reference


@given(NUMBERS)
def test_a_reference_stands_for_one_number(number: int) -> None:
    letters = reference_from(number).replace("-", "")[:11]
    assert sum(_ALPHABET.index(c) << (5 * i) for i, c in enumerate(letters)) == number


@pytest.mark.parametrize("bad", ["", "7K3M", "7K3M-9QF2-XJ4U", "É" * 12, MEGABYTE, b"\xff" * 12, 7, None])
def test_what_is_no_reference_is_an_error(bad: object) -> None:
    with pytest.raises(ValidationError):
        REFERENCE.validate_python(bad)


def test_the_example_in_the_error_message_is_a_reference() -> None:
    with pytest.raises(ValidationError, match="looks like 7K3M-9QF2-XJ47"):
        REFERENCE.validate_python("?")
    assert REFERENCE.validate_python("7K3M-9QF2-XJ47") == "7K3M-9QF2-XJ47"
    assert new_reference() != new_reference()
