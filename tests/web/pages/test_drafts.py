"""A hundred words that somebody typed: there after faults, a sign-out, a lost desk and a kill of both processes."""

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx2
import pytest
from temporalio.testing import WorkflowEnvironment

from tests.counter.serving import DeskProcess, token_of
from tests.desk.scene import Corner, Scene
from tests.support.servers import ROOT, Process, own_port, until
from tests.web.visiting import Form, Pages
from web.settings import PageSettings

WORDS = " ".join(f"mot{number}" for number in range(100))
INTAKE, SAVE = "/accueillir", "/accueillir/brouillon"
BY_SCRIPT = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}
COMPLETE = {
    "facts.place.commune": ["59350"],
    "complainant.given_name": ["Sacha"],
    "complainant.family_name": ["Fictif"],
    "domain": ["LOGEMENT_PRIVE"],
    "criteria": ["ORIGINE"],
    "acts": ["DIRECTE"],
    "channel": ["DESK"],
}


@pytest.fixture
def corner(scene: Scene) -> Corner:
    return scene.corners[0]


async def begun(visitor: httpx2.AsyncClient) -> dict[str, list[str]]:
    """The form of an intake into which a hundred words were typed."""
    form = Form((await visitor.get(INTAKE)).text, INTAKE).fields
    return form | {"facts.narrative": [WORDS], "complainant.given_name": ["Sacha"]}


def narrative(page: str) -> str:
    """What stands in the narrative of a page of intake."""
    return Form(page, INTAKE).fields["facts.narrative"][0].strip()


async def test_a_draft_is_a_line_of_the_day_and_goes_when_its_case_is_opened(pages: Pages, corner: Corner) -> None:
    async with pages.visitor(corner.holder.account) as visitor:
        form = await begun(visitor)
        kept = await visitor.post(SAVE, data=form, headers=BY_SCRIPT)
        assert kept.status_code == 200 and "Brouillon gardé" in kept.json()["told"]
        address = f"{INTAKE}?brouillon={form['brouillon'][0]}"
        day = (await visitor.get("/")).text
        assert "Ce que vous avez commencé" in day and f'href="{address}"' in day
        again = await visitor.get(address)
        assert narrative(again.text) == WORDS
        assert Form(again.text, INTAKE).fields["command_id"] == form["command_id"], "sent from either, it counts once"
        complete = Form(again.text, INTAKE).fields | COMPLETE
        answers = [await visitor.post(INTAKE, data=complete) for _ in range(2)]
        assert {answer.status_code for answer in answers} == {303}
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert (await visitor.get(address)).status_code == 404
        assert address not in (await visitor.get("/")).text


async def test_without_script_a_button_keeps_the_draft_and_gives_the_form_back(pages: Pages, corner: Corner) -> None:
    async with pages.visitor(corner.holder.account) as visitor:
        kept = await visitor.post(SAVE, data=await begun(visitor))
        assert kept.status_code == 303
        shown = await visitor.get(kept.headers["location"])
        assert narrative(shown.text) == WORDS and "Brouillon gardé" in shown.text


async def test_a_form_that_comes_back_with_faults_is_kept_too(pages: Pages, corner: Corner) -> None:
    where = f"/dossiers/{corner.reference}/actes/refer"
    async with pages.visitor(corner.holder.account) as visitor:
        form = Form((await visitor.get(where)).text, where).fields | {"purpose": [WORDS]}
        refused = await visitor.post(where, data=form)
        assert refused.status_code in (403, 422) and "Brouillon gardé" in refused.text
        shown = await visitor.get(f"{where}?brouillon={form['brouillon'][0]}")
        assert Form(shown.text, where).fields["purpose"][0].strip() == WORDS


async def test_a_draft_is_its_owners_and_of_its_own_form(pages: Pages, scene: Scene, corner: Corner) -> None:
    async with pages.visitor(corner.holder.account) as visitor:
        form = await begun(visitor)
        await visitor.post(SAVE, data=form, headers=BY_SCRIPT)
        draft = form["brouillon"][0]
        other_form = await visitor.get(f"/dossiers/{corner.reference}/actes/add_note?brouillon={draft}")
        assert other_form.status_code == 404
    for account in (corner.colleague.account, scene.corners[1].holder.account):
        async with pages.visitor(account) as stranger:
            answer = await stranger.get(f"{INTAKE}?brouillon={draft}")
            assert answer.status_code == 404 and "mot42" not in answer.text
            assert (await stranger.post(SAVE, data=form, headers=BY_SCRIPT)).status_code == 404
            await stranger.post("/brouillons/jeter", data={"brouillon": draft})
    async with pages.visitor(corner.holder.account) as visitor:
        assert narrative((await visitor.get(f"{INTAKE}?brouillon={draft}")).text) == WORDS
        await visitor.post("/brouillons/jeter", data={"brouillon": draft})
        assert (await visitor.get(f"{INTAKE}?brouillon={draft}")).status_code == 404


