"""Visitors of the pages: whoever is signed in as an account, or nobody yet."""

from html.parser import HTMLParser

import httpx2

from tests.counter.serving import token_of
from web.app import application
from web.settings import PageSettings

ORIGIN = "http://localhost:8000"


class Pages:
    """The application of the pages, asked without a network in between."""

    def __init__(self, settings: PageSettings) -> None:
        self.app = application(settings)

    def visitor(self, account: str | None, language: str = "fr") -> httpx2.AsyncClient:
        """A visitor, as a browser is one: it says from which site it comes, and follows nothing by itself."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app, raise_app_exceptions=False),
            base_url=ORIGIN,
            headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": language},
            cookies={} if account is None else {"session": token_of(account)},
        )


class Form(HTMLParser):
    """The fields of the form of a page that posts to an address, with what stands in them."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._action, self._inside, self._area, self._list = action, False, "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("action") == self._action
        name = given.get("name")
        if tag == "option" and self._inside and "selected" in given:
            self.fields[self._list].append(given.get("value") or "")
        if not self._inside or name is None:
            return
        self.fields.setdefault(name, [])
        if tag == "select":
            self._list = name
        if tag == "textarea":
            self._area = name
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields[name].append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area].append(data)
