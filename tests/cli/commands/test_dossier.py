"""The file for the Defender of Rights on the command line, to its filing and the reminder that no clock has stopped."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyrage
import pytest

from tests.support import reader
from tests.support.starter import Folder

MESSAGES = "« Finalement, le logement n’est plus libre. »\n".encode()
OWNER = pyrage.x25519.Identity.generate()


def agree(stack: Folder, reference: str, scope: str) -> None:
    consent = {"consent": {"scope": scope, "form": "WRITTEN", "given_on": "2026-03-02"}}
    stack.ask("submit", reference, "record_consent", "-", stdin=json.dumps(consent))


@pytest.fixture(scope="module")
def reference(stack: Folder, example: dict[str, Any]) -> str:
    """A case that is about to be filed, with a piece whose file we hold."""
    reference = stack.open(example)
    messages = ("--name", "messages.txt", "--description", "Les messages")
    stack.ask("attach", reference, "EV033", "-", *messages, stdin=MESSAGES)
    stack.ask("submit", reference, "prepare_filing", "--set", "channel=POST")
    return reference


def test_what_is_missing_is_said_before_anything_is_written(stack: Folder, reference: str, tmp_path: Path) -> None:
    said = stack.ask("dossier", reference)
    assert said["blocked"] and said["written"] == []
    assert [gap["code"] for gap in said["gaps"] if gap["blocks"]] == ["consent_missing_defender"]
    assert all(gap["message"] and gap["remedy"] for gap in said["gaps"])
    people = stack.run("dossier", reference).out
    assert "ne peut pas être transmis" in people and "record_consent" in people
    for lang, also in (("C.UTF-8", "Il serait aussi plus solide"), ("en_GB.UTF-8", "It would also be stronger")):
        people = stack.run("dossier", reference, lang=lang).out
        assert also in people, "what is blocked is not said to be ready"
        assert "peut être transmis" not in people and "can be filed" not in people
    sealed = ("--out", tmp_path / "x.zip", "--to", str(OWNER.to_public()))
    assert stack.refused("dossier", reference, *sealed)["code"] == "consent_missing_defender"
    assert list(tmp_path.iterdir()) == []
    draft = stack.ask("dossier", reference, "--out", tmp_path / "draft.pdf")
    assert [file["name"] for file in draft["written"]] == ["draft.pdf"]
    assert "Projet" in reader.text((tmp_path / "draft.pdf").read_bytes())


def test_the_file_is_written_the_same_at_a_version_sealed_and_filed(
    stack: Folder, reference: str, tmp_path: Path
) -> None:
    agree(stack, reference, "DEFENDER")
    first = stack.ask("dossier", reference, "--out", tmp_path / "one")
    version = first["version"]
    names = [f"dossier-{reference}-v{version}{end}" for end in (".pdf", ".zip")]
    assert [file["name"] for file in first["written"]] == names
    pdf, archive = ((tmp_path / "one" / name).read_bytes() for name in names)
    assert reader.faults(pdf, f"Saisine du Défenseur des droits – dossier {reference}") == []
    assert "Projet" not in reader.text(pdf)
    assert zipfile.ZipFile(io.BytesIO(archive)).namelist() == ["00-saisine.pdf", "piece-01-1.txt", "SHA256SUMS"]
    with zipfile.ZipFile(io.BytesIO(archive)) as parts:
        assert parts.read("piece-01-1.txt") == MESSAGES
        assert f"{hashlib.sha256(MESSAGES).hexdigest()}  piece-01-1.txt" in parts.read("SHA256SUMS").decode()
    assert hashlib.sha256(MESSAGES).hexdigest()[:16] in reader.text(pdf).replace("\n", "").replace(" ", "")
    custody = stack.ask("files", reference, "--custody")["custody"]
    assert [one["action"] for one in custody] == ["ADDED", "EXPORTED"]
    assert first["written"][0]["sha256"] == hashlib.sha256(pdf).hexdigest()

    stack.ask("dossier", reference, "--out", tmp_path / "sealed", "--to", str(OWNER.to_public()))
    (only,) = (tmp_path / "sealed").iterdir()
    assert only.name == names[1] + ".age"
    assert pyrage.decrypt(only.read_bytes(), [OWNER]) == archive

    digest = first["written"][1]["sha256"]
    filed = stack.decide(reference, "file", "--set", "filing=F1", "--set", f"sha256={digest}")
    running = {limit["code"] for limit in filed["time_limits"]}
    assert filed["events"] == ["filing_sent.1"] and "CIVIL_GENERAL" in running
    shown = stack.ask("show", reference)
    assert shown["filings"][0]["sha256"] == digest
    assert {limit["code"] for limit in shown["time_limits"]} == running
    assert "n’en arrête aucun" in stack.run("show", reference).out.replace("\n", " ")

    again = stack.ask("dossier", reference, "--out", tmp_path / "again", "--at", version)
    assert [file["sha256"] for file in again["written"]] == [file["sha256"] for file in first["written"]]


def test_what_the_defender_asks_for_is_answered_in_time(stack: Folder, reference: str) -> None:
    more = ("--set", "filing=F1", "--set", "asked=Le bail", "--set", "due=2027-03-31")
    assert stack.ask("submit", reference, "record_filing_request", *more)["events"] == ["filing_more_asked.1"]
    shown = stack.run("show", reference).out
    assert "Q1" in shown and "Le bail" in shown
    assert "FILING_REQUEST" in {deadline["kind"] for deadline in stack.ask("show", reference)["agenda"]}
    answer = ("--set", "filing=F1", "--set", "request=Q1", "--set", "answer=Envoyé")
    assert stack.ask("submit", reference, "answer_filing_request", *answer)["events"] == ["filing_answered.1"]
    assert "FILING_REQUEST" not in {deadline["kind"] for deadline in stack.ask("show", reference)["agenda"]}


@pytest.mark.parametrize(
    ("words", "code", "exit"),
    [
        (("--out", "file.odt"), "bad_dossier_out", 2),
        (("--out", "x.zip", "--to", "age1nobody"), "no_key", 2),
        (("--as", "auditeur"), "not_permitted", 3),
    ],
)
def test_what_cannot_be_written_is_said(
    stack: Folder, reference: str, words: tuple[str, ...], code: str, exit: int
) -> None:
    assert stack.refused("dossier", reference, *words, code=exit)["code"] == code
