"""The engine's own tool shows a case decoded to an auditor who says why, to nobody else, and the journal knows."""

import base64
import contextlib
import hashlib
import http.client
import json
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.places import found_in
from tests.support.servers import TEMPORAL, until
from tests.support.starter import STARTER, Folder, environment

ORIGIN = "http://localhost:8233"
WORDS = "refus de louer"


@dataclass(frozen=True)
class Service:
    """The decoding service as it said it is."""

    endpoint: str
    token: str
    page: str
    """The endpoint that the engine's pages are given."""

    def post(self, path: str = "/decode", body: object = None, method: str = "POST", **headers: str) -> Any:
        host = self.endpoint.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=10)
        try:
            sent = json.dumps(body if body is not None else {"payloads": []})
            connection.request(method, path, sent, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def allowed(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "X_Reason": "A question of the person's lawyer", **more}


@pytest.fixture(scope="module")
def told(stack: Folder, example: dict[str, Any]) -> str:
    """A case with words to look for."""
    return stack.open({**example, "expectations": WORDS}, "--id", "a-case-to-decode")


@pytest.fixture(scope="module")
def service(stack: Folder) -> Iterator[Service]:
    words = ["--as", "auditeur", "--why", "Contrôle annuel", "--port", "0", "--origin", ORIGIN]
    with serving(stack, *words) as served:
        yield served


@contextlib.contextmanager
def serving(stack: Folder, *words: str) -> Iterator[Service]:
    """The service as a process of its own, until it is told to stop."""
    command, env = [*STARTER, "codec", *words, "--json"], environment(stack.path)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=stack.path.parent) as process:
        assert process.stdout is not None
        yield Service(**json.loads(process.stdout.readline()))
        process.terminate()
        assert process.wait(20) == 0


def shown(stack: Folder, reference: str, *words: str) -> str:
    """A case's history as the engine's own tool shows it."""
    command = [str(TEMPORAL), "workflow", "show", "--workflow-id", reference, "--output", "json"]
    where = ["--address", f"127.0.0.1:{stack.ports['--temporal-port']}"]
    return subprocess.run([*command, *where, *words], capture_output=True, text=True, timeout=30, check=False).stdout


def is_destroyed(stack: Folder, reference: str) -> bool:
    """True if the key of a case is gone, read behind the command line's back."""
    with contextlib.closing(sqlite3.connect(stack.path / "aboutir-keys.db")) as keys:
        (wrapped,) = keys.execute("select wrapped from case_keys where reference = ?", [reference]).fetchone()
    return wrapped is None


def journal(stack: Folder) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = stack.ask("journal", "--as", "auditeur")["entries"]
    return entries


def test_the_tool_shows_a_case_decoded_to_an_auditor_who_says_why(stack: Folder, told: str, service: Service) -> None:
    codec = ["--codec-endpoint", service.endpoint, "--codec-auth", f"Bearer {service.token}"]
    assert not found_in({"the tool": shown(stack, told).encode()}, [WORDS])
    before = len(journal(stack))
    decoded = shown(stack, told, *codec, "--codec-header", "X-Reason=A complaint about the file")
    assert found_in({"the tool": decoded.encode()}, [WORDS])
    new = [entry for entry in journal(stack)[: -before or None] if entry["access"] == "decode"]
    assert {(e["account"], e["reference"], e["why"]) for e in new} == {("auditeur", told, "A complaint about the file")}


def test_without_a_token_or_a_reason_nothing_is_decoded_and_nothing_is_noted(stack: Folder, service: Service) -> None:
    before = [e for e in journal(stack) if e["access"] == "decode"]
    allowed = service.allowed()
    for headers, expected in (
        ({}, 401),
        ({"Authorization": "Bearer wrong", "X_Reason": "-"}, 401),
        ({"Authorization": f"Basic {service.token}", "X_Reason": "-"}, 401),
        ({"Authorization": allowed["Authorization"]}, 428),
        ({**allowed, "Origin": "http://elsewhere.example"}, 403),
    ):
        status, found, body = service.post(**headers)
        assert (status, body) == (expected, b""), headers
        assert "Access-Control-Allow-Origin" not in found
    assert service.post("/encode", **allowed)[0] == 404
    assert service.post(body="nonsense", **allowed)[0] == 400
    assert service.post(method="GET", **allowed)[0] == 501
    assert [e for e in journal(stack) if e["access"] == "decode"] == before


def test_a_browser_may_ask_from_the_one_page_that_is_allowed(service: Service) -> None:
    status, headers, _ = service.post(method="OPTIONS", Origin=ORIGIN)
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, ORIGIN)
    assert "X-Reason" in headers["Access-Control-Allow-Headers"]
    assert service.post(method="OPTIONS", Origin="http://elsewhere.example")[0] == 403
    assert service.post(**service.allowed(Origin=ORIGIN))[1]["Access-Control-Allow-Origin"] == ORIGIN


# --- The engine's own pages, which can send neither a token nor a reason -----------------------------------


