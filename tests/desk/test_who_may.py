"""Every service of the desk, asked by everybody about a case of their own and about one that is none of theirs."""

import asyncio
import inspect
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from desk.office import Office
from desk.views.schema import services
from domain.actors import Actor
from domain.errors import Away, Problem, Refused
from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.desk.asked import NOT_SERVICES, SERVICES, Asked
from tests.desk.scene import Corner, Scene, everybody, scene_on

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
    odd = [name for name, function in FUNCTIONS.items() if not _takes_who_asks(function) and name not in NOT_SERVICES]
    assert odd == [], (
        "who asks comes after the office; what nobody asks for has a reason in NOT_SERVICES, or is private"
    )


def _takes_who_asks(function: Callable[..., Any]) -> bool:
    parameters = list(inspect.signature(function).parameters.values())[:2]
    return [(p.name, p.annotation) for p in parameters] == [("office", Office), ("actor", Actor)]


def test_every_service_has_an_entry_and_every_entry_a_service() -> None:
    assert set(SERVICES) | set(NOT_SERVICES) == set(FUNCTIONS), "tests/desk/asked.py says how each service is asked"
    assert set(SERVICES) & set(NOT_SERVICES) == set()


# --- The walk --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SERVICES.keys() & FUNCTIONS.keys()))
def test_nobody_is_shown_a_case_that_is_none_of_theirs(scene: Scene, name: str, record_property: Record) -> None:
    entry, outcomes = SERVICES[name], Counter[str]()
    pairs = [(actor, corner) for actor in everybody() for corner in scene.corners]
    before = scene.versions()
    for own in (False, True):
        for actor, corner in pairs:
            if scene.may_see(actor, corner) is own:
                for arguments in entry.ways(corner):
                    outcomes[_outcome(scene, name, entry, actor, corner, arguments)] += 1
        assert own or scene.versions() == before, "somebody has changed a case that is none of theirs"
    for outcome, times in outcomes.items():
        record_property(outcome, times)
    print(f"\n{name}: {', '.join(f'{times} {outcome}' for outcome, times in sorted(outcomes.items()))}")
    reached = outcomes["answered"] + outcomes["handed to the engine"]
    assert reached, "refused to everybody: its arguments are wrong, and the refusals prove nothing"


def _outcome(scene: Scene, name: str, entry: Asked, actor: Actor, corner: Corner, arguments: dict[str, Any]) -> str:
    """How a call ended. Fails when it shows anything of a case that the actor may not see."""
    try:
        text = said(_called(FUNCTIONS[name], scene.office, actor, arguments))
        outcome = "answered"
    except Refused as refusal:
        text, outcome = json.dumps(refusal.as_dict()), "refused"
    except Away as away:
        assert entry.needs_engine, (actor.account, corner.metropolis, away)
        text, outcome = json.dumps(away.as_dict()), "handed to the engine"
    if actor.role not in entry.shows_all_to:
        for other in scene.corners:
            if not scene.may_see(actor, other):
                shown = other.is_shown_in(text)
                assert shown == [], f"{actor.account} is shown {shown} of {other.metropolis} by {name}({arguments})"
    return outcome


def _called(function: Callable[..., Any], office: Office, actor: Actor, arguments: dict[str, Any]) -> Any:
    answer = function(office, actor, **arguments)
    return asyncio.run(answer) if inspect.iscoroutine(answer) else answer


def said(answer: Any) -> str:
    """Everything that an answer tells, as text: views, values that hold views, bytes that are given piece by piece."""
    match answer:
        case BaseModel():
            return answer.model_dump_json()
        case Problem():
            return json.dumps(answer.as_dict())
        case bytes():
            return answer.decode(errors="replace")
        case dict():
            return said([*answer.keys(), *answer.values()])
        case list() | tuple() | set() | frozenset() | Iterator():
            return " ".join(map(said, answer))
        case _ if is_dataclass(answer) and not isinstance(answer, type):
            return " ".join(said(getattr(answer, field.name)) for field in fields(answer))
    return str(answer)
