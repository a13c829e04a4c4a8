"""What does not move: the standing alerts, by level and age."""

import asyncio
from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import Response

from web.drawing import page
from web.visit import Visiting

router = APIRouter()


@router.get("/alertes")
async def list_alerts(visit: Visiting, toutes: bool = False) -> Response:
    """The alerts that ask this account for a decision; with `toutes`, all that it may see."""
    account, alerts = await asyncio.gather(visit.desk.own_account(), visit.desk.list_alerts(mine=not toutes))
    levels = [(level, list(rows)) for level, rows in groupby(alerts.alerts, key=lambda alert: alert.level)]
    return await page(visit, "alerts.html", account, here="alerts", view=alerts, levels=levels, every=toutes)
