"""Problems name actions; only the command line says what is typed for them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.actions import TYPED, described
from cli.say import describe
from domain.commands import COMMANDS
from domain.errors import Action, Invalid, NotFound, Problem, Refused
from domain.permissions import no_such_case
from kit.errors import StackError
from kit.i18n import translate
from kit.validation import LOOK_UP
from locales import extract
from tests.support.speaking import reads

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("domain", "workflows", "activities", "models", "documents", "audit", "importer", "kit", "desk")
MAILS = {"activities/post.py", "activities/witness_mail.py", "domain/messages/notices.py"}
"""Files in which mails are written: their reader has a terminal, as long as the installation names no page."""
TYPED_WORD = re.compile(r"starter\.py|(?<![\w-])--[a-z]")


def trees() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


PROBLEMS = extract.subclasses([tree for _, tree in trees()], "Problem")


def test_every_action_is_worded_by_the_command_line() -> None:
    assert set(TYPED) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_each_is_worded_in_french_too(action: Action) -> None:
    assert translate(TYPED[action], "fr") != TYPED[action]


def test_no_message_below_the_command_line_says_what_to_type() -> None:
    problems = PROBLEMS | {"NotFound", "Refused"}
    errors = extract.subclasses([tree for _, tree in trees()], "StackError")
    typed = {
        (place, text)
        for place, tree in trees()
        if place not in MAILS
        for message in extract.Reader(tree, problems, errors).found
        for text in ((message,) if isinstance(message, str) else message)
        if TYPED_WORD.search(text) or TYPED_WORD.search(translate(text, "fr"))
    }
    assert typed == set()
    assert [name for name, command in COMMANDS.items() if TYPED_WORD.search(command.explained())] == []


def test_each_problem_has_the_parameters_that_its_action_is_worded_with() -> None:
    used = set()
    for place, tree in trees():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            named = re.findall(r"\bAction\.([A-Z_]+)", ast.unparse(given["action"])) if "action" in given else []
            for action in filter(None, map(Action.named, named)):
                used.add(action)
                assert extract.parameters(TYPED[action]) <= {f"{{{name}}}" for name in given}, (place, call.lineno)
    assert len(used) > 10


def test_what_goes_wrong_around_the_program_names_known_actions() -> None:
    def every(kind: type[StackError]) -> Iterator[type[StackError]]:
        for below in kind.__subclasses__():
            yield below
            yield from every(below)

    import kit.crypto.vault
    import kit.formats.clamd  # noqa: F401

    named = {kind.action for kind in every(StackError)} - {None}
    assert named >= {"ROTATE_KEYS", "SCAN_STORE"}
    assert named | {LOOK_UP} <= set(Action)


# --- Across processes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Problem, Invalid, Refused, NotFound])
def test_an_action_crosses_to_another_process(kind: type[Problem]) -> None:
    problem = kind("code", "Message {reference}.", "Remedy.", field="f", action=Action.VERIFY_CASE, reference="REF")
    again = Problem.from_dict(problem.as_dict())
    assert (type(again), again.action, again.params) == (kind, Action.VERIFY_CASE, {"reference": "REF"})


def test_a_problem_of_a_history_that_knows_no_actions_is_read_as_ever() -> None:
    before = {
        "kind": "Refused", "code": "stale", "message": "M.", "remedy": "R.", "field": "f", "params": {"version": 2},
    }  # fmt: skip
    again = Problem.from_dict(before)
    assert (again.action, again.as_dict()) == (None, before)


def test_an_action_of_a_later_version_is_left_out() -> None:
    later = Refused("code", "M.", "R.").as_dict() | {"action": "FLY_TO_THE_MOON"}
    assert Problem.from_dict(later).action is None


# --- On the command line ---------------------------------------------------------------------------------


def test_the_command_line_adds_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, "en")
    assert describe(no_such_case())["remedy"] == "Check the reference and the account. The account is given with --as."
    assert describe(Refused("code", "Message.", "Remedy."))["remedy"] == "Remedy."


def test_a_command_that_has_a_door_of_its_own_names_it() -> None:
    assert described(COMMANDS["attach_file"]).endswith(" is received by it. See: starter.py attach.")
    assert described(COMMANDS["add_note"]) == COMMANDS["add_note"].explained()
