"""Every service of the desk, asked by everybody about a case of their own and about one that is none of theirs."""

import ast
import asyncio
import inspect
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from desk.office import Office
from desk.views.schema import services
from domain.actors import Actor
from domain.errors import Away, Problem, Refused
from domain.signin.visitor import Visitor
from domain.vocabulary import Role
from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.desk.asked import NOT_SERVICES, SERVICES
from tests.desk.asked_signin import OF_NOBODY_YET
from tests.desk.scene import Corner, Scene, everybody, scene_on
from tests.people import person
from tests.support.accounts import close, open_accounts

ROOT = Path(__file__).parent.parent.parent
DOORS = ("cli", "importer", "web")
FUNCTIONS = services()
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Both teams in one real book."""
    folder = tmp_path_factory.mktemp("desk")
    with closing(Database(sqlite_url(folder / "book.db"))) as database:
        migrate(database)
        yield scene_on(database, folder)


# --- The table -------------------------------------------------------------------------------------------


def test_every_public_function_takes_an_office_and_who_asks() -> None:
    excused = set(NOT_SERVICES) | set(OF_NOBODY_YET)
    odd = [name for name, function in FUNCTIONS.items() if not _takes_who_asks(function) and name not in excused]
    assert odd == [], "who asks comes after the office; a helper is private, or has its reason in NOT_SERVICES"


def test_whoever_is_nobody_yet_brings_what_tells_who_they_are() -> None:
    for name in OF_NOBODY_YET:
        office, visitor, *_ = inspect.signature(FUNCTIONS[name]).parameters.values()
        assert (office.annotation, visitor.annotation in (Visitor, str)) == (Office, True), name
        assert {"visitor": Visitor, "token": str}[visitor.name] is visitor.annotation


def _takes_who_asks(function: Callable[..., Any]) -> bool:
    parameters = list(inspect.signature(function).parameters.values())[:2]
    return [(p.name, p.annotation) for p in parameters] == [("office", Office), ("actor", Actor)]


def test_every_service_has_an_entry_and_every_entry_a_service() -> None:
    tables = [set(SERVICES), set(NOT_SERVICES), set(OF_NOBODY_YET)]
    assert set.union(*tables) == set(FUNCTIONS), "tests/desk/asked.py says how each service is asked"
    assert sum(map(len, tables)) == len(FUNCTIONS), "each stands in one table"


def test_no_door_goes_round_the_services() -> None:
    with_office = {name for name in NOT_SERVICES if "office" in inspect.signature(FUNCTIONS[name]).parameters}
    assert with_office, "helpers that take an office and check nobody"
    imported = {name for door in DOORS for file in (ROOT / door).rglob("*.py") for name in _named_of_desk(file)}
    assert imported & with_office == set()


def _named_of_desk(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("desk."):
            yield from (f"{str(node.module).removeprefix('desk.')}.{alias.name}" for alias in node.names)
        if isinstance(node, ast.Attribute):  # from desk import scanning; scanning.scanning_of(...)
            yield ".".join(ast.unparse(node).split(".")[-2:])


# --- Somebody who has left ---


@pytest.mark.parametrize("name", sorted(SERVICES.keys() & FUNCTIONS.keys()))
def test_an_account_that_was_closed_since_it_was_looked_up_is_refused_everywhere(scene: Scene, name: str) -> None:
    """The actor is as it was: only the account behind it was closed meanwhile."""
    corner, entry = scene.corners[0], SERVICES[name]
    tells_of_others = not entry.echoes and name not in TELLS_NOTHING
    for role in (Role.CASE_WORKER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR):
        left = person(f"left-{role.lower()}", role, corner.holder.organisation, corner.metropolis)
        open_accounts(scene.office.database, [left])
        close(scene.office.database, left)
        for arguments in entry.ways(scene, corner):
            text, outcome = _called(scene, name, left, arguments)
            assert outcome == "refused" or not tells_of_others, (role, outcome, text)
            assert '"account_closed"' in text or role not in _MAY.get(name, ()), text


TELLS_NOTHING = {
    "opening.opened_case": "what it says besides the receipt could not be looked up, it says",
    "signin.sessions.end_session": "a session of a closed account is over: signing out changes nothing",
}
"""Services that answer somebody who has left, each with the reason."""

_MAY: dict[str, tuple[Role, ...]] = {
    "listing.list_cases": tuple(Role),
    "case.show_case": (Role.CASE_WORKER, Role.SUPERVISOR, Role.PLAN_LEAD, Role.AUDITOR),
    "submitting.submit_command": (Role.CASE_WORKER, Role.SUPERVISOR),
    "opening.open_case": (Role.CASE_WORKER, Role.SUPERVISOR),
    "journal.read_journal": (Role.AUDITOR,),
    "policies.put_in_force": (Role.SUPERVISOR, Role.PLAN_LEAD),
    "accounts.open_account": (Role.ADMINISTRATOR,),
}
"""Roles that some of the services answer, each while its account is open: they are refused for that reason."""


# --- The walk --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SERVICES.keys() & FUNCTIONS.keys()))
def test_nobody_is_shown_a_case_that_is_none_of_theirs(scene: Scene, name: str, record_property: Record) -> None:
    entry, outcomes = SERVICES[name], Counter[str]()
    pairs = [(actor, corner) for actor in everybody() for corner in scene.corners]
    before = scene.versions()
    for own in (False, True):
        for actor, corner in pairs:
            if scene.may_see(actor, corner) is own:
                for arguments in entry.ways(scene, corner):
                    outcomes[_outcome(scene, name, actor, corner, arguments)] += 1
        assert own or scene.versions() == before, "somebody has changed a case that is none of theirs"
    for outcome, times in outcomes.items():
        record_property(outcome, times)
    print(f"\n{name}: {', '.join(f'{times} {outcome}' for outcome, times in sorted(outcomes.items()))}")
    assert set(outcomes) - {"refused"}, "refused to everybody: its arguments are wrong, and the refusals prove nothing"


def _outcome(scene: Scene, name: str, actor: Actor, corner: Corner, arguments: dict[str, Any]) -> str:
    """The end of a call. Fails when it shows anything of a case that the actor may not see."""
    entry, question = SERVICES[name], text_of(arguments)
    text, outcome = _called(scene, name, actor, arguments)
    if actor.role in entry.shows_all_to:
        return outcome
    for other in scene.corners:
        if not scene.may_see(actor, other):
            shown = set(other.shown_in(text)) - ({other.reference} if entry.echoes else set())
            assert shown == set(), f"{actor.account} is shown {shown} of {other.metropolis}"
        elif not scene.sees_words(actor, other):
            assert [word for word in other.words if word in text] == [], f"{actor.account} sees a summary only"
    if not scene.may_see(actor, corner) and {corner.reference, corner.erased} & set(corner.shown_in(question)):
        assert outcome == "refused" or entry.echoes, f"{actor.account} asks about a case of {corner.metropolis}"
    return outcome


def _called(scene: Scene, name: str, actor: Actor, arguments: dict[str, Any]) -> tuple[str, str]:
    """Everything that a call tells, and how it ended."""
    entry = SERVICES[name]
    try:
        answer = FUNCTIONS[name](scene.office, actor, **arguments)
        text = text_of(asyncio.run(answer) if inspect.iscoroutine(answer) else answer)
        written = [text_of(value) for value in arguments.values() if isinstance(value, BytesIO)]
        return " ".join([text, *written]), "answered"
    except Refused as refusal:
        return text_of(refusal), "let through" if refusal.code == entry.ends_in else "refused"
    except Away as away:
        assert entry.needs_engine, (actor.account, away)
        return text_of(away), "handed to the engine"


def text_of(answer: Any) -> str:
    """Everything that an answer tells, as text: views, values that hold views, bytes that are given piece by piece."""
    match answer:
        case BaseModel():
            return answer.model_dump_json()
        case Problem():
            return json.dumps(answer.as_dict())
        case bytes():
            return answer.decode(errors="replace")
        case BytesIO():
            return text_of(answer.getvalue())
        case dict():
            return text_of([*answer.keys(), *answer.values()])
        case list() | tuple() | set() | frozenset() | Iterator():
            return " ".join(map(text_of, answer))
        case AbstractContextManager():
            with answer as entered:
                return text_of(entered)
        case _ if is_dataclass(answer) and not isinstance(answer, type):
            return " ".join(text_of(getattr(answer, field.name)) for field in fields(answer))
    return str(answer)
