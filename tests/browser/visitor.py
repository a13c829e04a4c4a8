"""A visitor at a browser: what they do with the keyboard, and what stands before them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from tests.desk.scene import Clients
from tests.support.builders import note
from tests.support.site import Site

AXE = Path(__file__).parent / "axe.min.js"
"""axe-core 4.14.1, as its authors publish it (MPL-2.0)."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-bottom: 2em !important; }"""
"""The spacing that a reader may choose (WCAG 1.4.12)."""


@cache
def _axe() -> str:
    return AXE.read_text()


@dataclass
class Visitor:
    """Somebody at a browser, with one page before them."""

    site: Site
    context: BrowserContext
    page: Page
    wrongs: list[str]
    """What the browser complained of: scripts that failed, what the page's own policy forbade."""

    @classmethod
    async def at(
        cls, browser: Browser, site: Site, account: str | None, *, locale: str = "fr-FR", **how: Any
    ) -> "Visitor":
        """A visitor who has just sat down, signed in as an account or not yet."""
        options = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"} | how
        context = await browser.new_context(base_url=site.address, locale=locale, **options)
        if account is not None:
            await context.add_cookies([site.cookie(account)])  # type: ignore[list-item] # a mapping is one
        made = cls(site, context, await context.new_page(), [])
        made.page.on("pageerror", lambda error: made.wrongs.append(str(error)))
        made.page.on("console", lambda line: made.wrongs.append(line.text) if "Policy" in line.text else None)
        return made

    async def leave(self) -> None:
        """Closes everything of theirs."""
        await self.context.close()

    async def go(self, address: str) -> int:
        """Opens an address; gives the status of its answer."""
        answer = await self.page.goto(address, wait_until="load")
        assert answer is not None
        return answer.status

    async def send(self) -> None:
        """Sends the form of the page, by the button that stands at its end."""
        async with self.page.expect_navigation():
            await self.page.locator("main .send button").last.click()

    async def note_meanwhile(self, reference: str) -> None:
        """Somebody else writes a note on a case."""
        clients, office = Clients(self.site.office), self.site.office
        await clients.submit(reference, note("Entre-temps, elle a rappelé."), office.actor("juriste"))

    async def cut_off(self) -> list[str]:
        """The elements whose words do not fit into them any more."""
        found: list[str] = await self.page.evaluate("""() =>
            [...document.querySelectorAll('a, button, label, h1, h2, p, td, th, dd, dt, legend, summary')]
              .filter((each) => !each.classList.contains('unseen') && getComputedStyle(each).overflow === 'hidden'
                && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1))
              .slice(0, 3).map((each) => each.outerHTML.slice(0, 140))""")
        return found

    async def violations(self, *rules: str) -> list[str]:
        """What axe finds on the page: by rule, with the first element. With `rules`, what these alone find."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(_axe())
        only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": RULES}
        found = await self.page.evaluate(
            "only => axe.run(document, {runOnly: only, resultTypes: ['violations'], preload: false})",
            only,
        )
        return [f"{each['id']}: {each['nodes'][0]['html'][:160]} {each['nodes'][0]['failureSummary']}"
                for each in found["violations"]]  # fmt: skip

    async def style(self, text: str) -> None:
        """Adds a reader's own style, as an extension does: the page's policy has no say in it."""
        await self.page.evaluate(
            "text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);"
            " document.adoptedStyleSheets = [sheet]; }",
            text,
        )

    async def sticks_out(self) -> list[str]:
        """The elements for which the page has to be scrolled sideways: none, if it needs not be."""
        found: list[str] = await self.page.evaluate("""() => {
            const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return [];
            return [...document.querySelectorAll('body *')]
              .filter((each) => each.getBoundingClientRect().right > wide + 1)
              .slice(0, 3).map((each) => each.outerHTML.slice(0, 140));
        }""")
        return found
