"""A number and what is counted agree, in every language and wherever a problem comes from."""

import subprocess
import sys

import pytest

from domain.errors import Problem, Refused, one_or_many
from kit.i18n import plural_rule, translate
from tests.support.servers import ROOT
from words import Words

KEYS = "{count} key belongs to no case.", "{count} keys belong to no case."
PIECES = (
    "One piece is neither received, nor asked for and refused, nor explained: {pieces}.",
    "{count} pieces are neither received, nor asked for and refused, nor explained: {pieces}.",
)


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [
        ("en", 0, "0 keys belong to no case."),
        ("en", 1, "1 key belongs to no case."),
        ("en", 2, "2 keys belong to no case."),
        ("fr", 0, "0 clé n’est à aucun dossier."),
        ("fr", 1, "1 clé n’est à aucun dossier."),
        ("fr", 2, "2 clés ne sont à aucun dossier."),
    ],
)
def test_what_is_counted_agrees_with_its_number(language: str, count: int, text: str) -> None:
    assert Words(language).plural(*KEYS, count) == text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_problem_agrees_with_its_count_after_it_crossed_a_border(language: str) -> None:
    texts = set()
    for pieces in (["EV001"], ["EV001", "EV002"]):
        message = one_or_many(*PIECES, len(pieces))
        problem = Refused("proof_not_exhausted", message, count=len(pieces), pieces=", ".join(pieces))
        wording = Words(language).problem(Problem.from_dict(problem.as_dict()))
        assert "{" not in wording.message
        assert ("2" in wording.message.partition(":")[0]) is (len(pieces) == 2)
        texts.add(wording.message)
    assert len(texts) == 2


def test_french_takes_its_own_form_and_not_the_one_that_english_chose() -> None:
    for template in KEYS:
        assert translate(template, "fr", 0) == "{count} clé n’est à aucun dossier."
        assert translate(template, "fr", 5) == "{count} clés ne sont à aucun dossier."


def test_a_template_that_counts_and_is_given_no_number_is_in_the_plural() -> None:
    assert translate(KEYS[0], "fr") == "{count} clés ne sont à aucun dossier."


def test_the_rule_of_a_language_is_babels() -> None:
    assert [plural_rule("fr")(n) for n in (0, 1, 2)] == [0, 0, 1]
    assert [plural_rule("pl")(n) for n in (1, 2, 5, 22)] == [0, 1, 2, 1]


def test_whoever_counts_nothing_does_not_wait_for_babel() -> None:
    program = (
        "import sys; from words import FRENCH; FRENCH.say('Nothing.'); print('babel' in sys.modules);"
        "FRENCH.plural('{count} key belongs to no case.', '', 1); print('babel' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.split() == ["False", "True"]
