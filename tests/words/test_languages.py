"""One process speaks several languages at once, and nobody in it reads the language from the process."""

import ast
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier

import pytest
from pydantic import ValidationError

from domain.counting import in_words
from domain.errors import Action, Invalid, Refused
from domain.parts.closure import Close
from domain.vocabulary import DeadlineKind, Role
from kit.errors import ChildNotReady
from tests.support.servers import ROOT
from words import FRENCH, Words
from words.problems import invalid

TIMES = 1_500

PARTS: dict[str, tuple[Callable[[Words], object], str, str]] = {
    "a label": (lambda words: words.label("SUPERVISOR", Role), "Supervision", "Supervisor"),
    "a day": (lambda words: words.day(date(2026, 3, 1)), "01/03/2026", "2026-03-01"),
    "a day in full": (lambda words: words.day_in_full(date(2026, 3, 1)), "1er\u00a0mars 2026", "1 March 2026"),
    "a moment": (
        lambda words: words.instant(datetime(2026, 3, 1, 23, 30, tzinfo=UTC)),
        "02/03/2026 00:30",
        "2026-03-02 00:30",
    ),
    "a number": (
        lambda words: words.plural("{count} key belongs to no case.", "{count} keys belong to no case.", 0),
        "0 clé n’est à aucun dossier.",
        "0 keys belong to no case.",
    ),
    "a problem": (
        lambda words: words.problem(Refused("code", "{field} is missing.", "Fill it in.", field="facts\n")),
        ("code", "Le champ facts\ufffd est absent.", "facts\ufffd", "Renseignez-le."),
        ("code", "facts\ufffd is missing.", "facts\ufffd", "Fill it in."),
    ),
    "a part of the stack": (
        lambda words: words.problem(ChildNotReady("engine", Path("engine.log"))).message,
        "Le démarrage n’a pas abouti\u00a0: moteur.",
        "engine did not become ready.",
    ),
    "a ground": (lambda words: words.criterion("AGE"), "Âge", "Age"),
    "an event": (lambda words: words.event("referral_sent.1"), "Orientation envoyée", "Referral sent"),
    "a time limit": (
        lambda words: words.awaited(DeadlineKind.LIMITATION, None, "limit/GONE_SINCE/2026-03-31/30"),
        "Délai légal proche, ou expiré\u00a0: GONE_SINCE, 31/03/2026",
        "A time limit of the law is near, or over: GONE_SINCE, 2026-03-31",
    ),
    "a sentence": (
        lambda words: words.sentence(in_words("{start} is a day already begun and does not count.", start=date.max)),
        "Le 31/12/9999 est un jour déjà entamé et ne compte pas.",
        "9999-12-31 is a day already begun and does not count.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_each_part_of_what_is_said_has_its_words_in_both_languages(name: str) -> None:
    say, french, english = PARTS[name]
    assert (say(Words("fr")), say(Words("en"))) == (french, english)


def test_two_languages_at_once_never_mix() -> None:
    start = Barrier(2)

    def speak(language: str) -> dict[str, set[object]]:
        start.wait()
        texts: dict[str, set[object]] = {name: set() for name in PARTS}
        for _ in range(TIMES):
            for name, (say, _french, _english) in PARTS.items():
                texts[name].add(say(Words(language)))
        return texts

    with ThreadPoolExecutor(2) as threads:
        french, english = threads.map(speak, ("fr", "en"))
    assert french == {name: {text} for name, (_, text, _english) in PARTS.items()}
    assert english == {name: {text} for name, (_, _french, text) in PARTS.items()}


def test_a_problem_is_worded_by_whoever_reads_it_and_not_where_it_arose() -> None:
    problem = Invalid("missing", "{field} is missing.", "Fill it in.", field="a", more_faults=2, other_fields="b, c")
    assert Words("fr").problem(problem).remedy == "Renseignez-le. 2 autres erreurs\u00a0: b, c."
    assert Words("en").problem(problem).remedy == "Fill it in. 2 more faults: b, c."


def test_what_can_be_done_is_said_in_the_way_of_a_door_before_the_faults_that_are_left() -> None:
    problem = Invalid("code", "{field} is missing.", field="a", action=Action.VERIFY_CASE)
    problem.params |= {"more_faults": 1, "other_fields": "b"}
    ways = {Action.VERIFY_CASE: "Fill it in."}
    assert Words("en").problem(problem, ways).remedy == "Fill it in. One more fault: b."
    assert Words("fr").problem(problem, ways).remedy == "Renseignez-le. Une autre erreur\u00a0: b."
    assert Words("en").problem(problem).remedy == "One more fault: b."


# --- Nobody asks the process -----------------------------------------------------------------------------

START = "cli/app.py"
"""The module that the command line starts with."""


def calls(of: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of what has this name in our own code."""
    ours = (file for file in ROOT.rglob("*.py") if file.relative_to(ROOT).parts[0] not in ("tests", ".venv", "bench"))
    for file in ours:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == of:
                yield file.relative_to(ROOT).as_posix(), node


def test_only_the_start_of_the_command_line_reads_the_language_of_the_process() -> None:
    assert [file for file, _ in calls("language")] == [START]


def test_nothing_is_translated_without_saying_into_which_language() -> None:
    of_messages = [call for _, call in calls("translate") if isinstance(call.func, ast.Name)]  # texts have one, too
    assert of_messages
    assert [ast.unparse(call) for call in of_messages if len(call.args) < 2] == []


def test_a_code_that_is_missing_comes_with_those_it_may_be() -> None:
    with pytest.raises(ValidationError) as missing:
        Close.model_validate({"reason": "SETTLED", "last_known_fact": "-"})
    problem = FRENCH.problem(invalid(missing.value, model=Close))
    assert problem.field == "outcome" and "SITUATION_REDRESSED" in problem.remedy
    assert "SITUATION_REDRESSED" not in FRENCH.problem(invalid(missing.value)).remedy, "nobody said what was filled"