def from_a_page(service: Service, **more: str) -> dict[str, str]:
    """The headers that the engine's pages send (UI 2.54)."""
    return {"Origin": ORIGIN, "Content_Type": "application/json", "X_Namespace": "default"} | more


def sealed_payload(stack: Folder, reference: str) -> dict[str, Any]:
    """The content that a case was opened with, as the engine has it."""
    events = json.loads(shown(stack, reference))["events"]
    payload: dict[str, Any] = events[0]["workflowExecutionStartedEventAttributes"]["input"]["payloads"][0]
    return payload


def test_a_page_shows_a_case_decoded_and_stands_in_the_journal(stack: Folder, told: str, service: Service) -> None:
    path = service.page.removeprefix(service.endpoint)
    preflight = {"Origin": ORIGIN, "Access_Control_Request_Method": "POST",
                 "Access_Control_Request_Headers": "content-type,x-namespace"}  # fmt: skip
    status, headers, _ = service.post(f"{path}/decode", method="OPTIONS", **preflight)
    assert (status, headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Methods"]) == (
        204, ORIGIN, "POST",
    )  # fmt: skip
    assert {"content-type", "x-namespace"} <= set(headers["Access-Control-Allow-Headers"].lower().split(","))
    before = len(journal(stack))
    body = {"payloads": [sealed_payload(stack, told)]}
    status, headers, answer = service.post(f"{path}/decode?preserveStorageRefs=true", body, **from_a_page(service))
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    (clear,) = json.loads(answer)["payloads"]
    assert WORDS in base64.b64decode(clear["data"]).decode()
    new = [entry for entry in journal(stack)[: -before or None] if entry["access"] == "decode"]
    assert [(e["account"], e["reference"], e["why"]) for e in new] == [("auditeur", told, "Contrôle annuel")]


def test_the_address_of_a_page_is_good_for_that_page_and_in_that_way_only(
    stack: Folder, told: str, service: Service
) -> None:
    path = service.page.removeprefix(service.endpoint)
    of_page = path.removeprefix("/s/")
    body = {"payloads": [sealed_payload(stack, told)]}
    before = [e for e in journal(stack) if e["access"] == "decode"]
    from_it = from_a_page(service)
    for where, headers, expected in (
        (f"{path}/decode", {}, 403),
        (f"{path}/decode", from_it | {"Origin": "http://elsewhere.example"}, 403),
        (f"{path}/encode", from_it, 404),
        (f"/s/{'x' * len(of_page)}/decode", from_it, 401),
        (f"/s/{of_page[:-1]}/decode", from_it, 401),
        (f"/s/{service.token}/decode", from_it, 401),
        ("/s//decode", from_it, 404),
        ("/decode", from_it | {"Authorization": f"Bearer {of_page}", "X_Reason": "-"}, 401),
    ):
        status, _, answer = service.post(where, body, **headers)
        assert (status, answer) == (expected, b""), (where.replace(of_page, "..."), headers)
    assert [e for e in journal(stack) if e["access"] == "decode"] == before
    assert of_page not in stack.logs() and service.token not in stack.logs()
    with contextlib.closing(sqlite3.connect(stack.path / "aboutir.db")) as book:
        assert of_page not in repr(book.execute("select * from decoders").fetchall())


def test_the_address_of_a_page_runs_out_before_the_token_and_both_go_with_the_service(stack: Folder, told: str) -> None:
    words = ["--as", "auditeur", "--why", "Contrôle", "--port", "0", "--listen", "0.0.0.0"]  # noqa: S104
    with serving(stack, *words, "--origin", ORIGIN) as service:
        path = f"{service.page.removeprefix(service.endpoint)}/decode"
        assert service.post(path, **from_a_page(service))[0] == 200
        with contextlib.closing(sqlite3.connect(stack.path / "aboutir.db")) as book, book:
            book.execute(
                "update decoders set expires_at = '2026-01-01 00:00:00.000000' where token = ?",
                [hashlib.sha256(path.split("/")[2].encode()).hexdigest()],
            )
        assert service.post(path, **from_a_page(service))[0] == 401
        assert service.post(**service.allowed())[0] == 200
        given = [service.token, path.split("/")[2]]
    with contextlib.closing(sqlite3.connect(stack.path / "aboutir.db")) as book:
        left = {row[0] for row in book.execute("select token from decoders")}
    assert not left & {hashlib.sha256(token.encode()).hexdigest() for token in given}
    with serving(stack, *words) as service:
        assert service.page is None, "without a page that may ask there is no address for one"
    assert stack.refused("codec", "--as", "auditeur", "--why", " ", code=2)["code"] == "no_reason"


def test_only_an_auditor_may_serve_it_and_read_the_journal(stack: Folder) -> None:
    assert stack.refused("codec", "--as", "superviseur", "--why", "-")["code"] == "decode_for_auditors"
    assert stack.refused("journal", "--as", "superviseur")["code"] == "journal_for_auditors"


