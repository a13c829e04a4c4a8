"""Looks up in the book what an earlier import of the same file has done."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from domain.actors import Actor
from domain.case import Case
from domain.errors import Away
from domain.lifecycle import fold
from importer.run import CaseOf, Known, Lookup, PartOf, part_added
from kit.storage.database import Database, is_away
from models.book import commands_recorded, history
from models.keys import CaseKeys
from models.sources import opened_from, place_of, seen_among

T = TypeVar("T")


def known_in(database: Database, actor: Actor) -> Lookup:
    """The lookup of an import in somebody's name: of cases that they may not see it tells nothing."""

    async def lookup(keys: Sequence[str], ids: Sequence[str]) -> Known:
        return await _read(database, lambda tx: _known(tx, actor, keys, ids))

    return lookup


def _known(tx: Connection, actor: Actor, keys: Sequence[str], ids: Sequence[str]) -> Known:
    taken = opened_from(tx, keys)
    seen = seen_among(tx, actor, taken.values())
    return Known(
        references={key: reference for key, reference in taken.items() if reference in seen},
        commands=frozenset(commands_recorded(tx, ids)),
        beside={key: place_of(tx, actor, key)[0] for key, reference in taken.items() if reference not in seen},
    )


def case_in(database: Database, keys: CaseKeys) -> CaseOf:
    """The cases of this database, for the rules alone: nothing of them is shown to anybody."""

    async def case_of(reference: str) -> Case:
        return await _read(database, lambda tx: fold(reference, history(tx, keys, reference)))

    return case_of


def part_in(database: Database, keys: CaseKeys) -> PartOf:
    """The parts that commands in the book have added."""

    async def part_of(reference: str, command_id: str) -> str | None:
        entries = await _read(database, lambda tx: history(tx, keys, reference))
        return part_added(entry for entry in entries if entry.command_id == command_id)

    return part_of


async def _read(database: Database, what: Callable[[Connection], T]) -> T:
    def read() -> T:
        try:
            with database.read() as tx:
                return what(tx)
        except Exception as error:
            if not is_away(error):
                raise
            raise Away(
                "database_away", "The database does not answer.", "Check that it is up, then run it again."
            ) from None

    return await asyncio.to_thread(read)
