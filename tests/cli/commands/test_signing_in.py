"""Signing in, by command line: invitations to hand over, and the sessions of everybody."""

from contextlib import closing

from cli.stack.place import find
from desk.signin.invitations import use_invitation
from tests.support.signing_in import HERE
from tests.support.starter import Folder


def use(stack: Folder, token: str) -> None:
    place = find(stack.path)
    with closing(place.database), closing(place.keys):
        use_invitation(place, HERE, token)


def test_an_invitation_is_printed_once_and_used_once(stack: Folder) -> None:
    invited = stack.ask("invite", "accueil")
    assert (invited["account"], invited["address"], invited["recovers"]) == ("accueil", None, False)
    printed = stack.run("invite", "accueil", ABOUTIR_PUBLIC_URL="https://aboutir.exemple.fr/")
    assert printed.code == 0 and "accueil" in printed.out
    address = printed.out.splitlines()[-1]
    assert address.startswith("https://aboutir.exemple.fr/invitation/abi_")
    assert "Hand this to" in stack.run("invite", "auditeur", lang="en_GB.UTF-8").out
    assert stack.refused("invite", "nobody")["code"] == "no_such_account"
    use(stack, address.rpartition("/")[2])
    assert invited["token"] not in stack.logs()


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
