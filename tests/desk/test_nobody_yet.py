"""Whoever is nobody yet is told nothing, whatever they bring: every service that asks for no account, with junk."""

import asyncio
import inspect
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from desk.views.schema import services
from domain.errors import Refused
from domain.signin.visitor import visitor_of
from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.desk.asked_signin import OF_NOBODY_YET
from tests.desk.scene import Scene, everybody, scene_on
from tests.support.authenticator import Authenticator

JUNK: dict[str, list[Any]] = {
    "token": ["", "x" * 47, "abs_" + "x" * 43, "abi_" + "x" * 43, "abl_" + "x" * 43, "\0", "\ud800"],
    "answer": [{}, {"id": 1}, Authenticator("https://aboutir.exemple.fr", rp_id="x").show({"challenge": "AAAA"})],
    "account": ["case-worker-nord", "nobody", "\0", ""],
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("nobody")
    with closing(Database(sqlite_url(folder / "book.db"))) as database:
        migrate(database)
        yield scene_on(database, folder)


@pytest.mark.parametrize("name", sorted(OF_NOBODY_YET))
def test_junk_is_refused_in_the_same_words_and_tells_of_nobody(scene: Scene, name: str) -> None:
    service = services()[name]
    parameters = [p for p in inspect.signature(service).parameters if p not in ("office", "visitor")]
    words = set()
    for number, value in enumerate(JUNK[parameters[0]] if parameters else []):
        arguments: dict[str, Any] = {parameters[0]: value} | dict.fromkeys(parameters[1:], "quatre mots")
        if "visitor" in inspect.signature(service).parameters:
            arguments["visitor"] = visitor_of(f"192.0.{number}.1")
        with pytest.raises(Refused) as refused:
            answer = service(scene.office, **arguments)
            if inspect.iscoroutine(answer):
                asyncio.run(answer)
        words.add(json.dumps(refused.value.as_dict()))
    assert len(words) == (1 if parameters else 0)
    assert not any(actor.account in told for actor in everybody() for told in words)
