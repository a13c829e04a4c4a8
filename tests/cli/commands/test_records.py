"""The records on the command line: a case as it stood, sealed, proved, exported, verified, rebuilt."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.verify_bundle import public_key
from domain.log.checkpoint import Checkpoint, PublicKey, opened, signed
from kit.crypto.signing import signing_keys, verify
from tests.support.pdfs import pdf
from tests.support.servers import ROOT
from tests.support.starter import Folder

AUDITOR = ("--as", "auditeur")


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory, example: dict[str, Any]) -> Iterator[Folder]:
    """A stack of its own, with cases that are sealed: others may be in the middle of something."""
    folder = Folder(tmp_path_factory.mktemp("records") / "data", ABOUTIR_WITNESS_MAIL="auditeur@aboutir.test")
    folder.up()
    folder.open(example, "--id", "case-number-1")
    reference = folder.open(example, "--id", "case-number-2")
    folder.ask("submit", reference, "add_note", "--set", "text=Rappeler lundi")
    folder.ask("submit", reference, "start_evidence")
    yield folder
    if folder.is_up:
        folder.end(signal.SIGTERM)


@pytest.fixture(scope="module")
def one(mine: Folder) -> str:
    return max(mine.versions(), key=lambda reference: mine.versions()[reference])


def test_a_case_is_told_as_it_stood(mine: Folder, one: str) -> None:
    now = mine.ask("replay", one)
    last = now["version"]
    assert now["policy_version"] == 0 and now["differences"] is None
    assert [entry["version"] for entry in now["history"]] == list(range(1, last + 1))
    assert now["case"]["step"] == "EVIDENCE" and now["case"]["agenda"]
    then = mine.ask("replay", one, "--at", "complaint_opened", "--against", str(last))
    assert mine.ask("replay", one, "--at", "complaint_opened.1", "--against", str(last)) == then, "as it is printed"
    assert mine.refused("replay", one, "--at", "complaint_opened.7", code=2)["code"] == "unknown_event"
    assert then["version"] == 1 and then["case"]["step"] == "INTAKE"
    changed = {change["path"]: (change["before"], change["after"]) for change in then["differences"]}
    assert changed["step"] == ("INTAKE", "EVIDENCE")
    assert changed["notes"] == (0, 1)
    assert mine.ask("replay", one, "--from", "histories")["history"] == now["history"]
    said = mine.run("replay", one, "--at", "1", "--against", str(last), lang="fr_FR.UTF-8").out
    for words in ("Tel qu’il était à la version 1", "Qui avait fait quoi", "Ce qui a changé de la version 1", "Étape"):
        assert words in said
    assert "Recueil → " in said


def test_what_cannot_be_told_is_refused(mine: Folder, one: str) -> None:
    assert mine.refused("replay", one, "--at", "nothing_happened", code=2)["code"] == "unknown_event"
    assert mine.refused("replay", one, "--at", "note_added:2")["code"] == "no_such_event"
    assert mine.refused("replay", one, "--as", "accueil-amp")["code"] == "no_such_case"
    assert mine.refused("rebuild", "--from", "memory", code=2)["code"] == "unknown_source"
    assert mine.refused("verify", "--all", "--key", "nonsense", *AUDITOR, code=2)["code"] == "bad_key"


def test_the_book_is_sealed_proved_and_exported(mine: Folder, one: str, tmp_path: Path) -> None:
    assert mine.refused("checkpoint")["code"] == "nothing_sealed"
    lines = sum(mine.versions().values())
    size = lines + 2  # and a leaf each of the access journal and of the accounts
    assert mine.ask("seal") == {"size": size, "added": lines}
    said = mine.ask("checkpoint")
    key = PublicKey.parse(said["key"])
    assert public_key(said["key"]) == (key.name, key.id, key.key)
    assert Checkpoint.parse(opened(said["note"], [key], verify)).size == said["size"] == size
    assert mine.run("checkpoint").out == said["note"]
    proof = mine.ask("prove", one, 2)
    assert proof["size"] == size and json.loads(proof["leaf"])[1:3] == [one, 2]

    file = tmp_path / "dossier.zip"
    assert mine.ask("replay", one, "--export", file)["sealed"] == mine.versions()[one]
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as bundle:
        assert bundle.read("verify.py") == (ROOT / "audit" / "verify_bundle.py").read_bytes()
    words = [sys.executable, "-I", str(ROOT / "audit" / "verify_bundle.py"), str(file), "--key", said["key"]]
    answer = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert (mine.path / "seal.key").stat().st_mode & 0o777 == 0o600


def test_a_checkpoint_that_was_mailed_is_held_against_the_log(mine: Folder, tmp_path: Path) -> None:
    (mail,) = (mine.path / "outbox").glob("checkpoint-*.eml")
    said = mine.ask("checkpoint")
    size = said["size"]
    assert mine.ask("checkpoint", "--check", mail) == {"size": size, "now": size, "findings": []}
    quoted = "".join(f"> {line}\r\n" for line in said["note"].splitlines()).replace("\u2014", "-")
    answer = mine.run("checkpoint", "--check", "-", stdin=f"Transféré :\r\n\r\n{quoted}", lang="fr_FR.UTF-8")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Ce qui était attesté alors tient toujours.")

    assert mine.refused("checkpoint", "--check", "-", stdin="Bonjour")["code"] == "no_checkpoint_in_it"
    damaged = said["note"].replace(f"\n{size}\n", f"\n{size + 1}\n")
    assert mine.refused("checkpoint", "--check", "-", stdin=damaged)["code"] == "checkpoint_not_ours"
    assert mine.refused("checkpoint", "--check", tmp_path / "none", code=2)["code"] == "unreadable"

    # What the installation signed and no longer has: the log was cut, or written anew.
    *_, key = signing_keys(None, mine.path / "seal.key")
    assert key is not None
    public = PublicKey.parse(said["key"])
    for other, kind in ((size, "witness_differs"), (size + 7, "witness_ahead")):
        note = signed(Checkpoint(public.name, other, bytes(32)).text(), public, key.sign)
        found = mine.run("checkpoint", "--check", "-", "--json", stdin=note)
        assert found.code == 5
        assert [(f["kind"], f["where"]) for f in found.json["findings"]] == [(kind, str(other))]


def test_everything_is_verified_and_what_differs_is_named(mine: Folder, one: str, tmp_path: Path) -> None:
    letter = tmp_path / "lettre.pdf"
    letter.write_bytes(pdf())
    id = mine.ask("attach", one, "EV001", letter, "--description", "-")["id"]
    looked = mine.ask("verify", "--all", *AUDITOR)
    lines = sum(mine.versions().values())
    assert looked == {"cases": 2, "entries": lines, "erased": 0, "files": 1, "left_out": [], "findings": [],
                      "declarations": []}  # fmt: skip
    said = mine.run("verify", "--all", *AUDITOR, lang="fr_FR.UTF-8")
    assert said.code == 0 and said.out.startswith("Tout se tient") and "Dossiers examinés\u00a0: 2 sur 2" in said.err

    # Somebody changes what lists show; a look that was interrupted goes on where it was.
    with contextlib.closing(sqlite3.connect(mine.path / "aboutir.db")) as book, book:
        book.execute("update cases set holder = 'somebody' where reference = ?", [one])
        book.execute("update files set scan = 'CLEAN' where reference = ?", [one])
    found = mine.run("verify", "--all", *AUDITOR, "--json")
    assert found.code == 5
    assert {(f["case"], f["kind"], f["where"]) for f in found.json["findings"]} == {
        (one, "row_differs", "cases.holder"), (one, "files_differ", id),
    }  # fmt: skip
    assert mine.refused("verify", "S1C0-0000-000X")["code"] == "no_such_case"
    # The book is whole: lists are brought back to it.
    again = mine.ask("rebuild", "--from", "histories")
    assert (again["lines"], again["shown"]) == (0, 1)
    assert mine.ask("verify", "--all", *AUDITOR)["findings"] == []

    # The bytes of a file are read, unless they are left out; then that is said.
    with contextlib.closing(sqlite3.connect(mine.path / "aboutir.db")) as book:
        ((stored,),) = book.execute("select stored from files where reference = ?", [one]).fetchall()
    (kept,) = (mine.path / "files").rglob(stored)
    data = kept.read_bytes()
    kept.write_bytes(data[:-1])
    assert [f["kind"] for f in mine.run("verify", one, "--json").json["findings"]] == ["file_damaged"]
    assert mine.ask("verify", one, "--without-files")["left_out"] == ["files"]
    said = mine.run("verify", one, "--without-files", "--offline", lang="fr_FR.UTF-8")
    assert said.code == 0 and "Tout se tient" not in said.out and "mis de côté" in said.out
    kept.write_bytes(data)


def test_how_far_a_look_was_is_taken_up_and_never_that_of_another_look(mine: Folder, tmp_path: Path) -> None:
    state, words = tmp_path / "state.json", ("verify", "--all", *AUDITOR, "--state", tmp_path / "state.json")
    until = {"after": max(mine.versions()), "cases": 2, "entries": 9, "erased": 0, "files": 1, "findings": []}
    state.write_text(json.dumps(until | {"left_out": []}))
    assert mine.ask(*words)["entries"] == 9
    assert not state.exists()
    state.write_text(json.dumps(until | {"left_out": ["engine"]}))
    assert mine.refused(*words, code=2)["code"] == "other_state"
    assert mine.ask(*words, "--offline")["entries"] == 9
    state.write_text("nonsense")
    assert mine.refused(*words, code=2)["code"] == "bad_state"


def test_every_case_is_verified_by_auditors_and_one_by_whoever_may_read_it(mine: Folder, one: str) -> None:
    for account in ("accueil", "superviseur"):
        assert mine.refused("verify", "--all", "--as", account)["code"] == "verify_for_auditors"
    assert mine.ask("verify", one, "--as", "superviseur")["findings"] == []
    for account in ("accueil-amp", "logement-pour-tous"):
        assert mine.refused("verify", one, "--as", account)["code"] == "no_such_case"

    # And an entry of the access journal that was sealed.
    with contextlib.closing(sqlite3.connect(mine.path / "aboutir.db")) as book, book:
        book.execute("drop trigger access_journal_refuses_update")
        (entry,) = book.execute("select entry from access_journal where id = 2").fetchone()
        book.execute("update access_journal set entry = x'00' where id = 2")
    found = mine.run("verify", "--all", "--json", "--as", "auditeur")
    assert found.code == 5
    assert ("entry_changed", "2") in {(f["kind"], f["where"]) for f in found.json["findings"]}
    with contextlib.closing(sqlite3.connect(mine.path / "aboutir.db")) as book, book:
        book.execute("update access_journal set entry = ? where id = 2", [entry])


def test_who_asked_for_what_stands_in_the_journal(mine: Folder, one: str, tmp_path: Path) -> None:
    mine.ask("verify", "--all", "--as", "auditeur")
    mine.ask("verify", one, "--as", "auditeur")
    mine.ask("replay", one, "--as", "auditeur", "--why", "Contrôle annuel")
    mine.ask("replay", one, "--as", "auditeur", "--export", tmp_path / "dossier.zip")
    noted = mine.ask("journal", "--as", "auditeur", "--of", "auditeur")["entries"]
    assert [(entry["access"], entry["reference"], entry["why"]) for entry in noted[1:5]] == [
        ("export", one, None), ("replay", one, "Contrôle annuel"), ("verify", one, None), ("verify", None, None),
    ]  # fmt: skip


def test_an_engine_that_is_lost_is_filled_from_the_book(mine: Folder, one: str) -> None:
    assert mine.end(signal.SIGTERM) == 0
    assert mine.ask("verify", "--all", "--offline", *AUDITOR)["findings"] == []
    assert mine.refused("verify", "--all", *AUDITOR, code=4)["code"] == "engine_away"
    for file in mine.path.glob("temporal.db*"):
        file.unlink()
    mine.up()
    assert mine.run("verify", one, "--json").code == 5
    said = mine.ask("rebuild", "--from", "book")
    assert said == {"cases": 2, "started": 2, "already": 0, "failed": [], "keyless": []}
    assert mine.ask("verify", "--all", *AUDITOR)["findings"] == []
    version = mine.versions()[one]
    assert mine.ask("submit", one, "add_note", "--set", "text=Repris")["version"] == version + 1
    said = mine.ask("rebuild", "--from", "histories")
    assert said == {"cases": 2, "restored": 0, "lines": 0, "shown": 0, "refused": [], "keyless": []}


def test_a_key_that_is_lost_is_named_whatever_is_asked(mine: Folder, one: str) -> None:
    with contextlib.closing(sqlite3.connect(mine.path / "aboutir-keys.db")) as keys, keys:
        (row,) = keys.execute("select * from case_keys where reference = ?", [one]).fetchall()
        keys.execute("drop trigger case_keys_refuse_delete")
        keys.execute("delete from case_keys where reference = ?", [one])
    for source in ("book", "histories"):
        answer = mine.run("rebuild", "--from", source, "--json")
        assert (answer.code, answer.json["keyless"]) == (5, [one])
        said = mine.run("rebuild", "--from", source, lang="fr_FR.UTF-8")
        assert said.code == 5 and f"{one}  sa clé est perdue" in said.out
    found = mine.run("verify", "--all", *AUDITOR, "--json")
    assert (found.code, [(f["case"], f["kind"]) for f in found.json["findings"]]) == (5, [(one, "key_missing")])
    with contextlib.closing(sqlite3.connect(mine.path / "aboutir-keys.db")) as keys, keys:
        keys.execute("insert into case_keys values (?, ?, ?, ?, ?, ?)", row)
    assert mine.ask("rebuild", "--from", "histories")["keyless"] == []
    assert mine.ask("verify", "--all", *AUDITOR)["findings"] == []
