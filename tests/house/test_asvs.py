"""The page about the ASVS has each requirement of levels 1 and 2 once, and names what exists."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "asvs.md").read_text()
STATES = ("held", "held, unread", "held, no test", "of the operator", "not held", "does not apply")
ASKED = """
1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2 2.1.1-3 2.2.1-3 2.3.1-4 2.4.1 3.2.1-2 3.3.1-4 3.4.1-6 3.5.1-5 3.7.1-2
4.1.1-3 4.2.1 4.3.1-2 4.4.1-4 5.1.1 5.2.1-3 5.3.1-2 5.4.1-3 6.1.1-3 6.2.1-12 6.3.1-4 6.4.1-4 6.5.1-5 6.6.1-3 6.8.1-4
7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2 8.1.1-2 8.2.1-3 8.3.1 8.4.1 9.1.1-3 9.2.1-4 10.1.1-2 10.2.1-2
10.3.1-4 10.4.1-11 10.5.1-5 10.6.1-2 10.7.1-3 11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4 11.5.1 11.6.1 12.1.1-3 12.2.1-2
12.3.1-4 13.1.1 13.2.1-5 13.3.1-2 13.4.1-5 14.1.1-2 14.2.1-4 14.3.1-3 15.1.1-3 15.2.1-3 15.3.1-7 16.1.1 16.2.1-5
16.3.1-4 16.4.1-3 16.5.1-3 17.1.1 17.2.1-4 17.3.1-2
"""
"""Numbers of levels 1 and 2 of ASVS 5.0.0: 253."""


def numbers(span: str) -> list[str]:
    """The numbers of a span: 1.2.1-3 is three of them."""
    stem, _, last = span.rpartition(".")
    first, _, end = last.partition("-")
    return [f"{stem}.{number}" for number in range(int(first), int(end or first) + 1)]


def rows() -> list[tuple[str, str, str, str]]:
    """The lines of the tables: number or numbers, what is asked for, state, by what."""
    return re.findall(r"^\| V([\d.-]+) \| (.+?) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)


def test_each_requirement_of_both_levels_has_one_line() -> None:
    asked = [number for span in ASKED.split() for number in numbers(span)]
    assert len(asked) == 253
    assert Counter(number for span, *_ in rows() for number in numbers(span)) == Counter(asked)


def test_each_state_is_known_and_the_counts_are_true() -> None:
    counted = Counter[str]()
    for span, _, state, _ in rows():
        assert state in STATES, span
        counted[state] += len(numbers(span))
    told = dict(re.findall(r"^\| ([\w, ]+) \| (\d+) \| .*\|$", PAGE.split("\n## ")[0], re.MULTILINE))
    assert told == {state: str(counted[state]) for state in STATES} | {"in all": "253"}


def test_what_is_held_names_a_test_and_every_test_and_file_that_is_named_exists() -> None:
    for span, _, state, reason in rows():
        named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", reason)
        assert named or state not in ("held", "held, unread"), span
        for path, name in named:
            assert (ROOT / path).is_file(), (span, path)
            assert not name or re.search(rf"def {name}\(", (ROOT / path).read_text()), (span, path, name)
        for path in re.findall(r"`([a-z]+/[\w/]*\w\.\w+)`", reason) + re.findall(r"\]\(([\w/-]+\.md)\)", reason):
            assert (ROOT / path).exists() or (ROOT / "docs" / path).exists(), (span, path)
