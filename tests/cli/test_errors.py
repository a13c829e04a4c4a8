"""Whatever goes wrong is said in one line or one JSON value, with what to do about it, and nothing is written."""

import errno
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cli import read
from cli.say import Usage, describe
from kit.errors import ChildNotReady, ChildNotStarted
from kit.refusals import reason
from tests.people import LOU
from tests.support.speaking import reads
from tests.support.starter import Answer, Folder

COMPLAINTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown field": ({"couleur": "rouge"}, "extra_forbidden", "couleur"),
    "a wrong type": ({"criteria": "ORIGINE"}, "tuple_type", "criteria"),
    "an unknown criterion": ({"criteria": ["TAILLE_DES_PIEDS"]}, "unknown_criterion", "criteria.0"),
    "an unknown territory": (
        {"facts": {"narrative": "x", "place": {"commune": "75056"}}},
        "unknown_commune",
        "facts.place.commune",
    ),
    "a day that does not exist": ({"received_at": "2026-02-30"}, "date_parsing", "received_at"),
    "a day to come": ({"received_at": "2099-01-01"}, "date_future", "received_at"),
    "a consent to come": (
        {"consents": [{"scope": "DEFENDER", "given_on": "2099-01-01"}]}, "date_future", "consents.0.given_on",
    ),
    "no address": ({"complainant": LOU | {"email": "lou"}}, "string_pattern_mismatch", "complainant.email"),
    "no language": ({"complainant": LOU | {"language": "fr_FR"}}, "string_pattern_mismatch", "complainant.language"),
    "a text of a megabyte": ({"expectations": "x" * 1_000_000}, "string_too_long", "expectations"),
    "a right-to-left override": ({"expectations": "abc\u202edcba"}, "control_character", "expectations"),
    "half of a character": ({"expectations": "a\ud800b"}, "string_unicode", "expectations"),
    "half of a character further in": ({"facts": {"witnesses": ["a", {"b\udfff": 1}]}}, "string_unicode",
                                       "facts.witnesses.1.b?"),
    "an escape sequence": ({"expectations": "\x1b[31mrouge"}, "control_character", "expectations"),
}  # fmt: skip


