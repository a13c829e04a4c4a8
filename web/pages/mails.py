"""The mails that did not arrive."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import Response

from web.drawing import page
from web.visit import Visiting

router = APIRouter()


@router.get("/courriels")
async def list_failing(visit: Visiting) -> Response:
    """The mails of which somebody should know that they did not arrive: as many as the tile counts."""
    account, mails = await asyncio.gather(visit.desk.own_account(), visit.desk.list_failing())
    return await page(visit, "mails.html", account, here="alerts", mails=mails.mails)
