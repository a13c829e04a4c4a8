"""One's own account: its sessions, its means of sign-in, its language, and signing out."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from domain.errors import Problem
from web.drawing import page
from web.problems import SIGNED_OUT
from web.visit import Visit, Visiting, cookie_terms, language_cookie, session_cookie

router = APIRouter()


@router.get("/compte")
async def own_account(visit: Visiting) -> Response:
    """The page of one's own account."""
    account, sessions, means, record = await asyncio.gather(
        visit.desk.own_account(), visit.desk.own_sessions(), visit.desk.own_means(), visit.desk.own_record(limit=10)
    )
    return await page(visit, "account.html", account, sessions=sessions.sessions, means=means, record=record.lines)


@router.post("/compte/sessions")
async def end_session(visit: Visiting, session: Annotated[str, Form(max_length=80)]) -> Response:
    """Ends one of one's own sessions."""
    await visit.desk.end_session(ended=session)
    return RedirectResponse("/compte", 303)


@router.post("/compte/autres-sessions")
async def end_other_sessions(visit: Visiting) -> Response:
    """Ends all of one's own sessions but this one."""
    await visit.desk.end_own_sessions()
    return RedirectResponse("/compte", 303)


@router.post("/deconnexion")
async def sign_out(visit: Visiting) -> Response:
    """Ends this session and forgets its cookie. One that has ended already is forgotten all the same."""
    await leave(visit)
    answer = RedirectResponse("/connexion", 303)
    answer.delete_cookie(session_cookie(visit.request), **cookie_terms(visit.request))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


async def leave(visit: Visit) -> None:
    """Ends the session of a visit, if it has one that is alive."""
    if not visit.is_signed_in:
        return
    try:
        mine = next((each for each in (await visit.desk.own_sessions()).sessions if each.is_this), None)
        if mine is not None:
            await visit.desk.end_session(ended=mine.id)
    except Problem as problem:
        if problem.code != SIGNED_OUT:
            raise


@router.post("/langue")
async def choose_language(
    visit: Visiting, langue: Annotated[Literal["fr", "en"], Form()], retour: Annotated[str, Form(max_length=500)] = "/"
) -> Response:
    """Chooses the language of the pages on this device."""
    answer = RedirectResponse(local(retour), 303)
    answer.set_cookie(language_cookie(visit.request), langue, max_age=365 * 86_400, **cookie_terms(visit.request))
    return answer


def local(address: str) -> str:
    """An address of these pages; the first page for any other, so that nobody is led elsewhere.

    Browsers leave out tabs and ends of lines: what is nothing to us may be an address of somebody else's to them.
    """
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_ours else "/"
