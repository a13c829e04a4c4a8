"""A case on one page."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import Response

from domain.commands import NOT_SUBMITTED
from domain.shown import facts, part_lines
from domain.vocabulary import OPEN_STEPS, Step
from web.drawing import page
from web.visit import Visiting

router = APIRouter()
_RAIL = (Step.INTAKE, Step.REFERRAL, Step.EVIDENCE, Step.ESCALATION, Step.CLOSED)


@router.get("/dossiers/{reference}")
async def show_case(visit: Visiting, reference: str, fait: str | None = None) -> Response:
    """The page of a case: where it stands, what comes next, what is due, its parts, its history."""
    desk = visit.desk
    account, case, agenda, history = await asyncio.gather(
        desk.own_account(),
        desk.show_case(reference=reference),
        desk.show_agenda(reference=reference),
        desk.show_history(reference=reference),
    )
    offered = [name for name in case.offered if name not in NOT_SUBMITTED]
    rail = [(step, _RAIL.index(step) < _position(case.step), step is case.step) for step in _RAIL]
    told = [(entry, [visit.words.fact(fact) for fact in facts(entry.event)]) for entry in reversed(history.entries)]
    return await page(
        visit,
        "case.html",
        account,
        here="cases",
        case=case,
        agenda=agenda,
        told=told,
        offered=offered,
        rail=rail,
        parts=list(part_lines(case)),
        done=fait,
        is_open=case.step in OPEN_STEPS,
    )


def _position(step: Step) -> int:
    return _RAIL.index(step) if step in _RAIL else len(_RAIL)
