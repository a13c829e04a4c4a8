"""What cannot be undone, on a terminal: the case is shown, and its version is typed by whoever decides upon it."""

import json
import os
import pty
import subprocess
from typing import Any

import pytest

from tests.support.starter import STARTER, Folder, environment

CLOSURE = {
    "outcome": "ADVICE_GIVEN",
    "reason": "ADVICE_SUFFICED",
    "last_known_fact": "-",
    "not_told_because": "-",
}


def on_a_terminal(stack: Folder, *words: str, typed: str) -> tuple[int, str]:
    """Exit code of a command whose input is a terminal, and what it wrote to people."""
    ours, theirs = pty.openpty()
    try:
        asked = subprocess.Popen(
            [*STARTER, *words],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(stack.path),
        )
        os.write(ours, typed.encode() + b"\n")
        written, _ = asked.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    return asked.returncode, written.decode()


@pytest.fixture(scope="module")
def open_case(stack: Folder, example: dict[str, Any]) -> str:
    return stack.open(example, "--id", "a-case-to-decide-on")


def test_the_version_that_was_shown_is_typed_or_nothing_is_asked(stack: Folder, open_case: str) -> None:
    version = stack.versions()[open_case]
    fields = [word for name, value in CLOSURE.items() for word in ("--set", f"{name}={value}")]
    words = ("submit", open_case, "close", *fields)
    code, written = on_a_terminal(stack, *words, typed="oui")
    assert (code, stack.versions()[open_case]) == (1, version)
    assert f"{open_case}  v{version}" in written and f"({version})" in written
    code, written = on_a_terminal(stack, *words, typed=str(version))
    assert code == 0, written
    assert stack.ask("show", open_case)["step"] == "CLOSED"


def test_a_script_says_its_version_or_is_refused(stack: Folder, open_case: str) -> None:
    words = ("submit", open_case, "erase", "--set", "reason=PERSON_ASKED", "--as", "superviseur")
    said = stack.refused(*words)
    assert (said["code"], said["field"]) == ("version_needed", "expected_version")
    assert f"starter.py show {open_case}" in said["remedy"] and "--expect" in said["remedy"]
    in_french = stack.run(*words, stdin=json.dumps({}), lang="fr_FR.UTF-8")
    assert in_french.code == 3 and "défait" in in_french.err
