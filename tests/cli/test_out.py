"""A file that is written under a name that somebody gave never takes the place of something else unasked."""

from pathlib import Path
from typing import Any

import pytest
import typer

from cli.app import app
from cli.usage import misunderstood
from tests.support.starter import Folder

THEIRS = b"Something of theirs"

WRITERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "a letter": (("letter", "{case}", "EV009", "--day", "2026-03-31"), "--out", "letter.pdf"),
    "a letter as a text": (("letter", "{case}", "EV009", "--day", "2026-03-31"), "--out", "letter.txt"),
    "the file for the Defender": (("dossier", "{case}"), "--out", "dossier.zip"),
    "a file of the case": (("fetch", "{case}", "D1"), "--out", "note.txt"),
    "a bundle": (("replay", "{case}"), "--export", "bundle.zip"),
}


@pytest.fixture(scope="module")
def case(stack: Folder, example: dict[str, Any]) -> str:
    """A case with a file."""
    reference = stack.open(example)
    stack.ask("attach", reference, "EV033", "-", "--name", "note.txt", "--description", "-", stdin=b"Vu\n")
    return reference


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_is_there_is_written_over_only_when_it_is_asked_for(
    stack: Folder, case: str, tmp_path: Path, name: str
) -> None:
    words, option, file = WRITERS[name]
    asked, out = [*(word.format(case=case) for word in words), option, tmp_path / file], tmp_path / file
    out.write_bytes(THEIRS)
    refusal = stack.refused(*asked, code=2)
    assert (refusal["code"], refusal["field"]) == ("file_exists", option.lstrip("-"))
    assert file in refusal["message"] and "--force" in refusal["remedy"]
    assert out.read_bytes() == THEIRS
    first = stack.ask(*asked, "--force")
    content, put = out.read_bytes(), out.stat()
    assert content != THEIRS
    assert put.st_mode & 0o777 == 0o600
    assert stack.ask(*asked) == first, "what is there and the same is as good as written"
    assert (out.read_bytes(), out.stat().st_ino) == (content, put.st_ino)
    assert list(tmp_path.iterdir()) == [out]


def test_of_two_files_none_is_written_when_one_would_take_the_place_of_another(
    stack: Folder, case: str, tmp_path: Path
) -> None:
    written = [file["name"] for file in stack.ask("dossier", case, "--out", tmp_path / "first")["written"]]
    other = tmp_path / "other"
    other.mkdir()
    (other / written[1]).write_bytes(THEIRS)
    assert stack.refused("dossier", case, "--out", other, code=2)["code"] == "file_exists"
    assert [path.name for path in other.iterdir()] == [written[1]]
    assert (other / written[1]).read_bytes() == THEIRS


def test_a_folder_is_not_a_file_to_write_over(stack: Folder, case: str, tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").mkdir()
    for more in ((), ("--force",)):
        refusal = stack.refused("letter", case, "EV009", "--out", tmp_path / "letter.pdf", *more, code=2)
        assert refusal["code"] == "file_exists"
    assert "--force" not in refusal["remedy"]


# --- Nothing named ---------------------------------------------------------------------------------------

EMPTY = {
    "letter --out": (("letter", "X", "EV009", "--out", ""), "out"),
    "letter --to": (("letter", "X", "EV009", "--to", ""), "to"),
    "dossier --out": (("dossier", "X", "--out", ""), "out"),
    "fetch --out": (("fetch", "X", "D1", "--out", ""), "out"),
    "replay --export": (("replay", "X", "--export", ""), "export"),
    "verify --state": (("verify", "--all", "--state", ""), "state"),
    "checkpoint --check": (("checkpoint", "--check", ""), "check"),
    "import": (("import", "", "--mapping", "mapping.toml"), "FILE"),
    "import --mapping": (("import", "cases.csv", "--mapping", ""), "mapping"),
    "import --refused": (("import", "cases.csv", "--mapping", "mapping.toml", "--refused", ""), "refused"),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_path_that_is_empty_names_nothing(name: str) -> None:
    words, field = EMPTY[name]
    with pytest.raises(typer.TyperException) as raised:
        app(list(words), standalone_mode=False)
    assert misunderstood(raised.value).field == field


@pytest.mark.parametrize(
    "words", [("submit", "{case}", "add_note", "", "--set", "text=-"), ("attach", "{case}", "EV033", "")]
)
def test_no_file_is_not_as_good_as_one(stack: Folder, case: str, words: tuple[str, ...]) -> None:
    refusal = stack.refused(*(word.format(case=case) for word in words), code=2)
    assert (refusal["code"], refusal["field"]) == ("no_file", "file")


def test_a_look_at_one_case_does_away_with_no_file(stack: Folder, case: str, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.json"
    theirs.write_bytes(THEIRS)
    refusal = stack.refused("verify", case, "--as", "auditeur", "--state", theirs, code=2)
    assert (refusal["code"], refusal["field"]) == ("state_for_all", "state")
    assert theirs.read_bytes() == THEIRS
