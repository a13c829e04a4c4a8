"""A case, its history, what is due on it and its replay: who is shown what, noted first, in their language."""

import json
from pathlib import Path
from typing import Any

import pytest

from desk.case import replay_case, show_agenda, show_case, show_history
from desk.office import Office
from domain.access import Access
from domain.errors import NoMoment, NotFound, Refused
from domain.parts.closure import ProposeClosure
from domain.parts.contact import AddNote
from kit.storage.database import Database
from tests.desk.cases import noted, office_with_lives
from tests.domain.examples import closing
from tests.people import STRANGER, SUPERVISOR, WORKER
from tests.support.lives import Lives
from words import Words

FRENCH, ENGLISH = Words("fr"), Words("en")


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> tuple[Office, Lives, str]:
    """An office with one case, on which two notes were written."""
    office, lives = office_with_lives(sqlite_database, tmp_path)
    reference = lives.open()
    for text in ("Premier point.", "Second point."):
        assert lives.ask(reference, AddNote(text=text), WORKER) is not None
    return office, lives, reference


async def look(name: str, office: Office, actor: Any, reference: str) -> Any:
    """The answer of this service."""
    match name:
        case "show":
            return show_case(office, actor, reference, FRENCH, why="Point")
        case "history":
            return show_history(office, actor, reference, why="Point")
        case "agenda":
            return show_agenda(office, actor, reference, FRENCH, why="Point")
    return await replay_case(office, actor, reference, FRENCH, why="Point")


@pytest.mark.parametrize("name", ["show", "history", "agenda", "replay"])
async def test_each_look_stands_in_the_journal_and_a_stranger_has_none(
    place: tuple[Office, Lives, str], name: str
) -> None:
    office, _, reference = place
    with pytest.raises(NotFound):
        await look(name, office, STRANGER, reference)
    refused = (Access.DENIED, STRANGER.account, None)
    assert noted(office, reference) == [refused]
    await look(name, office, WORKER, reference)
    assert noted(office, reference) == [refused, (Access(name), WORKER.account, None)]


def test_a_case_is_shown_with_what_this_reader_may_ask(place: tuple[Office, Lives, str]) -> None:
    office, lives, reference = place
    view = show_case(office, WORKER, reference, ENGLISH)
    case = lives.case(reference)
    assert (view.reference, view.version, view.stalled) == (reference, case.version, False)
    assert view.open == tuple(piece.id for piece in case.pieces)
    assert "refer" not in view.offered and "assign" in view.offered
    shown = json.loads(view.model_dump_json())
    assert list(shown)[-5:] == ["agenda", "offered", "time_limits", "closure_review", "next_steps"]
    assert {step.command for step in view.next_steps} <= {*view.offered}
    assert {name: shown[name] for name in json.loads(case.model_dump_json())} == json.loads(case.model_dump_json())


def test_whoever_countersigns_sees_what_could_still_be_claimed(place: tuple[Office, Lives, str]) -> None:
    office, lives, reference = place
    assert show_case(office, SUPERVISOR, reference, ENGLISH).closure_review is None
    assert lives.ask(reference, closing(ProposeClosure, reason="NOT_DISCRIMINATION"), WORKER) is not None
    review = show_case(office, SUPERVISOR, reference, ENGLISH).closure_review
    assert review is not None
    assert (review.reason, review.proposed_by) == ("NOT_DISCRIMINATION", WORKER.account)
    chances = {limit.code: limit.chance for limit in review.remaining}
    assert (chances["PENAL_DELIT"], chances["DDD_SAISINE"]) == ("RUNNING", "UNDATED")
    assert (review.unsought[0].status, review.unsought[0].reason) == ("WANTED", None)
    assert "Witness statement" in review.unsought[0].pieces


def test_of_a_case_as_it_stood_nothing_can_be_asked(place: tuple[Office, Lives, str]) -> None:
    office, _, reference = place
    view = show_case(office, WORKER, reference, ENGLISH, at="note_added:1")
    assert (view.notes, view.offered) == (1, ())


@pytest.mark.parametrize(("at", "problem"), [("yesterday", NoMoment), ("no_such_event", NoMoment), ("99", Refused)])
async def test_a_moment_that_is_none_names_the_field_that_it_stood_in(
    place: tuple[Office, Lives, str], at: str, problem: type[Exception]
) -> None:
    office, _, reference = place
    with pytest.raises(problem) as shown:
        show_case(office, WORKER, reference, ENGLISH, at=at)
    with pytest.raises(problem) as replayed:
        await replay_case(office, WORKER, reference, ENGLISH, against=at)
    assert (shown.value.field, replayed.value.field) == ("at", "against")  # type: ignore[attr-defined]


def test_two_readers_are_answered_at_once_each_in_their_language(place: tuple[Office, Lives, str]) -> None:
    office, _, reference = place
    french, english = (show_agenda(office, WORKER, reference, words) for words in (FRENCH, ENGLISH))
    assert [d.key for d in french.deadlines] == [d.key for d in english.deadlines]
    assert french.deadlines[0].counted != english.deadlines[0].counted
    assert {limit.action for limit in french.time_limits}.isdisjoint({limit.action for limit in english.time_limits})


def test_a_history_tells_every_line_by_whom(place: tuple[Office, Lives, str]) -> None:
    office, _, reference = place
    view = show_history(office, SUPERVISOR, reference)
    assert [entry.version for entry in view.entries] == list(range(1, len(view.entries) + 1))
    last = json.loads(view.model_dump_json())["entries"][-1]
    assert (last["tag"], last["actor"], last["event"]["text"]) == ("note_added.1", WORKER.account, "Second point.")


async def test_a_replay_says_what_differs_whichever_moment_is_named_first(place: tuple[Office, Lives, str]) -> None:
    office, _, reference = place
    forth = await replay_case(office, WORKER, reference, ENGLISH, at="note_added:1", against="note_added:2")
    back = await replay_case(office, WORKER, reference, ENGLISH, at="note_added:2", against="note_added:1")
    for view in (forth, back):
        shown = json.loads(view.model_dump_json())
        assert shown["differences"] == [{"path": "notes", "before": 1, "after": 2}]
        assert "last_version" not in shown and "compared" not in shown
        assert view.compared is not None
        earlier, later = view.compared
        assert (earlier.version + 1, later.version) == (later.version, view.last_version)
    assert len(forth.history) + 1 == len(back.history)
    assert (await replay_case(office, WORKER, reference, ENGLISH)).differences is None
