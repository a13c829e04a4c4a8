"""Nothing that signs in is kept: it is looked for in every file of a database, in every row, and in what was logged."""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from desk.office import Office
from desk.signin.clients import issue_client
from desk.signin.invitations import invite, sign_in_by_link, sign_in_link
from desk.signin.passwords import begin_second_factor
from desk.signin.resolving import resolve
from desk.signin.signing_in import begin_sign_in, sign_in_by_password
from domain.actors import OPERATOR
from domain.errors import Refused
from domain.signin.visitor import visitor_of
from kit.crypto.vault import DataKey
from kit.storage.database import Database, sqlite_url
from models.keys import SIGN_IN
from models.migrate import migrate
from tests.people import COLLEAGUE, SUPERVISOR, WORKER
from tests.support.places import Places, found_in, on_disk
from tests.support.servers import KEYS
from tests.support.signing_in import PASSWORD, Person, signin_office

ADDRESS, SECOND = "203.0.113.77", "2001:db8:aaaa:bbbb::7"
AGENT = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0 Canari/7"


async def told(office: Office, folder: Path) -> list[str]:
    """Everything done that there is to do with sign-in; gives every word that nobody may find."""
    embedded, visitor = replace(office, folder=folder), visitor_of(ADDRESS, AGENT)
    person = await Person(office, WORKER, visitor=visitor).with_password()
    enrolled = invite(office, OPERATOR, "dominique")
    other = Person(office, COLLEAGUE, visitor=visitor_of(SECOND, AGENT)).with_passkey()
    link, used = sign_in_link(embedded, OPERATOR, "sacha"), sign_in_link(embedded, OPERATOR, "maxime")
    waiting = invite(office, OPERATOR, "noa")
    setting_up = begin_second_factor(office, COLLEAGUE, other.session)
    client = issue_client(office, OPERATOR, "Guichet", "asso", scopes=["cases:read"])
    challenge = begin_sign_in(office, visitor).options["challenge"]
    signed_in = await person.sign_in_by_password()
    by_link = sign_in_by_link(embedded, visitor, used.token)
    with pytest.raises(Refused):
        await sign_in_by_password(
            office, visitor, "une phrase tapée au mauvais endroit", "autre phrase tapée", "000000"
        )
    for token in (signed_in.token, by_link.token, client.token, person.token, other.token):
        resolve(office, token)
    return [
        *(PASSWORD, "une phrase tapée au mauvais endroit", "autre phrase tapée", person.secret, setting_up.secret),
        *(person.token, other.token, signed_in.token, by_link.token, client.token),
        *(enrolled.token, waiting.token, link.token, used.token, challenge),
        *(ADDRESS, "203.0.113.0", SECOND, "2001:db8:aaaa", "Canari/7", "$argon2id$"),
    ]


def by_rows(database: Database) -> bytes:
    """Every value of every table."""
    with database.read() as tx:
        tables = inspect(tx).get_table_names()
        values = [value for table in tables for row in tx.execute(text(f'select * from "{table}"')) for value in row]  # noqa: S608
    return b"\n".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in values)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


async def test_no_token_no_secret_and_no_address_is_in_a_database_of_sqlite(
    tmp_path: Path, logged: pytest.LogCaptureFixture
) -> None:
    with closing(Database(sqlite_url(tmp_path / "book.db"))) as database:
        migrate(database)
        office = signin_office(database)
        words = await told(office, tmp_path)
        places: Places = on_disk(tmp_path) | {"rows": by_rows(database), "log": logged.text.encode()}
    assert b"camille" in places["rows"] and b"Guichet" in places["rows"], "it is looked at where things are"
    assert len(words) == 21
    assert found_in(places, words) == []


async def test_nor_in_one_of_postgresql(
    postgresql_database: Database, tmp_path: Path, logged: pytest.LogCaptureFixture
) -> None:
    words = await told(signin_office(postgresql_database), tmp_path)
    places = {"rows": by_rows(postgresql_database), "log": logged.text.encode()}
    assert b"camille" in places["rows"]
    assert found_in(places, words) == []


async def test_what_was_sealed_for_one_account_opens_for_no_other(office: Office) -> None:
    person = await Person(office, WORKER).with_password()
    await Person(office, SUPERVISOR).with_password("cinq chevaux dorment dedans")
    with office.writing() as tx:
        tx.execute(text("delete from passwords where account = 'sacha'"))
        tx.execute(text("update passwords set account = 'sacha'"))
    with pytest.raises(Exception, match="not sealed by the key of signin for this place"):
        await sign_in_by_password(office, person.visitor, "sacha", PASSWORD, person.code())


def test_the_key_of_sign_in_is_one_of_its_own() -> None:
    keys: list[DataKey] = [KEYS.of(name) for name in (SIGN_IN, "index", "journal", "engine")]
    assert len({key.commitment(b"x") for key in keys}) == 4
