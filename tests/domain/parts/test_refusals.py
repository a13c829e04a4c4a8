"""Every refusal that the rules know, provoked once. A new rule without its refusal fails here."""

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import domain.case
import domain.lifecycle
import domain.permissions
from domain.actors import Actor
from domain.errors import NotFound, Refused
from domain.lifecycle import decide
from domain.parts.alert import AnswerAlert
from domain.vocabulary import Level
from tests.domain.examples import MONDAY, Story
from tests.domain.parts import refusals
from tests.domain.parts.refusals.provoked import PROVOKED, Asked
from tests.domain.parts.refusals.referral import ACCEPT
from tests.people import LEAD, PARTNER_ORG, PARTNER_WORKER, SUPERVISOR, WORKER

for _module in iter_modules(refusals.__path__):
    import_module(f"{refusals.__name__}.{_module.name}")  # fills PROVOKED

NO_COMMAND = {
    *("verify_for_auditors", "holder_elsewhere", "holder_cannot_act", "holder_in_other_metropolis"),
    *("file_quarantined", "file_to_be_scanned", "operator_only", "journal_for_auditors", "not_policy_maker"),
    *("not_inviter", "signins_for_auditors", "administrator_only", "for_overseers"),
}
"""Refused to somebody who sends no command (tests/domain/test_who_verifies.py, tests/domain/parts/test_files.py,
tests/desk), or by what only the book knows of accounts (tests/domain/parts/test_intake.py)."""

CASES = [(code, provoke) for code, provokers in PROVOKED.items() for provoke in provokers]


@pytest.mark.parametrize(("code", "provoke"), CASES, ids=[f"{p.__name__}" for _, p in CASES])
def test_refuses(code: str, provoke: Callable[[], Asked]) -> None:
    story, command, by = provoke()
    with pytest.raises(Refused) as caught:
        decide(story.case if story else None, command, by, story.at if story else MONDAY)
    assert caught.value.code == code
    assert caught.value.message
    assert caught.value.remedy


def test_every_refusal_of_the_rules_is_provoked_here(record_property: Callable[[str, object], None]) -> None:
    known = codes_in_the_source()
    record_property("domain: refusals", f"{len(known)} codes in the rules, {len(CASES)} ways of meeting them tried")
    assert set(PROVOKED) | NO_COMMAND == known


def codes_in_the_source() -> set[str]:
    """The first argument of every Refused(...) and NotFound(...) of the rules."""
    room = Path(domain.case.__file__).parent
    others = ("case.py", "lifecycle.py", "permissions.py", "addresses.py")
    files = [*(room / "parts").glob("*.py"), *(room / name for name in others)]
    codes = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (Refused.__name__, NotFound.__name__):
            assert isinstance(node.args[0], ast.Constant), ast.unparse(node)
            codes.add(str(node.args[0].value))
    return codes


def test_only_the_plan_lead_answers_for_the_plan_lead() -> None:
    story = Story().until("2026-04-03").pass_deadlines()
    command = AnswerAlert(alert="stall/INTAKE/1/PLAN_LEAD", decision="ACT", reason="Under way")
    assert story.refusal(command, by=SUPERVISOR).code == "alert_above"
    assert "alert_answered" in story.do(command, by=LEAD).tags


@pytest.mark.parametrize(("highest", "by"), [("SUPERVISOR", SUPERVISOR), ("CASE_WORKER", WORKER)])
def test_where_nobody_is_above_the_highest_there_is_answers_for_the_plan_lead(highest: Level, by: Actor) -> None:
    story = Story().until("2026-04-03").pass_deadlines()
    key = "stall/INTAKE/1/PLAN_LEAD"
    story.do(AnswerAlert(alert=key, decision="ACT", reason="Under way", highest=highest), by=by)
    assert key not in {alert.key for alert in story.case.standing_alerts}
    assert not [alert for alert in story.case.standing_alerts if alert.key.startswith("stall/")]


def test_a_case_worker_of_the_partner_accepts_a_handover() -> None:
    story = Story().referred(handover=True).do(ACCEPT, by=PARTNER_WORKER)
    assert (story.case.holder, story.case.organisation) == (PARTNER_WORKER.account, PARTNER_ORG)
