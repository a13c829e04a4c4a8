"""The application of the pages."""

from fastapi import FastAPI

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


def application(settings: PageSettings) -> FastAPI:
    """The pages, with everything that stands before them."""
    app = FastAPI(title="Aboutir", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.settings = settings
    for room in ROOMS:
        app.include_router(room.router)
    problems.install(app)
    app.add_middleware(Guard, is_secure=settings.is_secure)
    return app