ASKED: dict[str, tuple[tuple[str, ...], int, str, str]] = {
    "an unknown command": (("submit", "{case}", "dance"), 2, "unknown_command", "command"),
    "the system's own command": (("submit", "{case}", "pass_deadlines"), 2, "unknown_command", "command"),
    "an option nobody knows": (("show", "{case}", "--colour"), 2, "usage", "colour"),
    "a field that is set twice": (
        ("submit", "{case}", "record_contact", "--set", "medium=PHONE", "--set", "medium=EMAIL"),
        2, "repeated_field", "medium",
    ),
    "no file": (("open",), 2, "no_file", "file"),
    "a file without a name": (("open", ""), 2, "no_file", "file"),
    "a file that is not there": (("submit", "{case}", "assess", "absent.json"), 2, "unreadable", "file"),
    "an unknown account": (("list", "--as", "personne"), 3, "no_such_account", "as"),
    "an unknown step": (("list", "--step", "LUNCH"), 2, "unknown_code", "step"),
    "a holder of whom nobody has heard": (("list", "--holder", "personne"), 3, "no_such_account", "holder"),
    "an unknown domain": (("list", "--domain", "SPORT"), 2, "unknown_code", "domain"),
    "a delegate who is nobody": (
        ("absent", "--delegate", "personne", "--from", "2026-03-01", "--to", "2099-03-01"),
        3, "no_such_account", "delegate",
    ),
    "an absence that is over": (
        ("absent", "--delegate", "juriste", "--from", "2020-01-01", "--to", "2020-01-31"), 2, "absence_past", "to",
    ),
    "a territory that is none": (("list", "--territory", "Paris"), 2, "unknown_code", "territory"),
    "no date": (("show", "{case}", "--at", "hier"), 2, "bad_at", "at"),
    "no date to compare with": (("replay", "{case}", "--against", "hier"), 2, "bad_at", "against"),
    "a day before the opening": (("replay", "{case}", "--against", "2020-01-01"), 3, "not_yet_open", "against"),
    "a line that is not there": (("prove", "{case}", "999"), 3, "no_such_version", "version"),
    "a day in another form": (
        ("absent", "--delegate", "juriste", "--from", "31/12/2026", "--to", "2026-12-31"), 2, "bad_day", "from",
    ),
    "no name of an account": (
        ("add-account", "Élodie M", "--role", "AUDITOR", "--organisation", "lille"),
        3, "string_pattern_mismatch", "account",
    ),
    "a reference with one wrong letter": (("show", "{wrong}"), 3, "reference_check", "reference"),
    "a reference that is none": (("history", "12"), 3, "reference", "reference"),
    "a reference of no case": (("history", "0000-0000-0000"), 3, "no_such_case", "reference"),
    "a page after no case": (("list", "--after", "0000-0000-0000"), 3, "no_such_case", "after"),
    "a page after no reference": (("list", "--after", "NOPE"), 3, "reference", "after"),
    "a command to no case": (("submit", "0000-0000-0000", "start_evidence"), 3, "no_such_case", "reference"),
    "a field that is missing": (("submit", "{case}", "add_note"), 3, "missing", "text"),
    "a command id too short": (("submit", "{case}", "start_evidence", "--id", "1"), 3, "bad_id", "id"),
    "half of a character in what is set": (
        ("submit", "{case}", "record_consent", "--set", 'consent={{"recipient": "a\\ud800b"}}'),
        3, "string_unicode", "consent.recipient",
    ),
    "a step before the other": (("submit", "{case}", "reopen", "--set", "reason=x"), 3, "wrong_step", ""),
    "a date to come": (
        ("submit", "{case}", "start_evidence", "--set", "happened_at=2099-01-01"), 3, "date_future", "happened_at",
    ),
    "a date before the complaint": (
        ("submit", "{case}", "start_evidence", "--set", "happened_at=1999-01-01"), 3, "before_reception", "happened_at",
    ),
    "no folder": (("list", "--data", "/nowhere/at/all"), 4, "no_stack", ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def answers(stack: Folder, case: str, example: dict[str, Any]) -> dict[str, Answer]:
    """The answers to all of these, asked two at a time. No case is opened and none moves on."""
    before = stack.versions()
    wrong = case[:-1] + ("A" if case[-1] != "A" else "B")
    with ThreadPoolExecutor(max_workers=2) as pool:
        going = {
            name: pool.submit(stack.run, "open", "-", "--json", stdin=json.dumps(example | fault))
            for name, (fault, _code, _field) in COMPLAINTS.items()
        } | {
            name: pool.submit(stack.run, *(word.format(case=case, wrong=wrong) for word in words), "--json")
            for name, (words, _exit, _code, _field) in ASKED.items()
        }
        results = {name: answer.result() for name, answer in going.items()}
    assert stack.versions() == before
    return results


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_complaint_with_a_fault_is_refused_by_field(answers: dict[str, Answer], name: str) -> None:
    _fault, code, field = COMPLAINTS[name]
    answer = answers[name]
    assert (answer.code, answer.error["code"], answer.error["field"]) == (3, code, field)
    assert len(answer.out) < 1000


@pytest.mark.parametrize("name", ASKED)
def test_what_cannot_be_done_is_said_with_a_remedy(answers: dict[str, Answer], name: str) -> None:
    _words, exit_code, code, field = ASKED[name]
    answer = answers[name]
    assert (answer.code, answer.error["code"], answer.error["field"] or "") == (exit_code, code, field)


@pytest.mark.parametrize("name", [*COMPLAINTS, *ASKED])
def test_no_message_shows_a_pattern_or_another_commands_example(answers: dict[str, Answer], name: str) -> None:
    error = answers[name].error
    assert not re.search(r"\[\^|\]\+|\]\{|\$", error["message"] + error["remedy"])
    if name in ASKED:
        assert "--print-example" not in error["remedy"] or ASKED[name][0] == ("open",)


def test_a_day_in_another_form_is_not_said_not_to_exist(answers: dict[str, Answer]) -> None:
    assert answers["a day in another form"].error["message"] == "Le champ from n’est pas une date."


def test_an_entry_that_is_wrong_is_one_fault_and_not_two(answers: dict[str, Answer]) -> None:
    assert "Autres erreurs" not in answers["an unknown criterion"].error["remedy"]


def test_a_moment_to_come_is_told_as_it_is_here(stack: Folder, case: str) -> None:
    refusal = stack.refused("submit", case, "start_evidence", "--set", "happened_at=2099-01-01")
    assert "2099-01-01T00:00" in refusal["message"]


@pytest.mark.parametrize(
    ("words", "see"),
    [
        (("open", "-"), "open --print-example"),
        (("submit", "{case}", "add-note", "-"), "commands add_note"),
        (("policy", "preview", "-"), "policy show"),
    ],
)
@pytest.mark.parametrize("text", ["[1]", "{oops"])
def test_what_holds_no_object_is_answered_with_what_shows_one(
    stack: Folder, case: str, words: tuple[str, ...], see: str, text: str
) -> None:
    refusal = stack.refused(*(word.format(case=case) for word in words), stdin=text, code=2)
    assert refusal["remedy"].endswith(f"\u00a0: starter.py {see}.")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"a": 1, "a": 2}', "a"),
        ('{"facts": {"occurred_on": "2026-03-01", "occurred_on": "2026-03-02"}}', "facts.occurred_on"),
        ('{"consents": [{}, {"form": "ORAL", "form": "WRITTEN"}]}', "consents.1.form"),
        ('{"b": 1, "a": {"c": 1, "c": 1}, "a": 2}', "a"),
    ],
)
def test_a_key_that_is_repeated_is_named_with_its_path(tmp_path: Path, text: str, where: str) -> None:
    file = tmp_path / "twice.json"
    file.write_text(text)
    with pytest.raises(Usage) as raised:
        read.json_object(str(file), see="")
    assert (raised.value.code, raised.value.field) == ("repeated_field", where)
    with pytest.raises(Usage) as raised:
        read.command("amend_complaint", None, [f"complaint={text}"])
    assert (raised.value.code, raised.value.field) == ("repeated_field", f"complaint.{where}")


