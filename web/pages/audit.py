"""For auditors: every case verified, the sealed log, the access journal."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from pydantic import ValidationError

from desk.views.findings import Progress
from domain.access import Access
from domain.errors import Invalid
from web.drawing import page
from web.visit import Visiting

router = APIRouter()


@router.get("/verifier")
async def seal(visit: Visiting) -> Response:
    """The sealed log, and the way to have every case verified."""
    account, checkpoint = await asyncio.gather(visit.desk.own_account(), visit.desk.last_checkpoint())
    return await page(visit, "seal.html", account, here="verify", checkpoint=checkpoint)


@router.post("/verifier")
async def verify(
    visit: Visiting,
    suite: Annotated[str, Form(max_length=200_000)] = "",
    sans_moteur: Annotated[bool, Form()] = False,
) -> Response:
    """Verifies cases for a few seconds, and goes on from there: nothing is waited for without seeing how far it is."""
    account = await visit.desk.own_account()
    try:
        since = Progress.model_validate_json(suite) if suite else None
    except ValidationError:
        raise Invalid("not_understood", "This address or form is not complete.", "Go back, and try again.") from None
    left_out = ("engine",) if sans_moteur else ()
    view = await visit.desk.verify_some(since=since, left_out=left_out)
    if view.verdict is None:
        return await page(visit, "verifying.html", account, here="verify", view=view, without_engine=sans_moteur)
    return await page(
        visit, "verdict.html", account, here="verify", reference=None, verdict=view.verdict, total=view.total
    )


@router.get("/journal")
async def read_journal(
    visit: Visiting,
    compte: Annotated[str | None, Query(max_length=60)] = None,
    dossier: Annotated[str | None, Query(max_length=20)] = None,
    acces: Annotated[str | None, Query(max_length=20)] = None,
    combien: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Response:
    """The access journal: the last readings and refusals, of one account, about one case, or of one kind."""
    access = next((each for each in Access if each == acces), None)
    account, journal = await asyncio.gather(
        visit.desk.own_account(),
        visit.desk.read_journal(account=compte or None, reference=dossier or None, access=access, limit=combien),
    )
    filters = {"compte": compte, "dossier": dossier, "acces": access}
    chosen = {name: str(value) for name, value in filters.items() if value}
    more = f"/journal?{urlencode(chosen | {'combien': str(min(1_000, combien * 3))})}"
    return await page(
        visit,
        "journal.html",
        account,
        here="journal",
        journal=journal,
        chosen=chosen,
        accesses=list(Access),
        more=more if len(journal.entries) == combien < 1_000 else None,
    )
