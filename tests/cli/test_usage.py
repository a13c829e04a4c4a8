"""A command line that is not understood is answered in the reader's language, never in the library's."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from cli import help
from cli.app import COMMANDS, app
from cli.lazy import Deferred
from cli.say import DONE, USAGE, describe
from cli.stack.commands import folder_of
from cli.usage import misunderstood
from tests.support.servers import ROOT
from tests.support.starter import Folder

LINES = {
    "no reference": (("show",), "REF", "Le champ REF est absent."),
    "no such option": (("show", "--nope"), "nope", "L’option --nope n’existe pas."),
    "no such command": (("liste",), None, "La commande liste n’existe pas."),
    "no such command of a group": (("policy", "foo"), None, "La commande foo n’existe pas."),
    "no number": (("list", "--limit", "beaucoup"), "limit", "Le champ limit doit être un nombre entier."),
    "words too many": (("show", "a", "b", "c"), None, "Il y a un mot de trop : b c."),
    "an option without its value": (("show", "--at"), "at", "L’option --at attend une valeur."),
    "a value for a flag": (("open", "--json=3"), "json", "L’option --json ne prend pas de valeur."),
    "an option that must be given": (("absent",), "delegate", "Le champ delegate est absent."),
}


@pytest.mark.parametrize("name", LINES)
def test_a_command_line_that_is_not_understood(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    line, field, message = LINES[name]
    with pytest.raises(typer.TyperException) as raised:
        app(list(line), standalone_mode=False)
    said = describe(misunderstood(raised.value))
    assert (said["code"], said["field"], said["message"]) == ("usage", field, message)
    assert said["remedy"]
    for english in ("Invalid", "Missing", "No such", "Got", "Option"):
        assert english not in said["message"] + said["remedy"]


@pytest.mark.parametrize(
    ("line", "near"),
    [(("lsit",), "list"), (("LIST",), "list"), (("agneda",), "agenda"), (("policy", "shwo"), "show")],
)
def test_a_mistyped_command_is_answered_with_the_one_that_was_meant(
    line: tuple[str, ...], near: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    with pytest.raises(typer.TyperException) as raised:
        app(list(line), standalone_mode=False)
    said = describe(misunderstood(raised.value))
    assert (said["code"], said["remedy"]) == ("usage", f"Vouliez-vous dire {near}\u202f?")


@pytest.mark.parametrize("words", [(), ("store",), ("policy",)])
def test_whoever_names_no_command_is_shown_the_help_and_nothing_else(words: tuple[str, ...], tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    alone, asked = folder.run(*words), folder.run(*words, "-h")
    assert (asked.code, asked.err) == (DONE, "")
    assert (alone.code, alone.out, alone.err) == (USAGE, "", asked.out)


def test_the_version_is_the_one_that_the_project_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["--version"], standalone_mode=False) == 0
    assert f'\nversion = "{capsys.readouterr().out.strip()}"\n' in (ROOT / "pyproject.toml").read_text()


def test_an_error_of_the_library_that_we_never_met_is_passed_on_as_it_is() -> None:
    assert misunderstood(typer.TyperException("Something new.")).message == "Something new."


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_there_and_says_what_it_is_for(command: Deferred, capsys: pytest.CaptureFixture[str]) -> None:
    assert app([str(command.name), "--help"], standalone_mode=False) == 0
    said, told = capsys.readouterr().out, str(command.help)
    assert f" {command.name} [OPTIONS]" in said
    assert " ".join(told.split()) in " ".join(said.split())


def test_a_folder_that_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ABOUTIR_DATA", "")
    assert folder_of(None) == tmp_path / "data"


def test_what_a_command_does_not_need_is_not_waited_for() -> None:
    heavy = ("sqlalchemy", "temporalio", "holidays", "babel", "cryptography", "domain.commands", "psycopg")
    program = f"import sys, cli.app; print([name for name in {heavy} if name in sys.modules])"
    asked = [sys.executable, "-c", program]
    assert subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, check=True).stdout == "[]\n"
    program = program.replace("cli.app", "cli.commands.listing, cli.commands.look")
    asked = [sys.executable, "-c", program]
    loaded = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    assert "sqlalchemy" in loaded
    assert not [name for name in ("temporalio", "psycopg", "babel") if name in loaded]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_help_is_in_the_readers_language_as_a_whole(
    command: Deferred, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    help.install()
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert app([str(command.name), "--help"], standalone_mode=False) == 0
    said = capsys.readouterr().out
    assert said.startswith("Usage\u00a0: ")
    assert "Options\u00a0:\n" in said
    assert "Afficher cette page." in said
    for english in ("Usage:", "Options:", "Commands:", "Arguments:", "COMMAND [", "Show this", "[env var", "[default"):
        assert english not in said