def test_what_the_system_refuses_is_said_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "there").write_text("")
    said = {
        tmp_path / "absent.json": ("ce fichier ou ce répertoire n’existe pas", "No such file or directory"),
        tmp_path: ("c’est un répertoire", "Is a directory"),
        tmp_path / "there" / "x": ("ce n’est pas un répertoire", "Not a directory"),
        tmp_path / ("x" * 300): ("le nom du fichier est trop long", "File name too long"),
    }
    for file, (french, english) in said.items():
        with pytest.raises(Usage) as raised:
            read.raw(str(file))
        for spoken, why in (("fr", french), ("en", english)):
            reads(monkeypatch, spoken)
            assert why in describe(raised.value)["message"]


def test_what_is_not_usual_is_said_in_the_systems_own_words() -> None:
    assert reason(OSError(errno.EDOM, os.strerror(errno.EDOM))) == os.strerror(errno.EDOM)
    assert reason(ValueError("embedded null byte")) == "ValueError"


def test_a_reference_is_read_without_regard_to_case_and_dashes(stack: Folder, case: str) -> None:
    assert stack.ask("show", case.replace("-", "").lower())["reference"] == case


def test_for_people_an_error_is_one_line_on_standard_error(stack: Folder, case: str) -> None:
    answer = stack.run("submit", case, "dance\x1b[31m\nnow")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "\x1b" not in answer.err


@pytest.mark.parametrize(("spoken", "name"), [("fr", "moteur"), ("en", "engine")])
def test_a_part_of_the_stack_that_does_not_start_is_named_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, spoken: str, name: str
) -> None:
    reads(monkeypatch, spoken)
    for error in (ChildNotReady("engine", Path("engine.log")), ChildNotStarted("engine", "temporal", "x")):
        assert name in describe(error)["message"]


def test_words_that_are_no_text_are_refused(stack: Folder) -> None:
    refusal = stack.refused("list", "--holder", os.fsdecode(b"\xe9t\xe9"), code=2)
    assert refusal["code"] == "not_utf8_words"
