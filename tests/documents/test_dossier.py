"""The file as a document: a real reader opens it, hostile texts stay texts, and a version gives the same bytes."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from documents.bundle import DIGESTS, REFERRAL, Opened, bundle
from documents.dossier import as_pdf, title
from domain.dossier import Attached, Copy, Dossier, dossier
from domain.errors import Refused
from domain.parts.contact import AddNote
from domain.parts.filing import PrepareFiling
from domain.parts.intake import AmendComplaint
from domain.parts.piece import ReceivePiece, RecordPieceRefusal
from tests.domain.dossiers import COMPLETE, REASONS, RECEIVE, complete
from tests.domain.examples import CALENDAR, Story, complaint, consent, to_defender
from tests.domain.random_story import random_story
from tests.people import LOU_BY_POST
from tests.support import reader
from tests.support.hostile_texts import HOSTILE

AT = datetime(2026, 3, 2, tzinfo=UTC)


def made(story: Story) -> Dossier:
    return dossier(story.case.reference, story.entries, CALENDAR)


def read(story: Story) -> str:
    return reader.text(as_pdf(made(story))).replace("\u00a0", " ").replace("\u202f", " ")


def full() -> Story:
    """A case of which every part of the file has something to say."""
    prior = [{"kind": "WRITTEN_COMPLAINT", "taken_on": "2026-02-26", "to_whom": "Agence", "answer": "Déjà loué"}]
    child = LOU_BY_POST | {"given_name": "Sam", "is_minor": True, "language": "ar", "accessibility": "Interprète"}
    more = {"prior_steps": prior, "concerned_person": child, "capacity": "LEGAL_REPRESENTATIVE", "fictitious": False}
    story = Story(**COMPLETE | more).do(to_defender(), consent("RESPONDENT"), RECEIVE)
    story.do(REASONS, ReceivePiece(piece="EV002", description="Une amie atteste", sha256="ab" * 32))
    story.until("2026-03-25").do(RecordPieceRefusal(piece="EV011", silent=True, explanation="Rien n’est venu"))
    return story.do(PrepareFiling(channel="POST"))


# --- The referral ---


def test_the_file_can_be_read_by_a_screen_reader_and_kept_by_an_archive() -> None:
    file = made(full())
    pdf = as_pdf(file)
    assert reader.faults(pdf, title(file)) == []
    assert {"Table", "TH", "THead", "TD", "H1", "H2", "H3", "P"} <= reader.tags(pdf)
    levels = [int(kind[1:]) for kind in reader.headings(pdf)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_file_says_all_that_the_decree_asks_for() -> None:
    said = read(full())
    for words in (
        *("Lou Exemple", "12 rue Fictive", "Représentant·e légal·e", "Sam Exemple", "arabe", "Interprète"),
        *("Agence Exemple (fictive)", "1 place Inventée", "Logement privé", "loi 89-462 art. 1", "Lille"),
        *("Origine", "loi n° 2008-496 du 27 mai 2008, art. 1", "C. pén. 225-1", "Discrimination directe"),
        *("Refusée à la porte.", "20/02/2026", "26/02/2026", "Déjà loué", "Être traitée comme les autres."),
        *("Demande des motifs d’un refus", "silence constaté le 25/03/2026", "Rien n’est venu"),
        *("Les messages du 20 février", "Une amie atteste", "SHA-256 : abababab"),
        *("donné le 02/03/2026", "non donné", "Signature de Lou Exemple"),
        *("n’interrompt ni ne suspend par elle-même", "Tribunal judiciaire", "19/02/2031"),
        *("Libre réponse 71120", "version 11", "25 mars 2026"),
    ):
        assert words.lower() in said.lower(), words


def test_a_file_that_may_not_be_sent_says_so_on_its_first_page() -> None:
    said = read(Story(**COMPLETE))
    assert "Projet : ce dossier ne peut pas être transmis en l’état" in said
    assert "LO 2011-333 art. 8" in said
    assert "Projet" not in read(complete())


def test_no_figure_of_the_file_is_a_chance_of_success_and_nobody_is_called_a_victim() -> None:
    said = read(full())
    assert "%" not in said
    assert "victime" not in said.lower() and "coupable" not in said.lower()


def test_a_version_gives_the_same_bytes_for_ever() -> None:
    story = full()
    was, version = as_pdf(made(story)), story.case.version
    story.wait(days=400).do(AddNote(text="Plus tard"))
    assert as_pdf(dossier(story.case.reference, story.entries[:version], CALENDAR)) == was
    assert as_pdf(made(story)) != was


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_was_typed_in_any_field_is_printed_and_obeyed_by_nothing(typed: str) -> None:
    story = full()
    case, line = story.case, typed.replace("\n", " ")[:200]
    person = case.complaint.complainant
    assert person is not None
    told = case.complaint.model_copy(
        update={
            "complainant": person.model_copy(
                update={"given_name": line, "family_name": line, "address": typed, "accessibility": typed}
            ),
            "respondent": case.complaint.respondent.model_copy(update={"name": line, "address": typed}),
            "facts": case.complaint.facts.model_copy(update={"narrative": typed}),
            "expectations": typed,
            "prior_steps": tuple(
                step.model_copy(update={"to_whom": line, "answer": typed}) for step in case.complaint.prior_steps
            ),
        }
    )
    pieces = tuple(piece.model_copy(update={"said": typed}) for piece in case.pieces)
    own = pieces[0].model_copy(update={"id": "P1", "label": line})
    file = made(story)
    changed = case.model_copy(update={"complaint": told, "pieces": (*pieces, own)})
    shown = tuple(type(x)(x.number, changed.piece(x.piece.id), x.legs, x.received_on, x.copies) for x in file.exhibits)
    file = Dossier(changed, file.day, file.gaps, file.steps, shown, file.in_vain, file.consents, file.limits)
    assert reader.faults(as_pdf(file), title(file)) == []


@pytest.mark.parametrize("seed", range(12))
def test_the_file_of_any_case_can_be_made(seed: int) -> None:
    file = made(random_story(seed))
    assert reader.faults(as_pdf(file), title(file)) == []


def test_a_file_without_a_name_a_date_or_a_piece_can_be_made_too() -> None:
    bare = Story(complainant=None, facts={"narrative": "Refus"}, respondent={})
    said = read(bare)
    assert "signalement anonyme" in said and "Aucune pièce n’est jointe" in said and "non connu à ce jour" in said
    bare.do(AmendComplaint(complaint=complaint(**COMPLETE), reason="Heard better"))
    assert "signalement anonyme" not in read(bare)


# --- The ZIP ---


def a_copy(name: str, content: bytes, sha256: str | None = None) -> Opened:
    digest = sha256 or hashlib.sha256(content).hexdigest()
    file = Attached(id=name, sha256=digest, size=len(content), media_type="application/pdf")
    reading: Callable[[], nullcontext[io.BytesIO]] = lambda: nullcontext(io.BytesIO(content))  # noqa: E731
    return Copy(name=name, file=file), reading


def zipped(*copies: Opened) -> bytes:
    out = io.BytesIO()
    bundle(out, b"%PDF-1.7", copies, AT)
    return out.getvalue()


def test_the_zip_holds_the_referral_the_copies_and_digests_that_other_tools_check() -> None:
    big = bytes(range(256)) * 12_000
    archive = zipfile.ZipFile(io.BytesIO(zipped(a_copy("piece-01-1.pdf", b"un"), a_copy("piece-02-1.pdf", big))))
    assert archive.testzip() is None
    assert archive.namelist() == [REFERRAL, "piece-01-1.pdf", "piece-02-1.pdf", DIGESTS]
    assert archive.read("piece-02-1.pdf") == big
    for line in archive.read(DIGESTS).decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest


def test_the_same_parts_make_the_same_zip() -> None:
    assert zipped(a_copy("piece-01-1.pdf", b"un")) == zipped(a_copy("piece-01-1.pdf", b"un"))


def test_a_copy_that_is_no_longer_what_was_received_is_not_sent() -> None:
    with pytest.raises(Refused) as refused:
        zipped(a_copy("piece-01-1.pdf", b"un", sha256="0" * 64))
    assert refused.value.code == "copy_altered"
