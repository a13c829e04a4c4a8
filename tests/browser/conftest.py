"""A real browser before real pages: one browser for the run, one site for a module, a context for each visitor."""

import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.visitor import Visitor
from tests.support import browsers
from tests.support.site import Site, site_in


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser of the run."""
    async with async_playwright() as playwright:
        program = browsers.program(playwright.chromium.executable_path)
        if program is None:
            (pytest.fail if browsers.REQUIRED in os.environ else pytest.skip)(browsers.ABSENT)
        running = await playwright.chromium.launch(executable_path=program, args=browsers.arguments())
        yield running
        await running.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The site that a module visits."""
    async with site_in(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser, site: Site) -> AsyncIterator[Callable[..., Any]]:
    """Makes visitors, who leave when the test ends: `await visitor("accueil", locale="en-GB")`."""
    here: list[Visitor] = []

    async def made(account: str | None = None, **how: Any) -> Visitor:
        here.append(await Visitor.at(browser, site, account, **how))
        return here[-1]

    yield made
    for each in here:
        await each.leave()
