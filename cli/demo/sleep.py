"""The last story of the demonstration: a case that nobody opens again, and whose ladder is seen to climb.

Its clock alone is put forward, by the engine itself (an experimental function of its development server, switched on
for the demonstration only): the workflow, its timer, the book and the rules are those of every other case.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.text import Text
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from activities.calendar import french_calendar
from cli.demo.story import complaint_of, line_of, reference_of, told, told_before
from cli.say import _, console, label
from desk.office import Office, engine_client
from desk.opening import open_case
from desk.submitting import submit_command
from domain.case import Case
from domain.complaint import Complaint
from domain.parts.alert import Alert, AnswerAlert
from domain.time.clocks import agenda
from domain.vocabulary import DeadlineKind, Level
from kit.process.logs import get_logger
from models import policies

log = get_logger("cli.demo.sleep")

PATIENCE = timedelta(seconds=60)
"""The longest that the engine may take to skip a month."""

KEY = "sommeil"
TITLE = "A case that nobody opens again"
_COMPLAINT = complaint_of(
    "LOGEMENT_SOCIAL",
    ["SITUATION_FAMILLE"],
    "Le bailleur a dit que le dossier d'une mère seule passerait après les autres.",
    acts=["DIRECTE"],
)


async def tell_of_sleep(office: Office) -> str:
    """Tells it; gives the reference of the case. Told again, it skips no time twice."""
    console.rule(Text(_(TITLE), "bold"), align="left")
    reference = reference_of(KEY)
    received = told_before(office, "accueil", reference) or datetime.now(UTC) - timedelta(days=1)
    complaint = Complaint.model_validate({**_COMPLAINT, "received_at": received})
    opening = f"demo-{KEY}-open"
    receipt = await open_case(office, office.actor("accueil"), complaint, command_id=opening, reference=reference)
    line_of(received, "accueil", "open", receipt.events, receipt.step)
    told(None, reference, Text(complaint.facts.narrative, "dim"))
    told(None, "", Text(_("Nobody does anything. The clock of this case, and of no other, is put forward:"), "italic"))
    client = await engine_client(office)
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    handle = client.get_workflow_handle(reference)
    highest = await _highest_reached(skipper, handle, office)
    if highest is None:
        told(None, "", Text(_("Time could not be skipped here: this case waits like any other."), "yellow"))
        return reference
    reason = "La personne qui suivait ce dossier est partie : une autre le prendra."
    answer = {"alert": highest.key, "decision": "ACT", "reason": reason}
    command = AnswerAlert.model_validate(answer)
    receipt = await submit_command(office, office.actor("pilote"), reference, command, command_id=f"demo-{KEY}-answer")
    told(None, "", Text(_("It would climb again and again. It takes a reasoned decision to end the round:"), "italic"))
    line_of(await skipper.get_current_time(handle), "pilote", "answer_alert", receipt.events, receipt.step)
    told(None, "", Text(_("Time was skipped for this case: its dates lie in the future."), "yellow"))
    console.print()
    return reference


async def _highest_reached(skipper: TimeSkipper, handle: WorkflowHandle[Any, Any], office: Office) -> Alert | None:
    """The alert of the highest level; None where time cannot be skipped."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await _climb(skipper, handle, office)
    except (TimeoutError, RPCError, RuntimeError) as error:
        log.warning("time_not_skipped", why=type(error).__name__)
        return None


async def _climb(skipper: TimeSkipper, handle: WorkflowHandle[Any, Any], office: Office) -> Alert | None:
    """Puts the clock forward from level to level; gives the alert of the highest, if it was reached."""
    highest = None
    for level in Level:
        case: Case = await handle.query("view", result_type=Case)
        if not _stalled(case, level) and (due := _due(office, case, level)):
            ahead = due - await skipper.get_current_time(handle)
            await skipper.fast_forward(handle, max(ahead, timedelta(0)) + timedelta(minutes=1))
            case = await handle.query("view", result_type=Case)
        for alert in _stalled(case, level)[:1]:
            what = Text.assemble((label(alert.kind, DeadlineKind), "bold red"), ("  ▸ ", "dim"), label(level, Level))
            told(alert.raised_at, "horloge", what)
            highest = alert
    return highest if highest and highest.level is Level.PLAN_LEAD else None


def _stalled(case: Case, level: Level) -> list[Alert]:
    return [alert for alert in case.alerts if alert.kind is DeadlineKind.STALL and alert.level is level]


def _due(office: Office, case: Case, level: Level) -> datetime | None:
    with office.reading() as tx:
        deadlines = agenda(case, policies.in_force(tx).policy, french_calendar())
    return next((d.due for d in deadlines if d.kind is DeadlineKind.STALL and d.level is level), None)
