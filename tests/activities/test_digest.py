"""The digest: one for each person and working day, of what still asks for a decision when it is sent."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from temporalio.exceptions import ApplicationError

from activities.calendar import french_calendar
from domain.parts.alert import AnswerAlert
from domain.parts.assignment import Assign
from domain.parts.pause import Pause
from domain.vocabulary import MailWhen, PauseReason
from models import denials
from models.alerts import add_absence
from models.keys import JOURNAL, CaseKeys, case_keys
from models.mails import failing
from models.tables import book
from models.tables import denials as refused
from tests.people import AUDITOR, COLLEAGUE, HOME, LEAD, STRANGER, SUPERVISOR, SUPERVISOR_AMP, WORKER, address_of
from tests.support.builders import closing as ending
from tests.support.builders import contact
from tests.support.correspondents import preferences, settle_in
from tests.support.lives import MONDAY
from tests.support.mailroom import Mailroom, at_eight, paris, told_of
from tests.support.servers import KEYS

# --- Once a day ---


async def test_each_is_told_once_of_what_is_addressed_to_them(room: Mailroom) -> None:
    settle_in(room.database)
    settle_in(room.database, SUPERVISOR_AMP)
    references = [room.stalled(days=30) for _ in range(3)]
    at = at_eight(room.time_of(references[0]))
    assert await room.round(at) == {
        "camille": "SENT", "charlie": "SENT", "dominique": "DROPPED", "maxime": "DROPPED", "noa": "DROPPED",
        "sacha": "SENT",
    }  # fmt: skip
    for actor in (WORKER, SUPERVISOR):
        assert all(told_of(room.sink, actor).count(reference) >= 2 for reference in references), "line and link"
    assert len(room.sink.arrived) == 3
    assert await room.round(at + timedelta(hours=1)) == {}
    assert len(room.sink.arrived) == 3


async def test_two_rounds_at_once_send_one_mail_to_each(room: Mailroom) -> None:
    settle_in(room.database)
    at = at_eight(room.time_of(room.stalled(days=30)))
    room.sink.waits = 0.2
    first, second = await asyncio.gather(room.round(at), room.round(at))
    assert set(first) == set(second)
    assert all("SENT" in (first[a], second[a]) or "DROPPED" in (first[a], second[a]) for a in first)
    assert set(room.sink.by_id.values()) == {1}
    assert sorted(to for to, _ in room.sink.arrived) == sorted(map(address_of, (WORKER, SUPERVISOR, LEAD)))


async def test_what_was_told_is_told_again_below_what_is_new(room: Mailroom) -> None:
    settle_in(room.database)
    old = room.stalled(days=14)
    at = at_eight(room.time_of(old))
    await room.round(at)
    new = room.stalled(days=0, at=at)
    room.pass_time(new, timedelta(days=14))
    await room.round(at_eight(room.time_of(new)))
    _, second = room.sink.bodies(address_of(WORKER))
    assert second.index("Nouveau") < second.index(new) < second.index("Toujours en attente") < second.index(old)


async def test_nothing_to_say_is_no_mail(room: Mailroom) -> None:
    settle_in(room.database)
    room.lives.open()
    assert set((await room.round(at_eight(MONDAY))).values()) == {"DROPPED"}
    assert room.sink.asked == []


# --- When ---


@pytest.mark.parametrize(
    "day",
    ["2026-03-28", "2026-03-29", "2026-04-06", "2026-05-14", "2026-05-25", "2026-07-14", "2026-12-25"],
    ids=["Saturday", "Sunday", "Easter Monday", "Ascension", "Whit Monday", "14 July", "Christmas"],
)
async def test_no_digest_when_offices_are_closed(small_room: Mailroom, day: str) -> None:
    room = small_room
    settle_in(room.database)
    room.stalled(days=20)
    assert await room.round(paris(f"{day}T08:00")) == {}
    following = date.fromisoformat(day) + timedelta(days={"2026-03-28": 2, "2026-12-25": 3}.get(day, 1))
    assert "SENT" in (await room.round(paris(f"{following}T08:00"))).values()


async def test_each_at_their_hour_whatever_the_clocks_do(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    preferences(room.database, WORKER, hour=7)
    preferences(room.database, SUPERVISOR, hour=17)
    room.stalled(days=18)
    for day in ("2026-03-27", "2026-03-30", "2026-10-23", "2026-10-26"):  # the Friday before a change, the Monday after
        assert "camille" not in await room.round(paris(f"{day}T06:59"))
        assert (await room.round(paris(f"{day}T07:00")))["camille"] == "SENT"
        assert "sacha" not in await room.round(paris(f"{day}T16:59"))
        assert (await room.round(paris(f"{day}T19:00")))["sacha"] == "SENT", "a round that was missed is made good"


@pytest.mark.parametrize("when", [MailWhen.IMMEDIATE, MailWhen.LAW_ONLY])
async def test_who_wants_no_digest_gets_none(small_room: Mailroom, when: MailWhen) -> None:
    room = small_room
    settle_in(room.database)
    preferences(room.database, WORKER, when=when)
    at = at_eight(room.time_of(room.stalled(days=30)))
    assert "camille" not in await room.round(at)


# --- Who ---


async def test_what_is_for_somebody_who_is_away_is_in_their_delegates_digest(room: Mailroom) -> None:
    settle_in(room.database)
    reference = room.stalled(days=15)
    at = at_eight(room.time_of(reference))
    with room.database.write() as tx:
        add_absence(tx, WORKER.account, at.date(), at.date(), COLLEAGUE.account)
    ended = await room.round(at)
    assert "camille" not in ended and ended["dominique"] == "SENT"
    assert reference in told_of(room.sink, COLLEAGUE)
    assert (await room.round(at + timedelta(days=1)))["camille"] == "SENT", "back at work"


async def test_a_case_that_changed_hands_is_told_to_whoever_has_it(room: Mailroom) -> None:
    settle_in(room.database)
    reference = room.stalled(days=8)
    assert room.lives.ask(reference, Assign(holder=COLLEAGUE.account, organisation=HOME, reason="-"), SUPERVISOR)
    ended = await room.round(at_eight(room.time_of(reference)))
    assert (ended["camille"], ended["dominique"]) == ("DROPPED", "SENT")


# --- The condition, at the moment of sending ---


async def test_what_was_done_since_is_in_no_digest(room: Mailroom) -> None:
    """Answered, made up for without an answer, paused, closed: one case each, and one where nothing was done."""
    settle_in(room.database)
    answered, moved, paused, closed, left = (room.stalled(days=8) for _ in range(5))
    for alert in room.lives.case(answered).standing_alerts:
        assert room.lives.ask(answered, AnswerAlert(alert=alert.key, decision="ACT", reason="-"), WORKER)
    assert room.lives.ask(moved, contact(), WORKER)
    until = room.time_of(paused).date() + timedelta(days=30)
    assert room.lives.ask(paused, Pause(reason=PauseReason.HEALTH, until=until, comment="-"), WORKER)
    assert room.lives.ask(closed, ending(), WORKER)
    assert room.lives.case(moved).standing_alerts and room.lives.case(paused).standing_alerts
    await room.round(at_eight(room.time_of(left)))
    said = told_of(room.sink, WORKER)
    assert left in said
    assert [r for r in (answered, moved, paused, closed) if r in said] == []


async def test_what_is_done_while_a_digest_is_tried_again_is_not_in_it(room: Mailroom) -> None:
    settle_in(room.database)
    first, second = room.stalled(days=8), room.stalled(days=8)
    at = at_eight(room.time_of(first))
    room.sink.to_recipient = lambda _: "451 4.3.0 Not now"
    assert (await room.round(at))["camille"] == "later"
    assert room.lives.ask(first, contact(), WORKER)
    room.sink.to_recipient = lambda _: None
    assert (await room.round(at + timedelta(hours=1)))["camille"] == "SENT"
    said = told_of(room.sink, WORKER)
    assert second in said and first not in said


async def test_who_may_be_about_to_answer_is_left_alone(room: Mailroom) -> None:
    """Alerts come at nine: at ten they are an hour old, and the grace is four hours."""
    settle_in(room.database)
    reference = room.stalled(days=8)
    raised = max(a.raised_at for a in room.lives.case(reference).standing_alerts)
    assert (await room.round(raised + timedelta(hours=3)))["camille"] == "DROPPED"
    preferences(room.database, WORKER, grace=0)
    preferences(room.database, COLLEAGUE, grace=0)
    assert (await room.round(at_eight(raised)))["camille"] == "SENT"


async def test_time_limits_of_the_law_are_in_it_whatever_the_grace(room: Mailroom) -> None:
    settle_in(room.database, grace=72)
    reference = room.perishing()
    assert (await room.round(room.time_of(reference)))["camille"] == "SENT"
    assert told_of(room.sink, WORKER).startswith("Délais légaux")


# --- What fails ---


async def test_one_bad_address_holds_up_nobody_and_the_next_round_tries_again(room: Mailroom) -> None:
    settle_in(room.database)
    at = at_eight(room.time_of(room.stalled(days=30)))
    room.sink.to_recipient = lambda to: "451 Not now" if to == address_of(WORKER) else None
    ended = await room.round(at)
    assert (ended["camille"], ended["sacha"], ended["charlie"]) == ("later", "SENT", "SENT")
    assert list(await room.round(at + timedelta(hours=1))) == ["camille"]
    room.sink.to_recipient = lambda _: None
    assert await room.round(at + timedelta(hours=2)) == {"camille": "SENT"}
    assert set(room.sink.by_id.values()) == {1}


def _change_a_line(room: Mailroom, reference: str) -> None:
    with room.database.write() as tx:
        tx.execute(text("drop trigger book_refuses_update"))
        of_first = (book.c.reference == reference, book.c.version == 1)
        event = bytearray(tx.execute(select(book.c.event).where(*of_first)).scalar_one())
        event[-1] ^= 1
        tx.execute(update(book).where(*of_first).values(event=bytes(event)))


def _write_nonsense(room: Mailroom, reference: str) -> None:
    with room.database.write() as tx:
        tx.execute(text("drop trigger book_refuses_update"))
        tx.execute(update(book).where(book.c.reference == reference, book.c.version == 1).values(event=b"{}"))


def _damage_its_key(_: Mailroom, reference: str) -> None:
    with KEYS.store.write() as tx:
        tx.execute(update(case_keys).where(case_keys.c.reference == reference).values(wrapped=bytes(60)))


@pytest.mark.parametrize("damage", [_change_a_line, _write_nonsense, _damage_its_key])
async def test_a_case_that_cannot_be_read_keeps_nobody_from_the_others_and_is_named(
    small_room: Mailroom, damage: Callable[[Mailroom, str], None]
) -> None:
    room = small_room
    settle_in(room.database)
    sound, bad, other = (room.stalled(days=30) for _ in range(3))
    damage(room, bad)
    post = room.with_mailbox(room.post._mailbox)
    post._keys = CaseKeys(KEYS.store, KEYS.master)  # as in a process that was just started: it holds no key
    ended = await room.round(at_eight(room.time_of(sound)), post)
    assert (ended["camille"], ended["sacha"], ended["charlie"]) == ("SENT", "SENT", "SENT")
    for actor in (WORKER, SUPERVISOR, LEAD):
        said = told_of(room.sink, actor)
        assert said.count(f"starter.py show {sound}") == said.count(f"starter.py show {other}") > 0
        assert f"starter.py show {bad}" not in said
        assert said.index("Dossiers illisibles (1)") < said.index(f"starter.py verify {bad}")


async def test_a_case_that_cannot_be_read_is_told_of_when_there_is_nothing_else(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    bad = room.stalled(days=30)
    _change_a_line(room, bad)
    assert (await room.round(at_eight(room.time_of(bad))))["camille"] == "SENT"
    assert room.sink.subjects(address_of(WORKER)) == ["[Aboutir] Quelque chose vous attend"]
    assert "Dossiers illisibles (1)" in room.sink.bodies(address_of(WORKER))[0]


@pytest.mark.parametrize("damage", [_change_a_line, _damage_its_key])
async def test_a_notice_that_cannot_be_written_is_told_of_while_its_case_cannot_tell(
    small_room: Mailroom, damage: Callable[[Mailroom, str], None]
) -> None:
    """The case cannot note that nobody was written to of a time limit: those who watch over it read it every day."""
    room = small_room
    settle_in(room.database)
    bad = room.perishing()
    at = room.time_of(bad)
    damage(room, bad)
    post = room.with_mailbox(room.post._mailbox)
    post._keys = CaseKeys(KEYS.store, KEYS.master)
    (row,) = room.rows(kind="NOTICE")

    async def tried() -> str:
        with contextlib.suppress(ApplicationError):
            return await room.deliver(row.id, at, post)
        return "WAITING"

    assert await tried() == "WAITING"
    ended = await room.round(at_eight(at), post)
    assert (ended["sacha"], ended["charlie"]) == ("SENT", "SENT")
    assert f"{bad}\u00a0: Une erreur de notre part" in told_of(room.sink, SUPERVISOR), "before it is given up as well"
    while await tried() == "WAITING":
        at += timedelta(minutes=30)
    assert [(row.state, row.reason, row.on_case) for row in room.rows(kind="NOTICE")] == [
        ("UNDELIVERED", "OUR_FAULT", False)
    ]
    for _ in range(2):
        at = at_eight(at)
        while not french_calendar().is_working(at.date()):
            at += timedelta(days=1)
        before = len(room.sink.arrived)
        await room.round(at, post)
        new = [mail.get_content() for to, mail in room.sink.arrived[before:] if to == address_of(SUPERVISOR)]
        assert len(new) == 1 and f"{bad}\u00a0: " in new[0]


async def test_a_digest_of_a_day_that_is_over_is_given_up_and_told(room: Mailroom) -> None:
    settle_in(room.database)
    at = at_eight(room.time_of(room.stalled(days=30)))
    room.server.stop()
    assert set((await room.round(at)).values()) <= {"later", "DROPPED"}
    room.server.start()
    assert "SENT" in (await room.round(at + timedelta(days=1))).values()
    over = room.rows(kind="DIGEST", state="UNDELIVERED")
    assert {row.account for row in over} == {"camille", "sacha", "charlie"}
    assert {row.reason for row in over} == {"DAY_OVER"}
    assert set(room.sink.by_id.values()) == {1}
    assert "La journée s’est achevée" in told_of(room.sink, SUPERVISOR)
    assert "La journée s’est achevée" not in told_of(room.sink, WORKER)


async def test_supervisors_in_sight_are_told_of_notices_that_did_not_arrive(room: Mailroom) -> None:
    settle_in(room.database)
    settle_in(room.database, SUPERVISOR_AMP)
    preferences(room.database, WORKER, when=MailWhen.LAW_ONLY)
    reference = room.perishing()
    room.sink.to_recipient = lambda to: "550 5.1.1 Unknown" if to == address_of(WORKER) else None
    assert await room.deliver_all(room.time_of(reference)) == ["UNDELIVERED"]
    ended = await room.round(at_eight(room.time_of(reference)))
    assert (ended["sacha"], ended["charlie"], ended["maxime"]) == ("SENT", "SENT", "DROPPED")
    said = told_of(room.sink, SUPERVISOR)
    assert f"{reference}\u00a0: Le serveur de courriel refuse l’adresse" in said.replace("\r\n", "\n")
    (alert,) = room.lives.case(reference).standing_alerts
    assert room.lives.ask(reference, AnswerAlert(alert=alert.key, decision="ACT", reason="-"), SUPERVISOR)
    assert (await room.round(at_eight(room.time_of(reference), 2)))["sacha"] == "DROPPED", "somebody has seen to it"


async def test_of_many_that_did_not_arrive_the_first_are_told_whatever_was_seen_to(room: Mailroom) -> None:
    settle_in(room.database)
    preferences(room.database, WORKER, when=MailWhen.LAW_ONLY)
    references = [room.perishing() for _ in range(3)]
    room.sink.to_recipient = lambda to: "550 5.1.1 Unknown" if to == address_of(WORKER) else None
    assert await room.deliver_all(room.time_of(references[-1])) == ["UNDELIVERED"] * 3
    with room.database.read() as tx:
        first, *others = [mail.reference for mail in failing(tx, SUPERVISOR, MONDAY.date())]
        assert len(failing(tx, SUPERVISOR, MONDAY.date(), limit=2)) == 2
    (alert,) = room.lives.case(str(first)).standing_alerts
    assert room.lives.ask(str(first), AnswerAlert(alert=alert.key, decision="ACT", reason="-"), SUPERVISOR)
    with room.database.read() as tx:
        assert [mail.reference for mail in failing(tx, SUPERVISOR, MONDAY.date(), limit=1)] == others[:1]


async def test_many_refusals_within_an_hour_are_told_once_to_auditors_and_overseers(small_room: Mailroom) -> None:
    room, at = small_room, at_eight(MONDAY)
    settle_in(room.database)
    settle_in(room.database, AUDITOR)
    with room.database.write() as tx:
        for _ in range(10):
            denials.note(tx, KEYS.of(JOURNAL), STRANGER, "no_such_case", None, many=10)
        tx.execute(update(refused).values(many_at=at - timedelta(hours=1)))
    ended = await room.round(at)
    assert {account for account, state in ended.items() if state == "SENT"} == {"charlie", "morgan", "sacha"}
    assert f"{STRANGER.account}\u00a0: refus en une heure\u00a0: 10" in told_of(room.sink, AUDITOR)
    assert set((await room.round(at_eight(MONDAY, 2))).values()) == {"DROPPED"}


async def test_who_has_no_address_is_due_no_digest(small_room: Mailroom) -> None:
    room = small_room
    at = at_eight(room.time_of(room.stalled(days=30)))
    assert await room.round(at) == {}


# --- A great many ---


async def test_a_long_digest_is_cut_and_says_so(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    references = [room.stalled(days=30) for _ in range(70)]
    await room.round(at_eight(room.time_of(references[0])))
    (mail,) = (m for to, m in room.sink.arrived if to == address_of(SUPERVISOR))
    standing = [a for r in references for a in room.lives.case(r).standing_alerts if a.level == "SUPERVISOR"]
    body = mail.get_content()
    assert len(set(re.findall(r"starter.py show (\S+)", body))) <= 60
    assert f"Et {len(standing) - 60} de plus." in body


async def test_a_database_that_answers_late_is_asked_again(small_room: Mailroom) -> None:
    """Nothing is lost when a round meets a table that is not there: it is for the next try."""
    room = small_room
    settle_in(room.database)
    at: datetime = at_eight(room.time_of(room.stalled(days=30)))
    with room.database.write() as tx:
        tx.execute(text("alter table absences rename to elsewhere"))
    with pytest.raises(Exception, match=r"the book is away|a bug in the post"):
        await room.round(at)
    with room.database.write() as tx:
        tx.execute(text("alter table elsewhere rename to absences"))
    assert (await room.round(at))["camille"] == "SENT"
