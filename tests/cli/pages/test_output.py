"""Output: on a narrow terminal, in a pipe, in their language, whatever is written in the texts of a case."""

import fcntl
import io
import json
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len

from cli.pages import listing
from cli.say import Page
from desk.views.listing import CasesView, ListedCaseView
from domain.reference import territories
from domain.vocabulary import DeadlineKind, Domain, Step
from kit.i18n import translate
from tests.support.french import NOT_FRENCH
from tests.support.speaking import reads
from tests.support.starter import STARTER, Folder, environment

STYLE = re.compile(r"\x1b\[[0-9;]*m")
ODD = "[red]rouge[/red] :smile: 😀 {field} %s \\n [/] [link=x]"
WRONG_LETTER = "This reference has a typing error: its last letter does not fit."


@pytest.fixture(scope="module")
def odd(stack: Folder, example: dict[str, Any]) -> str:
    """A case whose texts look like commands to a terminal."""
    consents = [{"scope": "REFERRAL", "recipient": ODD, "given_on": "2026-03-02"}]
    texts = {"expectations": ODD, "respondent": {"kind": "COMPANY", "name": ODD}, "consents": consents}
    stack.open(example)  # a list has more than one, whatever ran before on this stack
    return stack.open(example | texts | {"facts": example["facts"] | {"narrative": ODD * 5}})


