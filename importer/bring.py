"""Bringing a spreadsheet in: read under its mapping, then carried out through the desk, or rehearsed."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from desk.office import Office
from desk.opening import open_case
from desk.submitting import submit_as_found
from domain.actors import Actor
from domain.case import Case
from domain.complaint import Complaint
from domain.dates import WorkingCalendar
from domain.exchange.cases import Receipt
from domain.parts.base import Command
from domain.permissions import require_some
from domain.values import day_of
from importer.foresight import Foresight
from importer.known import case_in, known_in, part_in
from importer.mapping import load_mapping
from importer.rows import Planned, RefusedRow, plan
from importer.run import CaseOf, ImportReport, Lookup, PartOf, check, run_import
from models.policies import in_force
from models.preferences import people_on


def plans_of(
    file: Path, mapping_file: Path, office: Office | None, actor: Actor, encoding: str | None = None
) -> Iterator[Planned]:
    """The plans that a file becomes under its mapping. Nothing is looked up: without an office, names are provisional.

    Raises Refused for whoever may do nothing of what the mapping asks, Invalid for a mapping that does not hold or does
    not fit the file, TableError for a file that cannot be read.
    """
    mapping = load_mapping(mapping_file)
    require_some(actor, mapping.asks)
    return plan(file, mapping, office.keys.digest if office else _unkeyed, encoding)


def _unkeyed(text: str) -> str:
    """A digest for a rehearsal where there are no keys: nothing is kept under it."""
    return hashlib.sha256(text.encode()).hexdigest()


async def carry_out(
    plans: Iterable[Planned],
    office: Office | None,
    actor: Actor,
    *,
    rehearse: bool,
    on_refused: Callable[[RefusedRow], None],
    progress: Callable[[ImportReport], None],
    report: ImportReport,
    foresight: Foresight | None = None,
) -> bool:
    """Imports the plans; without an office, or to rehearse, nothing is opened. False when it was interrupted.

    Cancelled (Ctrl-C), it stops cleanly with what it has done; run again, it goes on from there. `report` is filled in
    as it goes and, for a rehearsal, `foresight`.
    """
    try:
        if rehearse or office is None:
            lookups = _lookups(office, actor) if office else ()
            foresee = foresight.look_at if foresight else _nothing_foreseen
            await check(
                plans, actor, *lookups, on_refused=on_refused, progress=progress, report=report, foresee=foresee
            )
        else:
            lookup, _, part_of = _lookups(office, actor)
            await run_import(
                plans, _Desk(office), actor, lookup, part_of, on_refused=on_refused, progress=progress, report=report
            )
    except asyncio.CancelledError:
        return False
    return True


def foresight_in(office: Office, calendar: WorkingCalendar) -> Foresight:
    """What counts the alerts and mails that an import into this office would cause now, under its policy."""
    at = datetime.now(UTC)
    with office.reading() as tx:
        return Foresight(people_on(tx, day_of(at)), in_force(tx).policy, calendar, at)


def _nothing_foreseen(_case: Case) -> None:
    """Nobody knows who is told of what where there is no office."""


def _lookups(office: Office, actor: Actor) -> tuple[Lookup, CaseOf, PartOf]:
    database, keys = office.database, office.keys
    return known_in(database, actor), case_in(database, keys), part_in(database, keys)


class _Desk:
    """The desk's services, as the import asks for them."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def open(
        self, complaint: Complaint, actor: Actor, *, reference: str | None = None, command_id: str | None = None
    ) -> Receipt:
        return await open_case(self._office, actor, complaint, command_id=command_id, reference=reference)

    async def submit(
        self,
        reference: str,
        command: Command,
        actor: Actor,
        *,
        command_id: str | None = None,
    ) -> Receipt:
        return await submit_as_found(self._office, actor, reference, command, command_id=command_id)
