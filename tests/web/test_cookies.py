"""Under TLS, every cookie is held to it and to this host alone; signing out leaves nothing at the browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.counter.serving import served, token_of
from tests.desk.scene import Scene
from tests.web.visiting import Pages
from web.guard import TLS_ONLY
from web.settings import PageSettings

PUBLIC = "https://aboutir.exemple.fr"


@pytest.fixture
async def secure(scene: Scene, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who is signed in at pages that are reached over TLS."""
    async with served(scene.office, tmp_path) as place:
        app = Pages(PageSettings(desk_socket=place, public_url=PUBLIC)).app
        cookie = f"__Host-session={token_of('case-worker-nord')}; __Host-langue=en"
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": cookie}
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=PUBLIC, headers=headers) as client:
            yield client


def attributes(cookie: str) -> tuple[str, set[str]]:
    """The name of a cookie that is set, and its attributes in small letters."""
    first, *rest = cookie.split(";")
    return first.partition("=")[0], {each.strip().lower() for each in rest}


async def test_every_cookie_is_held_to_tls_and_to_this_host(secure: httpx2.AsyncClient) -> None:
    kept = (
        await secure.post("/langue", data={"langue": "en", "retour": "/"}),
        await secure.post("/deconnexion"),
    )
    cookies = [attributes(each) for answer in kept for each in answer.headers.get_list("set-cookie")]
    assert [name for name, _ in cookies] == ["__Host-langue", "__Host-session"]
    for name, given in cookies:
        # A browser takes no __Host- cookie without these, not even to let go of it.
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= given, name
        assert not any(each.startswith("domain") for each in given), name


async def test_the_language_that_was_chosen_is_read_back(secure: httpx2.AsyncClient) -> None:
    assert '<html lang="en"' in (await secure.get("/connexion")).text


async def test_who_signs_out_leaves_nothing_at_the_browser(secure: httpx2.AsyncClient) -> None:
    answer = await secure.post("/deconnexion")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    (session,) = (each for each in answer.headers.get_list("set-cookie") if each.startswith("__Host-session="))
    assert "max-age=0" in attributes(session)[1]


async def test_browsers_are_told_to_keep_to_tls_whatever_is_answered(secure: httpx2.AsyncClient) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    for answer in (
        await secure.get("/"),
        await secure.get("/nulle-part"),
        await secure.post("/langue", headers=foreign),
    ):
        assert answer.headers["strict-transport-security"] == TLS_ONLY
