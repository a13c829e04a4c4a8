"""Cells become values: dates as offices write them, texts that are looked up, yes and no; or are refused by name."""

from datetime import UTC, date, datetime

import pytest

from tests.importer.tables import LOG, MINIMAL, one, turned_away


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2025-03-01", datetime(2025, 2, 28, 23, tzinfo=UTC)),
        ("01/03/2025", datetime(2025, 2, 28, 23, tzinfo=UTC)),
        ("1/3/2025 14:30", datetime(2025, 3, 1, 13, 30, tzinfo=UTC)),
        ("2025-03-01 14:30", datetime(2025, 3, 1, 13, 30, tzinfo=UTC)),
        ("2011-10-11 13:45:40.276000+02:00", datetime(2011, 10, 11, 11, 45, 40, 276000, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_offices_write_them(cell: str, instant: datetime) -> None:
    assert one(MINIMAL, le=cell).complaint.received_at == instant


@pytest.mark.parametrize(
    "cell", ["31/02/2025", "02/13/2025", "2025", "45717", "20250301", "hier", "01/03/25", "2025-W09-1"]
)
def test_what_is_no_date_is_refused_with_its_column(cell: str) -> None:
    refused = turned_away(MINIMAL, le=cell)
    assert refused.line == 2
    assert refused.field == "received_at"
    assert "le" in refused.message


def test_a_format_is_tried_and_iso_still_read() -> None:
    text = MINIMAL.replace('column = "le"', 'column = "le", format = "%m/%d/%Y"')
    assert one(text, le="03/31/2025").complaint.received_at.date() == date(2025, 3, 30)
    assert one(text, le="2025-03-31").complaint.received_at.date() == date(2025, 3, 30)  # what a workbook gives
    assert turned_away(text, le="31/03/2025").field == "received_at"


def test_a_time_that_does_not_exist_is_refused() -> None:
    refused = turned_away(LOG, quoi="Note", quand="2025-03-30 02:30")
    assert refused.field == "happened_at"


def test_a_day_is_read_from_a_moment() -> None:
    text = MINIMAL + 'facts.occurred_on = { column = "jour" }\n'
    assert one(text, jour="2025-02-27T23:30:00+00:00").complaint.facts.occurred_on == date(2025, 2, 28)


CODED = """
[source]
system = "essai"
identity = ["no"]
[complaint]
received_at = { column = "le" }
channel = { value = "DESK" }
domain = { value = "AUTRE" }
facts.narrative = { column = "recit" }
[complaint.criteria]
column = "motifs"
split = ";"
values = { "Âge" = "AGE", "Quartier" = "LIEU_RESIDENCE", "Santé" = ["ETAT_SANTE", "HANDICAP"], "-" = "" }
"""


def test_texts_are_looked_up_without_regard_to_case_accents_and_spaces() -> None:
    assert one(CODED, motifs=" ÂGE ; quartier;sante;AGE;").complaint.criteria == (
        "AGE",
        "LIEU_RESIDENCE",
        "ETAT_SANTE",
        "HANDICAP",
    )


def test_a_text_that_is_not_in_the_table_is_refused_by_name() -> None:
    refused = turned_away(CODED, motifs="Âge; Coiffure")
    assert "motifs" in refused.message
    assert "Coiffure" in refused.message
    assert refused.field == "criteria"


def test_a_text_that_stands_for_nothing_gives_nothing() -> None:
    assert turned_away(CODED, motifs="-").field == "criteria"  # a complaint has at least one


def test_a_default_stands_for_what_is_empty_or_unknown() -> None:
    text = CODED + 'default = "AUTRE_INDETERMINE"\n'
    assert one(text, motifs="").complaint.criteria == ("AUTRE_INDETERMINE",)
    assert one(text, motifs="Coiffure").complaint.criteria == ("AUTRE_INDETERMINE",)


def test_several_columns_make_a_list_or_fill_a_template() -> None:
    text = CODED.replace('column = "motifs"\nsplit = ";"', 'columns = ["motif 1", "motif 2"]').replace(
        'facts.narrative = { column = "recit" }', 'facts.narrative = { template = "{recit} (fiche {no}, {motif 2})" }'
    )
    complaint = one(text, **{"motif 1": "Âge", "motif 2": ""}).complaint
    assert complaint.criteria == ("AGE",)
    assert complaint.facts.narrative == "Un refus. (fiche 1, )"


def test_a_template_is_no_format_string() -> None:
    text = MINIMAL.replace('{ column = "recit" }', '{ template = "{case:no.__class__}: {recit}" }')
    plan = one(text, **{"case:no.__class__": "{recit}"})
    assert plan.complaint.facts.narrative == "{recit}: Un refus."


PERSON = """
[complaint.complainant]
family_name = { column = "nom" }
given_name = { column = "prenom" }
is_minor = { column = "mineur" }
language = { value = "fr" }

[[complaint.consents]]
when = { column = "accord", values = { "oui" = "oui", "non" = "" } }
scope = { value = "DEFENDER" }
given_on = { column = "accord du" }
"""
NOBODY = {"nom": "", "prenom": "", "mineur": "", "accord": "", "accord du": ""}


def test_a_person_of_whom_nothing_is_said_is_nobody() -> None:
    assert one(MINIMAL + PERSON, **NOBODY).complaint.complainant is None


def test_a_person_half_named_is_refused() -> None:
    assert turned_away(MINIMAL + PERSON, **NOBODY | {"nom": "Exemple"}).field == "complainant.given_name"


def test_yes_and_no_are_read() -> None:
    said = {"nom": "Exemple", "prenom": "Lou", "mineur": "Oui"}
    complainant = one(MINIMAL + PERSON, **NOBODY | said).complaint.complainant
    assert complainant is not None
    assert complainant.is_minor
    assert turned_away(MINIMAL + PERSON, **NOBODY | said | {"mineur": "peut-être"}).field == "complainant.is_minor"


def test_a_consent_is_there_only_if_it_was_given_and_then_it_has_its_date() -> None:
    text = MINIMAL + PERSON
    assert one(text, **NOBODY | {"accord": "NON", "accord du": "2025-03-01"}).complaint.consents == ()
    assert len(one(text, **NOBODY | {"accord": "oui", "accord du": "2025-03-01"}).complaint.consents) == 1
    assert turned_away(text, **NOBODY | {"accord": "oui"}).field == "consents.0.given_on"
    assert turned_away(text, **NOBODY | {"accord": "bof"}).field == "consents.0.when"


def test_everything_that_is_wrong_with_a_row_is_said_at_once() -> None:
    refused = turned_away(MINIMAL + PERSON, **NOBODY | {"le": "hier", "accord": "bof", "mineur": "?"})
    assert {"received_at", "consents.0.when"} <= {problem.field for problem in refused.problems}


def test_a_missing_narrative_is_named() -> None:
    assert turned_away(MINIMAL, recit="").field == "facts.narrative"


PLACE = MINIMAL + 'facts.place.commune = { column = "ville" }\n'


def test_a_commune_is_named_or_given_by_its_code() -> None:
    for said in ("Roubaix", "ROUBAIX", "59512"):
        assert one(PLACE, ville=said).complaint.facts.place.commune == "59512"


def test_a_name_of_no_commune_is_refused() -> None:
    assert turned_away(PLACE, ville="Atlantis").field == "facts.place.commune"
