"""My day: what comes first, over all the cases that somebody holds."""

import asyncio
from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from web.drawing import page
from web.pages.drafts import address_of
from web.places import first_place
from web.visit import Visiting

router = APIRouter()


@router.get("/")
async def my_day(visit: Visiting, fait: str | None = None, dossier: str | None = None) -> Response:
    """The first page of a case worker. `fait` and `dossier` say what was just done, and on which case."""
    account = await visit.desk.own_account()
    if (place := first_place(account.role)) != "/":
        return RedirectResponse(place, 303)
    day, begun = await asyncio.gather(visit.desk.show_day(), visit.desk.list_drafts())
    drafts = [(draft, address_of(draft.act, draft.reference, draft.id)) for draft in begun.drafts]
    groups = [(group, list(lines)) for group, lines in groupby(day.lines, key=lambda line: line.group)]
    return await page(
        visit, "day.html", account, here="day", view=day, groups=groups, drafts=drafts, done=fait, of=dossier
    )
