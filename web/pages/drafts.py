"""Drafts behind forms: what stands in a form is kept as it is typed, given back, and thrown away once it is sent."""

import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from desk.views.draft import DraftKept
from domain.drafts import INTAKE, DraftContent
from domain.errors import NotFound, Problem
from web.forms.reading import Typed
from web.problems import SIGNED_OUT, status_of
from web.visit import Visit, Visiting

router = APIRouter()
FIELD, COMMAND = "brouillon", "command_id"
"""Names of the fields of a form that hold the id of its draft, and the one under which it is sent."""
_ID = re.compile(r"[0-9a-f]{32}")
_COMMAND_ID = re.compile(r"[0-9A-Za-z-]{1,100}")


@dataclass(frozen=True)
class Begun:
    """A form that was begun: the ids under which it is kept and sent, and what was kept of it."""

    id: str
    command_id: str
    act: str
    reference: str | None = None
    kept: DraftKept | None = None
    not_kept: Problem | None = None
    """The reason for which it could not be kept, if that was tried."""

    def to_be_sent_anew(self) -> "Begun":
        """The same form as another command: the refused one may have been noted, and this is another decision."""
        return replace(self, command_id=uuid.uuid4().hex)


def begin(act: str, reference: str | None = None) -> Begun:
    """A form that nothing was typed into yet."""
    return Begun(uuid.uuid4().hex, uuid.uuid4().hex, act, reference)


def begun_in(form: FormData, act: str, reference: str | None = None) -> Begun:
    """The form that was sent, by the ids that it holds."""
    id, command_id = (str(form.get(name, "")) for name in (FIELD, COMMAND))
    fresh = begin(act, reference)
    return replace(
        fresh,
        id=id if _ID.fullmatch(id) else fresh.id,
        command_id=command_id if _COMMAND_ID.fullmatch(command_id) else fresh.command_id,
    )


async def taken_up(visit: Visit, id: str, act: str, reference: str | None = None) -> tuple[Begun, Typed]:
    """A draft that somebody goes on with, and what was typed. Raises NotFound for one that is none of this form."""
    if not _ID.fullmatch(id):
        raise _of_no_form()
    draft = await visit.desk.draft(draft=id)
    if (draft.act, draft.reference) != (act, reference):
        raise _of_no_form()
    kept = DraftKept(id=draft.id, kept_at=draft.kept_at, destroyed_on=draft.destroyed_on)
    return Begun(id, draft.content.command_id, act, reference, kept), draft.content.typed


def _of_no_form() -> NotFound:
    return NotFound("no_such_page", "There is no such page.", "Go back to the first page.")


async def keep(visit: Visit, begun: Begun, typed: Mapping[str, Sequence[str]]) -> Begun:
    """Keeps what stands in a form, if anything does. It raises for whoever is not signed in, and for nothing else."""
    written = {path: tuple(texts) for path, texts in typed.items() if any(text.strip() for text in texts)}
    try:
        content = DraftContent(command_id=begun.command_id, typed=written)
        kept = await visit.desk.keep_draft(draft=begun.id, act=begun.act, content=content, reference=begun.reference)
    except Problem as problem:
        if problem.code == SIGNED_OUT:
            raise
        return replace(begun, not_kept=problem)
    return replace(begun, kept=kept)


async def sent(visit: Visit, begun: Begun) -> None:
    """Destroys the draft of a form that was sent. Where that fails, it waits for its day, and counts once."""
    with suppress(Problem):
        await visit.desk.drop_draft(draft=begun.id)


async def saved(visit: Visit, begun: Begun, typed: Mapping[str, Sequence[str]], address: str) -> Response:
    """The answer to whoever saves a form: to the script a sentence, to anybody else the form as it was kept."""
    begun = await keep(visit, begun, typed)
    if visit.request.headers.get("sec-fetch-dest") == "empty":
        problem = begun.not_kept
        return JSONResponse({"told": told(visit, begun)}, 200 if problem is None else status_of(problem))
    if begun.not_kept is not None:
        raise begun.not_kept
    return RedirectResponse(f"{address}?{FIELD}={begun.id}", 303)


def told(visit: Visit, begun: Begun) -> str:
    """The sentence about what was kept of a form; empty if nothing was."""
    words = visit.words
    if begun.not_kept is not None:
        wording = words.problem(begun.not_kept)
        return f"{words.say('Not kept:')} {wording.message} {wording.remedy}"
    if begun.kept is None:
        return ""
    return words.say(
        "Draft kept on {clock}, for you alone. It is destroyed on {day} if you do not come back to it.",
        clock=words.instant(begun.kept.kept_at),
        day=words.weekday(begun.kept.destroyed_on),
    )


@router.post("/brouillons/jeter")
async def drop(visit: Visiting, brouillon: Annotated[str, Form(max_length=32)]) -> Response:
    """Throws a draft away."""
    if not _ID.fullmatch(brouillon):
        raise _of_no_form()
    await visit.desk.drop_draft(draft=brouillon)
    return RedirectResponse("/", 303)


def address_of(act: str, reference: str | None, id: str) -> str:
    """The address of the form in which a draft stands."""
    form = "/accueillir" if act == INTAKE or reference is None else f"/dossiers/{reference}/actes/{act}"
    return f"{form}?{FIELD}={id}"
