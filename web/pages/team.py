"""The teams of a territory: what nobody follows, what each person holds, who is away, what the last sweep found."""

import asyncio
from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import Response

from web.drawing import page
from web.visit import Visiting

router = APIRouter()


@router.get("/equipe")
async def show_team(visit: Visiting) -> Response:
    """The page of whoever watches over a territory. Each figure leads to exactly its cases."""
    desk = visit.desk
    account, team, alerts, absences = await asyncio.gather(
        desk.own_account(), desk.show_team(), desk.list_alerts(mine=True, limit=1), desk.list_absences()
    )
    teams = [(name, list(loads)) for name, loads in groupby(team.loads, key=lambda load: load.organisation)]
    return await page(
        visit, "team.html", account, here="team", team=team, teams=teams, view=alerts, absences=absences.absences
    )
