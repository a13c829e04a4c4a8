"""The same register as a workbook and as the CSV made from it: one complaint, with the same figures."""

from pathlib import Path

import pytest

from importer.mapping import parse_mapping
from importer.rows import ComplaintPlan, RefusedRow, plan
from tests.importer.tables import workbook
from tests.support.servers import KEYS

MAPPING = """
[source]
system = "registre"
identity = ["Fiche"]
[complaint]
received_at = { column = "Date" }
channel = { value = "DESK" }
domain = { value = "LOGEMENT_PRIVE" }
criteria = { value = ["ORIGINE"] }
facts.narrative = { column = "Texte" }
[complaint.complainant]
family_name = { column = "Nom" }
given_name = { column = "Prénom" }
phone = { column = "Téléphone" }
address = { template = "{Rue}, {Code postal}" }
"""
HEADER = ["Fiche", "Date", "Texte", "Nom", "Prénom", "Téléphone", "Rue", "Code postal"]
SHOWN = ["00012", "03/02/2025", "Refus de bail.", "Exemple", "Camille", "03 00 00 00 01", "1 rue Exemple", "01000"]


def only(file: Path, mapping: str = MAPPING) -> ComplaintPlan | RefusedRow:
    (found,) = plan(file, parse_mapping(mapping), KEYS.digest)
    return found


@pytest.mark.met("number formats")
def test_a_workbook_and_its_csv_are_the_same_register(tmp_path: Path) -> None:
    text = tmp_path / "registre.csv"
    text.write_text(";".join(HEADER) + "\r\n" + ";".join(SHOWN) + "\r\n", "utf-8", newline="")
    book = workbook(
        tmp_path / "registre.xlsx",
        [
            HEADER,
            [
                *((12, "00000"), (45691, "dd/mm/yyyy"), *SHOWN[2:5]),
                *((300000001, '0#" "##" "##" "##" "##'), SHOWN[6], (1000, "00000")),
            ],
        ],
    )
    first, second = only(text), only(book)
    assert isinstance(first, ComplaintPlan) and isinstance(second, ComplaintPlan)
    assert (second.key, second.complaint) == (first.key, first.complaint)
    person = second.complaint.complainant
    assert person is not None
    assert (person.phone, person.address) == ("03 00 00 00 01", "1 rue Exemple, 01000")


@pytest.mark.met("a formula without a value")
def test_an_error_written_out_refuses_its_row_if_its_column_is_read(tmp_path: Path) -> None:
    file = tmp_path / "registre.csv"
    cells = [*SHOWN[:2], "#REF!", *SHOWN[3:]]
    file.write_text(";".join([*HEADER, "Autre"]) + "\n" + ";".join([*cells, "#N/A"]) + "\n", "utf-8")
    refused = only(file)
    assert isinstance(refused, RefusedRow)
    assert [(problem.code, problem.field) for problem in refused.problems] == [("table_cell_error", "Texte")]
    file.write_text(";".join([*HEADER, "Autre"]) + "\n" + ";".join([*SHOWN, "#N/A"]) + "\n", "utf-8")
    assert isinstance(only(file), ComplaintPlan)
