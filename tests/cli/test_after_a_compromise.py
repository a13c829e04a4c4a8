"""The page to follow after a compromise, rehearsed: its commands are run as they stand there."""

import re
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import ROOT
from tests.support.starter import Folder

PAGE = (ROOT / "docs" / "after-a-compromise.md").read_text("utf-8")
COMMANDS = [shlex.split(line) for line in re.findall(r"^    starter\.py (.*)$", PAGE, re.MULTILINE)]


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory, example: dict[str, Any]) -> Iterator[Folder]:
    """A stack that was compromised, with a witness and a sealed case."""
    place = tmp_path_factory.mktemp("compromise")
    folder = Folder(place / "data", ABOUTIR_WITNESS_FOLDER=str(place / "witness"))
    folder.up()
    folder.open(example)
    folder.ask("seal")
    yield folder
    folder.end(signal.SIGTERM)


def test_every_step_of_the_page_does_what_it_says(after: Folder, example: dict[str, Any]) -> None:
    keys = {name: (after.path / name).read_text() for name in ("master.key", "seal.key")}
    public = after.ask("checkpoint")["key"]
    answers = {" ".join(words[:2]): after.ask(*words) for words in COMMANDS}
    assert len(answers) == len(COMMANDS) == 8
    assert answers["sessions end"] == {"ended": 0}, "nobody had signed in"
    assert answers["keys forget"]["forgotten"] == 1
    for name, before in keys.items():
        text = (after.path / name).read_text()
        assert text != before and len(text.split()) == 1, f"another {name}, and it alone"
    (declared,) = answers["verify --all"]["declarations"]
    assert (declared["former"], declared["key"]) == (public, answers["keys replace-seal"]["key"])
    assert declared["is_signed_by_former"] and answers["verify --all"]["findings"] == []
    assert "Après l'incident du 3 mars" in [entry["why"] for entry in answers["journal --as"]["entries"]]
    reference = after.open(example)  # the stack goes on, under the new keys
    after.ask("seal")
    told = after.run("verify", "--all", "--as", "auditeur", lang="fr_FR.UTF-8", ABOUTIR_WITNESS_FOLDER=_witness(after))
    assert told.code == 0, told.out
    assert "une autre clé signe le journal" in told.out
    assert after.ask("show", reference)["version"] >= 1
    assert list(Path(_witness(after)).glob("declaration-*.txt"))


def _witness(folder: Folder) -> str:
    return str(folder.path.parent / "witness")
