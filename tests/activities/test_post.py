"""One attempt at a notice: looked at again before it is sent, sent by one at a time, marked when it was accepted."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.erasure import Eraser
from domain.messages.people import Preferences
from domain.parts.alert import AnswerAlert
from domain.parts.assignment import Assign
from domain.parts.erasure import Erase, ProposeErasure
from domain.parts.piece import ReceivePiece
from domain.vocabulary import MailReason, PieceStatus, Role
from models import mails as post
from models.preferences import set_preferences
from models.tables import accounts, book, mails
from tests.people import COLLEAGUE, HOME, SUPERVISOR, WORKER, address_of, person
from tests.support.accounts import open_accounts
from tests.support.builders import closing
from tests.support.correspondents import preferences, settle_in
from tests.support.mailroom import Mailroom
from tests.support.servers import KEYS


async def later(room: Mailroom, at: datetime) -> str:
    """The reason why the only notice is to be tried again."""
    with pytest.raises(ApplicationError) as caught:
        await room.deliver(room.rows()[0].id, at)
    assert not caught.value.non_retryable
    return str(caught.value.type)


# --- What it says ---


async def test_a_notice_says_what_where_and_how_long(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    reference = room.perishing(days=20)
    assert await room.deliver_all(room.time_of(reference)) == ["SENT"]
    ((to, mail),) = room.sink.arrived
    assert to == address_of(WORKER)
    assert mail["Subject"] == "[Aboutir] Quelque chose vous attend"
    piece = next(p.id for p in room.lives.case(reference).pieces if p.perishes_on)
    body = mail.get_content()
    for said in (
        reference,
        "Recueil",
        "Preuve sur le point de disparaître",
        piece,
        "Jours ouvrés restants\u00a0: 14",
        f"starter.py show {reference}",
    ):
        assert said in body, (said, body)


async def test_mails_about_one_case_are_one_thread_that_does_not_name_it(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    references = [room.perishing(days=20, pieces=pieces) for pieces in (1, 2)]
    assert await room.deliver_all(max(map(room.time_of, references))) == ["SENT", "SENT"]
    for reference in references:
        room.pass_time(reference, timedelta(days=10))
    await room.deliver_all(max(map(room.time_of, references)))
    threads: dict[str, set[str]] = {}
    for _, mail in room.sink.arrived:
        (about,) = (reference for reference in references if reference in mail.get_content())
        threads.setdefault(about, set()).add(mail["References"])
        headers = "\n".join(f"{name}: {value}" for name, value in mail.items())
        assert not any(reference in headers for reference in references)
    assert len(room.sink.arrived) > 2
    assert [len(ids) for ids in threads.values()] == [1, 1] and len(set.union(*threads.values())) == 2


async def test_in_english_with_a_link(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database, language="en")
    reference = room.perishing(days=20, pieces=3)
    linked = room.with_mailbox(room.post._mailbox, public_url="https://aboutir.example.org/")
    assert await room.deliver(room.rows()[0].id, room.time_of(reference), linked) == "SENT"
    ((_, mail),) = room.sink.arrived
    assert mail["Subject"] == "[Aboutir] Something waits for you"
    assert mail.get_content().count("Working days left: 14") == 3
    assert f"https://aboutir.example.org/dossiers/{reference}" in mail.get_content()


# --- The condition, at the moment of sending ---


async def test_nobody_is_reminded_of_what_was_answered(room: Mailroom) -> None:
    settle_in(room.database)
    reference = room.perishing()
    (alert,) = room.lives.case(reference).standing_alerts
    assert room.lives.ask(reference, AnswerAlert(alert=alert.key, decision="ACT", reason="-"), WORKER)
    assert await room.deliver_all(room.time_of(reference)) == ["DROPPED"]
    assert room.rows()[0].reason == "NOT_AWAITED"
    assert room.sink.asked == []


async def test_nobody_is_reminded_of_what_has_come_without_an_answer(room: Mailroom) -> None:
    settle_in(room.database)
    reference = room.perishing(pieces=2)
    first, second = (p for p in room.lives.case(reference).pieces if p.perishes_on)
    assert room.lives.ask(reference, ReceivePiece(piece=first.id, description="A copy"), WORKER)
    assert room.lives.case(reference).piece(first.id).status is PieceStatus.RECEIVED
    assert len(room.lives.case(reference).standing_alerts) == 2, "an alert ends by a decision only"
    assert await room.deliver_all(room.time_of(reference)) == ["SENT"]
    (body,) = room.sink.bodies()
    assert first.id not in body and second.id in body


async def test_who_answers_for_it_no_more_is_not_written_to(room: Mailroom) -> None:
    settle_in(room.database)
    reference = room.perishing()
    assert room.lives.ask(reference, Assign(holder=COLLEAGUE.account, organisation=HOME, reason="-"), SUPERVISOR)
    await room.deliver_all(room.time_of(reference))
    assert {row.account: (row.state, row.reason) for row in room.rows()} == {
        "camille": ("DROPPED", "REASSIGNED"),
        "dominique": ("SENT", None),
    }
    assert [to for to, _ in room.sink.arrived] == [address_of(COLLEAGUE)]


async def test_an_account_that_is_closed_is_not_written_to(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    reference = room.perishing()
    with room.database.write() as tx:
        tx.execute(update(accounts).where(accounts.c.id == WORKER.account).values(active=False))
    assert await room.deliver_all(room.time_of(reference)) == ["DROPPED"]
    assert room.sink.asked == []


async def test_what_was_sent_is_not_sent_again(room: Mailroom) -> None:
    settle_in(room.database)
    at = room.time_of(room.perishing())
    assert await room.deliver_all(at) == ["SENT"]
    assert await room.deliver_all(at + timedelta(days=1)) == ["SENT"]
    assert set(room.sink.by_id.values()) == {1}


async def test_what_still_waits_for_a_case_that_was_erased_is_settled(
    dev_server: WorkflowEnvironment, room: Mailroom
) -> None:
    settle_in(room.database)
    gone, left = room.perishing(), room.perishing()
    assert room.lives.ask(gone, closing(), WORKER)
    assert room.lives.ask(gone, ProposeErasure(reason="PERSON_ASKED"), SUPERVISOR)
    second = person("seconde", Role.SUPERVISOR, SUPERVISOR.organisation)
    open_accounts(room.database, [second])
    assert room.lives.ask(gone, Erase(reason="PERSON_ASKED"), second)
    later = room.time_of(left) + timedelta(days=30)
    with room.database.read() as tx:
        assert post.forgotten(tx, later, limit=1) == post.forgotten(tx, later, limit=9) == [left]
    eraser = Eraser(room.database, KEYS, dev_server.client)
    await ActivityEnvironment().run(eraser.destroy_key, gone)
    assert {(row.state, row.reason) for row in room.rows(reference=gone)} == {("DROPPED", "NOT_AWAITED")}
    assert {row.state for row in room.rows(reference=left)} == {"WAITING"}


# --- One at a time ---


async def test_attempts_at_the_same_moment_send_one_mail(room: Mailroom) -> None:
    settle_in(room.database)
    at = room.time_of(room.perishing())
    room.sink.waits = 0.2
    id = room.rows()[0].id
    ended = await asyncio.gather(*(room.deliver(id, at) for _ in range(6)), return_exceptions=True)
    assert ended.count("SENT") == 1
    assert {e.type for e in ended if isinstance(e, ApplicationError)} <= {"NotYet"}
    assert len(room.sink.arrived) == 1


async def test_what_a_dead_process_held_is_sent_when_it_is_let_go(room: Mailroom) -> None:
    settle_in(room.database)
    at = room.time_of(room.perishing())
    with room.database.write() as tx:
        tx.execute(update(mails).values(held_until=datetime.now(UTC) + timedelta(minutes=5), tries=1))
    assert await later(room, at) == "NotYet"
    with room.database.write() as tx:
        tx.execute(update(mails).values(held_until=datetime.now(UTC) - timedelta(seconds=1)))
    assert await room.deliver_all(at) == ["SENT"]
    assert room.rows()[0].tries == 2


async def test_who_was_too_slow_does_not_let_go_of_what_another_holds(room: Mailroom) -> None:
    settle_in(room.database)
    at = room.time_of(room.perishing())
    (row,), now = room.rows(), datetime.now(UTC)
    first, second = now - timedelta(seconds=1), now + timedelta(minutes=1)
    with room.database.write() as tx:
        assert post.hold(tx, row.id, at, at, now, first)
        assert post.hold(tx, row.id, at, at, now, second)
        assert not post.hold(tx, row.id, at, at, now, second)
        post.release(tx, row.id, first, MailReason.UNREACHABLE)
    assert room.rows()[0].held_until == second
    with room.database.write() as tx:
        post.release(tx, row.id, second, MailReason.UNREACHABLE)
    assert await room.deliver_all(at) == ["SENT"]


async def test_cut_off_after_the_mail_it_comes_again_under_the_same_name(room: Mailroom) -> None:
    settle_in(room.database)
    at = room.time_of(room.perishing())
    room.sink.cut_after_data = 1
    assert await later(room, at) == "NotTaken"
    assert await room.deliver_all(at) == ["SENT"]
    assert list(room.sink.by_id.values()) == [2]


# --- What is not taken ---


async def test_it_is_tried_until_it_is_taken(room: Mailroom) -> None:
    settle_in(room.database)
    at = room.time_of(room.perishing())
    room.sink.to_recipient = lambda _: "450 4.2.0 Greylisted"
    assert await later(room, at) == "NotTaken"
    room.sink.to_recipient = lambda _: None
    room.server.stop()
    assert await later(room, at) == "NotTaken"
    assert (room.rows()[0].state, room.rows()[0].reason, room.rows()[0].tries) == ("WAITING", "UNREACHABLE", 2)
    room.server.start()
    assert await room.deliver_all(at) == ["SENT"]
    assert room.rows()[0].reason is None


async def test_an_address_that_is_refused_for_good_is_given_up_at_once(room: Mailroom) -> None:
    settle_in(room.database)
    at = room.time_of(room.perishing())
    room.sink.to_recipient = lambda _: "550 5.1.1 Unknown"
    assert await room.deliver_all(at) == ["UNDELIVERED"]
    assert room.rows()[0].reason == "ADDRESS_REFUSED"
    assert len(room.sink.asked) == 1


async def test_after_three_days_it_is_given_up(room: Mailroom) -> None:
    settle_in(room.database)
    at = room.time_of(room.perishing())
    room.sink.to_data = lambda: "451 4.3.0 Not now"
    for hours in range(3 * 24):
        assert await later(room, at + timedelta(hours=hours)) == "NotTaken"
    assert await room.deliver_all(at + timedelta(days=3)) == ["UNDELIVERED"]
    assert room.rows()[0].reason == "SERVER_REFUSED"


@pytest.mark.parametrize("before", [0, 5], ids=["never tried", "tried before"])
async def test_while_nobody_tried_it_was_not_refused(small_room: Mailroom, before: int) -> None:
    """The engine or every worker was away for longer than a mail is tried."""
    room = small_room
    settle_in(room.database)
    at = room.time_of(room.perishing())
    room.sink.to_data = lambda: "451 4.3.0 Not now"
    for hours in range(before):
        assert await later(room, at + timedelta(hours=hours)) == "NotTaken"
    back = at + timedelta(days=4)
    for minutes in (0, 10, 20):
        assert await later(room, back + timedelta(minutes=minutes)) == "NotTaken"
    room.sink.to_data = lambda: None
    assert await room.deliver_all(back + timedelta(minutes=30)) == ["SENT"]


async def test_a_notice_that_we_cannot_write_is_given_up_in_the_end(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    reference = room.perishing()
    at, post = room.time_of(reference), room.with_mailbox(room.post._mailbox, give_up=timedelta(hours=2))
    with room.database.write() as tx:
        tx.execute(text("drop trigger book_refuses_update"))
        tx.execute(update(book).where(book.c.reference == reference, book.c.version == 1).values(event=b"{}"))
    for hours in (0, 1):
        with pytest.raises(ApplicationError, match="NotTaken"):
            await room.deliver(room.rows()[0].id, at + timedelta(hours=hours), post)
    assert await room.deliver(room.rows()[0].id, at + timedelta(hours=2), post) == "UNDELIVERED"
    assert (room.rows()[0].reason, room.rows()[0].held_until) == ("OUR_FAULT", None)


async def test_without_an_address_it_is_given_up_at_once(room: Mailroom) -> None:
    with room.database.write() as tx:
        set_preferences(tx, WORKER.account, Preferences())
    at = room.time_of(room.perishing())
    assert await room.deliver_all(at) == ["UNDELIVERED"]
    assert room.rows()[0].reason == "NO_ADDRESS"


async def test_the_grace_passes_before_anything_but_the_law(room: Mailroom) -> None:
    settle_in(room.database)
    preferences(room.database, SUPERVISOR, when="IMMEDIATE", grace=6)
    reference = room.stalled(days=18)
    at = room.time_of(reference)
    (row,) = room.rows()
    with pytest.raises(ApplicationError) as caught:
        await room.deliver(row.id, at + timedelta(hours=1))
    assert caught.value.next_retry_delay == timedelta(hours=5)
    (alert,) = (a for a in room.lives.case(reference).standing_alerts if a.level == "SUPERVISOR")
    assert room.lives.ask(reference, AnswerAlert(alert=alert.key, decision="ACT", reason="-"), SUPERVISOR)
    assert await room.deliver(row.id, at + timedelta(hours=6)) == "DROPPED"
    assert room.sink.asked == []
