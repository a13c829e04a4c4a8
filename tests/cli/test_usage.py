"""A command line that is not understood is answered in the reader's language, never in the library's."""

import pytest
import typer

from cli.app import app
from cli.say import describe
from cli.usage import misunderstood

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


def test_an_error_of_the_library_that_we_never_met_is_passed_on_as_it_is() -> None:
    assert misunderstood(typer.TyperException("Something new.")).message == "Something new."
