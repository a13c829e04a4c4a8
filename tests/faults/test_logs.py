"""Whatever happens, no log shows what a person told: canaries in every text, a whole journey, and then misfortunes."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from domain.complaint import Complaint
from domain.errors import Problem, Refused
from domain.values import day_of
from kit.storage.database import Database
from models.book import event_of
from models.tables import book
from tests.builders import WORKER, complaint, contact, journey, note
from tests.servers import KEYS, Engine, Postgres, RealWorker, until_async
from workflows.cases import CaseClient

M = TypeVar("M", bound=BaseModel)

BROKEN = Path(__file__).with_name("broken_worker.py")

PERSONAL = {
    *(f"{who}.{what}" for who in ("complainant", "concerned_person")
      for what in ("given_name", "family_name", "email", "phone", "address", "accessibility")),
    "respondent.name", "respondent.address", "facts.narrative", "facts.place.detail", "expectations",
    "prior_steps.0.to_whom", "prior_steps.0.answer", "source.id",
}  # fmt: skip
"""Every field of a complaint in which a person's words or names may stand."""


CODES = {"consent.recipient", "complaint.source.id"}
"""Fields that take any text and stay as they are: the name of an organisation, to which the case is then referred;
where an amended complaint comes from, which cannot be amended."""


class Canaries:
    """Words that stand nowhere else, put wherever a model takes free text."""

    def __init__(self) -> None:
        self.let_out: list[str] = []
        self._number = itertools.count(1000)

    def in_all(self, said: M) -> tuple[M, set[str]]:
        """The same, with a canary in each field that takes one; and which these are."""
        tree, found = said.model_dump(mode="json"), set()
        for path, holder, key in list(leaves(tree)):
            if path in CODES:
                continue
            before = holder[key]
            for canary in self._forms():
                holder[key] = canary
                try:
                    type(said).model_validate(tree)
                except ValidationError:
                    holder[key] = before
                else:
                    found.add(path)
                    self.let_out.append(canary)
                    break
        return type(said).model_validate(tree), found

    def one(self) -> str:
        """A canary as a sentence."""
        self.let_out.append(next(self._forms()))
        return self.let_out[-1]

    def _forms(self) -> Iterator[str]:
        number = next(self._number)
        yield f"Kanari {number}"  # a space and a capital letter: no code and no identifier
        yield f"kanari.{number}@example.org"
        yield f"+3398765{number}"


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every place in a JSON value that holds a text or nothing: its path, what it is in, and where in that."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        if value is None or isinstance(value, str):
            yield f"{path}{key}", tree, key
        else:
            yield from leaves(value, f"{path}{key}.")


def a_full_complaint() -> Complaint:
    somebody = {"given_name": "Lou", "family_name": "Exemple"}
    return complaint(
        complainant=somebody,
        concerned_person=somebody,
        capacity="LEGAL_REPRESENTATIVE",
        respondent={"kind": "COMPANY"},
        prior_steps=[{"kind": "OTHER"}],
        source={"system": "register", "id": "1"},
    )


async def test_no_word_of_a_person_is_in_the_logs_and_every_line_is_json(
    engine: Engine,
    worker_of: Callable[..., RealWorker],
    postgresql_database: Database,
    fragile_postgres: Postgres,
    record_property: Callable[[str, object], None],
) -> None:
    worker = worker_of(engine.address, postgresql_database, "logs", program=[str(BROKEN)])
    await asyncio.to_thread(worker.start)
    desk = CaseClient(await engine.client(), "logs", KEYS.mint)
    canaries = Canaries()

    told, planted = canaries.in_all(a_full_complaint())
    assert planted == PERSONAL
    reference = (await desk.open(told, WORKER)).reference
    for command, who, _ in journey(day_of(told.received_at)):
        said, _ = canaries.in_all(command)
        await desk.submit(reference, said, who)
    assert everything_in(postgresql_database, canaries), "the canaries travelled all the way"

    # Refused at the door, by the book, and by the rules before anything is sent.
    with pytest.raises(Refused, match="stale"):
        await desk.submit(reference, note(canaries.one()), WORKER, expected_version=1)
    with pytest.raises(Refused, match="already_imported"):
        await desk.open(told, WORKER)
    # Bugs: in the workflow, and in the commit.
    for command in (contact(canaries.one()), note(canaries.one() + "!")):
        with pytest.raises(Problem, match="internal"):
            await desk.submit(reference, command, WORKER)
    # The database away, then the engine.
    fragile_postgres.kill()
    sent = asyncio.create_task(desk.submit(reference, note(canaries.one()), WORKER))
    await until_async(lambda: '"book_away"' in worker.output, "the book is away")
    await asyncio.to_thread(fragile_postgres.start)
    await sent
    engine.kill()
    await until_async(lambda: '"temporalio.core' in worker.output, "the library complains")
    worker.kill()

    lines = worker.output.splitlines()
    events = {json.loads(line)["event"] for line in lines}
    assert {"worker_started", "commit_failed", "book_away", "an update validator failed"} < events
    escaped = [canary for canary in canaries.let_out if canary.lower() in worker.output.lower()]
    record_property("faults: canaries let out, and found in the logs", f"{len(canaries.let_out)}, {len(escaped)}")
    assert escaped == []
    assert "kanari" not in worker.output.lower()
    assert "98765" not in worker.output


def everything_in(database: Database, canaries: Canaries) -> bool:
    with database.read() as tx:
        rows = tx.execute(select(book)).all()
    told = b"".join(event_of(row, KEYS.of(row.reference)) for row in rows).decode()
    return all(canary in told for canary in canaries.let_out)
