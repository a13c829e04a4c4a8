"""The list of cases: chosen by codes that stand in the address, so that going back finds them again."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import RedirectResponse, Response
from pydantic import TypeAdapter, ValidationError

from domain.choice import Filter
from domain.identity import Trait, mark
from domain.levels import OVERSEERS
from domain.values import Reference
from domain.vocabulary import Domain, Situation, Step, Term
from web.drawing import page
from web.visit import Visiting

router = APIRouter()
_REFERENCE: TypeAdapter[str] = TypeAdapter(Reference)
ON_A_PAGE = 50


def chosen_in(
    etape: Annotated[str | None, Query(max_length=40)] = None,
    domaine: Annotated[str | None, Query(max_length=40)] = None,
    territoire: Annotated[str | None, Query(max_length=40)] = None,
    suivi: Annotated[str | None, Query(max_length=60)] = None,
    equipe: Annotated[str | None, Query(max_length=60)] = None,
    situation: Annotated[str | None, Query(max_length=20)] = None,
    immobile: bool = False,
    ouverts: bool = False,
) -> Filter:
    """The choice among cases that an address tells."""
    return Filter(
        step=_known(etape, Step),
        domain=_known(domaine, Domain),
        territory=territoire or None,
        holder=suivi or None,
        stalled=immobile,
        organisation=equipe or None,
        situation=_situation(situation),
        is_open=ouverts,
    )


Choosing = Annotated[Filter, Depends(chosen_in)]
"""The choice of the address, for a page."""


@router.get("/dossiers")
async def list_cases(
    visit: Visiting, chosen: Choosing, apres: Annotated[str | None, Query(max_length=20)] = None
) -> Response:
    """A page of the list. Its count is that of the same choice."""
    account, listed = await asyncio.gather(
        visit.desk.own_account(), visit.desk.list_cases(chosen=chosen, limit=ON_A_PAGE, after=apres or None)
    )
    filters = as_address(chosen)
    chips = [(name, value, _without(filters, name)) for name, value in filters.items()]
    following = listed.next and f"/dossiers?{urlencode(filters | {'apres': listed.next})}"
    return await page(
        visit,
        "cases.html",
        account,
        here="cases",
        view=listed,
        chosen=chosen,
        chips=chips,
        following=following,
        filters=filters,
        oversees=account.role in OVERSEERS,
        steps=list(Step),
        domains=list(Domain),
    )


def as_address(chosen: Filter) -> dict[str, str]:
    """The choice, as it stands in the address of its list."""
    codes = {
        "etape": chosen.step,
        "domaine": chosen.domain,
        "territoire": chosen.territory,
        "suivi": chosen.holder,
        "equipe": chosen.organisation,
        "situation": chosen.situation,
        "immobile": "1" if chosen.stalled else None,
        "ouverts": "1" if chosen.is_open else None,
    }
    return {name: str(code) for name, code in codes.items() if code}


def _situation(code: str | None) -> Situation | None:
    return next((each for each in Situation if each == code), None)


def _known(code: str | None, codes: type[Term]) -> str | None:
    """A code of a closed list; None for what is none of it, which chooses nothing."""
    return code if code in list(codes) else None


def _without(filters: dict[str, str], name: str) -> str:
    rest = {key: value for key, value in filters.items() if key != name}
    return "/dossiers" + (f"?{urlencode(rest)}" if rest else "")


@router.post("/chercher")
async def find_case(visit: Visiting, quoi: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Looks for a case by its reference or by an exact name, which never stands in an address."""
    account, text = await visit.desk.own_account(), quoi.strip()
    if (reference := as_reference(text)) is not None:
        return RedirectResponse(f"/dossiers/{reference}", 303)
    sought = list(filter(None, (mark(Trait.NAME, text), mark(Trait.RESPONDENT, text))))
    answers = await asyncio.gather(*(visit.desk.find_cases(mark=each) for each in sought))
    found = {case.reference: case for answer in answers for case in answer.cases}
    return await page(visit, "found.html", account, here="cases", cases=list(found.values()), has_sought=bool(sought))


def as_reference(text: str) -> str | None:
    """The reference that somebody typed, as it is kept; None for another text."""
    try:
        return _REFERENCE.validate_python(text)
    except ValidationError:
        return None
