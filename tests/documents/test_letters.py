"""The letters: each lever has one, in French that this project would sign, filled from the case and readable by all."""

import re
from datetime import date

import pytest

from documents.letter import HERE, Draft, Kind, as_pdf, as_text, compose, wording
from domain.errors import Refused
from domain.law.proof import asked_of
from domain.reference import Lever, evidence, levers
from domain.vocabulary import Party
from tests.domain.examples import CALENDAR, Story
from tests.people import AGENCY, LOU_BY_POST
from tests.support import reader
from tests.support.hostile_texts import HOSTILE
from words.french import as_list, in_full, spaced

DAY = date(2026, 3, 2)
SENT = [lever for lever in levers().values() if lever.signed_by]
PERSON = LOU_BY_POST | {"email": "lou@example.org"}
EVERYTHING = {
    "domain": "BIENS_SERVICES_PRIVES",
    "acts": ["DIRECTE", "REFUS_SOINS", "CONTROLE_FACIES", "REFUS_AMENAGEMENT"],
    "complainant": PERSON,
    "respondent": AGENCY,
    "fictitious": False,
}


def written(lever: Lever, story: Story | None = None, addressee: str | None = None, day: date = DAY) -> Draft:
    case = (story or Story(**EVERYTHING)).case
    usual = [piece.id for piece in case.pieces if lever.code in evidence()[piece.id].levers] or ["EV001"]
    return compose(case, lever, usual[:3], day, CALENDAR, asked_of(lever, case.complaint), addressee)


def by(code: str) -> Lever:
    return levers()[code]


# --- The wording ---


def test_there_is_a_wording_for_each_lever_that_is_written_to_and_for_no_other() -> None:
    assert {path.stem.upper() for path in (HERE / "wording").glob("*.txt")} == {lever.code for lever in SENT}


@pytest.mark.parametrize("lever", SENT, ids=lambda lever: lever.code)
def test_the_french_of_a_wording_is_set_as_french_is(lever: Lever) -> None:
    said = wording(lever.code)
    wrong = re.compile(r"[ \w)}][;?!](?=\s|$)|[^\u00a0]:(?=\s|$)|«[^\u00a0]|[^\u00a0]»|'|  ")
    assert [found.group() for found in wrong.finditer(said)] == []
    assert said.startswith("Objet\u00a0: ")
    assert re.search(r"\barticles? [LRD]?\d", said) is None, "an article and its number stay on one line"
    assert not re.search(r"\b(victime|coupable|plaignant)", said, re.IGNORECASE)


def test_witnesses_are_told_what_the_law_asks_of_a_statement() -> None:
    # CPC 202: identity, links with the parties, facts witnessed, awareness of the penalty, own hand, identity document.
    said = wording("ATTESTATION")
    for asked in (
        *("Nom", "Prénoms", "Date et lieu de naissance", "Adresse", "Profession", "parenté", "alliance"),
        *("subordination", "collaboration", "communauté d’intérêts", "production en justice", "441-7", "main"),
        *("dater", "signer", "identité", "signature", "personnellement constatés"),
    ):
        assert asked in said, asked


def test_a_letter_says_at_its_foot_which_of_its_texts_nobody_has_read() -> None:
    draft = written(by("CCTV"))
    (note,) = draft.notes
    said = note.replace("\u00a0", " ")
    assert said == (
        "Cité sans avoir été lu, à vérifier par un juriste : règlement (UE) 2016/679 (RGPD), articles 15, 18 ; "
        "loi n° 78-17, article 105."
    ).replace(" ;", "\u202f;")
    assert "loi n° 78-17, article 105." in reader.text(as_pdf(draft)).replace("\u00a0", " ")
    assert " ".join(note.split()) in " ".join(as_text(draft).split())
    assert written(by("REASONS_PUBLIC")).notes == (), "the code that it cites was read"


def test_no_letter_is_written_by_a_lever_that_waits_for_a_law() -> None:
    with pytest.raises(Refused) as refused:
        written(by("PAY_TRANSPARENCY"))
    assert refused.value.code == "lever_awaited"
    assert "pas encore en vigueur" in by("PAY_TRANSPARENCY").label_fr


# --- A letter ---


