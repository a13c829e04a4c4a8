"""Restores the last lines of a book from the engine's histories, and lists from the book.

No line is written that does not follow from those that are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from audit.lists import Lists
from audit.told import told
from domain.lifecycle import fold
from domain.log.chain import FIRST
from domain.time.clocks import agenda
from models import alerts, book, cases, files, finding, policies, seals
from models.keys import INDEX, CaseKeys, Keys
from models.shown import shown
from models.sources import place_anew

if TYPE_CHECKING:
    from audit.records import Records
    from domain.case import Case
    from domain.dates import WorkingCalendar
    from domain.events import Entry
    from kit.storage.database import Database


class NoHistory(LookupError):
    """No history tells anything of the case."""


class DoesNotChain(ValueError):
    """Lines do not follow from those that the book has, or not from each other. Says where."""


async def remembered(records: Records, reference: str) -> list[Entry]:
    """Gathers the lines of a case from its histories, from the first.

    Raises NoHistory when they tell nothing, DoesNotChain when two of them differ or one is missing in between.
    """
    entries: dict[int, Entry] = {}
    runs = (await records.of(reference)).runs
    for entry in (entry for run in runs for entry in told(run.history).entries):
        if entries.setdefault(entry.version, entry) != entry:
            raise DoesNotChain(f"v{entry.version}")
    if not entries:
        raise NoHistory(reference)
    for version in range(1, max(entries) + 1):
        if version not in entries:
            raise DoesNotChain(f"v{version}")
    return [entries[version] for version in sorted(entries)]


def restore(
    database: Database, keys: CaseKeys, reference: str, entries: Sequence[Entry], calendar: WorkingCalendar
) -> int:
    """Appends to the book what it lacks of these lines, and shows the case anew; gives how many lines were added.

    All of it or nothing; without any lines the book is only looked at. Raises DoesNotChain when the book's own chain is
    broken, when it tells one of these lines otherwise, or when a line would not be the one that was sealed; NoHistory
    when there is nothing on either side; Refused when the case has no key.
    """
    at_hand = keys.at_hand(reference, INDEX)
    key = at_hand.of(reference)
    with database.write() as tx:
        broken = book.broken_link(tx, reference)
        if broken is not None:
            raise DoesNotChain(f"v{broken}")
        present = book.history(tx, at_hand, reference)
        missing = _missing(present, entries)
        if not present and not missing:
            raise NoHistory(reference)
        rows = book.rows(tx, reference)
        head = rows[-1].line_hash if rows else FIRST
        for lines in _by_command(missing):
            head = book.append(tx, key, reference, head, lines, first_position=_position(lines[0], present))
        _require_sealed(tx, reference)
        if missing or cases.row_of(tx, reference) is None:
            _show_anew(tx, at_hand, fold(reference, [*present, *missing]), head, calendar)
    return len(missing)


def _missing(present: Sequence[Entry], entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries that the book lacks. Raises DoesNotChain when one of those that it has is another."""
    for line, entry in zip(present, entries, strict=False):
        if line != entry:
            raise DoesNotChain(f"v{entry.version}")
    return entries[len(present) :]


def show_again(database: Database, keys: CaseKeys, reference: str, calendar: WorkingCalendar) -> bool:
    """Writes the rows of a case anew if lists differ from its book, which lacks nothing; gives True if they did.

    Raises DoesNotChain when lists know of lines that the book does not have: nothing else may tell of them.
    """
    at_hand = keys.at_hand(reference, INDEX)
    with database.read() as tx:
        if _agrees(tx, at_hand, reference, calendar):
            return False
    with database.write() as tx:
        cases.head(tx, reference)  # held: nobody writes to the case meanwhile
        if _agrees(tx, at_hand, reference, calendar):
            return False
        rows, row = book.rows(tx, reference), cases.row_of(tx, reference)
        if row is not None and row.version > rows[-1].version:
            raise DoesNotChain(f"v{rows[-1].version + 1}")
        _show_anew(tx, at_hand, fold(reference, book.history(tx, at_hand, reference)), rows[-1].line_hash, calendar)
    return True


def forget_again(database: Database, reference: str) -> bool:
    """Takes out of lists what still tells whom an erased case was about; gives True if something did."""
    with database.write() as tx:
        before = shown(tx, reference)
        finding.forget_marks(tx, reference)
        files.forget_files(tx, reference)
    return bool(before.marks or before.files)


def _agrees(tx: Connection, keys: Keys, reference: str, calendar: WorkingCalendar) -> bool:
    """True if lists agree with the book of a case."""
    lists = Lists(policies.readable(tx), keys, calendar)
    case, head = fold(reference, book.history(tx, keys, reference)), book.rows(tx, reference)[-1].line_hash
    return not lists.against(case, head, shown(tx, reference))


def _by_command(missing: Sequence[Entry]) -> list[list[Entry]]:
    """Groups lines by command: their positions within it count from the first."""
    return [list(lines) for _, lines in groupby(missing, key=lambda entry: entry.command_id)]


def _position(first: Entry, present: Sequence[Entry]) -> int:
    """The position at which a command goes on, if the book has its first lines already."""
    return sum(entry.command_id == first.command_id for entry in present)


def _require_sealed(tx: Connection, reference: str) -> None:
    lines = {row.version: row for row in book.rows(tx, reference)}
    for leaf in seals.leaves_of(tx, reference):
        line = lines.get(leaf.version)
        if line is not None and line.line_hash != leaf.line_hash:
            raise DoesNotChain(f"v{leaf.version}")


def _show_anew(tx: Connection, keys: Keys, case: Case, head: bytes, calendar: WorkingCalendar) -> None:
    edition = policies.in_force(tx)
    due = next(iter(agenda(case, edition.policy, calendar)), None)
    source_key = place_anew(tx, keys.digest, case.complaint, case.reference)
    cases.show_anew(tx, case, head, due, edition.version, source_key)
    alerts.project_alerts(tx, case.reference, case, before=None)
    finding.forget_marks(tx, case.reference)
    finding.project_marks(tx, keys.digest, case, before=None)
    files.forget_files(tx, case.reference)
    files.project_files(tx, keys.digest, case.reference, case, before=None)
