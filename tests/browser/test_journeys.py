"""Whole journeys in a real browser: by keyboard, without script, with a passkey, and two people on one case."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.vocabulary import Role
from tests.browser.visitor import Visitor
from tests.people import person
from tests.support.accounts import open_accounts
from tests.support.signing_in import PASSWORD, Person
from tests.support.site import CASES, Site

CASE = f"/dossiers/{CASES['porte']}"
Making = Callable[..., Any]


async def _enrolled(site: Site, account: str) -> Person:
    """Somebody who has a password and a second factor, and the next code."""
    actor = person(account, Role.CASE_WORKER, "acces-droit-mel")
    open_accounts(site.office.database, [actor])
    return await Person(site.office, actor).with_password()


async def test_a_case_worker_needs_no_mouse(visitor: Making, site: Site) -> None:
    somebody = await _enrolled(site, "clavier")
    worker: Visitor = await visitor()
    page = worker.page
    await worker.go("/")
    assert await page.title() == "Se connecter · Aboutir"
    code = somebody.code()
    await worker.types({"#compte": "clavier", "#mot_de_passe": PASSWORD, "#code": f" {code[:3]} {code[3:]} "})
    await worker.presses("main .send button", leads_to="/")

    await page.keyboard.press("Tab")
    assert await worker.focused() == "Aller au contenu"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"
    await worker.presses("main a[href='/accueillir']", leads_to="/accueillir")

    await worker.types({"#f-facts-narrative": "Le propriétaire a raccroché en entendant mon nom."})
    await worker.presses("main .send button", leads_to="/accueillir")
    assert (await page.title()).startswith("Erreur")
    assert await page.evaluate("document.activeElement.id") == "faults", "the summary takes the focus"
    await page.keyboard.press("Tab")
    named = (await page.evaluate("document.activeElement.getAttribute('href')")).removeprefix("#")
    await page.keyboard.press("Enter")
    assert await page.evaluate("id => document.getElementById(id).matches(':focus')", named), "a link leads to a field"

    await worker.types({"#f-complainant-given_name": "Sacha", "#f-complainant-family_name": "Exemple"})
    for name, value in (("domain", "LOGEMENT_PRIVE"), ("criteria", "ORIGINE"), ("channel", "DESK")):
        await worker.chooses(name, value)
    await worker.presses("main .send button", leads_to="/dossiers/*?fait=*")
    assert "Sacha Exemple" in await page.inner_text("h1")

    await worker.presses("summary")
    await worker.presses("main a[href$='/actes/add_note']", leads_to="**/actes/add_note")
    await worker.types({"textarea[name=text]": "Rappeler après 17 h"})
    await worker.presses("main .send button", leads_to="/dossiers/*?fait=note_added*")
    assert await page.inner_text("[role=status]") == "Note ajoutée"

    await worker.presses("a.who", leads_to="/compte")
    await worker.presses("main form[action='/deconnexion'] button", leads_to="/connexion")
    assert await worker.go("/compte") == 200 and page.url.startswith(f"{site.address}/connexion")
    assert worker.wrongs == []


async def test_everything_works_without_script(visitor: Making, site: Site) -> None:
    somebody = await _enrolled(site, "sans-script")
    worker: Visitor = await visitor(java_script_enabled=False)
    page = worker.page
    await worker.go(f"{CASE}/actes/add_note")
    for id, text in (("compte", "sans-script"), ("mot_de_passe", PASSWORD), ("code", somebody.code())):
        await page.fill(f"#{id}", text)
    await worker.send()
    assert page.url.endswith(f"{CASE}/actes/add_note"), "whoever signs in comes to where they were going"
    await worker.send()
    assert (await page.title()).startswith("Erreur") and await page.is_visible("#faults a")
    await page.fill("textarea[name=text]", "Sans script")
    await worker.send()
    assert await page.inner_text("[role=status]") == "Note ajoutée"
    assert "Sans script" in await page.inner_text("[aria-labelledby=history]")
    await worker.go("/compte")
    async with page.expect_navigation():
        await page.click("form[action='/deconnexion'] button")
    assert page.url.endswith("/connexion")


async def test_somebody_with_a_passkey_types_nothing(visitor: Making, site: Site) -> None:
    somebody = await _enrolled(site, "cle")
    worker: Visitor = await visitor()
    await worker.has_authenticator()
    await worker.context.add_cookies([site.cookie("cle") | {"value": somebody.token}])
    assert await worker.go("/moyens") == 200
    async with worker.page.expect_navigation(url="**/compte"):
        await worker.page.click(".passkey button")
    await worker.context.clear_cookies()
    await worker.go("/connexion?retour=/dossiers")
    async with worker.page.expect_navigation(url="**/dossiers"):
        await worker.page.click(".passkey button")
    assert worker.wrongs == []


async def test_a_decision_that_comes_too_late_keeps_its_words_beside_what_changed(visitor: Making) -> None:
    first, second = await visitor("accueil"), await visitor("juriste")
    await first.go(f"{CASE}/actes/close")
    await first.page.check("input[name=outcome] >> nth=0")
    await first.page.select_option("select[name=reason]", index=1)
    await first.page.fill("[name=last_known_fact]", "Conseil donné ce jour")
    await first.page.fill("[name=not_told_because]", "Aucune adresse")
    await second.go(f"{CASE}/actes/add_note")
    await second.page.fill("textarea[name=text]", "Elle a rappelé entre-temps")
    await second.send()
    await first.send()
    assert await first.page.input_value("[name=last_known_fact]") == "Conseil donné ce jour"
    assert "Note ajoutée" in await first.page.inner_text("aside.stale")
    assert await first.page.evaluate("document.activeElement.id") == "faults"


@pytest.mark.parametrize("address", ["/", CASE, f"{CASE}/actes/refer", "/dossiers", "/connexion"])
async def test_the_focus_is_seen_in_forced_colours_and_nothing_moves(visitor: Making, address: str) -> None:
    worker: Visitor = await visitor("accueil", forced_colors="active", reduced_motion="reduce")
    await worker.go(address)
    for _ in range(12):
        await worker.page.keyboard.press("Tab")
        assert await worker.shows_focus(), await worker.focused()
    assert await worker.page.evaluate("document.getAnimations().length") == 0


async def test_a_session_that_may_end_says_so_where_somebody_types(visitor: Making) -> None:
    worker: Visitor = await visitor("accueil", locale="en-GB")
    for address in ("/accueillir", f"{CASE}/actes/add_note"):
        await worker.go(address)
        assert "What you type here is kept" in await worker.page.inner_text("main")