@pytest.mark.parametrize("lever", SENT, ids=lambda lever: lever.code)
def test_each_letter_can_be_read_by_a_screen_reader_and_kept_by_an_archive(lever: Lever) -> None:
    draft = written(lever)
    pdf = as_pdf(draft)
    assert reader.faults(pdf, draft.subject) == []
    assert reader.headings(pdf)[0] == "H1"
    said = reader.text(pdf)
    assert "{" not in said and "}" not in said
    assert " ".join(draft.subject.replace("\u00a0", " ").split()) in said.replace("\u00a0", " ")
    assert f"page 1 sur {reader.pages(pdf)}" in said.replace("\u00a0", " ")
    assert "fictif" not in said.replace("(fictive)", "").lower()


@pytest.mark.parametrize("lever", SENT, ids=lambda lever: lever.code)
def test_the_text_says_what_the_pdf_says(lever: Lever) -> None:
    draft = written(lever)
    text = as_text(draft)
    assert max(len(line) for line in text.split("\n")) <= 80
    plain = " ".join(text.split())
    for part in draft.parts:
        if part.kind in (Kind.PARAGRAPH, Kind.ITEM):
            assert " ".join(part.text.split()) in plain
    assert draft.signature in plain


@pytest.mark.parametrize("lever", SENT, ids=lambda lever: lever.code)
def test_each_letter_says_by_when_an_answer_is_due(lever: Lever) -> None:
    draft = written(lever)
    assert draft.due is not None
    assert in_full(draft.due) in as_text(draft).replace("\n", " ") or in_full(draft.due) in " ".join(
        part.text for part in draft.parts
    )


def test_a_letter_to_the_respondent_carries_both_addresses() -> None:
    draft = written(by("PERSONAL_DATA"))
    assert draft.sender == ("Lou Exemple", "12 rue Fictive", "59000 Lille", "lou@example.org")
    assert draft.recipient == ("Agence Exemple (fictive)", "1 place Inventée", "59000 Lille")
    assert in_full(date(2026, 4, 2)) in as_text(draft).replace("\n", " ")


def test_requests_that_need_no_reason_give_none_and_do_not_tell_of_the_case() -> None:
    for code in ("PERSONAL_DATA", "ADMINISTRATIVE_DOCUMENT"):
        said = as_text(written(by(code))).lower()
        assert "discrimin" not in said
        assert "0000-0000-0000" not in said


def test_pictures_are_asked_for_before_the_day_they_are_erased() -> None:
    said = " ".join(as_text(written(by("CCTV"))).split())
    assert ", soit au plus tard le 20 mars 2026, peut-être avant. " in said
    assert "avant le 5 mars 2026" in said


@pytest.mark.parametrize("code", ["CCTV", "POLICE_IMAGES"])
def test_the_last_pictures_of_what_lasted_live_a_month_after_its_last_day(code: str) -> None:
    # Counted from the first day, the letter would itself tell the operator that all of them may be gone.
    days = {"narrative": "Refusé", "occurred_on": "2026-01-05", "ended_on": "2026-02-25"}
    said = said_in(code, Story(**EVERYTHING | {"facts": days}))
    assert "soit, pour les derniers jours, au plus tard le 25 mars 2026, peut-être avant" in said
    assert "février 2026, peut-être" not in said


# --- The texts that a letter rests on ---


def test_access_to_pictures_is_asked_for_by_the_texts_that_give_it() -> None:
    said = said_in("CCTV", Story(**EVERYTHING))
    assert "article R253-6, II et IV, du code de la sécurité intérieure et article 15 du RGPD" in said
    assert "titre III de la loi n° 78-17 du 6 janvier 1978, article 105" in said
    assert "L253-5" not in said and "R253-6 II et IV" in by("CCTV").basis


def test_pictures_of_the_police_are_asked_for_from_each_police_and_seen_directly() -> None:
    said = said_in("POLICE_IMAGES", Story(**EVERYTHING))
    for text in ("article L241-1", "article L241-2 pour la police municipale", "article R241-6, IV", "R241-15, III"):
        assert text in said, text
    assert "de me donner accès à ceux qui me concernent : ce droit s’exerce directement auprès de vous" in said


