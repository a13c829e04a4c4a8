"""Pictures of every page: `python -m tests.browser.shots FOLDER` for contact sheets, with `--docs` for those in docs/.

A contact sheet shows a page in one state at three widths, light and dark, and as it is printed.
"""

import argparse
import asyncio
import base64
import re
import tempfile
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.browser.places import CASE, PLACES, SUPERVISOR, WORKER, Place, at, sent
from tests.browser.visitor import Visitor
from tests.support import browsers
from tests.support.site import CASES, Site, site_in

DOCS = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WIDTHS = (360, 768, 1280)
TALLEST = 2_400
"""Pixels of a page that a contact sheet shows."""


def in_docs() -> Iterator[tuple[Place, int, int, str]]:
    """The ten pictures of the documentation: the place, its width and height in pixels, its scheme."""
    refused = sent(f"{CASE}/actes/record_contact")
    stale = next(place for place in PLACES if place.name == "form, stale")
    yield Place("my-day", WORKER, at("/")), 1280, 900, "light"
    yield Place("my-day-phone", WORKER, at("/")), 360, 780, "light"
    yield Place("case", WORKER, at(CASE)), 1280, 1000, "light"
    yield Place("case-dark", WORKER, at(f"/dossiers/{CASES['candidature']}")), 1280, 1000, "dark"
    yield Place("case-phone", WORKER, at(CASE)), 360, 780, "light"
    yield Place("intake", WORKER, at("/accueillir")), 1280, 900, "light"
    yield Place("form-in-error", WORKER, refused), 768, 900, "light"
    yield Place("form-stale", WORKER, stale.reach), 1280, 1000, "light"
    yield Place("cases", WORKER, at("/dossiers")), 1280, 700, "light"
    yield Place("alerts", SUPERVISOR, at("/alertes?toutes=1")), 1280, 900, "light"


async def _pictures(browser: Browser, site: Site) -> None:
    DOCS.mkdir(exist_ok=True)
    for place, width, height, scheme in in_docs():
        size = {"width": width, "height": height}
        visitor = await Visitor.at(browser, site, place.account, viewport=size, color_scheme=scheme)
        await place.reach(visitor)
        await visitor.page.screenshot(path=DOCS / f"{place.name}.png")
        await visitor.leave()


async def _sheet(browser: Browser, site: Site, place: Place, folder: Path) -> None:
    visitor, taken = await Visitor.at(browser, site, place.account), list[tuple[str, bytes]]()
    await place.reach(visitor)
    for scheme in ("light", "dark"):
        await visitor.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # both are schemes
        for width in WIDTHS:
            await visitor.page.set_viewport_size({"width": width, "height": 800})
            taken.append((f"{width} px, {scheme}", await visitor.page.screenshot(full_page=True)))
    await visitor.page.emulate_media(media="print", color_scheme="light")
    await visitor.page.set_viewport_size({"width": 794, "height": 1123})
    taken.append(("printed", await visitor.page.screenshot(full_page=True)))
    await visitor.leave()
    shown = "".join(
        f"<figure><img src='data:image/png;base64,{base64.b64encode(picture).decode()}'><figcaption>{name}</figcaption>"
        "</figure>"
        for name, picture in taken
    )
    style = f"body{{display:flex;gap:16px;background:#888;font:16px sans-serif}} img{{max-height:{TALLEST}px;zoom:.5}}"
    page = await browser.new_page(viewport={"width": 3_400, "height": 900})
    await page.set_content(f"<style>{style}</style><body>{shown}")
    await page.screenshot(path=folder / f"{re.sub('[^a-z0-9]+', '-', place.name)}.png", full_page=True)
    await page.close()


@asynccontextmanager
async def _at_a_browser():  # type: ignore[no-untyped-def] # a browser and a site
    with tempfile.TemporaryDirectory() as folder:
        async with site_in(Path(folder)) as site, async_playwright() as playwright:
            program = browsers.program(playwright.chromium.executable_path)
            browser = await playwright.chromium.launch(executable_path=program, args=browsers.arguments())
            yield browser, site
            await browser.close()


async def main() -> None:
    """Takes what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.shots", description="Pictures of every page.")
    parser.add_argument("folder", nargs="?", type=Path, help="where the contact sheets go; none are made without it")
    parser.add_argument("--docs", action="store_true", help="take those of docs/pictures anew")
    parser.add_argument("--only", default="", help="the beginning of the names of the pages that are wanted")
    asked = parser.parse_args()
    async with _at_a_browser() as (browser, site):
        if asked.docs:
            await _pictures(browser, site)
        if asked.folder:
            asked.folder.mkdir(parents=True, exist_ok=True)
            for place in PLACES:
                if place.name.startswith(asked.only):
                    await _sheet(browser, site, place, asked.folder)


if __name__ == "__main__":
    asyncio.run(main())
