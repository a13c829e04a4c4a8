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

    async def reaches(self, selector: str) -> None:
        """Presses Tab until the focus is on an element; at each stop it can be seen."""
        for _ in range(400):
            if await self.page.evaluate("where => document.activeElement.matches(where)", selector):
                assert await self.shows_focus(), selector
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {selector}")

    async def types(self, texts: dict[str, str]) -> None:
        """Types texts into fields that it reaches one after the other; spaces and all, as what was pasted."""
        for selector, text in texts.items():
            await self.reaches(selector)
            await self.page.keyboard.insert_text(text)

    async def presses(self, selector: str, leads_to: str | None = None) -> None:
        """Presses Enter on an element that it reaches."""
        await self.reaches(selector)
        if leads_to is None:
            await self.page.keyboard.press("Enter")
            return
        async with self.page.expect_navigation(url=leads_to if leads_to.startswith("*") else f"**{leads_to}"):
            await self.page.keyboard.press("Enter")

    async def chooses(self, name: str, value: str) -> None:
        """Chooses a value by the keys that its control takes: letters in a list, arrows and the space bar elsewhere."""
        control = f"[name={name}]"
        if await self.page.locator(f"select{control}").count():
            await self.reaches(f"select{control}")
            option = await self.page.inner_text(f"select{control} option[value={value}]")
            await self.page.keyboard.type(option)
            assert await self.page.input_value(f"select{control}") == value
            return
        if await self.page.locator(f"input[type=radio]{control}").count():
            await self.reaches(control)
            await self.page.keyboard.press("Space")
            while not await self.page.is_checked(f"{control}[value={value}]"):
                await self.page.keyboard.press("ArrowDown")
            return
        await self.reaches(f"{control}[value={value}]")
        await self.page.keyboard.press("Space")

    async def focused(self) -> str:
        """The words of what has the focus."""
        return str(await self.page.evaluate("document.activeElement.innerText")).strip()

    async def shows_focus(self) -> bool:
        """True if what has the focus is marked by a line of two pixels at least, and is on the screen."""
        return bool(
            await self.page.evaluate("""() => {
            const style = getComputedStyle(document.activeElement);
            const box = document.activeElement.getBoundingClientRect();
            return document.activeElement === document.body || document.activeElement.id === 'content'
              || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
                  && box.bottom > 0 && box.top < innerHeight);
        }""")
        )

    async def has_authenticator(self) -> None:
        """Gives the browser a device that keeps passkeys, and whose person always agrees."""
        session = await self.context.new_cdp_session(self.page)
        await session.send("WebAuthn.enable")
        device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
        await session.send("WebAuthn.addVirtualAuthenticator", {"options": device})

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
