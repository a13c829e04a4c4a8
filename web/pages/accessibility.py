"""The accessibility statement, which the law asks of every service of a public body (loi 2005-102 art. 47)."""

from fastapi import APIRouter
from fastapi.responses import Response

from domain.errors import Problem
from web.drawing import bare_page, page
from web.visit import Visiting

router = APIRouter()


@router.get("/accessibilite")
async def statement(visit: Visiting) -> Response:
    """The statement, for whoever asks: it can be read before signing in, and while the desk is away."""
    contact = visit.request.app.state.settings.accessibility_contact
    try:
        account = await visit.desk.own_account() if visit.is_signed_in else None
    except Problem:
        account = None
    if account is None:
        return bare_page(visit, "accessibility.html", contact=contact)
    return await page(visit, "accessibility.html", account, contact=contact)
