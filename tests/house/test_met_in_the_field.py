"""Every case that was met in real registers and files has a test of its own, marked `met` with its name.

Run as a program, this module prints the table: python -m tests.house.test_met_in_the_field
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

MET = {
    "an empty date": "A cell left empty was dated at the minute of the import.",
    "letters that come apart": "Réf, its accent typed apart, named no column, and its row was opened twice.",
    "a formula without a value": "An error, or a formula that was never computed, was taken for an empty cell.",
    "code page 850": "Text of Excel's CSV (MS-DOS) was read as another code page, and garbled without a word.",
    "number formats": "A workbook lost the noughts that its sheet shows: 00012 became 12, and 01000 became 1000.",
    "an address with accents": "Mail to a domain with accents waited three days, then was given up.",
    "endings of copies": "Copies in the file for the Defender ended in .bin, and opened in nothing.",
    "a padded PDF": "A whole PDF followed by NUL bytes was refused as cut short.",
    "a PDF with a password": "A PDF that nobody can open was taken without a word.",
    "more than a hundred callers": "Over the engine's limit of 100 Updates, none of them was answered.",
    "the latest of a row refused": "An answer meant for a referral that was refused went to another partner.",
    "old cases by the thousand": "An import of old cases flooded people with mails; its digest stopped the house.",
}
"""Cases met in public bug reports and in registers of offices, with what went wrong."""


def marked() -> Iterator[tuple[str, str]]:
    """The tests that are marked: the name of the case, and the test."""
    for file in sorted(TESTS.rglob("test_*.py")):
        text = file.read_text()
        if "mark.met(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from ((case, f"{file.relative_to(TESTS.parent)}::{node.name}") for case in _cases_of(node))


def _cases_of(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.met":
            yield from (ast.literal_eval(name) for name in mark.args)


def table() -> dict[str, list[str]]:
    """The tests that hold each case."""
    tests = defaultdict[str, list[str]](list)
    for case, test in marked():
        tests[case].append(test)
    return dict(tests)


def test_every_case_that_was_met_is_held_by_a_test_and_none_goes_by_another_name() -> None:
    assert table().keys() == MET.keys()


if __name__ == "__main__":
    for case, tests in table().items():
        print(f"{case}: {MET[case]}", *tests, sep="\n    ")