def test_a_refusal_of_care_is_complained_of_as_the_decree_asks() -> None:
    # CSP R1110-11: who is complained of, by a means that gives a date certain.
    said = said_in("CARE_AUTHORITY", Story(**EVERYTHING))
    assert "Objet : plainte pour refus de soins discriminatoire" in said
    assert "lettre recommandée avec avis de réception, ou par un autre moyen qui donne date certaine" in said
    assert "mis en cause est : Agence Exemple (fictive), 1 place Inventée, 59000 Lille." in said
    unnamed = said_in("CARE_AUTHORITY", Story(**EVERYTHING | {"respondent": {}}))
    assert "mis en cause est : à nommer ci-dessous. Son nom, sa profession et son adresse" in unnamed


def test_a_record_that_somebody_asks_for_without_a_judge_has_a_text_of_its_own() -> None:
    assert by("BAILIFF").basis == "ordonnance 2016-728 art. 1"
    assert "article 1er de l’ordonnance n° 2016-728" in said_in("BAILIFF", Story(**EVERYTHING))


def test_whom_it_is_for_is_left_to_be_filled_in_or_given() -> None:
    assert written(by("CCTV")).recipient == ()
    given = written(by("CCTV"), addressee="Centre Exemple\nService sécurité")
    assert given.recipient == ("Centre Exemple", "Service sécurité")
    assert "Service sécurité" in reader.text(as_pdf(given))
    assert written(by("OWN_PAPERS")).recipient[0] == "Lou Exemple"


def test_the_facts_are_told_as_far_as_they_are_known() -> None:
    facts = {"narrative": "Refusé", "occurred_on": "2026-01-01", "ended_on": "2026-02-01"}
    story = Story(**EVERYTHING | {"facts": facts})
    assert "faits survenus du 1er janvier 2026 au 1er février 2026" in said_in("ATTESTATION", story)
    unknown = Story(**EVERYTHING | {"facts": {"narrative": "Refusé"}})
    assert "à mon égard à une date que je préciserai" in said_in("REASONS_PRIVATE", unknown)
    assert "se sont produits à une date qui sera précisée" in said_in("SITUATION_TEST", unknown), "the team writes"


@pytest.mark.parametrize(
    ("code", "lasted", "goes_on"),
    [
        ("ATTESTATION", "faits survenus du {} au {}", "faits survenus depuis le {}"),
        ("COMMUNICATION", "j’ai été traité·e du {} au {}, au regard", "j’ai été traité·e depuis le {}, au regard"),
        ("REASONS_PRIVATE", "à mon égard le {}.", "à mon égard le {}."),
        ("REASONS_PUBLIC", "à mon égard le {}.", "à mon égard le {}."),
        ("CARE_AUTHORITY", "opposé le {}.", "opposé le {}."),
        ("CCTV", "vidéoprotection du {} au {}.", "vidéoprotection le {} et les jours suivants."),
        ("POLICE_IMAGES", "intervention du {} au {}.", "intervention le {} et les jours suivants."),
        ("SITUATION_TEST", "se sont produits du {} au {}.", "se sont produits le {} et les jours suivants."),
    ],
)
def test_what_lasts_is_dated_as_each_letter_tells_it(code: str, lasted: str, goes_on: str) -> None:
    # A decision is taken on one day; pictures of every day are asked for.
    days = {"narrative": "Refusé", "occurred_on": "2026-02-20", "ended_on": "2026-02-25"}
    on = {"narrative": "Refusé", "occurred_on": "2026-02-20", "ongoing": True}
    assert lasted.format("20 février 2026", "25 février 2026") in said_in(code, Story(**EVERYTHING | {"facts": days}))
    assert goes_on.format("20 février 2026") in said_in(code, Story(**EVERYTHING | {"facts": on}))


def said_in(code: str, story: Story) -> str:
    return " ".join(as_text(written(by(code), story)).split())


def test_a_letter_that_takes_a_name_is_not_written_for_an_anonymous_report() -> None:
    story = Story(**EVERYTHING | {"complainant": None})
    with pytest.raises(Refused) as refused:
        written(by("PERSONAL_DATA"), story)
    assert refused.value.code == "letter_anonymous"
    assert written(by("SITUATION_TEST"), story).signature == "Pour maison-du-droit, camille"


