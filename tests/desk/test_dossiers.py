"""The file for the Defender of Rights: who may have it, and what is refused or noted before its first byte."""

import io
import zipfile
from pathlib import Path

import pytest

from desk.dossiers import dossier_view, prepare_dossier, typeset_dossier, write_bundle
from desk.office import Office
from domain.actors import Actor
from domain.errors import NotFound, Refused
from domain.parts.files import RemoveFile
from kit.storage.database import Database
from models.journal import Access
from tests.desk.cases import PDF, noted, office_with_lives, with_file
from tests.people import OFFICE_AUDITOR, STRANGER, SUPERVISOR, WORKER
from tests.support.lives import Lives
from words import Words


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> tuple[Office, Lives]:
    return office_with_lives(sqlite_database, tmp_path)


def test_the_copies_that_go_out_are_noted_before_they_are_read(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = with_file(office, lives)
    prepared = prepare_dossier(office, WORKER, reference, why="Saisine")
    assert noted(office, reference) == [(Access.EXPORT, WORKER.account, None)]
    out = io.BytesIO()
    write_bundle(office, WORKER, prepared, b"%PDF-", out)
    assert noted(office, reference)[1:] == [(Access.EXPORT, WORKER.account, "D1")]
    with zipfile.ZipFile(out) as archive:
        (copy,) = (name for name in archive.namelist() if name.startswith("piece-"))
        assert archive.read(copy) == PDF


def test_a_copy_that_was_removed_since_does_not_go_out(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = with_file(office, lives)
    prepared = prepare_dossier(office, WORKER, reference)
    assert lives.ask(reference, RemoveFile(file="D1", reason="Par erreur"), SUPERVISOR) is not None
    version = prepared.case.version
    again = prepare_dossier(office, WORKER, reference, at=str(version))
    out = io.BytesIO()
    with pytest.raises(Refused):
        write_bundle(office, WORKER, again, b"%PDF-", out)
    assert [file for *_, file in noted(office, reference)] == [None, None], "and none is noted as given"


def test_what_may_not_be_filed_is_typeset_to_be_read_and_not_to_be_sent(place: tuple[Office, Lives]) -> None:
    office, lives = place
    prepared = prepare_dossier(office, WORKER, lives.open())
    assert prepared.dossier.blocked
    assert typeset_dossier(office, WORKER, prepared, to_be_sent=False).startswith(b"%PDF-")
    with pytest.raises(Refused) as refused:
        typeset_dossier(office, WORKER, prepared, to_be_sent=True)
    assert refused.value.code == prepared.dossier.blocked[0].code


def test_what_is_missing_is_said_in_the_language_that_is_passed(place: tuple[Office, Lives]) -> None:
    office, lives = place
    prepared = prepare_dossier(office, WORKER, lives.open())
    french, english = (dossier_view(office, WORKER, prepared, Words(language)) for language in ("fr", "en"))
    assert french.blocked and english.blocked
    assert [gap.code for gap in french.gaps] == [gap.code for gap in prepared.dossier.gaps]
    assert all(a.message != b.message for a, b in zip(french.gaps, english.gaps, strict=True))


@pytest.mark.parametrize(
    ("actor", "kind"), [(STRANGER, NotFound), (OFFICE_AUDITOR, Refused)], ids=["stranger", "auditor"]
)
def test_whoever_may_not_file_gets_nothing_of_it(
    place: tuple[Office, Lives], actor: Actor, kind: type[Refused]
) -> None:
    office, lives = place
    reference = lives.open()
    with pytest.raises(kind):
        prepare_dossier(office, actor, reference)
    prepared = prepare_dossier(office, WORKER, reference)
    for ask in (
        lambda: dossier_view(office, actor, prepared, Words("fr")),
        lambda: typeset_dossier(office, actor, prepared, to_be_sent=False),
        lambda: write_bundle(office, actor, prepared, b"%PDF-", io.BytesIO()),
    ):
        with pytest.raises(kind):
            ask()
