"""Draws pages: templates, with the words, dates and names that they need in the language of the visit."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from desk.views.account import AccountView
from domain import vocabulary
from domain.values import PARIS, day_of
from domain.vocabulary import Term
from web.assets import address_of
from web.forms.labels import ACTS
from web.places import PLACES
from web.visit import Visit
from words import Words

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """The templates. What is not there is an error, and never an empty place."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {"asset": address_of, "acts": ACTS}
    return made


def speech(words: Words) -> dict[str, Any]:
    """The functions by which a template says things in one language."""

    def label(code: str | None, kind: str) -> str:
        terms: type[Term] = getattr(vocabulary, kind)
        return words.label(code, terms)

    def clock(instant: datetime) -> str:
        return words.clock(instant.astimezone(PARIS).time())

    this_year = day_of(datetime.now(UTC)).year

    def day(which: date) -> str:
        """A day with its weekday, and its year where that is not this one: a right may end in five years."""
        return words.weekday(which, year=which.year != this_year)

    def short_day(which: date) -> str:
        return words.short_weekday(which, year=which.year != this_year)

    return {
        "lang": words.language,
        "words": words,
        "_": words.say,
        "plural": words.plural,
        "label": label,
        "day": day,
        "short_day": short_day,
        "clock": clock,
        "local_day": day_of,
    }


async def page(
    visit: Visit, template: str, account: AccountView, /, *, status: int = 200, here: str = "", **content: Any
) -> HTMLResponse:
    """A page for somebody who is signed in. `here` is the place in the menu that it belongs to."""
    menu = [place for place in PLACES if account.role in place.roles]
    return _drawn(visit, template, status, {"account": account, "menu": menu, "here": here, **content})


def bare_page(visit: Visit, template: str, /, *, status: int = 200, **content: Any) -> HTMLResponse:
    """A page without a menu: for whoever is nobody yet, and for what went wrong."""
    return _drawn(visit, template, status, {"account": None, "menu": (), "here": "", **content})


def _drawn(visit: Visit, template: str, status: int, content: Mapping[str, Any]) -> HTMLResponse:
    said = speech(visit.words) | {"path": visit.request.url.path, "today": day_of(datetime.now(UTC))}
    return HTMLResponse(environment().get_template(template).render(said | dict(content)), status)
