"""A spreadsheet at the command line: what cannot be read is said, a rehearsal tells the truth, a stop is told."""

import json
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.servers import ROOT, until
from tests.support.starter import STARTER, Answer, Folder, environment

REGISTER = ROOT / "examples" / "permanence.csv"
MAPPING = ROOT / "examples" / "permanence.toml"


def mapped(folder: Path, **source: str) -> Path:
    """The mapping of the example, with another word about how the file is read."""
    text = MAPPING.read_text(encoding="utf-8")
    for key, value in source.items():
        before = next(line for line in text.splitlines() if line.startswith(f"{key} ="))
        text = text.replace(before, f"{key} = {value}")
    file = folder / f"{'-'.join(source)}.toml"
    file.write_text(text, encoding="utf-8")
    return file


# --- What cannot be read ---------------------------------------------------------------------------------

BAD: dict[str, tuple[str, bytes | None, str]] = {
    "no such file": ("absent.csv", None, "table_not_found"),
    "empty": ("empty.csv", b"", "table_empty"),
    "a workbook cut short": ("cut.xlsx", b"PK\x03\x04" + bytes(200), "table_damaged"),
    "undecodable": ("odd.csv", b"N\xb0 de fiche;Re\x81u le\n1;\x8d\n", "table_undecodable"),
    "a quote that is never closed": ("quote.csv", REGISTER.read_bytes() + b'9;"never', "table_unclosed_quote"),
    "a PDF": ("scan.csv", b"%PDF-1.4\n1 0 obj\n", "table_other_kind"),
    "a column twice": ("twice.csv", b"Nom;Nom\na;b\n", "table_duplicate_columns"),
}
NOT_READ_SO: dict[str, tuple[dict[str, str], str, str]] = {
    "an encoding that is none": ({"encoding": '"klingon"'}, "table_unknown_encoding", "source.encoding"),
    "two separators": ({"delimiter": '";;"'}, "table_bad_delimiter", "source.delimiter"),
}
UNSOUND: dict[str, tuple[str, str, str, str]] = {
    "no such line": ("[source]", "[source]\nheader_row = 0", "mapping_greater_than_equal", "source.header_row"),
    "a key missing": ('system = "permanence-exemple"', "", "mapping_missing", "source.system"),
    "an unknown key": ("[complaint]", "[complaint]\nx = { value = 1 }", "mapping_unknown_field", "complaint.x"),
    "an unknown column": ('column = "Récit"', 'column = "Recit"', "no_such_column", "complaint.facts.narrative"),
}
NO_MAPPING: dict[str, tuple[bytes | None, str]] = {
    "no such mapping": (None, "mapping_unreadable"),
    "no TOML": (b"[source", "mapping_toml"),
    "no TOML further down": (b"[source]\nsystem = essai\n", "mapping_toml"),
    "no text": (b"\xff\xfe\x00", "mapping_encoding"),
}


