"""Rows of mails to be sent at once: a commit leaves them together with the alerts themselves."""

from datetime import date, timedelta

from sqlalchemy import update

from domain.parts.assignment import Assign
from domain.vocabulary import DeadlineKind, Level, MailWhen
from models.alerts import add_absence
from models.tables import accounts
from tests.people import COLLEAGUE, HOME, LEAD, SUPERVISOR, SUPERVISOR_AMP, WORKER
from tests.support.builders import note
from tests.support.correspondents import preferences, settle_in
from tests.support.lives import MONDAY
from tests.support.mailroom import Mailroom


def test_a_notice_goes_to_its_level_and_to_whoever_holds_the_case(room: Mailroom) -> None:
    """The notices of a piece that perishes in twenty days: 30 days before at once, then at 15, 7, 3 and 1."""
    settle_in(room.database)
    settle_in(room.database, SUPERVISOR_AMP)
    reference = room.perishing(days=20)
    told = [room.accounts()]
    for days in (15, 7, 3, 1):
        room.lives.times[reference] = MONDAY + timedelta(days=20 - days, hours=5)
        room.lives.ring(reference)
        told.append(room.accounts())
    new = [sorted(set_after(before, after)) for before, after in zip([[], *told], told, strict=False)]
    both, all_three = sorted(["camille", "sacha"]), sorted(["camille", "charlie"])
    assert new == [["camille"], ["camille"], both, both, all_three]
    alerts = [a for a in room.lives.case(reference).alerts if a.kind is DeadlineKind.PERISHABLE]
    assert [a.level for a in alerts] == [Level.CASE_WORKER] * 2 + [Level.SUPERVISOR] * 2 + [Level.PLAN_LEAD]
    assert all(row.state == "WAITING" and row.kind == "NOTICE" for row in room.rows())
    assert SUPERVISOR_AMP.account not in room.accounts()


def set_after(before: list[str], after: list[str]) -> list[str]:
    left = list(after)
    for mail in before:
        left.remove(mail)
    return left


def test_what_comes_at_the_same_moment_comes_in_one_mail(room: Mailroom) -> None:
    settle_in(room.database)
    room.perishing(days=5, pieces=12)
    assert room.accounts() == ["camille", "sacha"]
    assert [len(row.alerts.splitlines()) for row in room.rows()] == [12, 12]


def test_the_same_command_twice_makes_one_mail(room: Mailroom) -> None:
    settle_in(room.database)
    reference = room.perishing()
    for _ in range(3):
        room.lives.ring(reference)
        room.lives.ask(reference, note(), WORKER)
    assert room.accounts() == ["camille"]


def test_without_anybody_to_tell_nobody_is_told(room: Mailroom) -> None:
    """A holder who has left: the next level up is told, as far as there is one."""
    settle_in(room.database, SUPERVISOR)
    reference = room.perishing()
    assign = Assign(holder=COLLEAGUE.account, organisation=HOME, reason="Left")
    assert room.lives.ask(reference, assign, SUPERVISOR)
    with room.database.write() as tx:
        tx.execute(update(accounts).where(accounts.c.id == COLLEAGUE.account).values(active=False))
    before = room.accounts()
    room.pass_time(reference, timedelta(days=6))
    assert set_after(before, room.accounts()) == [SUPERVISOR.account]


def test_a_new_holder_is_told_of_the_time_limits_that_stand(room: Mailroom) -> None:
    settle_in(room.database)
    reference = room.perishing(pieces=2)
    room.pass_time(reference, timedelta(hours=1))
    assign = Assign(holder=COLLEAGUE.account, organisation=HOME, reason="Leave")
    committed = room.lives.ask(reference, assign, SUPERVISOR)
    assert committed is not None
    ((theirs),) = room.rows(account=COLLEAGUE.account)
    assert len(theirs.alerts.splitlines()) == 2
    assert set(committed.mails) == {row.id for row in room.rows()}, "the workflow is told to send it"


def test_everything_else_is_for_the_digest_unless_somebody_wants_it_at_once(room: Mailroom) -> None:
    settle_in(room.database)
    preferences(room.database, SUPERVISOR, when=MailWhen.IMMEDIATE, grace=6)
    preferences(room.database, LEAD, when=MailWhen.BOTH, grace=0)
    preferences(room.database, WORKER, when=MailWhen.LAW_ONLY)
    reference = room.stalled(days=60)
    at = room.time_of(reference)
    levels = {a.key: a.level for a in room.lives.case(reference).alerts}
    found = {row.account: row for row in room.rows()}
    assert set(found) == {"sacha", "charlie"}
    assert (found["sacha"].not_before, found["charlie"].not_before) == (at + timedelta(hours=6), at)
    for account, level in (("sacha", Level.SUPERVISOR), ("charlie", Level.PLAN_LEAD)):
        assert {levels[key] for key in found[account].alerts.splitlines()} == {level}


def test_the_law_waits_for_no_grace_and_cannot_be_switched_off(room: Mailroom) -> None:
    settle_in(room.database, when=MailWhen.LAW_ONLY, grace=72)
    reference = room.perishing(days=2)
    assert room.accounts() == ["camille", "sacha"]
    assert {row.not_before for row in room.rows()} == {room.time_of(reference)}


def test_what_is_for_somebody_who_is_away_goes_to_their_delegate(room: Mailroom) -> None:
    settle_in(room.database)
    first, last = date(2026, 3, 1), date(2026, 3, 9)
    with room.database.write() as tx:
        add_absence(tx, WORKER.account, first, last, COLLEAGUE.account)
    room.perishing()
    assert [(row.account, row.instead_of) for row in room.rows()] == [("dominique", "camille")]


def test_who_stands_in_and_is_away_as_well_reads_beside_whoever_they_stand_in_for(room: Mailroom) -> None:
    settle_in(room.database)
    first, last = date(2026, 3, 1), date(2026, 3, 9)
    with room.database.write() as tx:
        add_absence(tx, WORKER.account, first, last, COLLEAGUE.account)
        add_absence(tx, COLLEAGUE.account, first, last, WORKER.account)
    room.perishing()
    assert room.accounts() == ["camille", "dominique"]


def test_somebody_who_reads_for_two_gets_each_alert_once(room: Mailroom) -> None:
    settle_in(room.database)
    with room.database.write() as tx:
        add_absence(tx, SUPERVISOR.account, date(2026, 3, 1), date(2026, 3, 9), LEAD.account)
        add_absence(tx, WORKER.account, date(2026, 3, 1), date(2026, 3, 9), LEAD.account)
    room.perishing(days=2)
    keys = [key for row in room.rows(account="charlie") for key in row.alerts.splitlines()]
    assert len(keys) == len(set(keys)) == 1
