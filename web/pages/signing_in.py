"""Signing in: by a link, by a password with a code, by a passkey; and the first means of whoever was invited."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Form
from fastapi.responses import JSONResponse, RedirectResponse, Response

from desk.views.signin import SignedIn
from domain.errors import Problem
from web.drawing import bare_page
from web.pages.account import leave, local
from web.problems import SIGNED_OUT, status_of
from web.visit import Visit, Visiting, cookie_terms, session_cookie

router = APIRouter()
KEPT = "garde."
"""Before the name of a field that was typed before the session ended."""
Where = Annotated[str, Form(max_length=500)]
Token = Annotated[str, Form(max_length=200)]


@router.get("/connexion")
async def sign_in_page(visit: Visiting, retour: str = "/") -> Response:
    """The page on which one signs in."""
    return bare_page(visit, "sign_in.html", back=local(retour), problem=None, typed="", kept=())


@router.post("/connexion")
async def sign_in(
    visit: Visiting,
    compte: Annotated[str, Form(max_length=80)],
    mot_de_passe: Annotated[str, Form(max_length=500)],
    code: Annotated[str, Form(max_length=12)],
    retour: Where = "/",
) -> Response:
    """Signs in by a password with a code. A code that was pasted with spaces is as good.

    Whoever had typed a form when their session ended is given it back.
    """
    kept = await _kept_in(visit)
    try:
        signed_in = await visit.desk.sign_in_by_password(
            account=compte.strip(), password=mot_de_passe, code=code.replace(" ", "")
        )
    except Problem as problem:
        wording = visit.words.problem(problem)
        return bare_page(
            visit,
            "sign_in.html",
            status=status_of(problem),
            back=local(retour),
            problem=wording,
            typed=compte,
            kept=kept,
        )
    if not kept:
        return await welcomed(visit, signed_in, local(retour))
    answer = bare_page(visit, "given_back.html", back=local(retour), kept=kept, problem=None)
    await _keep(visit, answer, signed_in)
    return answer


@router.post("/connexion/rendu")
async def give_back(visit: Visiting, retour: Where = "/") -> Response:
    """Gives back what was typed to whoever has signed in by a passkey meanwhile."""
    return bare_page(visit, "given_back.html", back=local(retour), kept=await _kept_in(visit), problem=None)


async def _kept_in(visit: Visit) -> list[tuple[str, str]]:
    """What was typed before the session ended: the page of sign-in holds it."""
    form = await visit.request.form()
    texts = ((name, text) for name, text in form.multi_items() if isinstance(text, str))
    return [(name.removeprefix(KEPT), text) for name, text in texts if name.startswith(KEPT)]


@router.post("/connexion/cle")
async def begin_passkey(visit: Visiting) -> Response:
    """What the browser is asked for, to sign in by a passkey."""
    return JSONResponse((await visit.desk.begin_sign_in()).options)


@router.post("/connexion/cle/reponse")
async def sign_in_by_passkey(visit: Visiting, answer: Annotated[dict[str, Any], Body()], retour: str = "/") -> Response:
    """Signs in whoever showed a passkey: the script goes on to the address that this answers."""
    try:
        signed_in = await visit.desk.sign_in_by_passkey(answer=answer)
    except Problem as problem:
        wording = visit.words.problem(problem)
        return JSONResponse({"message": f"{wording.message} {wording.remedy}"}, status_of(problem))
    answered = JSONResponse({"address": local(retour)})
    await _keep(visit, answered, signed_in)
    return answered


@router.get("/link/{token}")
async def link_page(visit: Visiting, token: str) -> Response:
    """The page of a link that signs in: merely opening it uses nothing up."""
    return bare_page(visit, "link.html", token=token)


@router.post("/link")
async def use_link(visit: Visiting, token: Token) -> Response:
    """Signs in by a link of the embedded stack."""
    return await welcomed(visit, await visit.desk.sign_in_by_link(token=token), "/")


@router.get("/invitation/{token}")
async def invitation_page(visit: Visiting, token: str) -> Response:
    """The page of an invitation, before it is used."""
    invitation = await visit.desk.look_at_invitation(token=token)
    return bare_page(visit, "invitation.html", token=token, invitation=invitation)


@router.post("/invitation")
async def use_invitation(visit: Visiting, token: Token, autre: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Uses an invitation: what follows is choosing a first means of sign-in.

    The other half of one that takes two may be pasted as an address, too.
    """
    other = autre.strip().rpartition("/")[2] or None
    return await welcomed(visit, await visit.desk.use_invitation(token=token, other=other), "/moyens")


@router.get("/moyens")
async def first_means(visit: Visiting) -> Response:
    """The page on which a first means of sign-in is chosen."""
    factor = await visit.desk.begin_second_factor()
    return bare_page(visit, "means.html", factor=factor, problem=None)


@router.post("/moyens/mot-de-passe")
async def set_password(
    visit: Visiting,
    mot_de_passe: Annotated[str, Form(max_length=500)],
    code: Annotated[str, Form(max_length=12)],
) -> Response:
    """Sets a password with its second factor, and begins a session with it."""
    try:
        added = await visit.desk.add_password(password=mot_de_passe, code=code.replace(" ", ""))
    except Problem as problem:
        if problem.code == SIGNED_OUT:
            raise
        return await _again(visit, problem)
    if added.signed_in is None:
        return RedirectResponse("/compte", 303)
    return await welcomed(visit, added.signed_in, "/")


async def _again(visit: Visit, problem: Problem) -> Response:
    factor = await visit.desk.begin_second_factor()
    wording = visit.words.problem(problem)
    return bare_page(visit, "means.html", status=status_of(problem), factor=factor, problem=wording)


@router.post("/moyens/cle")
async def begin_first_passkey(visit: Visiting) -> Response:
    """What the browser is asked for, to make a passkey."""
    return JSONResponse((await visit.desk.begin_passkey()).options)


@router.post("/moyens/cle/reponse")
async def add_passkey(visit: Visiting, answer: Annotated[dict[str, Any], Body()], nom: str = "") -> Response:
    """Adds the passkey that the browser made."""
    added = await visit.desk.add_passkey(name=nom or visit.words.say("This device"), answer=answer)
    answered = JSONResponse({"address": "/" if added.signed_in else "/compte"})
    if added.signed_in is not None:
        await _keep(visit, answered, added.signed_in)
    return answered


async def welcomed(visit: Visit, signed_in: SignedIn, where: str) -> Response:
    """Leads on whoever has just signed in, with the cookie of their session."""
    answer = RedirectResponse(where, 303)
    await _keep(visit, answer, signed_in)
    return answer


async def _keep(visit: Visit, answer: Response, signed_in: SignedIn) -> None:
    await leave(visit)  # whoever signs in again leaves no session behind that nobody sees any more
    answer.set_cookie(session_cookie(visit.request), signed_in.token, **cookie_terms(visit.request))
