"""Files as they are used: attached, listed, fetched, swept; a process that is killed; a disk that forgets a bit."""

import io
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from cli.read import command
from cli.say import Usage
from kit.formats.clamd import Clamd
from tests.support.good_files import SAMPLES
from tests.support.pdfs import laid_open, pdf
from tests.support.servers import until
from tests.support.starter import STARTER, Folder, environment
from tests.support.stores import EICAR


@pytest.fixture(scope="module")
def case(stack: Folder, example: dict[str, Any]) -> str:
    """A case for all these tests: each takes a process or two, and processes are slow."""
    return stack.open(example)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A PDF with a script, under a name that tells something."""
    path = tmp_path / "Lettre de Lou Exemple.pdf"
    path.write_bytes(pdf("open_action"))
    return path


def kept(stack: Folder) -> set[Path]:
    return {path for path in (stack.path / "files").rglob("*") if path.is_file()}


def attach(stack: Folder, case: str, file: Path | str, *words: str, stdin: bytes = b"") -> dict[str, Any]:
    attached: dict[str, Any] = stack.ask("attach", case, "EV001", file, "--description", "-", *words, stdin=stdin)
    return attached


def test_a_pdf_is_attached_listed_and_given_without_its_script(
    stack: Folder, case: str, letter: Path, tmp_path: Path
) -> None:
    before = kept(stack)
    said = attach(stack, case, letter)
    assert (said["scan"], said["name"]) == ("NOT_SCANNED", letter.name)
    shown, came = tmp_path / "shown.pdf", tmp_path / "came.pdf"
    assert stack.ask("fetch", case, said["id"], "--out", shown)["form"] == "cleaned"
    assert b"canari" not in laid_open(shown.read_bytes())
    people = stack.run("fetch", case, said["id"], "--out", tmp_path / "people.pdf").out
    assert "copie sans scripts" in people and "--original" in people
    with pikepdf.open(io.BytesIO(shown.read_bytes())) as read:
        assert len(read.pages) == 1
    stack.ask("fetch", case, said["id"], "--out", came, "--original", "--why", "For the bailiff, Me Exemple")
    assert came.read_bytes() == letter.read_bytes()
    assert [path.stat().st_mode & 0o777 for path in (shown, came)] == [0o600, 0o600]
    assert stack.refused("fetch", case, said["id"], "--out", came, code=2)["code"] == "file_exists"
    told = [one for one in stack.ask("files", case, "--custody")["custody"] if one["file"] == said["id"]]
    # The last was going to be given: that is written down before it is.
    assert [(one["action"], one["account"]) for one in told] == [
        ("ADDED", "accueil"), ("READ", "accueil"), ("READ", "accueil"), ("EXPORTED", "accueil"), ("READ", "accueil"),
    ]  # fmt: skip
    assert told[3]["reason"] == "For the bailiff, Me Exemple"
    people = stack.run("files", case, "--custody").out
    assert said["id"] in people and letter.name in people and "Me Exemple" in people
    # Nothing on disk tells of it.
    new = kept(stack) - before
    assert len(new) == 2, "the file and its copy without scripts"
    assert all(re.fullmatch(r"[0-9a-f]{32}", path.name) for path in new)
    everything = b"".join(path.read_bytes() for path in stack.path.rglob("*") if path.is_file())
    assert [word for word in (b"%PDF", b"Lou Exemple.pdf", b"Me Exemple") if word in everything] == []


def test_the_same_file_for_two_cases_is_kept_twice_and_unlike(
    stack: Folder, case: str, example: dict[str, Any], letter: Path
) -> None:
    before = kept(stack)
    said = [attach(stack, one, letter) for one in (case, stack.open(example))]
    assert len({one["sha256"] for one in said}) == 1
    assert len({path.read_bytes() for path in kept(stack) - before}) == 4, "each with its copy without scripts"


def test_what_is_refused_leaves_nothing(stack: Folder, case: str, letter: Path, tmp_path: Path) -> None:
    before = kept(stack)
    assert stack.refused("attach", case, "EV999", letter)["code"] == "unknown_part"
    assert stack.refused("attach", case, "EV001", letter, "--as", "accueil-amp")["code"] == "no_such_case"
    wrong = tmp_path / "wrong.jpg"
    wrong.write_bytes(SAMPLES[".png"])
    assert stack.refused("attach", case, "EV001", wrong, "--description", "-")["code"] == "file_type_mismatch"
    path = ("attach", case, "EV001", "-", "--name", "../../../x.pdf", "--description", "-")
    assert stack.refused(*path, stdin=pdf())["code"] == "file_name"
    assert kept(stack) == before


def test_the_same_command_sent_twice_attaches_one_file(stack: Folder, case: str, letter: Path) -> None:
    before = kept(stack)
    first, second = (attach(stack, case, letter, "--id", "attach-it-once") for _ in range(2))
    assert first["id"] == second["id"]
    assert len(kept(stack) - before) == 2, "the file and its copy without scripts"
    other = letter.with_name("other.pdf")
    other.write_bytes(pdf())
    words = ("attach", case, "EV001", other, "--description", "-", "--id", "attach-it-once")
    assert stack.refused(*words)["code"] == "command_id_taken"
    assert len(kept(stack) - before) == 2


def test_the_same_file_twice_in_a_case_is_told(stack: Folder, example: dict[str, Any], letter: Path) -> None:
    case = stack.open(example)
    assert attach(stack, case, letter)["same_as"] is None
    assert attach(stack, case, letter)["same_as"] == {"id": "D1", "piece": "EV001"}
    told = stack.run("attach", case, "EV001", letter, "--description", "-").out
    assert "Le même fichier est déjà dans ce dossier" in " ".join(told.split())


def test_a_flipped_bit_is_seen_and_nothing_is_given_until_the_file_is_removed(
    stack: Folder, case: str, letter: Path, tmp_path: Path
) -> None:
    before, note = kept(stack), letter.with_name("note.txt")
    note.write_text("Bonjour\n" * 100)
    id = attach(stack, case, note)["id"]
    (path,) = kept(stack) - before
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    out = tmp_path / "out"
    out.mkdir()
    for words in ((), ("--original", "--why", "-")):
        said = stack.refused("fetch", case, id, "--out", out / "x.pdf", *words, code=1)
        assert said["code"] == "file_damaged"
    checked = stack.run("store", "check", "--json")
    assert (checked.code, checked.json["wrong"]) == (1, [{"reference": case, "id": id, "code": "file_damaged"}])
    path.unlink()
    assert stack.refused("fetch", case, id, "--out", out / "x.pdf", code=1)["code"] == "file_missing"
    assert list(out.iterdir()) == []
    path.write_bytes(data)
    stack.decide(case, "remove_file", "--set", f"file={id}", "--set", "reason=Damaged", "--as", "superviseur")
    assert stack.refused("fetch", case, id, "--out", out / "x.pdf")["code"] == "file_removed"
    stack.ask("store", "sweep", "--older-than", "0")
    assert not path.exists()


def test_kill_9_in_mid_upload_leaves_no_half_piece_in_the_book(stack: Folder, example: dict[str, Any]) -> None:
    case, before = stack.open(example), kept(stack)
    words = ["attach", case, "EV001", "-", "--name", "film.mp4", "--description", "-"]
    whole = SAMPLES[".mp4"] + bytes(3_000_000)
    upload = subprocess.Popen([*STARTER, *words], stdin=subprocess.PIPE, env=environment(stack.path))
    assert upload.stdin is not None
    upload.stdin.write(whole)
    upload.stdin.flush()

    def half() -> list[Path]:
        return [path for path in kept(stack) - before if path.stat().st_size > 1_000_000]

    until(lambda: bool(half()), "part of it is on the disk")
    upload.send_signal(signal.SIGKILL)
    upload.wait(30)
    upload.stdin.close()
    (part,) = half()
    assert part.suffix == ".part"
    assert [
        one["tag"] for one in stack.ask("history", case)["entries"] if one["tag"].startswith(("piece", "file"))
    ] == []
    assert stack.ask("store", "sweep")["deleted"] == 0  # it is young: it might be under way
    assert stack.ask("store", "sweep", "--older-than", "0")["deleted"] >= 1
    assert kept(stack) == before
    assert attach(stack, case, "-", "--name", "film.mp4", stdin=whole)["size"] == len(whole)


def test_what_only_the_system_asks_cannot_be_submitted() -> None:
    for name in ("attach_file", "record_scan"):
        with pytest.raises(Usage) as told:
            command(name, {}, [])
        assert told.value.code == "unknown_command"


# --- Malware ---------------------------------------------------------------------------------------------


def test_malware_is_kept_from_everybody(stack: Folder, case: str, clamd: Clamd, letter: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(EICAR)
    words = ("attach", case, "EV001", bad, "--description", "-", "--json")
    said = stack.run(*words, ABOUTIR_CLAMD=clamd.address).json
    assert said["scan"] == "INFECTED"
    for more in ((), ("--original", "--why", "-")):
        refused = stack.refused("fetch", case, said["id"], "--out", tmp_path / "out.txt", *more)
        assert refused["code"] == "file_quarantined"
    assert not (tmp_path / "out.txt").exists()


def test_while_the_scanner_is_away_a_file_waits_and_is_given_to_nobody(
    stack: Folder, case: str, clamd: Clamd, letter: Path, tmp_path: Path
) -> None:
    away = stack.run("attach", case, "EV001", letter, "--description", "-", "--json", ABOUTIR_CLAMD="127.0.0.1:9")
    assert (away.code, away.json["scan"]) == (0, "PENDING")
    id, out = away.json["id"], tmp_path / "x.pdf"
    assert stack.refused("fetch", case, id, "--out", out)["code"] == "file_to_be_scanned"
    assert stack.run("store", "scan", "--json", ABOUTIR_CLAMD=clamd.address).json["clean"] == 1
    given = stack.ask("fetch", case, id, "--out", out)
    assert (given["scan"], given["written"]) == ("CLEAN", out.stat().st_size)
