"""Giving a file: to whom, in which form, and what stands in the journal before its first byte."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from desk.giving import CLEANED, ORIGINAL, give_file
from desk.office import Office
from domain.actors import Actor
from domain.errors import Invalid, NotFound, Refused
from kit.storage.database import Database
from models.journal import Access
from tests.desk.cases import PDF, noted, office_with_lives, with_file
from tests.people import LEAD, OFFICE_AUDITOR, PARTNER_WORKER, STRANGER, SUPERVISOR, WORKER
from tests.support.lives import Lives


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> tuple[Office, Lives]:
    return office_with_lives(sqlite_database, tmp_path)


def test_what_is_given_is_noted_before_its_first_byte_is_read(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = with_file(office, lives)
    given = give_file(office, WORKER, reference, "D1", original=True, why="Pour l'avocate")
    assert noted(office, reference) == [
        (Access.FILES, WORKER.account, None), (Access.EXPORT, WORKER.account, "D1"),
    ]  # fmt: skip
    assert (given.form, b"".join(given.content)) == (ORIGINAL, PDF)
    assert len(noted(office, reference)) == 2, "and once"


def test_what_cannot_be_written_down_is_not_given(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = with_file(office, lives)
    with office.writing() as tx:
        tx.execute(
            text(
                "create trigger full before insert on access_journal when new.id > 1 "
                "begin select raise(abort, 'the disk is full'); end"
            )
        )
    with pytest.raises(Exception, match="the disk is full"):
        give_file(office, WORKER, reference, "D1")


def test_of_a_pdf_a_copy_without_scripts_is_shown_and_of_anything_else_its_bytes(
    place: tuple[Office, Lives],
) -> None:
    office, lives = place
    shown = give_file(office, OFFICE_AUDITOR, with_file(office, lives), "D1")
    assert shown.form == CLEANED
    assert b"".join(shown.content).startswith(b"%PDF-")
    words = "Déjà loué".encode()
    reference = with_file(office, lives, words, "note.txt")
    plain = give_file(office, OFFICE_AUDITOR, reference, "D1")
    assert (plain.form, b"".join(plain.content)) == (ORIGINAL, words)
    assert noted(office, reference)[-1] == (Access.FILE, OFFICE_AUDITOR.account, "D1")


def test_an_original_takes_a_reason(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = with_file(office, lives)
    with pytest.raises(Invalid) as refused:
        give_file(office, WORKER, reference, "D1", original=True)
    assert (refused.value.code, refused.value.field) == ("no_reason", "why")
    for why in (" ", "x" * 5_000):
        with pytest.raises(ValidationError):
            give_file(office, WORKER, reference, "D1", original=True, why=why)
    assert noted(office, reference) == []


@pytest.mark.parametrize("actor", [OFFICE_AUDITOR, LEAD], ids=lambda actor: actor.role)
def test_whoever_may_read_a_case_may_not_take_its_files_away(place: tuple[Office, Lives], actor: Actor) -> None:
    office, lives = place
    reference = with_file(office, lives)
    with pytest.raises(Refused) as refused:
        give_file(office, actor, reference, "D1", original=True, why="Pour voir")
    assert refused.value.code == "not_permitted"
    assert [access for access, *_ in noted(office, reference)] == [Access.FILES, Access.DENIED]


@pytest.mark.parametrize("actor", [STRANGER, PARTNER_WORKER], ids=lambda actor: actor.account)
def test_a_case_of_others_is_as_good_as_not_there(place: tuple[Office, Lives], actor: Actor) -> None:
    office, lives = place
    reference = with_file(office, lives)
    with pytest.raises(NotFound):
        give_file(office, actor, reference, "D1")
    assert noted(office, reference) == [(Access.DENIED, actor.account, None)]


def test_a_supervisor_of_the_territory_takes_an_original_away(place: tuple[Office, Lives]) -> None:
    office, lives = place
    given = give_file(office, SUPERVISOR, with_file(office, lives), "D1", original=True, why="Saisine")
    assert b"".join(given.content) == PDF
