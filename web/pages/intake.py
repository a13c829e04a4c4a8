"""Taking a complaint in: sections in any order, on one page, and the case that they open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from desk.views.account import AccountView
from domain.complaint import Complaint
from domain.drafts import INTAKE
from domain.errors import Away, Invalid, NotFound, Refused
from domain.values import PARIS
from kit.validation import faults
from web.drawing import page
from web.forms.choices import filled
from web.forms.fields import Field, fields_in
from web.forms.labels import HELP, LABELS
from web.forms.reading import Fault, Typed, content_of, fault_of, typed_in, worded
from web.pages.drafts import Begun, begin, begun_in, keep, saved, sent, taken_up, told
from web.problems import SIGNED_OUT, status_of
from web.visit import Visit, Visiting

router = APIRouter()
_FIELDS = 400


@dataclass(frozen=True)
class Section:
    """A section of the conversation. `name` is a message; `paths` are the beginnings of its fields."""

    id: str
    name: str
    paths: tuple[str, ...]


SECTIONS = (
    Section(
        "faits",
        "What happened",
        ("facts.narrative", "facts.occurred_on", "facts.ended_on", "facts.ongoing", "facts.revealed_on"),
    ),
    Section("lieu", "Where", ("facts.place.",)),
    Section("personne", "Who speaks, and how to reach them", ("capacity", "complainant.")),
    Section("mis-en-cause", "Who is complained of", ("respondent.", "relation")),
    Section("criteres", "On what ground", ("domain", "criteria", "acts")),
    Section("attentes", "What the person expects", ("expectations",)),
    Section("accueil", "How it came to us", ("received_at", "channel")),
)


@router.get("/accueillir")
async def show_intake(visit: Visiting, brouillon: str | None = None) -> Response:
    """The form: empty, or as it was kept in a draft."""
    account = await visit.desk.own_account()
    if brouillon is not None:
        begun, typed = await taken_up(visit, brouillon, INTAKE)
        return await _drawn(visit, account, typed, begun, ())
    now = datetime.now(PARIS).strftime("%Y-%m-%dT%H:%M")
    return await _drawn(visit, account, {"received_at": [now]}, begin(INTAKE), ())


@router.post("/accueillir/brouillon")
async def save(visit: Visiting, request: Request) -> Response:
    """Keeps what was typed so far: nothing needs to be complete, or right."""
    async with request.form(max_fields=_FIELDS, max_files=0) as form:
        typed, begun = typed_in(form, fields_in(Complaint)), begun_in(form, INTAKE)
    return await saved(visit, begun, typed, "/accueillir")


@router.post("/accueillir")
async def take_in(visit: Visiting, request: Request) -> Response:
    """Opens the case. What does not fit is told at its field, and nothing that was typed is lost."""
    fields = fields_in(Complaint)
    async with request.form(max_fields=_FIELDS, max_files=0) as form:
        typed, begun = typed_in(form, fields), begun_in(form, INTAKE)
    account, words = await visit.desk.own_account(), visit.words
    try:
        complaint = Complaint.model_validate(content_of(fields, typed))
    except ValidationError as error:
        found = tuple(worded(fault, fields, words) for fault in faults(error))
        return await _drawn(visit, account, typed, await keep(visit, begun, typed), found)
    try:
        opened = await visit.desk.open_case(complaint=complaint, command_id=begun.command_id)
    except (Invalid, Refused, NotFound, Away) as problem:
        if problem.code == SIGNED_OUT:
            raise
        fault = fault_of(problem, fields, words)
        again = await keep(visit, begun if isinstance(problem, Away) else begun.to_be_sent_anew(), typed)
        return await _drawn(visit, account, typed, again, (fault,), status=status_of(problem))
    await sent(visit, begun)
    return RedirectResponse(f"/dossiers/{opened.reference}?fait=complaint_opened.1", 303)


async def _drawn(
    visit: Visit,
    account: AccountView,
    typed: Typed,
    begun: Begun,
    found: Sequence[Fault],
    *,
    status: int | None = None,
) -> Response:
    fields = filled(fields_in(Complaint), visit.words)
    sections = [(section, [field for field in fields if _is_in(section, field)]) for section in SECTIONS]
    return await page(
        visit,
        "intake.html",
        account,
        status=status or (422 if found else 200),
        here="intake",
        sections=sections,
        labels=LABELS,
        helps=HELP,
        typed=typed,
        faults=found,
        at={fault.path: fault for fault in found},
        begun=begun,
        told=told(visit, begun),
    )


def _is_in(section: Section, field: Field) -> bool:
    return any(field.path == path or (path.endswith(".") and field.path.startswith(path)) for path in section.paths)
