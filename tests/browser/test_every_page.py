"""Every page in every state, in both languages, light and dark: axe finds nothing, and a small screen holds it all."""

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.routing import APIRoute

from tests.browser.places import PLACES, Place
from tests.browser.visitor import SPACED, Visitor
from web.app import ROOMS

SMALL, ZOOMED, WIDE = 320, 640, 1280
"""Widths in CSS pixels: of a small telephone (WCAG 1.4.10), of a desk at 200 % (1.4.4), of a desk."""

NO_PAGES = {"/static/{digest}/{name}", "/livez", "/readyz", "/dossiers/{reference}/preuve/{version}"}
"""Addresses that answer a program, or give a file."""


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
async def test_axe_finds_nothing_and_every_page_fits(visitor: Callable[..., Any], locale: str) -> None:
    wrong, looked_at, paths = dict[str, list[str]](), 0, set[str]()
    here: dict[str | None, Visitor] = {}
    for place in PLACES:
        if place.account not in here or place.account is None:
            here[place.account] = await visitor(place.account, locale=locale)
        looking = here[place.account]
        await place.reach(looking)
        if faults := [*await _faults(looking, place, locale[:2]), *looking.wrongs]:
            wrong[place.name] = faults
        looking.wrongs.clear()
        looked_at += 1
        paths.add(urlsplit(looking.page.url).path)
    assert wrong == {}
    assert _never_reached(paths) == []
    print(f"\naxe: {looked_at} pages x light and dark, {locale}: violations 0; sideways at {SMALL}, {ZOOMED} px: 0")


def _never_reached(paths: Collection[str]) -> list[str]:
    """The pages that none of the paths belongs to: each wants a line among the places."""
    routes = (route for room in ROOMS for route in room.router.routes if isinstance(route, APIRoute))
    pages = (route for route in routes if "GET" in route.methods and route.path not in NO_PAGES)
    return [route.path for route in pages if not any(route.path_regex.match(path) for path in paths)]


async def _faults(looking: Visitor, place: Place, language: str) -> list[str]:
    page = looking.page
    faults = await looking.violations()
    await page.emulate_media(color_scheme="dark")
    faults += [f"dark: {each}" for each in await looking.violations("color-contrast")]
    await page.emulate_media(color_scheme="light")
    for width in (ZOOMED, SMALL):
        await page.set_viewport_size({"width": width, "height": 900})
        faults += [f"{width} px: {each}" for each in await looking.sticks_out()]
    faults += [f"small: {each}" for each in await looking.violations("target-size")]
    await looking.style(SPACED)
    faults += [f"spaced: {each}" for each in [*await looking.sticks_out(), *await looking.cut_off()]]
    await page.set_viewport_size({"width": WIDE, "height": 900})
    title = await page.title()
    is_told = title.startswith(("Erreur", "Error"))
    faults += [] if is_told == place.is_in_error and title.endswith("Aboutir") else [f"title: {title}"]
    told = await page.get_attribute("html", "lang")
    return [*faults, *([] if told == language else [f"language: {told}"])]
