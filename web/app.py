"""The application of the pages."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from web import assets, problems
from web.guard import Guard
from web.pages import (
    accessibility,
    account,
    acts,
    alerts,
    assigning,
    audit,
    case,
    cases,
    day,
    drafts,
    health,
    intake,
    lookback,
    mails,
    signing_in,
    team,
)
from web.settings import PageSettings

ROOMS = (
    assets,
    health,
    accessibility,
    signing_in,
    day,
    intake,
    cases,
    case,
    acts,
    drafts,
    alerts,
    account,
    team,
    assigning,
    mails,
    lookback,
    audit,
)
"""The modules that answer addresses."""


def application(settings: PageSettings) -> ASGIApp:
    """The pages, with everything that stands before them."""
    app = FastAPI(title="Aboutir", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.settings = settings
    for room in ROOMS:
        app.include_router(room.router)
    problems.install(app)
    # Around the whole of it, and no middleware: the page for a fault of ours is made outside of every middleware.
    return Guard(app, is_secure=settings.is_secure)
