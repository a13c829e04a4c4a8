"""Attention, by command line: alerts, absences, the policy, what is due, and the sweep."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.book import Book
from activities.calendar import french_calendar
from cli.stack.embedded import STARTER_ACCOUNTS
from cli.stack.place import find
from domain.actors import CLOCK
from domain.complaint import Complaint
from domain.exchange.cases import Ask, CommitRequest
from domain.parts.alert import PassDeadlines
from domain.parts.intake import Open
from domain.values import new_reference
from tests.support.starter import UNFILLED, Folder, without

ACTORS = {actor.account: actor for actor in STARTER_ACCOUNTS}
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def asleep(stack: Folder, example: dict[str, Any]) -> str:
    """A case of ninety days ago of which two levels were told in its time, and whose workflow was lost since."""
    reference, opened = new_reference(), datetime.now(UTC) - timedelta(days=90)
    content = Complaint.model_validate(without(example, "consents") | {"received_at": opened})
    place = find(stack.path)
    with closing(place.database), closing(place.keys):
        place.keys.mint(reference)
        book = Book(place.database, place.keys, french_calendar())
        for command, by, at in (
            (Open(complaint=content), ACTORS["accueil"], opened),
            (PassDeadlines(), CLOCK, opened + timedelta(days=21)),
        ):
            ask = Ask(command=command, command_id=f"{reference}:{command.kind}", actor=by)
            book.commit(CommitRequest(reference=reference, known_version=0, ask=ask, at=at))
    return reference


def stalls(stack: Folder, reference: str, *words: str) -> list[dict[str, Any]]:
    listed = stack.ask("alerts", *words)["alerts"]
    return [alert for alert in listed if (alert["reference"], alert["kind"]) == (reference, "STALL")]


# --- Alerts and absences ---


def test_alerts_are_listed_for_whoever_may_see_the_case_and_mine_are_those_for_me(stack: Folder, asleep: str) -> None:
    (climbed,) = stalls(stack, asleep, "--as", "superviseur")
    assert (climbed["level"], climbed["below"], climbed["to_nobody"]) == ("SUPERVISOR", ["CASE_WORKER"], False)
    assert [a["level"] for a in stalls(stack, asleep, "--mine", "--as", "superviseur")] == ["SUPERVISOR"]
    assert [a["level"] for a in stalls(stack, asleep, "--mine")] == ["CASE_WORKER"]
    assert stalls(stack, asleep, "--as", "superviseur-amp") == []
    printed = stack.run("alerts", "--mine", "--as", "superviseur")
    assert printed.code == 0
    assert asleep in printed.out and "answer_alert" in printed.out


def test_who_is_away_passes_on_what_is_addressed_to_them(stack: Folder, asleep: str) -> None:
    assert stalls(stack, asleep, "--mine", "--as", "juriste") == []
    days = ("--from", str(TODAY - timedelta(days=1)), "--to", str(TODAY + timedelta(days=2)))
    said = stack.ask("absent", "--delegate", "juriste", *days)
    assert (said["account"], said["delegate"]) == ("accueil", "juriste")
    assert [a["level"] for a in stalls(stack, asleep, "--mine", "--as", "juriste")] == ["CASE_WORKER"]
    assert stack.refused("absent", "--delegate", "accueil-amp", *days)["code"] == "delegate_unfit"
    assert stack.refused("absent", "--delegate", "juriste", "--from", days[3], "--to", days[1])["field"] == "to"
    assert (
        stack.refused("absent", "--delegate", "juriste", "--from", "demain", "--to", days[3], code=2)["field"] == "from"
    )


# --- What is due ---


def test_an_agenda_tells_our_deadlines_and_the_laws_with_how_they_were_counted(
    stack: Folder, example: dict[str, Any]
) -> None:
    reference = stack.open(without(example, "consents"))
    due = stack.ask("agenda", reference)
    assert {"STALL", "NO_CONTACT", "LIMITATION"} <= {one["kind"] for one in due["deadlines"]}
    assert due["deadlines"] == sorted(due["deadlines"], key=lambda one: one["due"])
    # How each was counted is said in full, in the reader's language, wherever machines are told of it.
    assert any("sans avancée" in one["counted"] for one in due["deadlines"])
    for asked in (due["deadlines"], stack.ask("show", reference)["agenda"]):
        assert [one["counted"] for one in asked if UNFILLED.search(one["counted"]) or "working" in one["counted"]] == []
    limits = {one["code"]: one for one in due["time_limits"]}
    assert limits["CIVIL_GENERAL"]["deadline_legal"] >= limits["CIVIL_GENERAL"]["deadline_prudent"]
    assert limits["CIVIL_GENERAL"]["counted"] and limits["CIVIL_GENERAL"]["basis"]
    printed = stack.run("agenda", reference, lang="fr_FR.UTF-8")
    assert "Délais" in printed.out and "2224" in printed.out

    # A jurist enters what stops one of them, sees it in the agenda, and takes it back.
    day = str(TODAY - timedelta(days=1))
    toll = {"ground": "MEDIATION", "clocks": "CIVIL_GENERAL", "from_day": day, "reason": "Accord écrit"}
    words = [word for key, value in toll.items() for word in ("--set", f"toll.{key}={value}")]
    assert stack.ask("submit", reference, "record_toll", *words)["events"] == ["toll_recorded.1"]
    after = {one["code"]: one for one in stack.ask("agenda", reference)["time_limits"]}
    assert after["CIVIL_GENERAL"]["deadline_legal"] is None
    assert after["CIVIL_GENERAL"]["deadline_prudent"] == limits["CIVIL_GENERAL"]["deadline_prudent"]
    assert {code: one for code, one in after.items() if code != "CIVIL_GENERAL"} == {
        code: one for code, one in limits.items() if code != "CIVIL_GENERAL"
    }
    wrong = [word.replace("CIVIL_GENERAL", "CIVIL_GENERALE") for word in words]
    slip = stack.refused("submit", reference, "record_toll", *wrong)
    assert slip["field"] == "toll.clocks.0"
    assert "T1" in stack.run("show", reference).out
    stack.ask("submit", reference, "retract_toll", "--set", "entry=T1", "--set", "reason=Autre dossier")
    assert {one["code"]: one for one in stack.ask("agenda", reference)["time_limits"]} == limits


# --- The policy ---


def test_a_policy_is_previewed_put_in_force_with_a_reason_and_rolled_out(
    stack: Folder, asleep: str, tmp_path: Path
) -> None:
    before = stack.ask("policy", "show")
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"repeat": 12}))
    preview = stack.ask("policy", "preview", file)
    assert set(preview) == {"cases", "alerts_at_once", "would_stall", "sooner", "later", "alerted"}
    assert preview["cases"] >= 1
    assert stack.ask("policy", "show") == before

    said = ("--reason", "Moins de rappels")
    assert stack.refused("policy", "set", file, *said)["code"] == "not_policy_maker"
    assert stack.refused("policy", "set", file, "--reason", " ", "--as", "superviseur", code=2)["field"] == "reason"
    wrong = json.dumps({"grace": 99})
    assert stack.refused("policy", "set", "-", *said, "--as", "superviseur", stdin=wrong)["field"] == "grace"
    version = stack.ask("policy", "set", file, *said, "--as", "superviseur")["version"]
    assert version == before["version"] + 1
    now = stack.ask("policy", "show")
    assert (now["version"], now["policy"]["repeat"], now["account"]) == (version, 12, "superviseur")
    assert stack.ask("policy", "show", "--all")["editions"][0] == now

    assert stack.refused("policy", "rollout")["code"] == "not_policy_maker"
    done = stack.ask("policy", "rollout", "--rate", 100, "--as", "superviseur")
    assert (done["version"], done["finished"]) == (version, True)
    assert asleep not in done["missing"] or done["missing"] == [asleep]
    back = json.dumps({"repeat": before["policy"]["repeat"]})
    stack.ask("policy", "set", "-", "--reason", "Comme avant", "--as", "superviseur", stdin=back)


# --- The sweep ---


def test_a_sweep_takes_up_a_case_that_lost_its_workflow_and_tells_of_it(stack: Folder, asleep: str) -> None:
    assert "nightly-sweep" in {one["id"] for one in stack.ask("schedules")["schedules"]}
    report = stack.ask("sweep", "--rate", 100)
    (found,) = (one for one in report["findings"] if one["reference"] == asleep)
    assert (found["kind"], found["repaired"]) == ("NO_WORKFLOW", True)
    assert found["overdue"] >= 1
    assert stack.ask("sweep", "--last") == report
    printed = stack.run("sweep", "--last", lang="fr_FR.UTF-8")
    assert asleep in printed.out and "réparé" in printed.out

    # It lives again: what was missed is told, and its alerts are decided on.
    (highest,) = (a for a in stalls(stack, asleep, "--as", "pilote") if a["level"] == "PLAN_LEAD")
    answer = ("--set", f"alert={highest['key']}", "--set", "decision=ACT", "--set", "reason=Reprise")
    assert stack.ask("submit", asleep, "answer_alert", *answer, "--as", "pilote")["events"] == ["alert_answered.1"]
    assert stalls(stack, asleep, "--as", "pilote") == []
    assert [one for one in stack.ask("sweep", "--rate", 100)["findings"] if one["reference"] == asleep] == []


def test_without_a_sweep_there_is_nothing_to_tell(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    assert folder.refused("sweep", "--last", code=4)["code"] == "no_stack"
