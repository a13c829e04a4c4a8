"""The last story of the demonstration: a case that nobody opens again, and whose ladder is seen to climb.

Its clock alone is put forward, by the engine itself (an experimental function of its development server, switched on
for the demonstration only): the workflow, its timer, the book and the rules are those of every other case.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from rich.text import Text
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from cli.place import Place
from cli.say import _, console, label
from cli.story import complaint_of, line_of, reference_of, told
from domain.case import Alert, Case
from domain.clocks import agenda
from domain.commands import AnswerAlert
from domain.complaint import Complaint
from domain.dates import WorkingCalendar
from domain.policy import Policy
from domain.vocabulary import DeadlineKind, Level
from models import policies
from workflows.desk import Desk

KEY = "sommeil"
TITLE = "A case that nobody opens again"
_COMPLAINT = complaint_of(
    "LOGEMENT_SOCIAL",
    ["SITUATION_FAMILLE"],
    "Le bailleur a dit que le dossier d'une mère seule passerait après les autres.",
    acts=["DIRECTE"],
)


async def tell_of_sleep(client: Client, desk: Desk, place: Place) -> str:
    """Tells it; gives the reference of the case. Told again, it skips no time twice."""
    console.rule(Text(_(TITLE), "bold"), align="left")
    reference, received = reference_of(KEY), datetime.now(UTC) - timedelta(days=1)
    complaint = Complaint.model_validate({**_COMPLAINT, "received_at": received})
    receipt = await desk.open(complaint, place.actor("accueil"), reference=reference, command_id=f"demo-{KEY}-open")
    line_of(received, "accueil", "open", receipt.events, receipt.step)
    told(None, reference, Text(complaint.facts.narrative, "dim"))
    told(None, "", Text(_("Nobody does anything. The clock of this case, and of no other, is put forward:"), "italic"))
    handle = client.get_workflow_handle(reference)
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    for level in Level:
        case: Case = await handle.query("view", result_type=Case)
        if not _stalled(case, level):
            ahead = _due(place, case, level) - await skipper.get_current_time(handle)
            await skipper.fast_forward(handle, max(ahead, timedelta(0)) + timedelta(minutes=1))
            case = await handle.query("view", result_type=Case)
        for alert in _stalled(case, level):
            _say(alert)
    answer: dict[str, Any] = {"alert": _stalled(case, Level.PLAN_LEAD)[0].key, "decision": "REASSIGN"}
    answer |= {"reason": "La personne qui suivait ce dossier est partie."}
    receipt = await desk.submit(
        reference, AnswerAlert.model_validate(answer), place.actor("pilote"), command_id=f"demo-{KEY}-answer"
    )
    told(None, "", Text(_("It would climb again and again. It takes a reasoned decision to end the round:"), "italic"))
    now = await skipper.get_current_time(handle)
    line_of(now, "pilote", "answer_alert", receipt.events, receipt.step)
    told(None, "", Text(_("Time was skipped for this case: its dates lie in the future."), "yellow"))
    console.print()
    return reference


def _stalled(case: Case, level: Level) -> list[Alert]:
    return [alert for alert in case.alerts if alert.kind is DeadlineKind.STALL and alert.level is level]


def _due(place: Place, case: Case, level: Level) -> datetime:
    from activities.calendar import french_calendar

    with place.reading() as tx:
        return _next(case, level, policies.in_force(tx).policy, french_calendar())


def _next(case: Case, level: Level, policy: Policy, calendar: WorkingCalendar) -> datetime:
    due = agenda(case, policy, calendar)
    return next(d.due for d in due if d.kind is DeadlineKind.STALL and d.level is level)


def _say(alert: Alert) -> None:
    what = Text.assemble((label(alert.kind, DeadlineKind), "bold red"), ("  ▸ ", "dim"), label(alert.level, Level))
    told(alert.raised_at, "horloge", what)
