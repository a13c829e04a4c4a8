"""A complaint from its opening to its closure, by command line alone."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain.values import PARIS
from tests.support.servers import until
from tests.support.starter import Folder, without

TOLD = "Quetzalcoatlus"
"""A word that stands for what a person told: no log may hold it."""

CLOSURE = {
    "outcome": "NO_RESULT",
    "reason": "LACK_OF_PROOF",
    "last_known_fact": "Personne ne se souvient de l'appel.",
    "person_told_on": "2026-03-20",
    "person_told_by": "MEETING",
}


@dataclass
class Journey:
    """The answers on the way."""

    reference: str
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def journey(stack: Folder, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    example = json.loads(stack.run("open", "--print-example").out)
    content = without(example, "consents") | {"expectations": TOLD}
    reference = stack.open(content)
    went = Journey(reference)

    def submit(name: str, *words: object, **more: Any) -> None:
        went.receipts[name] = stack.ask("submit", reference, *words, **more)

    def refused(name: str, *words: object) -> None:
        before = stack.versions()
        went.refusals[name] = stack.refused("submit", reference, *words)
        assert stack.versions() == before

    to_partner = ("--set", "partner=logement-pour-tous", "--set", f"purpose={TOLD}")
    refused("refer", "refer", *to_partner)
    consent = {"scope": "REFERRAL", "recipient": "logement-pour-tous", "given_on": "2026-03-03"}
    submit("record_consent", "record-consent", "-", stdin=json.dumps({"consent": consent}))
    submit("refer", "refer", *to_partner)
    submit("answer", "answer_referral", "--set", "referral=R1", "--set", "accept=true", "--as", "logement-pour-tous")
    went.seen["referred"] = stack.ask("show", reference, "--as", "logement-pour-tous")
    went.seen["listed"] = stack.ask("list", "--as", "logement-pour-tous")
    submit(
        "complete", "complete_referral", "--set", "referral=R1", "--set", "result=Visite", "--as", "logement-pour-tous"
    )
    refused("propose", "propose_closure", *_set(CLOSURE))
    pieces = ",".join(p["id"] for p in stack.ask("show", reference)["pieces"] if p["status"] == "WANTED")
    refused("waive", "waive_pieces", "--set", f"pieces={pieces}", "--set", "reason=Sans objet : un seul appel.")
    kinds = went.refusals["waive"]["message"].rpartition(":")[2].strip(" .\u00a0\u202f")
    for kind in kinds.replace("\u00a0", " ").replace("\u202f", " ").split(";"):
        alike = kind.replace(" ", "")
        submit("waive", "waive_pieces", "--set", f"pieces={alike}", "--set", "reason=Sans objet : un seul appel.")
    legs = dict.fromkeys(("treatment", "ground", "link"), "MISSING")
    file = tmp_path_factory.mktemp("files") / "assess.json"
    file.write_text(json.dumps(legs | {"reasoning": TOLD}), encoding="utf-8-sig")
    submit("assess", "assess", file)
    submit("propose", "propose_closure", *_set(CLOSURE))
    now = str(stack.versions()[reference])
    refused("blind", "countersign_closure", "--set", "comment=Oui", "--as", "superviseur")
    refused("countersign", "countersign_closure", "--set", "comment=Oui", "--expect", now)
    submit("countersign", "countersign_closure", "--set", "comment=Vu", "--expect", now, "--as", "superviseur")
    went.seen["now"] = stack.ask("show", reference)
    went.seen["history"] = stack.ask("history", reference)
    return went


def _set(fields: dict[str, str]) -> list[str]:
    return [word for key, value in fields.items() for word in ("--set", f"{key}={value}")]


def test_a_receipt_says_which_case_it_is_where_it_stands_and_what_happened(journey: Journey) -> None:
    for receipt in journey.receipts.values():
        assert set(receipt) == {"reference", "version", "step", "events"}
        assert receipt["reference"] == journey.reference
    assert journey.receipts["refer"]["events"] == ["referral_sent.1", "step_entered.1"]
    assert journey.receipts["refer"]["step"] == "REFERRAL"
    assert journey.receipts["countersign"]["step"] == "CLOSED"


def test_the_rules_refuse_with_a_remedy_what_is_not_ready(journey: Journey) -> None:
    assert journey.refusals["refer"]["code"] == "consent_missing"
    assert journey.refusals["refer"]["field"] == "partner"
    assert "record_consent" in journey.refusals["refer"]["remedy"]
    assert "waive_pieces" in journey.refusals["propose"]["remedy"]
    assert journey.refusals["countersign"]["code"] == "not_permitted"


def test_the_case_shows_what_it_became(journey: Journey) -> None:
    now = journey.seen["now"]
    assert (now["reference"], now["step"]) == (journey.reference, "CLOSED")
    assert now["version"] == journey.receipts["countersign"]["version"]
    assert now["closures"][-1]["outcome"] == "NO_RESULT"
    assert now["referrals"][0]["status"] == "DONE"
    assert "reopen" in now["offered"]


def test_the_history_says_who_did_what_and_when_it_was_recorded(journey: Journey) -> None:
    entries = journey.seen["history"]["entries"]
    assert [entry["version"] for entry in entries] == list(range(1, journey.seen["now"]["version"] + 1))
    for entry in entries:
        assert {"version", "tag", "actor", "happened_at", "recorded_at"} <= set(entry)
        assert datetime.fromisoformat(entry["happened_at"]) <= datetime.fromisoformat(entry["recorded_at"])
    actors = {entry["tag"]: entry["actor"] for entry in entries}
    assert actors["complaint_opened.1"] == actors["closure_proposed.1"] == "accueil"
    assert actors["referral_accepted.1"] == "logement-pour-tous"
    assert actors["case_closed.1"] == "superviseur"


@pytest.mark.parametrize("name", ["record_consent", "refer", "propose"])
def test_a_case_can_be_seen_as_it_stood_at_a_version(stack: Folder, journey: Journey, name: str) -> None:
    then = journey.receipts[name]
    seen = stack.ask("show", journey.reference, "--at", then["version"])
    assert (seen["version"], seen["step"]) == (then["version"], then["step"])
    assert seen["offered"] == []


def test_a_case_can_be_seen_as_it_stood_on_a_day(stack: Folder, journey: Journey) -> None:
    today = datetime.now(PARIS).date()
    assert stack.ask("show", journey.reference, "--at", today)["version"] == journey.seen["now"]["version"]
    before = stack.refused("show", journey.reference, "--at", today - timedelta(days=1))
    assert (before["code"], before["field"]) == ("not_yet_open", "at")


def test_a_version_that_does_not_exist_is_refused(stack: Folder, journey: Journey) -> None:
    for version in (0, journey.seen["now"]["version"] + 1):
        assert stack.refused("show", journey.reference, "--at", version)["code"] == "no_such_version"


def test_a_command_sent_twice_with_one_id_counts_once(stack: Folder, case: str, example: dict[str, Any]) -> None:
    mine = stack.open(without(example, "consents"))
    note = ("submit", mine, "add_note", "--set", "text=Une fois", "--id", "one-note-only")
    first = stack.ask(*note)
    assert stack.ask(*note) == first
    assert stack.versions()[mine] == first["version"]
    assert stack.refused("submit", case, *note[2:])["code"] == "command_id_taken"
    stale = stack.refused("submit", mine, "add_note", "--set", "text=Trop tard", "--expect", first["version"] - 1)
    assert stale["code"] == "stale"
    assert stack.versions()[mine] == first["version"]


def test_a_complaint_sent_twice_with_one_id_opens_one_case(stack: Folder, case: str, example: dict[str, Any]) -> None:
    before = stack.versions()
    assert stack.open(example, "--id", "a-case-to-look-at") == case
    assert stack.versions() == before


# --- Lists -----------------------------------------------------------------------------------------------

SEES = {
    "accueil": True,  # its team holds it
    "superviseur": True,  # it lies in its metropolis
    "auditeur": True,  # it works for both
    "logement-pour-tous": False,  # what was referred to it is done
    "superviseur-amp": False,
    "accueil-amp": False,
}


@pytest.mark.parametrize(("account", "sees"), SEES.items())
def test_a_list_holds_what_the_account_may_see(stack: Folder, journey: Journey, account: str, sees: bool) -> None:
    listed = stack.ask("list", "--as", account)
    assert set(listed) == {"total", "cases", "next"}
    assert (journey.reference in {row["reference"] for row in listed["cases"]}) is sees


def test_a_partner_lists_a_case_while_it_is_referred_to_it(journey: Journey) -> None:
    assert journey.reference in {row["reference"] for row in journey.seen["listed"]["cases"]}


def test_a_list_is_filtered(stack: Folder, journey: Journey, case: str) -> None:
    closed = stack.ask("list", "--step", "closed", "--holder", "accueil", "--territory", "mel")
    assert {(row["step"], row["holder"], row["metropolis"]) for row in closed["cases"]} == {
        ("CLOSED", "accueil", "MEL")
    }
    found = {row["reference"] for row in closed["cases"]}
    assert (journey.reference in found, case in found) == (True, False)
    elsewhere = stack.ask("list", "--domain", "REGLEMENTATION")
    assert (elsewhere["total"], elsewhere["cases"], elsewhere["next"]) == (0, [], None)


def test_a_list_is_read_page_by_page(stack: Folder, journey: Journey, case: str) -> None:
    page = stack.ask("list", "--limit", 1)
    listed, total = [row["reference"] for row in page["cases"]], page["total"]
    assert (len(listed), page["next"]) == (1, listed[0])
    while page["next"]:
        page = stack.ask("list", "--limit", 100, "--after", page["next"])
        assert page["total"] == total
        listed += [row["reference"] for row in page["cases"]]
    assert len(listed) == len(set(listed)) == total
    assert {journey.reference, case} <= set(listed)


# --- Who may look ----------------------------------------------------------------------------------------


def test_a_partner_to_whom_nothing_was_referred_sees_nothing(stack: Folder, journey: Journey) -> None:
    words = ("association-tierce", "--role", "partner", "--organisation", "association-tierce", "--metropolis", "MEL")
    assert stack.ask("add-account", *words)["account"] == "association-tierce"
    assert stack.refused("add-account", *words)["code"] == "account_taken"
    assert stack.refused("show", journey.reference, "--as", "association-tierce")["code"] == "no_such_case"
    assert stack.ask("list", "--as", "association-tierce")["total"] == 0


def test_somebody_who_leaves_is_locked_out_and_what_they_held_goes_to_a_colleague(stack: Folder) -> None:
    team = ("--role", "CASE_WORKER", "--organisation", "permanence-b", "--metropolis", "MEL", "--why", "Arrive")
    for account in ("partante", "restante"):
        assert stack.ask("account", "add", account, *team)["active"] is True
    stack.ask("absent", "--delegate", "restante", "--from", "2031-01-05", "--to", "2031-01-09", "--as", "partante")
    stack.ask("absence", "change", "2031-01-05", "--to", "2031-01-12", "--as", "partante")
    (absence,) = stack.ask("absence", "list", "--as", "partante")["absences"]
    assert absence == {"account": "partante", "from": "2031-01-05", "to": "2031-01-12", "delegate": "restante"}
    stack.ask("absence", "cancel", "2031-01-05", "--as", "partante")
    example = json.loads(stack.run("open", "--print-example").out)
    held = stack.open(without(example, "consents"), "--as", "partante")
    closed = stack.ask("account", "close", "partante", "--why", "Est partie", "--to", "restante")
    assert (closed["account"]["active"], closed["cases"], closed["started"]) == (False, 1, True)
    assert stack.refused("show", held, "--as", "partante")["code"] == "account_closed"
    until(lambda: stack.ask("show", held, "--as", "restante")["holder"] == "restante", "it is handed over")
    lines = stack.ask("account", "history", "partante")["lines"]
    assert [line["what"] for line in lines] == [
        "account_opened.1", "account_delegated.1", "account_delegated.1", "account_delegation_cancelled.1",
        "account_closed.1",
    ]  # fmt: skip


def test_an_auditor_reads_and_changes_nothing(stack: Folder, case: str) -> None:
    before = stack.versions()
    assert stack.ask("show", case, "--as", "auditeur")["offered"] == []
    refusal = stack.refused("submit", case, "add_note", "--set", "text=Vu", "--as", "auditeur")
    assert refusal["code"] == "not_permitted"
    assert stack.versions() == before


# --- What is asked ---------------------------------------------------------------------------------------


def test_commands_are_listed_with_who_may_ask_them_and_their_schema(stack: Folder) -> None:
    listed = {command["name"]: command for command in stack.ask("commands")["commands"]}
    assert "pass_deadlines" not in listed
    assert listed["countersign_closure"]["roles"] == ["SUPERVISOR"]
    schema = stack.ask("commands", "countersign-closure")["schema"]
    assert schema["required"] == ["comment"]


def test_no_log_holds_what_a_person_told(stack: Folder, journey: Journey, example: dict[str, Any]) -> None:
    logs = stack.logs()
    assert "worker_started" in logs
    person = example["complainant"]
    for secret in (TOLD, person["given_name"], person["email"], person["phone"], "deux-pièces"):
        assert secret not in logs
        assert json.dumps(secret).strip('"') not in logs


def test_the_example_is_a_past_complaint(example: dict[str, Any]) -> None:
    assert date.fromisoformat(example["received_at"][:10]) <= date.today()  # noqa: DTZ011 - any zone will do