@pytest.fixture(scope="module")
def refusals(stack: Folder, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """The answers to all of these, asked two at a time."""
    folder = tmp_path_factory.mktemp("bad")
    wrong: dict[str, tuple[Path, Path]] = {"a folder": (folder, MAPPING)}
    for name, (file, content, _code) in BAD.items():
        if content is not None:
            (folder / file).write_bytes(content)
        wrong[name] = folder / file, MAPPING
    for name, (source, _code, _field) in NOT_READ_SO.items():
        wrong[name] = REGISTER, mapped(folder, **source)
    for name, (mapping, _code) in NO_MAPPING.items():
        file_ = folder / f"{name}.toml"
        if mapping is not None:
            file_.write_bytes(mapping)
        wrong[name] = REGISTER, file_
    for name, (before, after, _code, _field) in UNSOUND.items():
        text = MAPPING.read_text(encoding="utf-8")
        assert before in text
        file_ = folder / f"{name}.toml"
        file_.write_text(text.replace(before, after, 1), encoding="utf-8")
        wrong[name] = REGISTER, file_
    with ThreadPoolExecutor(max_workers=2) as pool:
        going = {
            name: pool.submit(stack.run, "import", file, "--mapping", mapping, "--refused", folder / "x.csv", "--json")
            for name, (file, mapping) in wrong.items()
        }
        return {name: answer.result() for name, answer in going.items()}


WRONG = (
    {"a folder": ("table_not_a_file", "file")}
    | {name: (code, "file") for name, (_file, _content, code) in BAD.items()}
    | {name: (code, field) for name, (_source, code, field) in NOT_READ_SO.items()}
    | {name: (code, field) for name, (_before, _after, code, field) in UNSOUND.items()}
    | {name: (code, "mapping") for name, (_content, code) in NO_MAPPING.items()}
)


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_cannot_be_read_is_a_matter_of_usage(refusals: dict[str, Answer], name: str) -> None:
    answer = refusals[name]
    assert (answer.code, answer.error["code"], answer.error["field"]) == (2, *WRONG[name])


# --- A rehearsal -----------------------------------------------------------------------------------------


def test_a_rehearsal_says_what_the_import_then_does(stack: Folder, tmp_path: Path) -> None:
    mapping = mapped(tmp_path, system='"repetition"')
    asked = ("import", REGISTER, "--mapping", mapping, "--refused", tmp_path / "x.csv")
    told, before = stack.ask(*asked, "--dry-run"), stack.versions()
    caused = told.pop("would_cause")
    assert set(caused) == {"until", "alerts", "over_when_opened", "mails"} and caused["over_when_opened"] > 0
    assert told == {"rows": 8, "opened": 8, "commands": told["commands"], "already_there": 0, "refused": 0}
    assert stack.run(*asked, "--dry-run", lang="en_GB.UTF-8").out.count("would be opened: 8") == 1
    assert stack.versions() == before
    assert stack.ask(*asked) == told
    again = stack.ask(*asked, "--dry-run")
    assert again.pop("would_cause") | {"until": ""} == {"until": "", "alerts": 0, "over_when_opened": 0, "mails": 0}
    assert again == told | {"opened": 0, "commands": 0, "already_there": 8}
    assert stack.ask(*asked) == told | {"opened": 0, "commands": 0, "already_there": 8}


def test_a_rehearsal_without_a_stack_does_not_know_what_is_there(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "none")
    asked = ("import", REGISTER, "--mapping", MAPPING, "--refused", tmp_path / "x.csv")
    told = folder.ask(*asked, "--dry-run")
    assert (told["rows"], told["opened"], told["already_there"]) == (8, 8, None)
    assert "not known" in folder.run(*asked, "--dry-run", lang="en_GB.UTF-8").out
    assert folder.refused(*asked, code=4)["code"] == "no_stack"
    assert not folder.path.exists()


@pytest.mark.parametrize("more", [[], ["--dry-run"]], ids=["import", "rehearsal"])
def test_an_account_that_may_do_nothing_of_it_is_refused_once_before_anything(
    stack: Folder, tmp_path: Path, more: list[str]
) -> None:
    refused = tmp_path / "x.csv"
    error = stack.refused(
        "import", REGISTER, "--mapping", MAPPING, "--refused", refused, "--as", "auditeur", *more, code=3
    )
    assert (
        error["code"] == "not_permitted"
        and "auditeur" in error["message"]
        and "(close, open, refer)" in error["message"]
    )
    assert not refused.exists()


# --- Stopped ---------------------------------------------------------------------------------------------


def test_an_import_that_is_interrupted_says_so(stack: Folder, tmp_path: Path) -> None:
    header, first, *_rest = REGISTER.read_bytes().splitlines(keepends=True)
    number, _, told = first.partition(b";")
    long = tmp_path / "long.csv"
    long.write_bytes(header + b"".join(b"%s-%d;%s" % (number, n, told) for n in range(1000)))
    before = len(stack.versions())
    words = ["import", str(long), "--mapping", str(mapped(tmp_path, system='"interrompu"')), "--json"]
    with subprocess.Popen([*STARTER, *words], stdout=subprocess.PIPE, env=environment(stack.path)) as process:
        until(lambda: len(stack.versions()) > before, "a case is opened")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    said = json.loads(out)
    assert (process.returncode, said["interrupted"]) == (130, True)
    assert 0 < said["opened"] < 1000
