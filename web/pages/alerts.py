"""What does not move: the standing alerts, by level and age, decided one by one or several with one reason."""

import asyncio
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from desk.views.account import AccountsView, AccountView
from desk.views.alerts import AlertsView, AlertView
from desk.views.many import Each
from domain.levels import OVERSEERS
from domain.parts.alert import AnswerAlert
from domain.vocabulary import AlertDecision, DeadlineKind, Level
from kit.validation import faults as faults_in
from web.drawing import page
from web.forms.choices import filled
from web.forms.fields import Field, Shape
from web.forms.labels import LABELS
from web.forms.reading import Fault, worded
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
_DECISION = Field("decision", Shape.ONE, is_required=True, terms=AlertDecision)
_UNTIL = Field("until", Shape.DAY, is_required=False)
_FIELDS = (_DECISION, holder_field(AccountsView(accounts=()), is_required=False), _UNTIL, REASON)


@dataclass(frozen=True)
class Chosen:
    """Which alerts the page shows, as its address says it."""

    every: bool = False
    kind: DeadlineKind | None = None
    level: Level | None = None
    offset: int = 0

    def address(self, **changes: object) -> str:
        """The address of this page, or of one that differs in something."""
        other = replace(self, **changes)  # type: ignore[arg-type] # its own fields
        parts = {
            "toutes": "1" if other.every else "",
            "cause": other.kind or "",
            "niveau": other.level or "",
            "suite": str(other.offset or ""),
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return "/alertes" + (f"?{query}" if query else "")


def chosen_in(
    toutes: bool = False,
    cause: Annotated[str, Query(max_length=40)] = "",
    niveau: Annotated[str, Query(max_length=40)] = "",
    suite: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Chosen:
    """The choice among alerts that an address tells."""
    return Chosen(
        every=toutes,
        kind=next((each for each in DeadlineKind if each == cause), None),
        level=next((each for each in Level if each == niveau), None),
        offset=suite,
    )


Choosing = Annotated[Chosen, Depends(chosen_in)]
"""The choice of the address, for a page."""


@router.get("/alertes")
async def list_alerts(visit: Visiting, chosen: Choosing, tout: bool = False) -> Response:
    """The alerts that ask this account for a decision; with `toutes`, all that it may see. `tout` ticks those shown."""
    account, alerts = await asyncio.gather(visit.desk.own_account(), _alerts(visit, chosen))
    decision = nothing_yet().about(map(name_of, alerts.alerts) if tout else ())
    return await _drawn(visit, account, chosen, alerts, decision, ())


@router.post("/alertes")
async def decide(visit: Visiting, request: Request, chosen: Choosing) -> Response:
    """Takes one decision on the alerts that were ticked: asked once more with their number, then done on each."""
    decision = await decision_in(request, _FIELDS)
    account, alerts = await asyncio.gather(visit.desk.own_account(), _alerts(visit, chosen))
    accounts = await visit.desk.list_accounts()
    rows = [each for each in alerts.alerts if decision.takes_all or name_of(each) in decision.chosen]
    decision = decision.about(map(name_of, rows))
    asked, faults = _asked(visit, decision, rows, accounts)
    if faults:
        return await _drawn(visit, account, chosen, alerts, decision, faults)
    if not decision.is_checked:
        return await show_check(
            visit,
            account,
            decision,
            [(name_of(each), each) for each in rows],
            here="alerts",
            of_list=alerts.total,
            back=chosen.address(),
            names={"decision": "AlertDecision"},
        )
    commands = tuple(each for each, _ in asked)
    view = await visit.desk.submit_many(asked=commands, command_id=decision.batch)
    outcome = Outcome.of(view, commands, [name for _, name in asked])
    return await _drawn(visit, account, chosen, await _alerts(visit, chosen), decision.after(outcome), (), outcome)


def name_of(alert: AlertView) -> str:
    """The name of an alert on the page: its case, and its key there."""
    return f"{alert.reference} {alert.key}"


def _asked(
    visit: Visit, decision: Decision, rows: list[AlertView], accounts: AccountsView
) -> tuple[list[tuple[Each, str]], tuple[Fault, ...]]:
    """What is asked of each case, with the name of its row; or the faults of the decision."""
    gives_away = decision.one("decision") == AlertDecision.REASSIGN
    faults = missing(decision, ["decision", *(["holder"] if gives_away else []), "reason"], visit.words, dict(LABELS))
    if faults:
        return [], faults
    reason, until = decision.one("reason"), decision.one("until") or None
    given = given_to(decision.one("holder"), accounts, reason) if gives_away else None
    try:
        asked = [
            AnswerAlert.model_validate(
                {"alert": each.key, "decision": decision.one("decision"), "until": until, "reason": reason}
            )
            for each in rows
        ]
    except ValidationError as error:
        return [], tuple(worded(each, _FIELDS, visit.words) for each in faults_in(error))
    commands: list[tuple[Each, str]] = []
    for row, answer in zip(rows, asked, strict=True):
        is_first = not any(each.reference == row.reference for each, _ in commands)
        if given is not None and is_first and (given.holder, given.organisation) != (row.holder, row.organisation):
            commands.append((Each(reference=row.reference, command=given), name_of(row)))
        commands.append((Each(reference=row.reference, command=answer), name_of(row)))
    return commands, ()


async def _alerts(visit: Visit, chosen: Chosen) -> AlertsView:
    return await visit.desk.list_alerts(
        mine=not chosen.every, kind=chosen.kind, level=chosen.level, limit=AT_ONCE, offset=chosen.offset
    )


async def _drawn(
    visit: Visit,
    account: AccountView,
    chosen: Chosen,
    alerts: AlertsView,
    decision: Decision,
    faults: tuple[Fault, ...],
    outcome: Outcome | None = None,
) -> Response:
    oversees = account.role in OVERSEERS
    team = await visit.desk.show_team() if oversees else None
    holder = holder_field(await visit.desk.list_accounts(), is_required=False)
    levels = [(level, list(rows)) for level, rows in groupby(alerts.alerts, key=lambda alert: alert.level)]
    return await page(
        visit,
        "alerts.html",
        account,
        status=422 if faults else 200,
        here="alerts",
        view=alerts,
        levels=levels,
        name_of=name_of,
        chosen=chosen,
        team=team,
        decision=decision,
        outcome=outcome,
        fields=[*filled([_DECISION], visit.words), holder, _UNTIL, REASON],
        labels=LABELS,
        faults=faults,
        at={fault.path: fault for fault in faults},
    )
