"""What stands before every page: another site posts nothing, nothing large is taken, answers say what may be done."""

from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi.routing import APIRoute
from starlette.datastructures import Headers

from tests.web.visiting import Pages
from web.guard import BODY, HEADERS, is_foreign
from web.settings import PageSettings

SITES = ("same-origin", "same-site", "cross-site", "none", None)


def routes(pages: Pages) -> Iterator[tuple[str, str]]:
    """Every address, by method."""
    from web.app import ROOMS

    for room in ROOMS:
        for route in room.router.routes:
            assert isinstance(route, APIRoute)
            yield from ((method, route.path) for method in sorted(route.methods))


def plain(path: str) -> str:
    """An address in which everything that varies is something."""
    return (
        path.replace("{reference}", "7K3M-9QF2-XJ47").replace("{command}", "add_note").replace("{", "").replace("}", "")
    )


async def test_every_answer_says_what_a_browser_may_do_with_it(pages: Pages) -> None:
    tried = 0
    async with pages.visitor("case-worker-nord") as visitor:
        for method, path in routes(pages):
            answer = await visitor.request(method, plain(path))
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, (method, path)
            kept = path.startswith("/static") and answer.status_code == 200
            assert kept or answer.headers["cache-control"] == "no-store", (method, path)
            assert "unsafe" not in answer.headers["content-security-policy"]
            kind = answer.headers.get("content-type", "")
            assert not answer.content or "charset=utf-8" in kind or not kind.startswith("text/"), (method, path)
            assert kind or not answer.content, (method, path)
            tried += 1
    print(f"\nheaders: {tried} routes")


async def test_a_fault_of_ours_is_told_without_a_word_of_it_and_under_the_same_headers(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of somebody")

    monkeypatch.setattr("web.pages.alerts.page", fails)
    async with pages.visitor("case-worker-nord") as visitor:
        answer = await visitor.get("/alertes")
    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "no-store"
    assert "secret" not in answer.text and "Traceback" not in answer.text


async def test_no_method_but_those_of_its_route_is_answered(pages: Pages) -> None:
    async with pages.visitor("case-worker-nord") as visitor:
        for method in ("TRACE", "CONNECT", "PUT", "DELETE", "PATCH"):
            assert (await visitor.request(method, "/compte")).status_code == 405, method


async def test_what_another_site_has_a_browser_post_is_not_done(pages: Pages) -> None:
    posts = [path for method, path in routes(pages) if method == "POST"]
    async with pages.visitor("case-worker-nord") as visitor:
        for path in posts:
            for headers in (
                {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site"},
                {"Sec-Fetch-Site": "none"},
            ):
                assert (await visitor.post(plain(path), headers=headers)).status_code == 403, (path, headers)
    print(f"\nforeign posts: {len(posts)} addresses, done 0")


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://evil.example", "null", None])
def test_a_browser_that_does_not_tell_the_site_is_judged_by_the_origin(site: str | None, origin: str | None) -> None:
    told = {"sec-fetch-site": site, "origin": origin, "host": "localhost:8000"}
    headers = Headers({name: value for name, value in told.items() if value is not None})
    if site is not None:
        assert is_foreign("POST", headers) is (site != "same-origin")
    else:
        assert is_foreign("POST", headers) is (origin in ("http://evil.example", "null"))


def test_a_link_from_anywhere_is_followed_and_a_frame_is_not() -> None:
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert not is_foreign("GET", Headers(visit))
    for other in ({"sec-fetch-dest": "iframe"}, {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}):
        assert is_foreign("GET", Headers(visit | other))


async def test_what_is_too_large_is_refused_whether_it_says_so_or_not(pages: Pages) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(BODY // 1024 + 2):
            yield b"a" * 1024

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with pages.visitor("case-worker-nord") as visitor:
        assert (await visitor.post("/accueillir", content=b"a" * (BODY + 1), headers=form)).status_code == 413
        assert (await visitor.post("/accueillir", content=pieces(), headers=form)).status_code == 413


def test_under_tls_cookies_are_held_to_it_and_browsers_are_told_to_keep_to_it() -> None:
    assert PageSettings(public_url="https://aboutir.exemple.fr").is_secure
    assert not PageSettings(public_url="http://localhost:8000").is_secure
