"""On the command line: how one wants to be written to, what was sent, and what happens by the calendar."""

from datetime import datetime
from pathlib import Path

import pytest

from cli.stack.embedded import _worker
from kit.mail.mailbox import OutboxFolder, mailbox_of
from kit.settings import Settings
from tests.support.starter import Folder

ADDRESS = "quelquun.du.personnel@aboutir.test"


def test_everybody_of_a_new_folder_has_an_address_that_nobody_has(stack: Folder) -> None:
    found = stack.ask("preferences", "show", "--as", "juriste")
    assert found == {
        "account": "juriste", "address": "juriste@aboutir.test",
        "when": "DIGEST", "hour": 8, "language": "fr", "grace": 4,
    }  # fmt: skip


def test_preferences_are_changed_one_by_one(stack: Folder) -> None:
    found = stack.ask("preferences", "set", "--hour", 7, "--when", "both", "--as", "accueil-amp")
    assert (found["hour"], found["when"], found["grace"]) == (7, "BOTH", 4)
    found = stack.ask("preferences", "set", "--language", "en", "--grace", 0, "--as", "accueil-amp")
    assert (found["hour"], found["when"], found["language"], found["grace"]) == (7, "BOTH", "en", 0)
    assert stack.ask("preferences", "show", "--as", "accueil-amp") == found
    said = stack.run("preferences", "show", "--as", "accueil-amp")
    assert "Tout de suite" in said.out and "7 h" in said.out


def test_an_address_is_read_from_standard_input_and_shown_to_its_account_only(stack: Folder) -> None:
    words = ("preferences", "set", "--mail", "--as", "superviseur-bis")
    assert stack.ask(*words, stdin=f"  {ADDRESS}\n")["address"] == ADDRESS
    for look in (("accounts",), ("mails", "--as", "pilote"), ("preferences", "show", "--as", "pilote")):
        assert ADDRESS not in stack.run(*look, "--json").out
    assert ADDRESS not in stack.logs()
    assert stack.ask(*words, stdin="\n")["address"] is None


@pytest.mark.parametrize(
    ("words", "stdin", "code", "error"),
    [
        (("--mail", "--as", "juriste"), "not an address\n", 3, "string_pattern_mismatch"),
        (("--hour", "3", "--as", "juriste"), "", 3, "greater_than_equal"),
        (("--grace", "100", "--as", "juriste"), "", 3, "less_than_equal"),
        (("--when", "never", "--as", "juriste"), "", 3, "enum"),
        (("--language", "de", "--as", "juriste"), "", 3, "literal_error"),
        (("--when", "LAW_ONLY", "--as", "superviseur"), "", 3, "must_be_told"),
        (("--when", "LAW_ONLY", "--as", "pilote"), "", 3, "must_be_told"),
        (("--as", "juriste"), "", 2, "no_preference"),
        (("--hour", "8", "--as", "nobody"), "", 3, "no_such_account"),
    ],
)
def test_what_cannot_be_is_refused(stack: Folder, words: tuple[str, ...], stdin: str, code: int, error: str) -> None:
    answer = stack.run("preferences", "set", *words, "--json", stdin=stdin)
    assert (answer.code, answer.error["code"]) == (code, error)
    if stdin:
        assert stdin.strip() not in answer.out


def test_mails_are_listed_for_whoever_may_see_their_case(stack: Folder, case: str) -> None:
    assert stack.ask("mails", "--case", case, "--as", "superviseur") == {"mails": []}
    assert stack.refused("mails", "--case", case, "--as", "accueil-amp")["code"] == "no_such_case"
    assert stack.refused("mails", "--state", "LOST", code=2)["code"] == "unknown_code"
    assert stack.ask("alerts", "--as", "superviseur")["undelivered"] == 0


def test_the_embedded_stack_has_the_digest_in_force(stack: Folder) -> None:
    (digest,) = (s for s in stack.ask("schedules")["schedules"] if s["id"] == "digest")
    assert not digest["paused"]
    following = [datetime.fromisoformat(moment) for moment in digest["next"]]
    assert len(following) == 3 and following == sorted(following)


def test_the_embedded_worker_writes_mails_into_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABOUTIR_MAIL_HOST", raising=False)
    given = _worker(Settings(data=tmp_path), tmp_path).env
    for name, value in given.items():
        if name.startswith("ABOUTIR_"):
            monkeypatch.setenv(name, value)
    found = mailbox_of(Settings())
    assert isinstance(found, OutboxFolder)
    assert found._folder == tmp_path / "outbox"