def test_reading_stands_in_the_journal_and_so_does_reading_the_journal(stack: Folder, told: str) -> None:
    stack.ask("show", told, "--why", "Rappel")
    stack.ask("history", told, "--as", "superviseur")
    stack.ask("agenda", told)
    stack.ask("find", "--mail", "nobody@example.org")
    listed = stack.ask("journal", "--as", "auditeur", "--limit", "5")
    assert listed["broken"] is None
    entries = [(e["access"], e["account"], e["reference"], e["why"]) for e in listed["entries"]]
    assert entries == [
        ("journal", "auditeur", None, None),
        ("find", "accueil", None, None),
        ("agenda", "accueil", told, None),
        ("history", "superviseur", told, None),
        ("show", "accueil", told, "Rappel"),
    ]
    of_one = stack.ask("journal", "--as", "auditeur", "--of", "superviseur", "--case", told)["entries"]
    assert {(e["account"], e["reference"]) for e in of_one} == {("superviseur", told)}


def test_the_same_matter_told_twice_is_proposed(stack: Folder, example: dict[str, Any]) -> None:
    respondent = {"kind": "COMPANY", "name": "Régie Double"}
    person = {"given_name": "Dominique", "family_name": "Deux-Fois", "phone": "06 00 00 00 02"}
    told = {**example, "respondent": respondent, "complainant": person}
    first = stack.ask("open", "-", stdin=json.dumps(told))
    assert first["possible_duplicates"] == []
    second = stack.ask("open", "-", stdin=json.dumps(told))
    assert second["possible_duplicates"] == [first["reference"]]
    said = stack.run("open", "-", stdin=json.dumps(told), lang="fr_FR.UTF-8")
    assert "déjà fait cette réclamation" in said.out
    for how, text in (("--name", "deux fois DOMINIQUE"), ("--phone", "+33600000002")):
        found = stack.ask("find", how, "-", stdin=text)
        assert {first["reference"], second["reference"]} <= {row["reference"] for row in found["cases"]}
    assert stack.ask("find", "--phone", "+33600000002", "--as", "accueil-amp")["total"] == 0
    assert stack.refused("find", code=2)["code"] == "find_by"
    assert stack.refused("find", "--name", "...", code=2)["code"] == "nothing_to_find"


def test_the_master_key_is_replaced_while_cases_are_worked_on(stack: Folder, told: str) -> None:
    before = stack.ask("keys", "forget")["master_key"]
    rotated = stack.ask("keys", "rotate")
    assert rotated["master_key"] != before and rotated["wrapped"] > 1
    assert stack.ask("submit", told, "add_note", "--set", "text=Après")["events"] == ["note_added.1"]
    assert stack.ask("keys", "forget") == {"master_key": rotated["master_key"], "forgotten": 1}
    assert stack.ask("submit", told, "add_note", "--set", "text=Ensuite")["events"] == ["note_added.1"]
    assert stack.ask("show", told)["reference"] == told


def test_a_case_that_was_not_erased_has_no_certificate(stack: Folder, told: str) -> None:
    assert stack.refused("certificate", told)["code"] == "not_erased"


def test_an_erased_case_has_one_and_nothing_else(stack: Folder, example: dict[str, Any]) -> None:
    gone = stack.open(example, "--id", "a-case-to-erase")
    close = {"outcome": "ADVICE_GIVEN", "reason": "ADVICE_SUFFICED", "last_known_fact": "-", "not_told_because": "-"}
    stack.decide(gone, "close", "-", stdin=json.dumps(close))
    closed = stack.versions()[gone]
    erase = ("submit", gone, "erase", "--set", "reason=PERSON_ASKED")
    assert stack.refused(*erase, "--as", "superviseur")["code"] == "version_needed"
    assert stack.refused(*erase, "--expect", closed, "--as", "superviseur")["code"] == "erasure_not_proposed"
    stack.ask("submit", gone, "propose_erasure", "--set", "reason=Demande", "--as", "superviseur")
    assert stack.refused(*erase, "--expect", closed, "--as", "superviseur-bis")["code"] == "stale"
    assert stack.refused(*erase, "--expect", closed + 1, "--as", "superviseur")["code"] == "same_person_erasure"
    assert stack.ask(*erase, "--expect", closed + 1, "--as", "superviseur-bis")["step"] == "ERASED"
    at_once = stack.run("certificate", gone, "--json")
    assert at_once.code == 0 or at_once.error["code"] == "erasure_under_way"
    until(lambda: is_destroyed(stack, gone), "its key is destroyed")
    certificate = stack.ask("certificate", gone)
    assert (certificate["erased_by"], certificate["chain_holds"]) == ("superviseur-bis", True)
    assert "Certificat de destruction" in stack.run("certificate", gone, lang="fr_FR.UTF-8").out
    for look in ("show", "history", "agenda"):
        assert stack.refused(look, gone)["code"] == "case_erased"
    assert stack.refused("submit", gone, "add_note", "--set", "text=-")["code"] == "case_erased"
    assert gone in {row["reference"] for row in stack.ask("list", "--step", "ERASED")["cases"]}
