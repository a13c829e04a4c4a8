"""Refusals leave a trace: what was tried stands in the journal, a script cannot fill it, and many in an hour alert."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.alerts import list_alerts
from desk.case import show_case
from desk.journal import read_journal
from desk.mails import list_mails
from desk.office import Office
from desk.policies import preview_policy
from desk.views.alerts import AlertsView
from domain.access import Access, Reading
from domain.actors import Actor
from domain.errors import Away, NotFound, Refused
from domain.values import new_reference
from kit.storage.database import Database
from models import denials, journal
from models.chaining import chain_all
from models.keys import JOURNAL
from models.tables import access_journal, access_queue
from models.tables import denials as table
from tests.desk.cases import office_with_lives
from tests.people import AUDITOR, LEAD, STRANGER, SUPERVISOR, SUPERVISOR_AMP, WORKER
from tests.support.lives import Lives
from tests.support.servers import KEYS
from words import Words

FRENCH = Words("fr")


@pytest.fixture
def place(database: Database, tmp_path: Path) -> tuple[Office, Lives, str]:
    """An office with one case."""
    office, lives = office_with_lives(database, tmp_path)
    return office, lives, lives.open()


def denied(office: Office) -> list[Reading]:
    """The refusals in the journal, the first first, chained or not."""
    with office.reading() as tx:
        entries = journal.entries(tx, KEYS.of(JOURNAL), limit=1_000)
    return [entry.reading for entry in reversed(entries) if entry.reading.access is Access.DENIED]


def tries(office: Office, reference: str, times: int, actor: Actor = STRANGER) -> None:
    """Somebody asks for a case that they may not see."""
    for _ in range(times):
        with pytest.raises(NotFound):
            show_case(office, actor, reference, FRENCH, why="Je regarde")


def alerted(office: Office, actor: Actor) -> AlertsView:
    return list_alerts(office, actor)


def test_what_was_refused_stands_in_the_journal_with_the_reference_and_no_more(
    place: tuple[Office, Lives, str],
) -> None:
    office, _, reference = place
    unknown = new_reference()
    tries(office, reference, 1)
    tries(office, unknown, 1)
    with pytest.raises(Refused):
        read_journal(office, WORKER)
    with pytest.raises(Refused):
        preview_policy(office, WORKER, {"repeat": 12})
    with pytest.raises(NotFound):
        list_mails(office, STRANGER, reference=reference)
    assert [(r.account, r.reference, r.why, r.found) for r in denied(office)] == [
        (STRANGER.account, reference, "no_such_case", None),
        (STRANGER.account, unknown, "no_such_case", None),
        (WORKER.account, None, "journal_for_auditors", None),
        (WORKER.account, None, "not_policy_maker", None),
        (STRANGER.account, reference, "no_such_case", None),
    ]
    view = read_journal(office, AUDITOR, account=STRANGER.account)
    assert [entry.access for entry in view.entries] == [Access.DENIED] * 3 and view.broken is None


def test_a_script_cannot_fill_the_journal_and_is_counted_in_one_line(
    place: tuple[Office, Lives, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _, reference = place
    tries(office, reference, denials.WRITTEN + 30)
    tries(office, reference, 2, SUPERVISOR_AMP)
    assert len(denied(office)) == denials.WRITTEN + 2
    with office.writing() as tx:
        denials.close_windows(tx, KEYS.of(JOURNAL))
    assert len(denied(office)) == denials.WRITTEN + 2, "the hour is not over"
    monkeypatch.setattr(denials, "WINDOW", timedelta(0))
    for _ in range(2):
        with office.writing() as tx:
            denials.close_windows(tx, KEYS.of(JOURNAL))
    *_, last = denied(office)
    assert (last.account, last.reference, last.why, last.found) == (STRANGER.account, None, None, 30)
    assert len(denied(office)) == denials.WRITTEN + 3
    chain_all(office.database, KEYS.of(JOURNAL))
    with office.reading() as tx:
        assert journal.broken_entry(tx) is None


def test_many_within_an_hour_alert_auditors_and_supervisors_once(place: tuple[Office, Lives, str]) -> None:
    office, _, reference = place
    tries(office, reference, office.settings.denials_an_hour - 1)
    assert alerted(office, AUDITOR).denied == ()
    tries(office, reference, 3)
    for reader in (AUDITOR, SUPERVISOR, LEAD):
        (hour,) = alerted(office, reader).denied
        assert (hour.account, hour.organisation, hour.count) == (STRANGER.account, STRANGER.organisation, 12)
    for reader in (WORKER, STRANGER, SUPERVISOR_AMP):
        assert alerted(office, reader).denied == (), reader.account
    now = datetime.now(UTC)
    with office.reading() as tx:
        assert len(denials.many(tx, AUDITOR, now - timedelta(hours=1))) == 1
        assert denials.many(tx, AUDITOR, now) == [], "a digest after this moment tells of it no more"


def test_what_is_not_about_a_right_is_no_try_of_a_door(place: tuple[Office, Lives, str]) -> None:
    office, _, reference = place
    show_case(office, WORKER, reference, FRENCH)
    with pytest.raises(Refused), office.noting_denials(WORKER, reference):
        raise Refused("already_closed", "The case is closed.")
    assert denied(office) == []


def test_a_refusal_that_cannot_be_noted_is_not_told(place: tuple[Office, Lives, str]) -> None:
    office, _, reference = place
    with office.database.write() as tx:
        tx.exec_driver_sql(f"alter table {table.name} rename to {table.name}_away")
    with pytest.raises(Exception) as told:
        show_case(office, STRANGER, reference, FRENCH)
    assert not isinstance(told.value, Refused) or isinstance(told.value, Away)
    with office.database.read() as tx:
        assert tx.execute(access_queue.select()).all() == []
        assert tx.execute(access_journal.select()).all() == []