async def test_no_odd_id_of_a_draft_is_a_fault_of_ours(pages: Pages, corner: Corner) -> None:
    async with pages.visitor(corner.holder.account) as visitor:
        for odd in ("", "0" * 32, "../etc", "a" * 5_000, "é"):
            assert (await visitor.get(INTAKE, params={"brouillon": odd})).status_code in (404, 422)
            assert (await visitor.post("/brouillons/jeter", data={"brouillon": odd})).status_code in (303, 404, 422)
            kept = await visitor.post(SAVE, data={"brouillon": odd, "command_id": odd, "facts.narrative": "x"})
            assert kept.status_code == 303


async def test_who_was_signed_out_meanwhile_is_given_back_what_they_typed(pages: Pages, corner: Corner) -> None:
    async with pages.visitor(corner.holder.account) as visitor:
        form = await begun(visitor)
        await visitor.post(SAVE, data=form, headers=BY_SCRIPT)
        visitor.cookies.clear()
        silent = await visitor.post(SAVE, data=form, headers=BY_SCRIPT)
        assert silent.status_code == 401, "the script says that it is not kept"
        asked = await visitor.post(INTAKE, data=form)
        assert asked.status_code == 401 and WORDS in asked.text
        by_passkey = Form(asked.text, "/connexion/rendu").fields
        visitor.cookies.set("session", token_of(corner.holder.account))
        given = await visitor.post("/connexion/rendu", data=by_passkey)
        assert narrative(given.text) == WORDS
        shown = await visitor.get(f"{INTAKE}?brouillon={form['brouillon'][0]}")
        assert narrative(shown.text) == WORDS


async def test_what_is_sent_while_the_desk_is_away_is_given_back(tmp_path: Path, corner: Corner) -> None:
    away = Pages(PageSettings(desk_socket=tmp_path / "nobody"))
    async with away.visitor(corner.holder.account) as visitor:
        answer = await visitor.post(INTAKE, data={"facts.narrative": WORDS, "command_id": "c-1"})
        assert answer.status_code == 503
        assert narrative(answer.text) == WORDS and Form(answer.text, INTAKE).fields["command_id"][0].strip() == "c-1"
        signing_in = await visitor.post("/connexion", data={"compte": "x", "mot_de_passe": "Secret!", "code": "1"})
        assert "Secret!" not in signing_in.text


async def test_a_kill_of_the_desk_and_of_the_pages_loses_no_word(
    scene: Scene, corner: Corner, tmp_path: Path, dev_server: WorkflowEnvironment
) -> None:
    settings, port = scene.office.settings, own_port()
    keys = {"ABOUTIR_VAULT_URL": settings.vault_url, "ABOUTIR_MASTER_KEY_FILE": str(settings.master_key_file)}
    address = dev_server.client.service_client.config.target_host
    desk = DeskProcess(scene.office.database, tmp_path, address, "none", **keys)
    env = os.environ | {"ABOUTIR_DESK_SOCKET": str(desk.place), "ABOUTIR_WEB_PORT": str(port)}
    pages = Process([sys.executable, "pages.py"], tmp_path / "pages.log", env, cwd=ROOT)

    def start() -> None:
        desk.start()
        pages.start()
        until(lambda: _answers(port), "the pages answer", 30)

    try:
        await asyncio.to_thread(start)
        async with httpx2.AsyncClient(
            base_url=f"http://localhost:{port}",
            headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "fr"},
            cookies={"session": token_of(corner.holder.account)},
        ) as visitor:
            form = await begun(visitor)
            kept = await visitor.post(SAVE, data=form, headers=BY_SCRIPT)
            assert kept.status_code == 200, kept.text
            desk.kill()
            pages.kill()
            await asyncio.to_thread(start)
            day = await visitor.get("/")
            address = re.search(rf'href="({INTAKE}\?brouillon={form["brouillon"][0]})"', day.text)
            assert address is not None
            assert narrative((await visitor.get(address[1])).text) == WORDS
    finally:
        desk.kill()
        pages.kill()


def _answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://localhost:{port}/livez").status_code == 200
    except httpx2.HTTPError:
        return False
