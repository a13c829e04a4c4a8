"""An import into the real engine and a real database: stopped anywhere and run again, it opens nothing twice."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.actors import Actor
from domain.complaint import Complaint
from domain.errors import Away
from domain.exchange.cases import Receipt
from domain.parts.base import Command
from domain.vocabulary import Role
from importer.known import known_in
from importer.mapping import parse_mapping
from importer.rows import Planned, RefusedRow, plan_rows
from importer.run import ImportReport, ImportStopped, Known, check, run_import
from models import book
from models.tables import book as lines
from models.tables import cases
from tests.importer.conftest import Place
from tests.importer.tables import CLOSING, LOG, event, rows
from tests.people import OFFICE, STRANGER
from tests.support.servers import KEYS


def log(count: int, *, system: str = "essai") -> list[Planned]:
    """Cases of a note, evidence, evidence again (which is refused), a note and a closing."""
    table = [
        event(kind, f"2025-03-0{day}", no=str(n), clos="2025-04-01")
        for n in range(count)
        for day, kind in enumerate(("Note", "Preuves", "Preuves", "Note"), start=2)
    ]
    return list(plan_rows(rows(*table), parse_mapping((LOG + CLOSING).replace('"essai"', f'"{system}"')), KEYS.digest))


def counted(place: Place) -> tuple[int, int]:
    """Cases, and commands of people, in the book: what falls due by itself is another matter."""
    with place.database.read() as tx:
        opened = tx.execute(select(func.count()).select_from(cases)).scalar_one()
        of_people = select(func.count(lines.c.command_id.distinct())).where(lines.c.role != Role.SYSTEM)
        commands = tx.execute(of_people).scalar_one()
    return opened, commands


async def test_an_import_opens_each_case_and_goes_on_after_a_refusal(place: Place) -> None:
    refused: list[RefusedRow] = []
    seen: list[int] = []
    plans = log(3, system="une-fois")
    report = await run_import(
        plans, place.desk, OFFICE, place.lookup, on_refused=refused.append, progress=lambda r: seen.append(r.rows)
    )
    assert report.as_dict() == {"rows": 12, "opened": 3, "commands": 12, "already_there": 0, "refused": 3}
    assert counted(place) == (3, 15)
    assert sorted(row.line for row in refused) == [4, 8, 12]
    assert {row.problems[0].code for row in refused} == {"wrong_step"}
    assert seen == [4, 8, 12]


async def test_the_check_says_beforehand_what_the_import_says_afterwards(place: Place) -> None:
    plans = log(3, system="repetition")
    told = await check(plans, OFFICE, place.lookup, place.case_of)
    done = await run_import(plans, place.desk, OFFICE, place.lookup)
    assert told == done


async def test_the_check_knows_what_is_there_and_how_it_stands(place: Place) -> None:
    mapping = parse_mapping((LOG + CLOSING).replace('"essai"', '"su"'))
    first = rows(event("Note", "2025-03-02", clos=""), event("Note", "2025-03-02", no="2", clos="2025-04-01"))
    plans = list(plan_rows(first, mapping, KEYS.digest))
    await run_import(plans, place.desk, OFFICE, place.lookup)
    before = counted(place)
    # To the open case something can be added; the closed one says no.
    longer = rows(
        event("Note", "2025-03-02", clos=""),
        event("Preuves", "2025-03-03", clos=""),
        event("Note", "2025-03-02", no="2", clos="2025-04-01"),
        event("Preuves", "2025-03-03", no="2", clos="2025-04-01"),
        event("Note", "2025-03-03", no="3", clos=""),
    )
    plans = list(plan_rows(longer, mapping, KEYS.digest))
    told = await check(plans, OFFICE, place.lookup, place.case_of)
    assert counted(place) == before
    assert told == await run_import(plans, place.desk, OFFICE, place.lookup)
    assert told.as_dict() == {"rows": 5, "opened": 1, "commands": 2, "already_there": 2, "refused": 1}


async def test_the_same_file_twice_opens_nothing(place: Place) -> None:
    plans = log(4, system="deux-fois")
    await run_import(plans, place.desk, OFFICE, place.lookup)
    before = counted(place)
    asked = Counting(place)
    again = await run_import(plans, asked, OFFICE, place.lookup)
    assert again.as_dict() == {"rows": 16, "opened": 0, "commands": 0, "already_there": 4, "refused": 4}
    assert counted(place) == before
    assert asked.calls == 0  # what is there is not asked again, nor what the rules refuse in its place in the file


async def test_a_register_that_others_follow_up_unseen_is_imported_as_if_nobody_had(place: Place) -> None:
    plans, beside = log(2, system="a-deux"), known_in(place.database, STRANGER)
    await run_import(plans, place.desk, OFFICE, place.lookup)
    opened, commands = counted(place)
    for again in (0, 2):
        foretold = await check(plans, STRANGER, beside, place.case_of)
        report = await run_import(plans, place.desk, STRANGER, beside)
        assert (report, report.already_there, report.opened) == (foretold, again, 2 - again)
        assert counted(place) == (2 * opened, 2 * commands)


async def test_what_a_longer_file_adds_is_added(place: Place) -> None:
    mapping = parse_mapping(LOG.replace('"essai"', '"suite"'))
    first = rows(event("Note", "2025-03-02"))
    await run_import(plan_rows(first, mapping, KEYS.digest), place.desk, OFFICE, place.lookup)
    longer = rows(event("Note", "2025-03-02"), event("Preuves", "2025-03-03"), event("Note", "2025-03-03", no="2"))
    report = await run_import(plan_rows(longer, mapping, KEYS.digest), place.desk, OFFICE, place.lookup)
    assert report.as_dict() == {"rows": 3, "opened": 1, "commands": 2, "already_there": 1, "refused": 0}


@pytest.mark.parametrize("after", [1, 4, 9])
async def test_killed_anywhere_and_run_again_it_completes_what_is_missing(
    place: Place, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importer.run.GRACE", timedelta(seconds=0.1))
    plans = log(6, system=f"coupe-{after}")
    asked = Counting(place, stop_after=after)
    so_far = ImportReport()
    task = asyncio.create_task(run_import(plans, asked, OFFICE, place.lookup, report=so_far, concurrency=3))
    await asked.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert so_far.rows < 24
    again = await run_import(plans, place.desk, OFFICE, place.lookup)
    assert again.opened + again.already_there == 6
    assert counted(place) == (6, 30)
    third = await run_import(plans, place.desk, OFFICE, place.lookup)
    assert third.as_dict() == {"rows": 24, "opened": 0, "commands": 0, "already_there": 6, "refused": 6}


async def test_stopped_gently_it_has_counted_all_that_was_recorded(place: Place) -> None:
    so_far, begun = ImportReport(), asyncio.Event()

    def look(report: ImportReport) -> None:
        begun.set()

    plans = log(8, system="ctrl-c")
    task = asyncio.create_task(
        run_import(plans, place.desk, OFFICE, place.lookup, report=so_far, progress=look, concurrency=2)
    )
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 0 < so_far.opened < 8
    assert counted(place) == (so_far.opened, so_far.opened + so_far.commands)


async def test_a_case_that_the_rules_refuse_takes_its_rows_with_it(place: Place) -> None:
    mapping = parse_mapping(LOG.replace('"essai"', '"refus"'))
    table = rows(
        event("Note", "2025-03-02", le="2199-01-01"),
        event("Note", "2025-03-02", le="2199-01-01"),
        event("Note", "2025-03-02", no="2"),
    )
    refused: list[RefusedRow] = []
    report = await run_import(
        plan_rows(table, mapping, KEYS.digest), place.desk, OFFICE, place.lookup, on_refused=refused.append
    )
    assert report.as_dict() == {"rows": 3, "opened": 1, "commands": 1, "already_there": 0, "refused": 2}
    assert [(row.line, row.problems[0].code) for row in refused] == [(2, "date_future"), (3, "case_refused")]
    assert counted(place)[0] == 1


async def test_somebody_else_importing_the_same_file_at_the_same_time_opens_nothing_twice(place: Place) -> None:
    plans = log(3, system="ensemble")
    reports = await asyncio.gather(*(run_import(plans, place.desk, OFFICE, place.lookup) for _ in range(2)))
    assert counted(place) == (3, 15)
    assert all(report.refused == 3 for report in reports)


async def test_a_short_absence_is_waited_out(place: Place) -> None:
    asked = Counting(place, away_for=2)
    report = await run_import(log(1, system="absence"), asked, OFFICE, place.lookup)
    assert (report.opened, report.commands) == (1, 4)


async def test_a_long_absence_stops_the_import_which_says_to_run_it_again(place: Place) -> None:
    asked = Counting(place, away_for=10_000)
    refused: list[RefusedRow] = []
    with pytest.raises(ImportStopped) as raised:
        await run_import(
            log(2, system="panne"), asked, OFFICE, place.lookup, on_refused=refused.append,
            patience=timedelta(seconds=0.6),
        )  # fmt: skip
    assert "again" in raised.value.remedy
    assert refused == []
    assert counted(place) == (0, 0)


async def test_a_database_that_is_away_stops_the_import_before_it_asks_anything(place: Place) -> None:
    async def away(keys: Sequence[str], ids: Sequence[str]) -> Known:
        raise Away("database_away", "The database does not answer.", "Check that it is up.")

    asked = Counting(place)
    with pytest.raises(ImportStopped):
        await run_import(log(1, system="base"), asked, OFFICE, away, patience=timedelta(0))
    assert asked.calls == 0


async def test_cases_go_side_by_side_and_no_more_than_told() -> None:
    crowd = Crowd()

    async def nothing(keys: Sequence[str], ids: Sequence[str]) -> Known:
        return Known()

    await run_import(log(12), crowd, OFFICE, nothing, concurrency=5)
    assert crowd.most == 5


def test_commands_recorded_are_looked_up_in_pieces(place: Place) -> None:
    with place.database.read() as tx:
        assert book.commands_recorded(tx, [f"import:{n}" for n in range(70_000)]) == set()


class Counting:
    """The real desk, counted; it can hang from some call on, or be away for the first few."""

    def __init__(self, place: Place, stop_after: int | None = None, away_for: int = 0) -> None:
        self._desk, self._stop_after, self._away_for = place.desk, stop_after, away_for
        self.calls = 0
        self.reached = asyncio.Event()

    async def _pass(self) -> None:
        self.calls += 1
        if self.calls <= self._away_for:
            raise Away("engine_away", "The engine does not answer.", "Try again.")
        if self._stop_after is not None and self.calls > self._stop_after:
            self.reached.set()
            if self.calls > self._stop_after + 1:
                await asyncio.Event().wait()

    async def open(self, complaint: Complaint, actor: Actor, **ids: Any) -> Receipt:
        await self._pass()
        return await self._desk.open(complaint, actor, **ids)

    async def submit(self, reference: str, command: Command, actor: Actor, **ids: Any) -> Receipt:
        await self._pass()
        return await self._desk.submit(reference, command, actor, **ids)


class Crowd:
    """Counts how many cases are under way at once, each asking one thing at a time."""

    def __init__(self) -> None:
        self.most = 0
        self._inside: set[str] = set()

    async def open(self, *_: Any, reference: str | None = None, **__: Any) -> Receipt:
        return await self._pass(str(reference))

    async def submit(self, reference: str, *_: Any, **__: Any) -> Receipt:
        return await self._pass(reference)

    async def _pass(self, reference: str) -> Receipt:
        assert reference not in self._inside
        self._inside.add(reference)
        self.most = max(self.most, len(self._inside))
        await asyncio.sleep(0.001)
        self._inside.remove(reference)
        return Receipt(reference=reference, version=1, step="INTAKE", events=())
