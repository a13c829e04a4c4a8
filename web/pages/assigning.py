"""Giving several cases to somebody else, with one reason."""

import asyncio
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from desk.views.account import AccountsView, AccountView
from desk.views.listing import CasesView
from desk.views.many import Each
from domain.choice import Filter
from web.drawing import page
from web.forms.labels import LABELS
from web.forms.reading import Fault
from web.pages.cases import Choosing, as_address
from web.pages.several import (
    AT_ONCE,
    REASON,
    Decision,
    Outcome,
    decision_in,
    given_to,
    holder_field,
    missing,
    nothing_yet,
    show_check,
)
from web.visit import Visit, Visiting

router = APIRouter()
HERE = "/equipe/confier"


@router.get(HERE)
async def show_choice(visit: Visiting, chosen: Choosing, tout: bool = False) -> Response:
    """The cases of a list, to be ticked. `tout` ticks those shown."""
    account, accounts, listed = await _asked(visit, chosen)
    decision = nothing_yet().about(case.reference for case in listed.cases if tout)
    return await _drawn(visit, account, accounts, chosen, listed, decision, ())


@router.post(HERE)
async def give(visit: Visiting, request: Request, chosen: Choosing) -> Response:
    """Gives the cases that were ticked to somebody: asked once more with their number, then done on each."""
    decision = await decision_in(request, (holder_field(AccountsView(accounts=()), is_required=True), REASON))
    account, accounts, listed = await _asked(visit, chosen)
    rows = [case for case in listed.cases if decision.takes_all or case.reference in decision.chosen]
    decision = decision.about(case.reference for case in rows)
    faults = missing(decision, ["holder", "reason"], visit.words, dict(LABELS))
    command = None if faults else given_to(decision.one("holder"), accounts, decision.one("reason"))
    if command is None:
        return await _drawn(visit, account, accounts, chosen, listed, decision, faults)
    if not decision.is_checked:
        return await show_check(
            visit,
            account,
            decision,
            [(case.reference, case) for case in rows],
            here="team",
            of_list=listed.total,
            back=_address(chosen),
            names={},
        )
    asked = tuple(Each(reference=case.reference, command=command) for case in rows)
    view = await visit.desk.submit_many(asked=asked, command_id=decision.batch)
    outcome = Outcome.of(view, asked, [case.reference for case in rows])
    listed = await visit.desk.list_cases(chosen=chosen, limit=AT_ONCE)
    return await _drawn(visit, account, accounts, chosen, listed, decision.after(outcome), (), outcome)


async def _asked(visit: Visit, chosen: Filter) -> tuple[AccountView, AccountsView, CasesView]:
    desk = visit.desk
    return await asyncio.gather(desk.own_account(), desk.list_accounts(), desk.list_cases(chosen=chosen, limit=AT_ONCE))


def _address(chosen: Filter) -> str:
    return f"{HERE}?{urlencode(as_address(chosen))}"


async def _drawn(
    visit: Visit,
    account: AccountView,
    accounts: AccountsView,
    chosen: Filter,
    listed: CasesView,
    decision: Decision,
    faults: tuple[Fault, ...],
    outcome: Outcome | None = None,
) -> Response:
    return await page(
        visit,
        "assigning.html",
        account,
        status=422 if faults else 200,
        here="team",
        view=listed,
        address=_address(chosen),
        filters=as_address(chosen),
        decision=decision,
        outcome=outcome,
        fields=[holder_field(accounts, is_required=True), REASON],
        labels=LABELS,
        faults=faults,
        at={fault.path: fault for fault in faults},
    )
