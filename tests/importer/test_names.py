"""Names are compared as people see them: composed or not, whatever the spaces and the apostrophes."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapping import parse_mapping
from importer.rows import ComplaintPlan, plan
from kit.tables import tidy
from tests.importer.tables import MINIMAL
from tests.support.servers import KEYS

MAPPING = MINIMAL.replace('"no"', '"Réf"').replace('"le"', '"Date d\'accueil"').replace('"recit"', '"Récit"')


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def plan_of(tmp_path: Path, header: str, row: str, mapping: str = MAPPING) -> ComplaintPlan:
    file = tmp_path / "registre.csv"
    file.write_text(f"{header}\r\n{row}\r\n", encoding="utf-8", newline="")
    (only,) = plan(file, parse_mapping(mapping), KEYS.digest)
    assert isinstance(only, ComplaintPlan), only
    return only


HEADER, ROW = "Réf;Date d'accueil;Récit", "Évry-1;10/03/2025;Refus de visite à Lille."


@pytest.mark.met("letters that come apart")
@pytest.mark.parametrize(
    "header",
    [
        decomposed(HEADER),
        HEADER.replace("'", "’"),
        HEADER.replace(" ", "\u00a0"),
        HEADER.replace(" ", "\u202f").replace("Réf", "Ré\u200bf"),
        HEADER.replace("Date", "  Date "),
        "\u200e" + HEADER.replace("Récit", "Ré\u00adcit\u00a0"),
    ],
)
def test_a_column_is_found_however_its_name_was_typed(tmp_path: Path, header: str) -> None:
    assert plan_of(tmp_path, header, ROW).complaint.facts.narrative == "Refus de visite à Lille."


@pytest.mark.parametrize("mapping", [decomposed(MAPPING), MAPPING.replace("d'accueil", "d’accueil")])
def test_a_mapping_names_a_column_however_it_was_typed(tmp_path: Path, mapping: str) -> None:
    assert plan_of(tmp_path, HEADER, ROW, mapping).key == plan_of(tmp_path, HEADER, ROW).key


@pytest.mark.met("letters that come apart")
def test_a_row_is_known_again_when_its_letters_come_apart(tmp_path: Path) -> None:
    before = plan_of(tmp_path, HEADER, ROW)
    again = plan_of(tmp_path, HEADER, decomposed(ROW))
    assert (again.key, again.reference) == (before.key, before.reference)
    assert again.complaint == before.complaint
    assert again.complaint.facts.narrative == "Refus de visite à Lille."  # as it is kept: composed


def test_a_text_is_looked_up_whatever_its_apostrophe(tmp_path: Path) -> None:
    mapping = MAPPING.replace(
        'channel = { value = "DESK" }', 'channel = { column = "Voie", values."À l\'accueil" = "DESK" }'
    )
    for voie in ("À l’accueil", decomposed("A\u0300 l'accueil"), "à l'accueil"):
        assert plan_of(tmp_path, f"{HEADER};Voie", f"{ROW};{voie}", mapping).complaint.channel == "DESK"


@given(st.text(max_size=30))
def test_a_name_is_the_same_composed_or_apart(text: str) -> None:
    assert tidy(decomposed(text)) == tidy(unicodedata.normalize("NFC", text))
    assert tidy(tidy(text)) == tidy(text)
