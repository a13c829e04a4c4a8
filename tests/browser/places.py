"""Every page in every state in which somebody finds it: full, empty, in error, stale, before anybody has signed in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from desk.signin.invitations import invite
from domain.actors import OPERATOR
from tests.browser.visitor import Visitor
from tests.support.site import CASES, NEWCOMER

WORKER, SUPERVISOR, AUDITOR, LEAD = "accueil", "superviseur", "auditeur", "pilote"
CASE = f"/dossiers/{CASES['porte']}"
DAILY = ("add_note", "record_contact", "refer", "request_piece", "answer_alert", "close")
"""Commands whose forms are looked at: between them they have every kind of control."""


@dataclass(frozen=True)
class Place:
    """A page in a state. `reach` leads a visitor there, who is signed in as the account."""

    name: str
    account: str | None
    reach: Callable[[Visitor], Awaitable[object]]
    is_in_error: bool = False


def at(address: str) -> Callable[[Visitor], Awaitable[object]]:
    """Leads straight to an address."""
    return lambda visitor: visitor.go(address)


def sent(address: str, **typed: str) -> Callable[[Visitor], Awaitable[object]]:
    """Opens a form, types what is given by the ids of its fields, and sends it."""

    async def reach(visitor: Visitor) -> None:
        await visitor.go(address)
        for id, text in typed.items():
            await visitor.page.fill(f"#{id}", text)
        await visitor.send()

    return reach


async def _invited(visitor: Visitor) -> None:
    await visitor.go(f"/invitation/{invite(visitor.site.office, OPERATOR, 'juriste').token}")


async def _enrolling(visitor: Visitor) -> None:
    await _invited(visitor)
    await visitor.send()


async def _enrolling_wrongly(visitor: Visitor) -> None:
    await _enrolling(visitor)
    await visitor.page.fill("#mot_de_passe", "quatre chevaux lisent dehors")
    await visitor.page.fill("#code", "000000")
    await visitor.send()


async def _stale(visitor: Visitor) -> None:
    """The form of a decision that was opened before somebody else wrote a note."""
    await visitor.go(f"{CASE}/actes/close")
    await visitor.note_meanwhile(CASES["porte"])
    await visitor.page.check("input[name=outcome] >> nth=0")
    await visitor.page.select_option("select[name=reason]", index=1)
    await visitor.page.fill("[name=last_known_fact]", "Conseil donné ce jour")
    await visitor.page.fill("[name=not_told_because]", "Aucune adresse")
    await visitor.send()


async def _to_check(visitor: Visitor) -> None:
    """Several alerts with one reason, before they are answered."""
    await visitor.go("/alertes?toutes=1&tout=1")
    await visitor.page.check("input[name=decision][value=ACT]")
    await visitor.page.fill("[name=reason]", "Vu en réunion")
    await visitor.send()


async def _verified(visitor: Visitor) -> None:
    await visitor.go(f"{CASE}/histoire")
    async with visitor.page.expect_navigation():
        await visitor.page.locator("form[action$=verifier] button").click()


async def _found(visitor: Visitor) -> None:
    await visitor.go("/dossiers")
    await visitor.page.fill("#seek", "Noor Exemple")
    await visitor.page.press("#seek", "Enter")
    await visitor.page.wait_for_url("**/chercher")


PLACES = (
    Place("my day", WORKER, at("/")),
    Place("my day, after an act", WORKER, at(f"/?fait=note_added.1&dossier={CASES['porte']}")),
    Place("my day, empty", NEWCOMER.account, at("/")),
    Place("cases", WORKER, at("/dossiers")),
    Place("cases, chosen", WORKER, at("/dossiers?etape=EVIDENCE")),
    Place("cases, none chosen", WORKER, at("/dossiers?etape=CLOSED&domaine=SANTE")),
    Place("cases, empty", NEWCOMER.account, at("/dossiers")),
    Place("a case", WORKER, at(CASE)),
    Place("a case, long", WORKER, at(f"/dossiers/{CASES['candidature']}")),
    Place("a case, after an act", WORKER, at(f"{CASE}?fait=note_added.1")),
    Place("intake", WORKER, at("/accueillir")),
    Place("intake, in error", WORKER, sent("/accueillir"), is_in_error=True),
    *(Place(f"form {name}", WORKER, at(f"{CASE}/actes/{name}")) for name in DAILY),
    Place("form, in error", WORKER, sent(f"{CASE}/actes/record_contact"), is_in_error=True),
    Place("form, refused", WORKER, sent(f"{CASE}/actes/complete_referral"), is_in_error=True),
    Place("form, stale", WORKER, _stale, is_in_error=True),
    Place("amending", WORKER, at(f"{CASE}/actes/amend_complaint")),
    Place("found", WORKER, _found),
    Place("alerts", SUPERVISOR, at("/alertes?toutes=1")),
    Place("alerts, empty", LEAD, at("/alertes")),
    Place("teams", SUPERVISOR, at("/equipe")),
    Place("giving cases", SUPERVISOR, at("/equipe/confier?tout=1")),
    Place("giving cases, in error", SUPERVISOR, sent("/equipe/confier?tout=1"), is_in_error=True),
    Place("alerts, to check", SUPERVISOR, _to_check),
    Place("mails", SUPERVISOR, at("/courriels")),
    Place("history", AUDITOR, at(f"{CASE}/histoire")),
    Place("history, two moments", AUDITOR, at(f"{CASE}/histoire?a=1&b=3")),
    Place("verified", AUDITOR, _verified),
    Place("sealed log", AUDITOR, at("/verifier")),
    Place("journal", AUDITOR, at("/journal")),
    Place("account", WORKER, at("/compte")),
    Place("accessibility", WORKER, at("/accessibilite")),
    Place("accessibility, to a visitor", None, at("/accessibilite")),
    Place("no such page", WORKER, at("/rien")),
    Place("no such case", WORKER, at("/dossiers/0000-0000-0000")),
    Place("signing in", None, at("/connexion")),
    Place("signing in, in error", None, sent("/connexion", compte="x", mot_de_passe="x", code="1"), is_in_error=True),
    Place("a link", None, at("/link/abc")),
    Place("an invitation", None, _invited),
    Place("first means", None, _enrolling),
    Place("first means, in error", None, _enrolling_wrongly, is_in_error=True),
)
