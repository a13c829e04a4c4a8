"""The proof on the command line: what to look for, letters that can be sent, what is still open before a closure."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.counting import Period
from tests.support import reader
from tests.support.starter import Folder


@pytest.fixture(scope="module")
def reference(stack: Folder, example: dict[str, Any]) -> str:
    """A case whose proof is gathered here."""
    reference = stack.open(example)
    consent = {"consent": {"scope": "RESPONDENT", "form": "WRITTEN", "given_on": "2026-03-02"}}
    stack.ask("submit", reference, "record_consent", "-", stdin=json.dumps(consent))
    return reference


def test_the_checklist_says_what_to_look_for_and_what_is_open(stack: Folder, case: str) -> None:
    found = stack.ask("checklist", case)
    assert set(found) == {"reference", "version", "day", "open", "legs", "standards", "pieces", "texts"}
    assert [leg["leg"] for leg in found["legs"]] == ["TREATMENT", "GROUND", "LINK"]
    assert [standard["standard"] for standard in found["standards"]] == ["PRESUMPTION", "FULL_PROOF"]
    assert found["open"] == [piece["id"] for piece in found["pieces"] if piece["open"]]
    perishable = [piece["perishable"] for piece in found["pieces"]]
    assert perishable == sorted(perishable, reverse=True) and perishable[0]
    assert set(stack.ask("show", case)["open"]) == set(found["open"])


def test_people_read_the_checklist_in_their_language(stack: Folder, case: str) -> None:
    french = stack.run("checklist", case)
    assert french.code == 0
    titles = ("Traitement défavorable", "Présomption", "Preuve entière", "Pièces encore ouvertes")
    for words in (*titles, "starter.py letter"):
        assert words in french.out, words
    assert "%" not in french.out
    assert "Cité sans avoir été lu, à vérifier par un juriste" in french.out
    assert "Pieces still open" in stack.run("checklist", case, lang="en_GB.UTF-8").out


def test_a_letter_that_may_not_be_sent_yet_says_so(stack: Folder, case: str) -> None:
    assert "record_consent" in stack.run("letter", case, "EV009").out


def test_the_checklist_can_be_seen_as_it_stood(stack: Folder, case: str) -> None:
    assert stack.ask("checklist", case, "--at", "1")["pieces"] == []
    assert stack.refused("checklist", case, "--at", "99")["code"] == "no_such_version"


def test_a_letter_is_printed_here_or_written_to_a_file(stack: Folder, reference: str, tmp_path: Path) -> None:
    printed = stack.run("letter", reference, "EV009")
    assert printed.code == 0
    assert "article 15 du RGPD" in printed.out.replace("\u00a0", " ")
    for name in ("letter.pdf", "letter.txt"):
        said = stack.ask("letter", reference, "ev009", "EV035", "--out", tmp_path / name, "--day", "2026-03-31")
        made = (tmp_path / name).read_bytes()
        assert said["sha256"] == hashlib.sha256(made).hexdigest()
        assert (said["lever"], said["due"], said["text"]) == ("PERSONAL_DATA", "2026-04-30", None)
    assert reader.faults((tmp_path / "letter.pdf").read_bytes(), "demande d’accès à mes données personnelles "
        "(article\u00a015 du RGPD)") == []  # fmt: skip
    assert "(fictive)" in (tmp_path / "letter.txt").read_text()
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_whom_a_letter_is_for_is_read_from_a_file(stack: Folder, reference: str, tmp_path: Path) -> None:
    (tmp_path / "to.txt").write_text("Me Exemple\n1 rue Inventée\x1b[31m\n")
    out = stack.run("letter", reference, "EV004", "--to", tmp_path / "to.txt").out
    assert "Me Exemple" in out and "1 rue Inventée\ufffd[31m" in out and "Maître" in out
    (tmp_path / "to.txt").write_text("x" * 1_001)
    refused = stack.refused("letter", reference, "EV004", "--to", tmp_path / "to.txt", code=2)
    assert refused["code"] == "too_long"


@pytest.mark.parametrize(
    ("words", "code", "exit"),
    [
        (("EV999",), "unknown_part", 3),
        (("EV009", "EV001"), "no_common_lever", 2),
        (("EV009", "--lever", "published"), "nothing_to_send", 3),
        (("EV009", "--out", "letter.odt"), "bad_out", 2),
        (("EV009", "--out", "no/such/folder/letter.pdf"), "unwritable", 2),
    ],
)
def test_what_cannot_be_written_is_said(
    stack: Folder, reference: str, words: tuple[str, ...], code: str, exit: int
) -> None:
    assert stack.refused("letter", reference, *words, code=exit)["code"] == code


def test_somebody_who_may_not_write_letters_gets_none(stack: Folder, reference: str) -> None:
    assert stack.refused("letter", reference, "EV009", "--as", "logement-pour-tous")["code"] == "no_such_case"
    assert stack.refused("letter", reference, "EV009", "--as", "auditeur")["code"] == "not_permitted"


def test_sending_a_letter_starts_its_clock(stack: Folder, reference: str, tmp_path: Path) -> None:
    today = date.fromisoformat(stack.ask("checklist", reference)["day"])
    said = stack.ask("letter", reference, "EV009", "EV035", "--out", tmp_path / "l.pdf")
    sent = ("--set", f"pieces={','.join(said['pieces'])}", "--set", f"lever={said['lever']}")
    receipt = stack.ask("submit", reference, "send_letter", *sent, "--set", f"sha256={said['sha256']}")
    assert receipt["events"] == ["letter_sent.1"]
    case = stack.ask("show", reference)
    assert case["letters"][0]["sha256"] == said["sha256"]
    assert case["letters"][0]["due"] == said["due"] == Period(months=1).after(today).isoformat()
    assert ("PIECE_DUE", "L1") in {(d["kind"], d["part"]) for d in case["agenda"]}
    asked = [piece for piece in stack.ask("checklist", reference)["pieces"] if piece["letter"]]
    assert {piece["id"] for piece in asked} == {"EV009", "EV035"}
    assert "Réponse attendue" in stack.run("letter", reference, "EV009", "--out", tmp_path / "again.pdf").out
    told = stack.run("history", reference).out
    assert "Lettre envoyée" in told and "EV009, EV035" in told and "Droit d’accès" in told
    early = ("--set", "piece=EV009", "--set", "silent=true", "--set", "explanation=Rien")
    assert stack.refused("submit", reference, "record_piece_refusal", *early)["code"] == "silence_early"


def test_a_closure_for_lack_of_proof_names_what_is_still_open(stack: Folder, reference: str) -> None:
    closing = ("--set", "outcome=NO_RESULT", "--set", "reason=LACK_OF_PROOF", "--set", "last_known_fact=-",
               "--set", "not_told_because=-")  # fmt: skip
    refused = stack.refused("submit", reference, "propose_closure", *closing)
    still_open = stack.ask("checklist", reference)["open"]
    assert refused["code"] == "proof_not_exhausted"
    assert "starter.py checklist" in refused["remedy"]
    assert all(id in refused["message"] for id in still_open)
    assert str(len(still_open)) in refused["message"]
