"""The form of each command, on a case: drawn from its type, filled in, sent once however often it is posted."""

import asyncio
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from desk.views.account import AccountView
from desk.views.case import CaseView
from domain.commands import COMMANDS, NOT_SUBMITTED
from domain.errors import Away, Invalid, NotFound, Problem, Refused
from web.drawing import page
from web.forms.amending import WITHIN, as_it_reads, changes, fields_to_amend
from web.forms.choices import filled
from web.forms.fields import Field, fields_of
from web.forms.labels import ACTS, HELP, LABELS
from web.forms.reading import Fault, Reading, Typed, fault_of, read, typed_in
from web.pages.drafts import FIELD, Begun, begin, begun_in, keep, saved, sent, taken_up, told
from web.problems import SIGNED_OUT, status_of
from web.visit import Visit, Visiting

router = APIRouter()
FORM = "/dossiers/{reference}/actes/{command}"
_STALE, _AMENDS = "stale", "amend_complaint"
_NUMBER = re.compile(r"[0-9]{1,9}")
_FIELDS = 200
"""Fields of a form at most: those of the longest command, and the boxes of its longest list."""


@router.get(FORM)
async def show_form(visit: Visiting, reference: str, command: str) -> Response:
    """The form of a command. What is known of it already stands in the address as codes, and is filled in."""
    fields, account, case = await _asked(visit, reference, command)
    given = {each.path: visit.request.query_params.getlist(each.path) for each in fields}
    if command == _AMENDS:
        given |= as_it_reads(case, [each for each in fields if each.path.startswith(WITHIN)])
    back = visit.request.query_params.get("retour", "")
    if (draft := visit.request.query_params.get(FIELD)) is not None:
        begun, typed = await taken_up(visit, draft, command, reference)
        return await _drawn(visit, account, case, command, fields, typed, begun, (), back=back)
    return await _drawn(visit, account, case, command, fields, given, begin(command, reference), (), back=back)


@router.post(FORM + "/brouillon")
async def save_form(visit: Visiting, request: Request, reference: str, command: str) -> Response:
    """Keeps what was typed so far into the form of a command."""
    _require_form(command)
    async with request.form(max_fields=_FIELDS, max_files=0) as form:
        typed, begun = typed_in(form, _fields_of(command)), begun_in(form, command, reference)
    return await saved(visit, begun, typed, FORM.format(reference=reference, command=command))


@router.post(FORM)
async def send_form(visit: Visiting, request: Request, reference: str, command: str) -> Response:
    """Asks the command of the case. What does not fit is told at its field, and nothing that was typed is lost."""
    async with request.form(max_fields=_FIELDS, max_files=0) as form:
        fields, account, case = await _asked(visit, reference, command)
        typed = typed_in(form, fields)
        begun = begun_in(form, command, reference)
        version, back = (str(form.get(name, "")) for name in ("version", "retour"))
    reading = _read(visit, command, case, fields, typed)
    if reading.command is None:
        begun = await keep(visit, begun, typed)
        return await _drawn(visit, account, case, command, fields, typed, begun, reading.faults, back=back)
    decided_on = int(version) if _NUMBER.fullmatch(version) and reading.command.irreversible else None
    try:
        done = await visit.desk.submit_command(
            reference=reference, command=reading.command, command_id=begun.command_id, expected_version=decided_on
        )
    except (Invalid, Refused, NotFound, Away) as problem:
        if problem.code == SIGNED_OUT:
            raise
        return await _refused(visit, account, case, command, fields, typed, begun, problem, back=back)
    await sent(visit, begun)
    event = next(iter(done.receipt.events), "")
    return RedirectResponse(_after(back, reference, event), 303)


def _after(back: str, reference: str, event: str) -> str:
    """The address of the page from which the form was opened; it tells what was done by its code."""
    if back == "/":
        return "/?" + urlencode({"fait": event, "dossier": reference})
    return f"/dossiers/{reference}?" + urlencode({"fait": event})


def _read(visit: Visit, command: str, case: CaseView, fields: list[Field], typed: Typed) -> Reading:
    if command != _AMENDS:
        return read(command, typed, fields, visit.words)
    told = [each for each in fields if each.path.startswith(WITHIN)]
    others = [each for each in fields if not each.path.startswith(WITHIN)]
    reading = read(command, typed, others, visit.words, changes=changes(case, told, typed))
    return replace(reading, typed=typed)


async def _asked(visit: Visit, reference: str, command: str) -> tuple[list[Field], AccountView, CaseView]:
    _require_form(command)
    account, case = await asyncio.gather(visit.desk.own_account(), visit.desk.show_case(reference=reference))
    return filled(_fields_of(command), visit.words, case), account, case


def _require_form(command: str) -> None:
    if command not in COMMANDS or command in NOT_SUBMITTED:
        raise NotFound("no_such_page", "There is no such page.", "Go back to the first page.")


def _fields_of(command: str) -> tuple[Field, ...]:
    return (*fields_to_amend(), *fields_of(command)) if command == _AMENDS else fields_of(command)


async def _refused(
    visit: Visit,
    account: AccountView,
    case: CaseView,
    command: str,
    fields: list[Field],
    typed: Typed,
    begun: Begun,
    problem: Problem,
    *,
    back: str,
) -> Response:
    """The form again, with what the desk says; beside a stale decision, what has changed meanwhile."""
    fault, since = fault_of(problem, fields, visit.words), []
    if problem.code == _STALE and (seen := problem.params.get("expected")):
        history = await visit.desk.show_history(reference=case.reference)
        since = [entry for entry in history.entries if entry.version > int(seen)]
        # What has changed stands beside the form, in words: the refusal names it by the tags of its events.
        fault = replace(fault, message=visit.words.say("The case has changed since you opened this form."))
    again = await keep(visit, begun if isinstance(problem, Away) else begun.to_be_sent_anew(), typed)
    return await _drawn(
        visit, account, case, command, fields, typed, again, (fault,), back=back, since=since, status=status_of(problem)
    )


async def _drawn(
    visit: Visit,
    account: AccountView,
    case: CaseView,
    command: str,
    fields: list[Field],
    typed: Typed,
    begun: Begun,
    faults: tuple[Fault, ...],
    *,
    back: str,
    since: list[Any] | None = None,
    status: int | None = None,
) -> Response:
    kind = COMMANDS[command]
    return await page(
        visit,
        "act.html",
        account,
        status=status or (422 if faults else 200),
        here="cases",
        case=case,
        command=command,
        explained=visit.words.say(kind.explained()),
        is_offered=command in case.offered,
        irreversible=kind.irreversible,
        fields=fields,
        labels=LABELS,
        button=visit.words.say(ACTS[command]),
        helps=HELP,
        typed=typed,
        faults=faults,
        at={fault.path: fault for fault in faults},
        since=since or (),
        begun=begun,
        told=told(visit, begun),
        back=back,
    )
