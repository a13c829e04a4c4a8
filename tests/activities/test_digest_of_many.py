"""A digest where a great many alerts stand: it costs what it prints, new things come first, and it always ends."""

import asyncio
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from activities.digesting import LOOKED_AT
from domain.messages.notices import LONGEST_DIGEST
from domain.parts.intake import Open
from domain.values import new_reference
from domain.vocabulary import MailWhen
from models.alerts import Ripe, count_to_digest
from models.tables import book
from tests.people import SUPERVISOR, WORKER, address_of
from tests.support.builders import complaint
from tests.support.correspondents import preferences, settle_in
from tests.support.lives import MONDAY
from tests.support.mailroom import Mailroom, at_eight, told_of
from tests.support.servers import KEYS


def old_case(room: Mailroom) -> str:
    """A case of 2009 that was brought in on Monday."""
    reference = new_reference()
    KEYS.mint(reference)
    room.lives.times[reference] = MONDAY
    facts: dict[str, Any] = {"narrative": "Refused the post", "occurred_on": "2009-10-05"}
    content = complaint(received_at=datetime(2009, 11, 2, tzinfo=UTC), domain="EMPLOI_PRIVE", facts=facts, commune=None)
    assert room.lives.ask(reference, Open(complaint=content), WORKER)
    room.pass_time(reference, timedelta(days=1, hours=2))
    return reference


async def test_what_was_over_is_one_number_told_once_and_no_mail_of_its_own(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database, when=MailWhen.BOTH)
    references = [old_case(room) for _ in range(4)]
    assert {row.reference for row in room.rows(kind="NOTICE")} <= set(references)
    for row in room.rows(kind="NOTICE"):
        assert "over/" not in row.alerts and "limit/" not in row.alerts
    at = at_eight(room.time_of(references[0]))
    await room.round(at)
    first = told_of(room.sink, WORKER)
    assert "Passé avant que nous ne le sachions (4)" in first
    await room.round(at_eight(at))
    second = told_of(room.sink, WORKER).removeprefix(first)
    assert "Passé avant que nous ne le sachions" not in second


async def test_who_wants_no_digest_is_sent_one_for_what_was_over_and_for_nothing_else(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    preferences(room.database, WORKER, when=MailWhen.LAW_ONLY)
    reference = old_case(room)
    at = at_eight(room.time_of(reference))
    assert (await room.round(at))["camille"] == "SENT"
    body = told_of(room.sink, WORKER)
    assert "Passé avant que nous ne le sachions (1)" in body and reference not in body
    assert "camille" not in await room.round(at_eight(at))


@pytest.mark.met("old cases by the thousand")
async def test_only_what_is_printed_is_read(small_room: Mailroom) -> None:
    """Every case that is beyond the lines of the digest is damaged: it is counted, and nobody opens it."""
    room = small_room
    settle_in(room.database)
    references = [room.stalled(days=30) for _ in range(2 * LONGEST_DIGEST)]
    at = at_eight(room.time_of(references[0]))
    await room.round(at)
    body = told_of(room.sink, SUPERVISOR)
    printed = set(re.findall(r"starter.py show (\S+)", body))
    with room.database.write() as tx:
        beyond = [reference for reference in references if reference not in printed]
        tx.execute(text("drop trigger book_refuses_update"))
        tx.execute(update(book).where(book.c.reference.in_(beyond)).values(event=b"nothing that is sealed"))
    assert beyond
    await room.round(at_eight(at))
    again = told_of(room.sink, SUPERVISOR).removeprefix(body)
    assert set(re.findall(r"starter.py show (\S+)", again)) == printed
    assert "ne peu" not in again, "a case was opened of which nothing is printed"
    ripe = Ripe(day=at.date(), until=at, new_since=None)
    with room.database.read() as tx:
        total = count_to_digest(tx, SUPERVISOR, ripe).total()
    assert f"Et {total - LONGEST_DIGEST} de plus." in again


async def test_new_things_come_before_those_that_were_told_however_many_these_are(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    old = [room.stalled(days=14) for _ in range(LONGEST_DIGEST + 5)]
    at = at_eight(room.time_of(old[0]))
    await room.round(at)
    new = room.stalled(days=0, at=at)
    room.pass_time(new, timedelta(days=14))
    await room.round(at_eight(room.time_of(new)))
    _, second = room.sink.bodies(address_of(WORKER))
    assert new in second


@pytest.mark.met("old cases by the thousand")
async def test_no_command_waits_while_a_digest_is_composed(small_room: Mailroom) -> None:
    room = small_room
    settle_in(room.database)
    references = [room.stalled(days=30) for _ in range(3)]
    let_go = threading.Event()
    blocked = room.post._composing.submit(let_go.wait)
    round = asyncio.ensure_future(room.round(at_eight(room.time_of(references[0]))))
    rows = [row.id for row in room.rows(kind="NOTICE")]
    room.add_pieces(references[0], days=20)
    assert await asyncio.gather(*(room.deliver(id, room.time_of(references[0])) for id in rows)) is not None
    assert not round.done()
    let_go.set()
    assert "SENT" in (await round).values()
    assert blocked.result()
    assert LOOKED_AT > LONGEST_DIGEST
