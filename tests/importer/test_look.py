"""A look at a register: sheets, header, columns; and a mapping that can be imported with once it was read."""

from pathlib import Path

from importer.look import look_at, proposed
from importer.mapping import parse_mapping
from importer.rows import ComplaintPlan, plan
from importer.summary import Summary, kind_of
from tests.importer.tables import MINIMAL, workbook
from tests.support.servers import KEYS

LINES = [
    ["Registre 2025 de l'accueil"],
    [],
    ["N° de fiche", "Reçu le", "Récit", "Nom", "Prénom", "Téléphone", "Motif", "Commune", "Remarque"],
    ["F-1", "10/03/2025", "Refus de visite.", "Exemple", "Camille", "03 00 00 00 01", "Origine", "Roubaix", ""],
    ["F-2", "11/03/2025", "Refus de bail.", "Modèle", "Lou", "", "Origine", "Lille", "rappeler"],
]


def say(text: str, **_: object) -> str:
    return text


def test_a_workbook_is_shown_with_its_header_wherever_that_stands(tmp_path: Path) -> None:
    look = look_at(workbook(tmp_path / "registre.xlsx", LINES))
    assert (look.sheets, look.header_row, look.rows) == (("Registre",), 3, 2)
    by_name = {column.name: column for column in look.columns}
    assert by_name["Remarque"].summary.filled == 1
    assert by_name["Reçu le"].summary.kinds == {"date": 2}
    assert by_name["Nom"].examples == ["Exemple", "Modèle"]


def test_the_proposed_mapping_imports_the_register_it_was_made_from(tmp_path: Path) -> None:
    file = workbook(tmp_path / "registre.xlsx", LINES)
    text = proposed(look_at(file), "Accueil de Lille", say)
    mapping = parse_mapping(text)
    assert (mapping.source.system, mapping.source.identity) == ("accueil-de-lille", ("N° de fiche",))
    first, second = plan(file, mapping, KEYS.digest)
    assert isinstance(first, ComplaintPlan) and isinstance(second, ComplaintPlan)
    assert first.complaint.facts.narrative == "Refus de visite."
    assert first.complaint.facts.place.commune == "59512"
    assert first.complaint.complainant is not None and first.complaint.complainant.phone == "03 00 00 00 01"
    assert "Remarque" in text.splitlines()[-1]


def test_a_text_is_shown_with_how_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "registre.csv"
    file.write_text("Fiche;Texte\nF-1;Élève refusé à l'école\n", encoding="cp1252")
    look = look_at(file)
    assert (look.table.encoding, look.table.delimiter, look.sheets) == ("cp1252", ";", ())
    assert 'encoding = "cp1252"' in proposed(look, "x", say)


def test_kinds_of_values_are_told_by_their_form() -> None:
    texts = ("10/03/2025", "2025-03-10", "oui", "a@x.org", "06 00 00 00 00", "12,5", "Lille")
    told = {text: kind_of(text) for text in texts}
    assert list(told.values()) == ["date", "date", "yes or no", "e-mail address", "telephone number", "number", "text"]


def test_refusals_are_grouped_by_their_reason(tmp_path: Path) -> None:
    file = tmp_path / "registre.csv"
    file.write_text("no;le;recit\n" + "".join(f"{n};hier;Refus.\n" for n in range(9)) + "9;2025-03-01;\n", "utf-8")
    summary = Summary()
    for planned in summary.counted(plan(file, parse_mapping(MINIMAL), KEYS.digest)):
        if not isinstance(planned, ComplaintPlan):
            summary.refused(planned)
    assert [(reason.problem.code, reason.count, reason.lines) for reason in summary.reasons] == [
        ("not_a_date", 9, [2, 3, 4, 5, 6]),
        ("missing", 1, [11]),
    ]
    assert (summary.columns["recit"].filled, summary.columns["le"].filled) == (9, 10)
