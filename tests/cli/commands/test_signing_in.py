"""Signing in, by command line: invitations to hand over, and the sessions of everybody."""

from contextlib import closing
from dataclasses import replace

from cli.stack.place import find
from desk.signin.invitations import use_invitation
from tests.support.signing_in import HERE, ORIGIN, Person
from tests.support.starter import Folder


def use(stack: Folder, token: str) -> None:
    place = find(stack.path)
    with closing(place.database), closing(place.keys):
        use_invitation(place, HERE, token)


def set_up(stack: Folder, token: str) -> None:
    """Uses an invitation, and adds a passkey."""
    place = find(stack.path)
    with closing(place.database), closing(place.keys):
        at_home = replace(place, settings=place.settings.model_copy(update={"public_url": ORIGIN}))
        signed_in = use_invitation(at_home, HERE, token)
        Person(at_home, at_home.actor(signed_in.account), signed_in=signed_in).with_passkey()


def test_an_invitation_is_printed_once_and_used_once(stack: Folder) -> None:
    invited = stack.ask("invite", "accueil")
    assert (invited["account"], invited["recovers"]) == ("accueil", False)
    assert invited["address"].startswith("http://localhost:")
    printed = stack.run("invite", "accueil")
    assert printed.code == 0 and "accueil" in printed.out
    address = printed.out.splitlines()[-1]
    assert address.startswith("http://localhost:")
    assert "Hand this to" in stack.run("invite", "auditeur", lang="en_GB.UTF-8").out
    assert stack.refused("invite", "nobody")["code"] == "no_such_account"
    use(stack, address.rpartition("/")[2])
    assert invited["token"] not in stack.logs()


def test_an_administrator_invites_and_whoever_lost_their_means_comes_back_by_a_second_person(stack: Folder) -> None:
    for name in ("admin-un", "admin-deux"):
        standing = ("--role", "ADMINISTRATOR", "--organisation", "metropole-mel", "--metropolis", "MEL")
        stack.ask("account", "add", name, *standing, "--why", "Arrive")
    stack.ask("account", "confirm", "admin-deux", "--as", "admin-un")
    invited = stack.ask("invite", "juriste", "--as", "admin-deux")
    assert (invited["account"], invited["recovers"]) == ("juriste", False)
    set_up(stack, invited["token"])
    assert "juriste" in {each["account"] for each in stack.ask("sessions", "list")["sessions"]}
    again = stack.ask("invite", "juriste", "--as", "superviseur")
    assert again["recovers"]
    use(stack, again["token"])
    assert stack.refused("invite", "admin-deux", "--as", "admin-deux")["code"] == "not_inviter"
    stack.ask("sessions", "end", "--all")


def test_sessions_are_listed_and_ended(stack: Folder) -> None:
    use(stack, stack.ask("invite", "superviseur")["token"])
    listed = stack.ask("sessions", "list")["sessions"]
    assert ("superviseur", "INVITATION", "Firefox, Windows") in {
        (session["account"], session["means"], session["device"]) for session in listed
    }
    printed = stack.run("sessions", "list").out
    assert "superviseur" in printed and "Par une invitation" in printed and "Appareil" in printed
    assert stack.ask("sessions", "end", "superviseur") == {"ended": 1}
    assert "0 session close." in stack.run("sessions", "end", "superviseur").out
    assert stack.refused("sessions", "end", code=2)["code"] == "whose_sessions"
    assert stack.refused("sessions", "end", "superviseur", "--all", code=2)["code"] == "whose_sessions"
    assert stack.refused("sessions", "end", "nobody")["code"] == "no_such_account"
    stack.ask("sessions", "end", "--all")
    assert stack.ask("sessions", "list")["sessions"] == []
