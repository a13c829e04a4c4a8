"""Links as they are listed, made and sent: whole, by mail, with nothing in the subject, and kept nowhere."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from desk.links import link_of, list_capabilities, send_link
from desk.office import Office
from domain.actors import Actor
from domain.errors import Away, NotFound, Refused
from domain.parts.capability import IssueCapability, RevokeCapability
from domain.parts.referral import Refer
from domain.values import day_of
from kit.storage.database import Database
from models.journal import Access
from tests.desk.cases import noted, office_with_lives, opened_for
from tests.people import OFFICE_AUDITOR, PARTNER_ORG, STRANGER, WORKER
from tests.support.builders import complaint, consent
from tests.support.lives import Lives
from tests.support.sink import Server, Sink, serving

NOW = datetime.now(UTC)
LATER = day_of(NOW + timedelta(days=30))
ADDRESS = "camille@example.org"
PAGES = "https://aboutir.exemple.fr"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(Sink()) as server:
        yield server


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path, server: Server) -> tuple[Office, Lives]:
    """An office that mails to the sink, and cases in it."""
    office, lives = office_with_lives(sqlite_database, tmp_path)
    server.sink.arrived.clear()
    mailing = {"public_url": PAGES, "mail_host": "127.0.0.1", "mail_port": server.port, "mail_security": "none"}
    return replace(office, settings=office.settings.model_copy(update=mailing)), lives


def linked(lives: Lives, **person: str | None) -> str:
    """A case with a link for the person (K1) and one for a partner (K2)."""
    somebody = {"given_name": "Camille", "family_name": "Canari", "email": ADDRESS} | person
    reference = opened_for(lives, complaint(received_at=NOW - timedelta(hours=1), complainant=somebody))
    for command in (
        consent("REFERRAL", day_of(NOW), PARTNER_ORG),
        Refer(partner=PARTNER_ORG, purpose="Aide juridique"),
        IssueCapability(audience="COMPLAINANT", until=LATER),
        IssueCapability(audience="PARTNER", referral="R1", until=LATER),
    ):
        assert lives.ask(reference, command, WORKER) is not None
    return reference


async def test_a_link_is_mailed_to_the_person_and_its_subject_says_that_something_waits(
    place: tuple[Office, Lives], server: Server
) -> None:
    office, lives = place
    reference = linked(lives)
    sent = await send_link(office, WORKER, reference, "K1")
    ((to, mail),) = server.sink.arrived
    link = link_of(office, WORKER, reference, "K1")
    assert (to, str(mail["Subject"])) == (ADDRESS, "[Aboutir] Quelque chose vous attend")
    assert f"{PAGES}/access/{link.token}" == link.address and link.address in mail.get_content()
    assert "Canari" not in mail.as_string() and link.token not in "".join(map(str, mail.values()))
    assert link.token not in sent.model_dump_json() and ADDRESS not in sent.model_dump_json()
    assert noted(office, reference) == [(Access.LINK, WORKER.account, None)] * 2
    await send_link(office, WORKER, reference, "K1")
    assert set(server.sink.by_id.values()) == {2}, "sent again, it is the same mail"


async def test_nothing_of_a_link_that_was_sent_is_in_any_table(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = linked(lives)
    await send_link(office, WORKER, reference, "K1")
    secret = link_of(office, WORKER, reference, "K1").token.rpartition(".")[2]
    with office.reading() as tx:
        tables = tx.execute(text("select name from sqlite_master where type = 'table'")).scalars().all()
        rows = [str(row) for table in tables for row in tx.execute(text(f'select * from "{table}"'))]  # noqa: S608
    assert len(rows) > 10 and [row for row in rows if secret in row or ADDRESS in row] == []


async def test_it_is_worded_as_the_person_speaks_and_goes_where_it_is_told(
    place: tuple[Office, Lives], server: Server
) -> None:
    office, lives = place
    reference = linked(lives, language="en")
    await send_link(office, WORKER, reference, "K1", to="dominique@example.org")
    await send_link(office, WORKER, reference, "K2", to="accueil@example.org")
    assert server.sink.subjects("dominique@example.org") == ["[Aboutir] Something waits for you"]
    assert server.sink.subjects("accueil@example.org") == ["[Aboutir] Quelque chose vous attend"]


async def refusal(office: Office, reference: str, id: str, to: str | None = None) -> str:
    with pytest.raises((Refused, Away)) as caught:
        await send_link(office, WORKER, reference, id, to=to)
    return caught.value.code


async def test_what_cannot_be_sent_is_told_and_nothing_is_sent(place: tuple[Office, Lives], server: Server) -> None:
    office, lives = place
    reference, nowhere = linked(lives), linked(lives, email=None)
    assert await refusal(office, reference, "K2") == "no_address_for_link"
    assert await refusal(office, nowhere, "K1") == "no_address_for_link"
    assert await refusal(office, reference, "K1", to="camille@@example") == "address_impossible"
    assert await refusal(office, reference, "K9") == "unknown_part"
    without_pages = replace(office, settings=office.settings.model_copy(update={"public_url": ""}))
    assert await refusal(without_pages, reference, "K1") == "no_address_of_pages"
    without_server = replace(office, settings=office.settings.model_copy(update={"mail_host": ""}))
    assert await refusal(without_server, reference, "K1") == "mail_not_sent"
    server.sink.to_recipient = lambda _address: "550 5.1.1 no such mailbox"
    try:
        assert await refusal(office, reference, "K1") == "address_refused"
    finally:
        server.sink.to_recipient = lambda _address: None
    lives.ask(reference, RevokeCapability(capability="K1", reason="Transmis"), WORKER)
    assert await refusal(office, reference, "K1") == "link_over"
    assert server.sink.arrived == []


async def test_a_link_whose_last_day_is_past_is_not_sent(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = lives.open()
    past = IssueCapability(audience="COMPLAINANT", until=day_of(lives.times[reference]))
    assert lives.ask(reference, past, WORKER) is not None
    assert await refusal(office, reference, "K1", to=ADDRESS) == "link_past"


@pytest.mark.parametrize(("actor", "kind"), [(STRANGER, NotFound), (OFFICE_AUDITOR, Refused)])
async def test_whoever_may_not_renew_it_is_given_no_link(
    place: tuple[Office, Lives], server: Server, actor: Actor, kind: type[Refused]
) -> None:
    office, lives = place
    reference = linked(lives)
    with pytest.raises(kind):
        link_of(office, actor, reference, "K1")
    with pytest.raises(kind):
        await send_link(office, actor, reference, "K1")
    assert server.sink.arrived == [] and noted(office, reference)[-1][0] is Access.DENIED


def test_the_list_tells_whose_each_is_until_when_and_whether_it_opens_anything(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = linked(lives)
    lives.ask(reference, RevokeCapability(capability="K1", reason="Transmis"), WORKER)
    revoked, living = list_capabilities(office, WORKER, reference).capabilities
    assert (revoked.id, revoked.opens, revoked.referral) == ("K1", False, None) and revoked.revoked_at is not None
    assert (living.id, living.opens, living.referral, living.until) == ("K2", True, "R1", LATER)
    assert "read_file" in living.commands and "withdraw_consent" in revoked.commands
    with pytest.raises(NotFound):
        list_capabilities(office, STRANGER, reference)
