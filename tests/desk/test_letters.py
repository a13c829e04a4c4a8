"""Letters: who may have one drafted, by which lever, and from which moment of the case."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from desk.letters import Wishes, draft_letter
from desk.office import Office
from domain.actors import Actor
from domain.errors import Invalid, NotFound, Refused
from domain.values import day_of
from kit.storage.database import Database
from models.journal import Access
from tests.desk.cases import noted, office_with_lives
from tests.people import OFFICE_AUDITOR, STRANGER, WORKER
from tests.support.builders import note
from tests.support.lives import Lives

WISHES = Wishes(pieces=["ev009"])


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> tuple[Office, Lives]:
    return office_with_lives(sqlite_database, tmp_path)


def test_a_letter_comes_as_text_or_as_a_pdf_under_the_digest_of_its_bytes(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = lives.open()
    text, pdf = (draft_letter(office, WORKER, reference, WISHES, as_pdf=as_pdf) for as_pdf in (False, True))
    assert text.text is not None and text.content == text.text.encode()
    assert pdf.content.startswith(b"%PDF-")
    for letter in (text, pdf):
        assert letter.sha256 == hashlib.sha256(letter.content).hexdigest()
        assert (letter.pieces, letter.day) == (("EV009",), day_of(datetime.now(UTC)))
    assert noted(office, reference) == [(Access.EXPORT, WORKER.account, None)] * 2


@pytest.mark.parametrize(
    ("actor", "kind"),
    [(STRANGER, NotFound), (OFFICE_AUDITOR, Refused)],
    ids=["a stranger", "an auditor"],
)
def test_whoever_may_not_send_letters_gets_none(place: tuple[Office, Lives], actor: Actor, kind: type[Refused]) -> None:
    office, lives = place
    with pytest.raises(kind):
        draft_letter(office, actor, lives.open(), WISHES)


def test_pieces_that_no_lever_serves_together_take_one_that_is_named(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = lives.open()
    with pytest.raises(Invalid) as refused:
        draft_letter(office, WORKER, reference, Wishes(pieces=["EV009", "EV001"]))
    assert (refused.value.code, refused.value.field) == ("no_common_lever", "lever")
    usual = draft_letter(office, WORKER, reference, WISHES).lever
    assert draft_letter(office, WORKER, reference, Wishes(pieces=["EV009", "EV001"], lever=usual)).lever == usual


def test_a_letter_of_an_earlier_moment_has_its_version_and_its_day(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = lives.open()
    opened_on = day_of(lives.times[reference])
    version = lives.case(reference).version
    assert lives.ask(reference, note(), WORKER) is not None
    then = draft_letter(office, WORKER, reference, WISHES, at=str(version))
    assert (then.version, then.day) == (version, opened_on)
    dated = draft_letter(office, WORKER, reference, Wishes(pieces=["EV009"], day=date(2026, 4, 1)))
    assert (dated.version, dated.day) == (version + 1, date(2026, 4, 1))
