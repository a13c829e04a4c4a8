"""Reading what a person gives, without a stack: what is no JSON, and what is wrong with a value, field by field."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cli import read
from cli.demo.examples import COMPLAINT
from cli.say import Usage, describe
from domain.commands import COMMANDS
from domain.complaint import Complaint
from domain.errors import Invalid, Problem
from domain.vocabulary import Domain, Step
from kit.formats.one_line import one_line
from kit.i18n import language, translate
from kit.validation import faults
from tests.support.speaking import reads
from tests.support.starter import UNFILLED
from words.problems import invalid

SEE = "starter.py commands"
NOT_TAKEN = {
    "nothing": (b"", "not_json"),
    "half an object": (b'{"a": ', "not_json"),
    "a list": (b"[]", "not_an_object"),
    "a number": (b"1", "not_an_object"),
    "NaN": (b'{"a": NaN}', "not_a_value"),
    "more than a number holds": (b'{"a": 1e999}', "not_a_value"),
    "a number of ten thousand digits": (b'{"a": ' + b"9" * 10_000 + b"}", "not_a_value"),
    "half of a character": (b'{"a": "\\ud800"}', "string_unicode"),
    "a key twice": (b'{"a": 1, "a": 2}', "repeated_field"),
    "a key twice further down": (b'{"a": {"b": 1, "b": 2}}', "repeated_field"),
    "lists in lists": (b"[" * 100_000, "too_deep"),
    "objects in objects": (b'{"a":' * 100_000, "too_deep"),
    "latin-1": ('{"é": 1}'.encode("latin-1"), "not_utf8"),
    "five megabytes": (b'{"a": "' + b"x" * 5_000_000 + b'"}', "too_large"),
}


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_what_is_not_a_json_object_is_refused(tmp_path: Path, name: str) -> None:
    content, code = NOT_TAKEN[name]
    file = tmp_path / "complaint.json"
    file.write_bytes(content)
    with pytest.raises(Problem) as refused:
        read.json_object(str(file), SEE)
    said = describe(refused.value)
    assert said["code"] == code
    assert said["message"] and said["remedy"] and said["field"]
    assert not UNFILLED.search(said["message"] + said["remedy"])


@pytest.mark.parametrize("file", ["absent.json", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, file: str) -> None:
    with pytest.raises(Usage) as refused:
        read.json_object(str(tmp_path / file), SEE)
    assert (refused.value.code, refused.value.field) == ("unreadable", "file")


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "complaint.json"
    file.write_text('{"a": "é 😀"}', encoding="utf-8-sig")
    assert read.json_object(str(file), SEE) == {"a": "é 😀"}


def test_standard_input_is_read_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(COMPLAINT).encode())))
    assert read.complaint(read.json_object("-", SEE)) == Complaint.model_validate(COMPLAINT)


# --- Word by word ----------------------------------------------------------------------------------------


def test_fields_are_set_one_by_one_on_top_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "fields.json").write_text('{"reason": "Un"}')
    asked = read.command("waive-pieces", str(tmp_path / "fields.json"), ["reason=Deux", "pieces=EV001, EV002"])
    assert asked.model_dump()["pieces"] == ("EV001", "EV002")
    assert asked.model_dump()["reason"] == "Deux"


def test_a_field_inside_another_is_set_with_a_dot() -> None:
    asked = read.command("record_consent", None, ["consent.scope=DEFENDER", "consent.given_on=2026-03-01"])
    assert asked.model_dump(mode="json")["consent"]["given_on"] == "2026-03-01"


def test_a_text_that_starts_with_a_bracket_is_a_text() -> None:
    assert read.command("add_note", None, ["text=[urgent] rappeler"]).model_dump()["text"] == "[urgent] rappeler"


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("text", "bad_set"),
        ("=x", "bad_set"),
        ("text=" + "[" * 50_000, "too_deep"),
        ('text={"a":1,"a":2}', "repeated_field"),
    ],
)
def test_a_setting_that_cannot_be_read_is_refused(setting: str, code: str) -> None:
    with pytest.raises(Usage) as refused:
        read.command("add_note", None, [setting])
    assert refused.value.code == code


# --- Faults ----------------------------------------------------------------------------------------------

WRONG: list[Any] = [
    None, True, -1, 7.5, 10**30, "", " ", "x", "é" * 50_000, "a\nb", "\x00", "\u202e", "2026-02-30", "1700-01-01",
    [], ["x"], ["x"] * 500, {}, {"x": 1}, [{}], {"narrative": 1, "place": 3}, {"commune": "00000"},
    {"scope": "x"}, {"narrative": "x", "occurred_on": "2999-01-01"}, {"neighbourhood": "QN00000"},
]  # fmt: skip
KINDS = {"complaint": Complaint, **COMMANDS}


@pytest.mark.parametrize("name", KINDS)
def test_every_fault_is_said_in_words_of_its_own(name: str) -> None:
    kind, otherwise = KINDS[name], "{field} is not valid."
    for field in kind.model_fields:
        for value in WRONG:
            try:
                kind.model_validate({field: value})
            except ValidationError as error:
                for fault in faults(error):
                    assert fault.message != otherwise, (field, value, fault)
                said = describe(invalid(error))
                assert said["field"]
                assert not UNFILLED.search(said["message"] + said["remedy"]), said


def test_the_first_fault_says_how_many_more_there_are() -> None:
    with pytest.raises(Invalid) as refused:
        read.complaint({"couleur": "rouge"})
    said = describe(refused.value)
    assert said["field"] == "received_at"
    assert all(field in said["remedy"] for field in ("channel", "domain", "criteria", "facts", "couleur"))


def test_the_name_of_an_unknown_field_is_cut_and_cleaned() -> None:
    with pytest.raises(Invalid) as refused:
        read.complaint(COMPLAINT | {"\x1b[31m" + "x" * 1_000_000: 1})
    said = describe(refused.value)
    assert "\x1b" not in json.dumps(said, ensure_ascii=False)
    assert len(json.dumps(said)) < 1000


@pytest.mark.parametrize("typed", ["\x1b[2J", "a\nb", "\u202eabc", "\x9b31m", "\ud800"])
def test_what_a_terminal_would_obey_is_not_repeated(typed: str) -> None:
    shown = one_line(typed)
    assert shown.encode()
    assert "\N{REPLACEMENT CHARACTER}" in shown


# --- Languages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "fr"),
        ({"LANG": "C.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "", "LC_MESSAGES": "fr_FR.UTF-8"}, "fr"),
    ],
)
def test_french_is_spoken_unless_english_is_asked_for(environment: dict[str, str], spoken: str) -> None:
    assert language(environment) == spoken


def test_a_template_without_translation_stands_for_itself() -> None:
    assert translate("Nobody translated this {thing}.", "fr") == "Nobody translated this {thing}."


# --- Codes and names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "known", "close"),
    [
        ("recueil", [*Step], "INTAKE"),
        ("EVIDENSE", [*Step], "EVIDENCE"),
        ("logement", [*Domain], "LOGEMENT_PRIVE"),
        ("santé", [*Domain], "SANTE"),
    ],
)
def test_a_code_that_is_near_one_is_answered_with_it(
    monkeypatch: pytest.MonkeyPatch, text: str, known: list[str], close: str
) -> None:
    reads(monkeypatch, "fr")
    with pytest.raises(Usage) as refused:
        read.code(text, known, "step")
    assert (refused.value.code, refused.value.field) == ("unknown_code", "step")
    assert describe(refused.value)["remedy"] == f"Vouliez-vous dire {close}\u202f?"


def test_a_code_that_is_near_none_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(Usage) as refused:
        read.code("LUNCH", [*Step], "step")
    assert "INTAKE, REFERRAL" in describe(refused.value)["remedy"]


@pytest.mark.parametrize(("text", "code"), [("mel", "MEL"), ("Lille", "59350"), ("MARCQ EN BAROEUL", "59378")])
def test_a_territory_is_given_by_its_code_or_by_its_name(text: str, code: str) -> None:
    assert read.territory(text, "territory") == code


@pytest.mark.parametrize(
    ("text", "code", "candidates"),
    [
        ("Saint-André", "ambiguous_territory", ["Saint André (QN01364I)", "Saint-André-lez-Lille (59527)"]),
        ("Mons", "unknown_code", ["Mons-en-Barœul (59410)"]),
        ("Roubai", "unknown_code", ["Roubaix (59512)"]),
        ("marseile", "unknown_code", ["Marseille (13055)"]),
        ("Paris", "unknown_code", ["MEL, AMP"]),
        ("", "unknown_code", ["MEL, AMP"]),
    ],
)
def test_a_name_that_is_not_that_of_one_place_is_answered_with_candidates(
    text: str, code: str, candidates: list[str]
) -> None:
    with pytest.raises(Usage) as refused:
        read.territory(text, "territory")
    said = describe(refused.value)
    assert (said["code"], said["field"]) == (code, "territory")
    assert all(candidate in said["remedy"] for candidate in candidates), said
