"""Rebuilds either record from the other: starts every case again on an empty engine, or restores the book's lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from audit.keyring import key_or_why
from audit.restore import DoesNotChain, NoHistory, forget_again, remembered, restore, show_again
from audit.told import Unreadable
from domain.errors import Problem
from domain.exchange.cases import Opening
from domain.parts.intake import ComplaintOpened
from kit.crypto.vault import Tampered
from models import book, cases, histories

if TYPE_CHECKING:
    from audit.records import Records
    from domain.dates import WorkingCalendar
    from kit.storage.database import Database
    from models.keys import CaseKeys
    from workflows.cases import CaseClient

PAGE = 200
AT_ONCE = 20
"""Cases that are started at the same time: few enough for people's commands to come through."""

Tell = Callable[[int], None]
"""Called with the number of cases that are done."""


@dataclass
class Started:
    """Counts of the cases that were started again."""

    cases: int = 0
    started: int = 0
    already: int = 0
    """Cases that were at work: started before, or never stopped."""
    failed: list[str] = field(default_factory=list)
    keyless: list[str] = field(default_factory=list)
    """Cases of which the key is lost: nobody can read them until the store of the keys is restored."""


class _Keyless(Exception):
    """The key of a case is lost."""


async def start_again(
    client: Client, desk: CaseClient, database: Database, keys: CaseKeys, per_second: float, tell: Tell
) -> Started:
    """Starts a workflow for every case of the book that has none, at this rate at most.

    It can be stopped and run again at any time: a case takes up what the book has, as if its worker had been away, and
    nothing is done twice.
    """
    outcome, after = Started(), ""
    limit = asyncio.Semaphore(AT_ONCE)

    async def start(reference: str) -> None:
        async with limit:
            try:
                opening = await asyncio.to_thread(_opening, database, keys, reference)
                if opening is None:
                    return
                if await _is_running(client, reference):
                    outcome.already += 1
                else:
                    await desk.take_up(reference, opening)
                    outcome.started += 1
            except _Keyless:
                outcome.keyless.append(reference)
            except (Problem, RPCError, Tampered, ValueError):  # or its first line cannot be read
                outcome.failed.append(reference)
            outcome.cases += 1

    while references := await asyncio.to_thread(_page, database, after):
        async with asyncio.TaskGroup() as group:
            for reference in references:
                group.create_task(start(reference))
                await asyncio.sleep(1 / per_second)
        after = references[-1]
        tell(outcome.cases)
    return outcome


def _page(database: Database, after: str) -> list[str]:
    with database.read() as tx:
        return cases.known_after(tx, after, PAGE)


def _opening(database: Database, keys: CaseKeys, reference: str) -> Opening | None:
    """The opening of a case; None when the book does not have the case, or it is erased.

    Raises _Keyless, and ValueError when the first line that the book has of it does not open it.
    """
    key, _why = key_or_why(keys, reference)
    with database.read() as tx:
        if book.erasure(tx, reference) is not None or not book.has(tx, reference):
            return None
        if key is None:
            raise _Keyless
        first = book.first(tx, keys, reference)
    if first is None or not isinstance(first.event, ComplaintOpened):
        raise Unreadable(reference)
    return Opening.recorded(first)


async def _is_running(client: Client, reference: str) -> bool:
    try:
        described = await client.get_workflow_handle(reference).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return described.status is WorkflowExecutionStatus.RUNNING


@dataclass
class Restored:
    """Counts of the cases and lines that were restored."""

    cases: int = 0
    restored: int = 0
    """Cases that got lines back."""
    lines: int = 0
    shown: int = 0
    """Cases whose book was whole and whose rows differed: they were written anew."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Cases whose histories do not chain with the book, and where: none of their lines was written."""
    keyless: list[str] = field(default_factory=list)
    """Cases of which the key is lost: they can be neither read nor written."""


async def restore_all(
    client: Client | None,
    records: Records,
    database: Database,
    keys: CaseKeys,
    calendar: WorkingCalendar,
    tell: Tell,
) -> Restored:
    """Restores every case that the engine, our storage or the book knows of. Can be stopped and run again."""
    outcome = Restored()
    for reference in await _all_references(client, database):
        try:
            if await asyncio.to_thread(_is_over, database, keys, reference):
                outcome.shown += await asyncio.to_thread(forget_again, database, reference)
                continue
            lines, shown = await _restored(records, database, keys, reference, calendar)
            outcome.restored += bool(lines)
            outcome.lines += lines
            outcome.shown += shown
        except NoHistory:
            continue
        except _Keyless:
            outcome.keyless.append(reference)
        except (DoesNotChain, Unreadable, Tampered) as error:
            outcome.refused.append((reference, str(error)))
        except ValueError:  # a line that nobody can read: the words of the error may be those of the case
            outcome.refused.append((reference, "unreadable"))
        outcome.cases += 1
        if outcome.cases % PAGE == 0:
            tell(outcome.cases)
    return outcome


async def _restored(
    records: Records, database: Database, keys: CaseKeys, reference: str, calendar: WorkingCalendar
) -> tuple[int, bool]:
    """Restores a case; gives how many lines its book got back and, if it lacked none, True if its rows differed.

    Raises NoHistory when neither the histories nor the book tell anything.
    """
    try:
        entries = await remembered(records, reference)
    except NoHistory:
        entries = []
    lines = await asyncio.to_thread(restore, database, keys, reference, entries, calendar)
    return lines, not lines and await asyncio.to_thread(show_again, database, keys, reference, calendar)


def _is_over(database: Database, keys: CaseKeys, reference: str) -> bool:
    """True if a case was erased, or never came to be: nothing of it is to be restored.

    Raises _Keyless when its key is lost.
    """
    key, _why = key_or_why(keys, reference)
    with database.read() as tx:
        if book.erasure(tx, reference) is not None:
            return True
        if key is None and (book.has(tx, reference) or keys.destroyed(reference) is None):
            raise _Keyless
    return key is None


async def _all_references(client: Client | None, database: Database) -> list[str]:
    references: set[str] = set()
    if client is not None:
        references |= {run.id async for run in client.list_workflows("WorkflowType = 'ComplaintWorkflow'")}
    for page_of in (histories.references_after, cases.known_after):
        after = ""
        while True:
            with database.read() as tx:
                page = page_of(tx, after, PAGE)
            if not page:
                break
            references.update(page)
            after = page[-1]
    return sorted(references)