def test_nothing_is_written_for_what_is_published_nor_for_a_piece_that_is_not_there() -> None:
    case = Story(**EVERYTHING).case
    for lever, pieces, code in (("PUBLISHED", ["EV001"], "nothing_to_send"), ("ATTESTATION", ["P9"], "unknown_part")):
        with pytest.raises(Refused) as refused:
            compose(case, by(lever), pieces, DAY, CALENDAR, Party.WITNESS)
        assert refused.value.code == code


def test_a_minor_is_represented() -> None:
    child = PERSON | {"given_name": "Sam", "is_minor": True}
    story = Story(**EVERYTHING | {"concerned_person": child, "capacity": "LEGAL_REPRESENTATIVE"})
    assert written(by("PERSONAL_DATA"), story).signature == "Pour Sam Exemple"


def test_the_team_writes_under_its_letterhead_and_to_the_employer_by_name() -> None:
    case = Story(domain="EMPLOI_PRIVE", complainant=LOU_BY_POST, respondent=AGENCY).case
    heads = {case.organisation: "Maison du droit (fictive)\n2 rue Inventée"}
    by_team = by("SITUATION_TEST")
    draft = compose(case, by_team, ["EV006"], DAY, CALENDAR, asked_of(by_team, case.complaint), letterheads=heads)
    assert draft.sender[:2] == ("Maison du droit (fictive)", "2 rue Inventée")
    assert draft.signature.startswith("Pour Maison du droit (fictive)")
    council = by("WORKS_COUNCIL")
    draft = compose(case, council, ["EV021"], DAY, CALENDAR, asked_of(council, case.complaint), letterheads=heads)
    assert draft.recipient[:3] == ("À un membre élu", "Comité social et économique", AGENCY["name"])


def test_an_example_says_that_it_is_one() -> None:
    draft = written(by("PERSONAL_DATA"), Story(**EVERYTHING | {"fictitious": True}))
    assert "Exemple fictif" in reader.text(as_pdf(draft)).replace("\u00a0", " ")
    assert as_text(draft).startswith("FICTIF")


def test_the_same_case_and_day_give_the_same_bytes() -> None:
    assert as_pdf(written(by("CCTV"))) == as_pdf(written(by("CCTV")))
    assert as_pdf(written(by("CCTV"))) != as_pdf(written(by("CCTV"), day=date(2026, 3, 3)))


@pytest.mark.parametrize("typed", [text for text in HOSTILE if text.isprintable() and len(text) < 200])
def test_a_name_is_printed_as_it_was_typed_and_obeyed_by_nothing(typed: str) -> None:
    person = PERSON | {"family_name": typed[:190]}
    story = Story(**EVERYTHING | {"complainant": person, "respondent": AGENCY | {"name": typed[:190]}})
    for code in ("PERSONAL_DATA", "CARE_AUTHORITY", "ATTESTATION"):
        draft = written(by(code), story)
        assert reader.faults(as_pdf(draft), draft.subject) == []
        assert typed.strip() in as_text(draft)
    if typed.isascii():
        assert typed in reader.text(as_pdf(written(by("PERSONAL_DATA"), story)))


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_was_told_can_be_printed(typed: str) -> None:
    case = Story(**EVERYTHING).case
    facts = case.complaint.facts.model_copy(update={"narrative": typed})
    case = case.model_copy(update={"complaint": case.complaint.model_copy(update={"facts": facts})})
    draft = compose(case, by("CARE_AUTHORITY"), ["EV045"], DAY, CALENDAR, Party.ADMINISTRATION, typed)
    assert reader.faults(as_pdf(draft), draft.subject) == []


# --- French ---


def test_days_are_written_as_the_french_write_them() -> None:
    assert in_full(date(2026, 3, 1)) == "1er\u00a0mars 2026"
    assert in_full(date(2026, 8, 31)) == "31\u00a0août 2026"


def test_double_signs_stand_apart_and_a_list_ends_with_a_full_stop() -> None:
    assert spaced("Motif: oui; « non »?") == "Motif\u00a0: oui\u202f; «\u00a0non\u00a0»\u202f?"
    assert spaced("à 10:30, voir C:/x") == "à 10:30, voir C:/x"
    assert as_list(["un", "deux.", "trois;"]) == ["un\u202f;", "deux\u202f;", "trois."]
    assert as_list([]) == []