def on_a_terminal(folder: Folder, columns: int, *words: str) -> str:
    """The output of a command on a terminal of that many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = environment(folder.path, TERM="xterm-256color")
    process = subprocess.Popen([*STARTER, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    seen = b""
    while chunk := _read(ours):
        seen += chunk
    os.close(ours)
    assert process.wait(30) == 0, seen
    return seen.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


# --- On a terminal ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("show",), ("history",), ("list",), ("commands",)])
def test_everything_fits_a_terminal_of_sixty_columns(stack: Folder, odd: str, words: tuple[str, ...]) -> None:
    seen = on_a_terminal(stack, 60, *words, *([odd] if words[0] in ("show", "history") else []))
    lines = STYLE.sub("", seen).splitlines()
    assert len(lines) > 3
    assert max(map(cell_len, lines)) <= 60
    # Readable: no column is so narrow that words come out in slices.
    text = [line.split() for line in lines if line.strip()]
    assert sum(map(len, text)) / len(text) > 3, "\n".join(lines)


def test_texts_are_shown_as_they_were_written(stack: Folder, odd: str) -> None:
    for command in ("show", "history"):
        seen = on_a_terminal(stack, 200, command, odd)
        assert ODD in STYLE.sub("", seen)
        assert "\x1b" not in STYLE.sub("", seen)


def test_a_list_names_things_in_words(stack: Folder, odd: str) -> None:
    listed = stack.run("list", "--limit", 1)
    assert odd in listed.out
    assert translate(Domain.LOGEMENT_PRIVE.label, "fr") in listed.out
    assert "LOGEMENT_PRIVE" not in listed.out
    assert "\x1b" not in listed.out, "no colours in a pipe"


LISTED = ListedCaseView(
    reference="3R1B-CFNV-M2JZ", version=9, step="ESCALATION", domain="BIENS_SERVICES_PRIVES", commune="59512",
    neighbourhood="QN05980M", metropolis="MEL", holder="marie-christine.dupont", stalled=True,
    received_at=datetime(2026, 3, 4, tzinfo=UTC), opened_at=datetime(2026, 3, 4, tzinfo=UTC),
    progress_at=datetime(2026, 3, 4, tzinfo=UTC), organisation="accueil", outcome=None, closure_reason=None,
    fictitious=True, next_due=datetime(2026, 4, 5, tzinfo=UTC), next_kind="ARCHIVE_END",
)  # fmt: skip
"""The longest of everything."""
QUIET = LISTED.model_copy(update={"commune": None, "neighbourhood": None, "stalled": False, "next_due": None})


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 160])
def test_a_list_is_a_table_of_whole_words_on_every_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    reads(monkeypatch, "fr")
    page = Page(file=io.StringIO(), width=columns)
    monkeypatch.setattr(listing, "console", page)
    listing.print_cases(CasesView(total=2, cases=(LISTED, QUIET), next=None))
    first, second, *lines = page.file.getvalue().splitlines()
    assert first.split("  ")[0] == "Dossier" and "Étape" in first and "Prochaines échéances" in first
    assert "Domaine, lieu" in second and "Référent·e" in second
    assert [line.split()[0] for line in lines if line.startswith("3R1B")] == [LISTED.reference] * 2
    assert max(map(cell_len, lines)) <= columns
    said = {word for line in lines for word in line.split()}
    names = (
        translate(Step.ESCALATION.label, "fr"), translate(Domain.BIENS_SERVICES_PRIVES.label, "fr"),
        territories()["QN05980M"].name, "Roubaix", LISTED.holder, "04/03/2026", "05/04/2026",
        translate(DeadlineKind.ARCHIVE_END.label, "fr"), translate("STALLED", "fr"),
    )  # fmt: skip
    assert {word for name in names for word in name.split()} - said <= {"Nord", "privés"}, "the comma beside them"


def test_where_every_case_fits_a_line_it_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(file=io.StringIO(), width=120)
    monkeypatch.setattr(listing, "console", page)
    brief = QUIET.model_copy(update={"step": Step.CLOSED, "domain": Domain.SANTE, "commune": "59350"})
    listing.print_cases(CasesView(total=2, cases=(brief, brief), next=None))
    assert len(page.file.getvalue().splitlines()) == 1 + 2 + 1


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_what_the_reference_data_says_is_set_as_french_is(stack: Folder, case: str, columns: int) -> None:
    for command in ("checklist", "agenda"):
        seen = STYLE.sub("", on_a_terminal(stack, columns, command, case))
        assert "\u00a0»" in seen or "\u202f;" in seen, "there is something to look at"
        assert [line for line in seen.splitlines() if NOT_FRENCH.search(line)] == []


def test_a_line_is_never_broken_at_a_space_that_forbids_it() -> None:
    said = " ".join(["Un logement «\u00a0déjà loué\u00a0» hier\u202f; oui\u00a0: non"] * 3)
    for columns in range(12, 60):
        page = Page(file=io.StringIO(), width=columns)
        page.print(said)
        lines = page.file.getvalue().splitlines()
        assert " ".join(line.strip() for line in lines) == said
        assert all(line.lstrip()[0] not in "»;:" and not line.rstrip(" ").endswith("«\u00a0") for line in lines)


# --- In a pipe -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_reader_who_has_seen_enough_is_no_error(stack: Folder, more: tuple[str, ...]) -> None:
    env = environment(stack.path)
    command = [*STARTER, "commands", *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_an_answer_that_cannot_be_written_is_no_success(stack: Folder) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - no file at all
        command = [*STARTER, "commands", "--json"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment(stack.path), check=False)
    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize("end", ["", " --json"])
@pytest.mark.parametrize("out", [">/dev/full", ">&-"])
@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_whoever_cannot_be_answered_is_told_which_case_was_opened(
    stack: Folder, example: dict[str, Any], out: str, end: str
) -> None:
    before = stack.versions()
    ended = in_a_shell(stack, f"open -{end} {out}", json.dumps(example).encode())
    after = stack.versions()
    (opened,) = after.keys() - before.keys()
    assert (ended.returncode, ended.stderr.count(b"\n")) == (1, 1)
    assert opened.encode() in ended.stderr
    ended = in_a_shell(stack, f"submit {opened} add_note --set text=Encore{end} {out}")
    assert (ended.returncode, ended.stderr.count(b"\n")) == (1, 1)
    assert opened.encode() in ended.stderr
    assert stack.versions()[opened] == after[opened] + 1


@pytest.mark.parametrize("words", ["list", "list --json", "--help", "open --print-example"])
@pytest.mark.parametrize("out", [">/dev/full", ">&-"])
@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_an_answer_that_cannot_be_written_is_said_in_one_line(stack: Folder, words: str, out: str) -> None:
    ended = in_a_shell(stack, f"{words} {out}")
    assert (ended.returncode, ended.stderr.count(b"\n")) == (1, 1), ended.stderr
    assert "n’a pas pu être écrite".encode() in ended.stderr


def test_an_error_that_cannot_be_written_keeps_its_exit_code(stack: Folder) -> None:
    ended = in_a_shell(stack, "show 12 --json >&-")
    assert (ended.returncode, ended.stderr.count(b"\n")) == (3, 1), ended.stderr
    assert in_a_shell(stack, "show 12 2>&-").returncode == 3


def test_closed_streams_that_are_not_needed_are_not_missed(stack: Folder) -> None:
    ended = in_a_shell(stack, "list --json 2>&- <&-")
    assert (ended.returncode, set(json.loads(ended.stdout))) == (0, set(stack.ask("list")))
    assert in_a_shell(stack, "open - --json <&-").returncode == 2


def in_a_shell(folder: Folder, words: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """A command with redirections."""
    line = f"exec {' '.join(map(shlex.quote, STARTER))} {words}"
    env = environment(folder.path)
    return subprocess.run(["bash", "-c", line], input=given, capture_output=True, env=env, check=False)


def test_json_is_utf8_and_text_is_legible_where_accents_are_not_known(stack: Folder, odd: str) -> None:
    answer = stack.run("show", odd, "--json", PYTHONIOENCODING="ascii")
    assert json.loads(answer.out)["complaint"]["expectations"] == ODD
    assert "[red]rouge[/red]" in stack.run("show", odd, PYTHONIOENCODING="ascii").out


# --- In the reader's language ----------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "spoken"), [("C.UTF-8", "fr"), ("en_GB.UTF-8", "en"), ("", "fr")])
def test_errors_are_said_in_french_and_in_english_where_it_is_asked_for(
    stack: Folder, case: str, lang: str, spoken: str
) -> None:
    wrong = case[:-1] + ("A" if case[-1] != "A" else "B")
    answer = stack.run("show", wrong, "--json", lang=lang)
    assert answer.error["message"] == translate(WRONG_LETTER, spoken)


def test_a_history_is_told_in_the_readers_language(stack: Folder, case: str) -> None:
    for lang, spoken in (("C.UTF-8", "fr"), ("en_GB.UTF-8", "en")):
        told = stack.run("history", case, lang=lang).out
        for words in ("Complaint opened", "Case worker", "In writing"):
            assert translate(words, spoken) in told
