"""The file as a document: a real reader opens it, hostile texts stay texts, and a version gives the same bytes."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from documents.bundle import DIGESTS, REFERRAL, Opened, bundle
from documents.dossier import as_pdf, title
from domain.dossier import Attached, Copy, Dossier, dossier
from domain.errors import Refused
from domain.parts.contact import AddNote
from domain.parts.filing import PrepareFiling
from domain.parts.intake import AmendComplaint
from domain.parts.piece import ReceivePiece, RecordPieceRefusal
from domain.reference import evidence
from tests.domain.dossiers import COMPLETE, FACTS, REASONS, RECEIVE, complete
from tests.domain.examples import CALENDAR, Story, complaint, consent, to_defender
from tests.domain.random_story import random_story
from tests.domain.rich import rich
from tests.people import AGENCY, LOU_BY_POST, PARTNER_ORG
from tests.support import reader
from tests.support.hostile_texts import HOSTILE

AT = datetime(2026, 3, 2, tzinfo=UTC)


def made(story: Story) -> Dossier:
    return dossier(story.case.reference, story.entries, CALENDAR)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def read(story: Story) -> str:
    return plain(reader.text(as_pdf(made(story))))


def parts(story: Story) -> tuple[str, str]:
    """The referral, which the respondent may be given, and the sheet that is for the delegate alone."""
    pages = [plain(page) for page in reader.each_page(as_pdf(made(story)))]
    first = next(n for n, page in enumerate(pages) if "Feuille détachable" in page)
    return " ".join(pages[:first]), " ".join(pages[first:])


def full_of(**changes: Any) -> Story:
    """A case that can be filed, with other things told."""
    return Story(**COMPLETE | changes).do(to_defender(), PrepareFiling(channel="POST"))


def full() -> Story:
    """A case of which every part of the file has something to say."""
    prior = [{"kind": "WRITTEN_COMPLAINT", "taken_on": "2026-02-26", "to_whom": "Agence", "answer": "Déjà loué"}]
    child = LOU_BY_POST | {"given_name": "Sam", "is_minor": True, "language": "ar", "accessibility": "Interprète"}
    more = {"prior_steps": prior, "concerned_person": child, "capacity": "LEGAL_REPRESENTATIVE", "fictitious": False}
    story = Story(**COMPLETE | more).do(to_defender(), consent("RESPONDENT"), RECEIVE)
    story.do(REASONS, ReceivePiece(piece="EV002", description="Une amie atteste", sha256="ab" * 32))
    story.until("2026-03-25").do(RecordPieceRefusal(piece="EV011", silent=True, explanation="Rien n’est venu"))
    return story.do(PrepareFiling(channel="POST"))


def test_the_work_of_partners_is_told_under_their_letterhead_and_the_conduct_of_police_is_named() -> None:
    heads = {PARTNER_ORG: "Association du Nord (fictive)\n3 rue Inventée"}
    text = reader.text(as_pdf(made(rich()), letterheads=heads))
    assert "Association du Nord (fictive)" in text and "Une lettre a été écrite à l’agence." in text
    assert "Aide psychologique" not in text, "refused: nothing was done"
    police = full_of(domain="POLICE_JUSTICE", acts=["CONTROLE_FACIES"])
    assert "la déontologie des personnes qui exercent la sécurité" in read(police) and "déontologie" not in text


def test_no_row_of_a_table_and_no_signature_stands_torn_or_alone() -> None:
    prior = [
        {"kind": "OTHER", "to_whom": f"Service {n}", "answer": f"début {n} " + "réponse " * 60 + f"fin {n}"}
        for n in range(1, 12)
    ]
    pages = reader.by_page(as_pdf(made(full_of(prior_steps=prior))))
    for n in range(1, 12):
        assert sum(f"début {n} " in page and f"fin {n}" in page for page in pages) == 1, n
    (signed,) = (page for page in pages if "Date et signature" in page)
    assert "Consentements de la personne" in signed


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


# --- Time limits, for the delegate alone ---


def test_time_limits_stand_on_a_sheet_that_is_taken_off_before_the_respondent_sees_anything() -> None:
    referral, sheet = parts(full())
    assert "À retirer du dossier avant toute communication au mis en cause" in sheet
    assert "19/02/2031" in sheet and "19/02/2031" not in referral
    assert "prescription" not in referral and "Signature de Lou Exemple" in referral
    assert "page 3 sur 3" in referral and "feuille détachable, à retirer page 1 sur 1" in sheet


def test_a_time_limit_that_is_over_is_told_to_the_delegate_and_to_nobody_else() -> None:
    story = Story(**COMPLETE | {"acts": ["PROPOS"], "facts": FACTS | {"occurred_on": "2025-01-10"}}).do(to_defender())
    referral, sheet = parts(story)
    assert "date dépassée au 2 mars 2026" in sheet
    assert not re.search(r"passé|dépassé|prescri", referral)


def test_the_delegate_is_warned_of_minority_on_the_sheet() -> None:
    child = LOU_BY_POST | {"given_name": "Sam", "born_on": "2012-05-04"}
    more = {"concerned_person": child, "capacity": "LEGAL_REPRESENTATIVE"}
    _, sheet = parts(Story(**COMPLETE | more))
    assert "Minorité. La personne est mineure" in sheet and "majorité, le 4 mai 2030 (C. civ. 2235)" in sheet
    assert "date que nous ne connaissons pas" in parts(full())[1]
    assert "Minorité" not in read(Story(**COMPLETE))


def test_what_nobody_has_read_is_marked_in_the_referral_and_under_each_time_limit() -> None:
    referral, sheet = parts(full())
    assert "Textes cités Cité sans avoir été lu, à vérifier par un juriste : LO 2011-333 art. 6, 8, 20" in referral
    assert "CPP art. 8, 9-2, 85. Cité sans avoir été lu, à vérifier par un juriste : CPP 8, 9-2, 85." in sheet
    assert "À partir du 01/01/2029, ne se cite plus ainsi : CPP 8, 9-2, 85 (ordonnance 2025-1091" in sheet


def test_a_ground_that_was_not_law_yet_on_the_day_of_the_facts_is_told_as_such() -> None:
    ground = {"domain": "EMPLOI_PRIVE", "criteria": ["PROJET_PARENTAL"]}
    before = Story(**COMPLETE | ground | {"facts": FACTS | {"occurred_on": "2025-06-30"}})
    assert "En vigueur depuis le 02/07/2025 seulement : C. trav. L1225-3-1." in read(before)
    assert "En vigueur depuis" not in read(Story(**COMPLETE | ground))


# --- What it says of pieces and of grounds ---


def test_an_exhibit_is_called_what_was_recorded_of_it_and_never_the_example_of_a_checklist() -> None:
    said = read(full())
    assert "Les messages du 20 février" in said
    assert "pas d’étrangers" not in said and "Échanges avec l’agence" not in said
    assert not [item.label_fr for item in evidence().values() if "«" in item.label_fr]


@pytest.mark.parametrize(
    ("domain", "act", "ground", "cited", "elsewhere"),
    [
        ("BIENS_SERVICES_PRIVES", "DIRECTE", "HARCELEMENT_SEXUEL", "C. pén. 225-1-1", "225-1 "),
        ("EDUCATION_FORMATION", "DIRECTE", "BIZUTAGE", "C. pén. 225-1-2", "225-1 "),
        ("EMPLOI_PRIVE", "REPRESAILLES", "TEMOIN", "C. trav. L1132-3", "CGFP"),
        ("EMPLOI_PUBLIC", "REPRESAILLES", "TEMOIN", "CGFP L131-12", "C. trav."),
        ("EMPLOI_PRIVE", "DIRECTE", "GREVE", "C. trav. L1132-2", "L1132-1 "),
        ("EMPLOI_PRIVE", "DIRECTE", "JURE", "C. trav. L1132-3-1", "CGFP"),
        ("EMPLOI_PRIVE", "DIRECTE", "PROJET_PARENTAL", "C. trav. L1225-3-1", "CGFP"),
        ("EDUCATION_FORMATION", "REFUS_AMENAGEMENT", "HANDICAP", "C. éduc. L112-1", "L5213-6"),
        ("EMPLOI_PRIVE", "REFUS_AMENAGEMENT", "HANDICAP", "C. trav. L5213-6", "C. éduc."),
        ("EMPLOI_PRIVE", "HARCELEMENT_SEXUEL", "SEXE", "C. trav. L1153-1", "CGFP"),
    ],
)
def test_each_ground_and_act_is_cited_by_its_own_text(
    domain: str, act: str, ground: str, cited: str, elsewhere: str
) -> None:
    kind = "PUBLIC_BODY" if domain == "EMPLOI_PUBLIC" else "COMPANY"
    more = {"domain": domain, "acts": [act], "criteria": [ground], "respondent": AGENCY | {"kind": kind}}
    referral, _ = parts(Story(**COMPLETE | more))
    matter = referral[referral.index("Objet") : referral.index("dans les mots de la personne")]
    assert cited in matter
    assert elsewhere not in matter


def test_no_english_is_left_in_the_texts() -> None:
    for act, domain in (("PROPOS", "EDUCATION_FORMATION"), ("HARCELEMENT_SEXUEL", "EMPLOI_PRIVE")):
        matter = read(Story(**COMPLETE | {"acts": [act], "domain": domain}))
        assert not re.search(r"\b(and|to|of|the)\b", matter)


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
