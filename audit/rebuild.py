"""Either record from the other: every case started again on an empty engine, or the book's tail from the histories."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from audit.keyring import key_or_why
from audit.records import Records
from audit.restore import DoesNotChain, NoHistory, forget_again, remembered, restore, show_again
from audit.told import Unreadable
from domain.dates import WorkingCalendar
from domain.errors import Problem
from domain.exchange.cases import Opening
from domain.parts.intake import ComplaintOpened
from kit.crypto.vault import Tampered
from kit.storage.database import Database
from models import book, cases, histories
from models.keys import CaseKeys
from workflows.cases import CaseClient

PAGE = 200
AT_ONCE = 20
"""How many cases are started at the same time: people's commands come through all the while."""

Tell = Callable[[int], None]
"""Is told how many cases are done."""


@dataclass
class Started:
    """What came of starting every case again."""

    cases: int = 0
    started: int = 0
    already: int = 0
    """Those that were at work: started before, or never stopped."""
    failed: list[str] = field(default_factory=list)
    keyless: list[str] = field(default_factory=list)
    """Cases of which the key is lost: nobody can read them until the store of the keys is restored."""


class _Keyless(Exception):
    """The key of a case is lost."""


async def start_again(
    client: Client, desk: CaseClient, database: Database, keys: CaseKeys, per_second: float, tell: Tell
) -> Started:
    """Starts a workflow for every case of the book that has none, at this rate at most.

    Nothing counts twice: a case takes up what the book has, as if its worker had been away. So it can be stopped and
    run again at any time.
    """
    found, after = Started(), ""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(reference: str) -> None:
        async with limit:
            try:
                opening = await asyncio.to_thread(_opening, database, keys, reference)
                if opening is None:
                    return
                if await _is_running(client, reference):
                    found.already += 1
                else:
                    await desk.take_up(reference, opening)
                    found.started += 1
            except _Keyless:
                found.keyless.append(reference)
            except (Problem, RPCError, Tampered, ValueError):  # or its first line cannot be read
                found.failed.append(reference)
            found.cases += 1

    while references := await asyncio.to_thread(_page, database, after):
        async with asyncio.TaskGroup() as group:
            for reference in references:
                group.create_task(one(reference))
                await asyncio.sleep(1 / per_second)
        after = references[-1]
        tell(found.cases)
    return found


def _page(database: Database, after: str) -> list[str]:
    with database.read() as tx:
        return cases.known_after(tx, after, PAGE)


def _opening(database: Database, keys: CaseKeys, reference: str) -> Opening | None:
    """What the case was opened with; None when the book does not have it, or it is erased.

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
    """What came of restoring the book."""

    cases: int = 0
    restored: int = 0
    """Cases that got lines back."""
    lines: int = 0
    shown: int = 0
    """Cases of which the book was whole and lists told otherwise: they were shown anew."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Cases whose histories do not chain with the book, and where: nothing of them was written."""
    keyless: list[str] = field(default_factory=list)
    """Cases of which the key is lost: nothing of them can be read or written."""


async def restore_all(
    client: Client | None,
    records: Records,
    database: Database,
    keys: CaseKeys,
    calendar: WorkingCalendar,
    tell: Tell,
) -> Restored:
    """Restores every case that the engine, our storage or the book knows of. Can be stopped and run again."""
    found = Restored()
    for reference in await _all_references(client, database):
        try:
            if await asyncio.to_thread(_is_over, database, keys, reference):
                found.shown += await asyncio.to_thread(forget_again, database, reference)
                continue
            lines, shown = await _restored(records, database, keys, reference, calendar)
        except NoHistory:
            continue
        except _Keyless:
            found.keyless.append(reference)
            lines, shown = 0, False
        except (DoesNotChain, Unreadable, Tampered) as error:
            found.refused.append((reference, str(error)))
            lines, shown = 0, False
        except ValueError:  # a line that nobody can read: the words of the error may be those of the case
            found.refused.append((reference, "unreadable"))
            lines, shown = 0, False
        found.cases += 1
        found.restored += bool(lines)
        found.lines += lines
        found.shown += shown
        if found.cases % PAGE == 0:
            tell(found.cases)
    return found


async def _restored(
    records: Records, database: Database, keys: CaseKeys, reference: str, calendar: WorkingCalendar
) -> tuple[int, bool]:
    """How many lines the book got back, and whether lists told the case otherwise than a book that lacked none.

    Raises NoHistory when neither the histories nor the book tell anything.
    """
    try:
        entries = await remembered(records, reference)
    except NoHistory:
        entries = []
    lines = await asyncio.to_thread(restore, database, keys, reference, entries, calendar)
    return lines, not lines and await asyncio.to_thread(show_again, database, keys, reference, calendar)


def _is_over(database: Database, keys: CaseKeys, reference: str) -> bool:
    """Whether a case was erased, or never came to be: nothing of it is to be restored.

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
    known: set[str] = set()
    if client is not None:
        known |= {run.id async for run in client.list_workflows("WorkflowType = 'ComplaintWorkflow'")}
    for page_of in (histories.references_after, cases.known_after):
        after = ""
        while True:
            with database.read() as tx:
                page = page_of(tx, after, PAGE)
            if not page:
                break
            known.update(page)
            after = page[-1]
    return sorted(known)
