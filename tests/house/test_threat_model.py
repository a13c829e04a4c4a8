"""Each line of the threat model names a test that exists, or says that none shows it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text()


def test_each_process_has_tests_that_exist_or_says_that_none_shows_it() -> None:
    table = PAGE.split("surrenders\n\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 12
    for process, _surrenders, _keeps, shown in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)`", shown)
        assert named or shown.strip() == "not shown", process
        assert [path for path in named if not (ROOT / path).is_file()] == [], process


def test_every_process_of_the_deployment_has_its_line() -> None:
    for process in ("worker", "desk", "pages", "engine", "database", "key store", "mail server", "witness"):
        assert re.search(rf"^\| {process}", PAGE, re.MULTILINE), process
