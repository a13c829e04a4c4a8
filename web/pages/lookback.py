"""A case as it stood: after any line of its history, beside another, with what happened in between."""

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from domain.errors import Away
from domain.log.checkpoint import proof_text
from web.drawing import page
from web.visit import Visiting

router = APIRouter()
WHERE = "/dossiers/{reference}"
Line = Annotated[int | None, Query(ge=1, le=1_000_000)]


@router.get(WHERE + "/histoire")
async def look_back(visit: Visiting, reference: str, a: Line = None, b: Line = None) -> Response:
    """The case as it stood after line `b`, beside how it stood after line `a`."""
    account, view = await asyncio.gather(
        visit.desk.own_account(), visit.desk.look_back(reference=reference, at=b, against=a)
    )
    between = [moment for moment in view.moments if view.against < moment.version <= view.at]
    return await page(
        visit, "lookback.html", account, here="cases", view=view, between=between, now=view.moments[view.at - 1]
    )


@router.post(WHERE + "/verifier")
async def verify(visit: Visiting, reference: str) -> Response:
    """Verifies the case: against the engine too, where that answers."""
    account = await visit.desk.own_account()
    left_out: tuple[str, ...] = ()
    verdict = None
    with suppress(Away):
        verdict = await visit.desk.verify_case(reference=reference)
    if verdict is None:
        left_out = ("engine",)
        verdict = await visit.desk.verify_case(reference=reference, left_out=left_out)
    return await page(visit, "verdict.html", account, here="cases", reference=reference, verdict=verdict, total=None)


@router.get(WHERE + "/preuve/{version}")
async def prove(visit: Visiting, reference: str, version: int) -> Response:
    """The proof that a line of the case stands in the sealed log, as a file that other programs read."""
    proof = await visit.desk.prove_line(reference=reference, version=version)
    text = proof_text(proof.index, [bytes.fromhex(step) for step in proof.proof], proof.note)
    named = {"Content-Disposition": f'attachment; filename="preuve-{reference}-{version}.txt"'}
    return Response(text, media_type="text/plain; charset=utf-8", headers=named)
