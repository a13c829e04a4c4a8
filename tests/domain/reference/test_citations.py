"""One register of citations: what is cited anywhere has a line in it, each line is cited, each case has its own law."""

import csv
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from domain.reference.citations import Deciding, State, is_awaited, register, remarks
from domain.reference.citing import Citation, citations, full_title

ROOT = Path(__file__).resolve().parents[3]
ROOMS = (
    *("activities", "audit", "cli", "counter", "desk", "docs", "documents", "domain", "importer", "locales"),
    *("models", "words", "workers", "workflows"),
)
KINDS = frozenset({".py", ".csv", ".txt", ".typ", ".po", ".md", ".html", ".toml"})
ITSELF = frozenset({"citations.csv", "citations.py", "citing.py", "texts.csv"})
BASES = ("legal_basis", "basis", "legal_lever", "source")
"""The columns whose text the articles of the other columns of a row belong to."""


# --- Everything that is cited ---


def cited_in(path: Path) -> Iterator[Citation]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        for row in csv.DictReader(text.splitlines()):
            basis = next((row[name] for name in BASES if row.get(name)), "")
            own = next((citation.text for citation in citations(basis)), "")
            for column, cell in row.items():
                if column != "source_seen":  # where it was read, not what for
                    yield from citations(cell or "", own)
    elif path.parent.name == "wording":
        yield from citations(text)
    else:
        together = re.sub(r'"\s*\n\s*r?f?"', "", text)  # a sentence that goes on in the next line of the source
        for block in re.split(r"\n\s*\n", re.sub(r"\n\s*(#|//)", "\n", together)):
            yield from citations(block)


@cache
def cited() -> dict[Citation, frozenset[str]]:
    """Every citation of the project, with the files that make it."""
    found: dict[Citation, set[str]] = {}
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*")) if path.suffix in KINDS]
    for path in [*files, ROOT / "README.md", ROOT / "CHANGELOG.md"]:
        if path.name not in ITSELF:
            for citation in cited_in(path):
                found.setdefault(citation, set()).add(str(path.relative_to(ROOT)))
    return {citation: frozenset(files) for citation, files in found.items()}


def test_every_citation_has_a_line_in_the_register() -> None:
    whole = {line.text for line in register()}  # a law that is only named is held by any line of it
    missing = {
        f"{text or '(no text named)'} {article}": sorted(files)
        for (text, article), files in cited().items()
        if (text, article) not in register() and (article or text not in whole)
    }
    assert missing == {}


def test_every_line_of_the_register_is_cited() -> None:
    assert sorted(str(line) for line in register() if line not in cited()) == []


def test_the_project_is_looked_through_as_a_whole() -> None:
    where = {Path(file).parts[0] for files in cited().values() for file in files}
    assert where >= {"activities", "cli", "docs", "documents", "domain", "locales"}
    assert len(cited()) > 200


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("C. trav. L1134-5, L1132-1 à L1132-3", "C. trav. L1134-5|C. trav. L1132-1|C. trav. L1132-2|C. trav. L1132-3"),
        ("article R253-6, II et IV, du code de la sécurité intérieure", "CSI R253-6"),
        ("(article L1110-3 du code de la santé publique), (article R1110-11 du même code)", "CSP L1110-3|CSP R1110-11"),
        ("article 105 de la loi n° 78-17 du 6 janvier 1978", "loi 78-17 art. 105"),
        ("LO 2011-333 art. 6 al. 3", "LO 2011-333 art. 6"),
        ("RGPD art. 15, 18(1)(c); loi 2008-496 art. 2, 2° et 3°", "RGPD art. 15|RGPD art. 18|loi 2008-496 art. 2"),
        ("C. civ. 2224; 2230-2232", "C. civ. 2224|C. civ. 2230|C. civ. 2231|C. civ. 2232"),
        ("Regulation 1182/71 art. 3 (4); GDPR art. 9", "règlement 1182/71 art. 3|RGPD art. 9"),
        ("Crim. 11 juill. 2012 n° 11-87.583; CE 30 oct. 2009 n° 298348", "Cass. n° 11-87.583|CE n° 298348"),
        ("C. trav., 27 mars 2026; dans les 3 mois; C. civ. seul; article 12 mois", ""),
    ],
)
def test_citations_are_read_as_lawyers_write_them(said: str, found: str) -> None:
    assert "|".join(map(str, citations(said))) == found


# --- Dates of validity, and what was read ---


def test_a_line_is_read_on_a_day_or_not_read_and_says_what_it_is_for() -> None:
    for line in register().values():
        assert line.use and bool(line.read_in) == line.was_read, line
        assert full_title(line.citation.text)
        if line.valid_from and line.valid_until:
            assert line.valid_from <= line.valid_until
        if line.valid_until or line.lasting is State.GONE:
            assert line.then, f"{line.citation}: what takes its place, or that it is not known"


def test_what_was_told_from_memory_is_not_called_read() -> None:
    unread = {line.citation.text for line in register().values() if not line.was_read}
    read = {line.citation.text for line in register().values() if line.was_read}
    assert unread >= {"CPP", "LO 2011-333", "loi 1881", "loi 2008-496", "CSP", "RGPD"}
    assert read == {"C. civ.", "C. pén.", "C. trav.", "CGFP", "CJA", "COJ", "CPC", "CRPA", "CSI", "CSS"}
    assert {line.read_as_of for line in register().values() if line.was_read} == {date(2026, 4, 3)}


def told(said: str, facts: date | None, act: date) -> list[str]:
    return [str(sentence) for sentence in remarks(said, facts, act) if "without having" not in str(sentence)]


def test_a_case_of_2025_and_one_of_2029_each_cite_their_own_law() -> None:
    of_2025, of_2029 = date(2025, 3, 3), date(2029, 3, 5)
    assert told("CPP art. 85", of_2025, of_2025) == []
    (renumbered,) = told("CPP art. 8, 9-2, 85; C. civ. 2224", of_2025, of_2029)
    assert renumbered == (
        "From 2029-01-01 no longer cited so: CPP 8, 9-2, 85 (ordonnance 2025-1091: nouveau numéro non connu ici)."
    )
    assert told("CPP art. 85", of_2029, date(2028, 12, 31)) == [], "procedure goes by the day of the act"


def test_what_forbids_goes_by_the_day_of_the_facts() -> None:
    project = "C. trav. L1225-3-1"
    later = date(2026, 3, 2)
    assert told(project, date(2025, 7, 1), later) == [f"In force since 2025-07-02 only: {project}."]
    assert told(project, date(2025, 7, 2), later) == told(project, None, later) == []
    assert register()[Citation("C. trav.", "L1225-3-1")].deciding is Deciding.FACTS


def test_what_is_gone_or_awaited_is_said_to_be() -> None:
    day = date(2026, 3, 2)
    (gone,) = told("C. trav. L1134-6 à L1134-10", day, day)
    assert "No longer in force" in gone and "CJA L77-10-1" in gone
    assert told("directive 2023/970 art. 7", day, day) == [
        "Not in force in France, as far as is known here: directive 2023/970 art. 7."
    ]
    assert is_awaited("directive 2023/970 art. 7") and not is_awaited("CPC 145; C. trav. L1134-6")


def test_what_was_not_read_is_said_once_for_all_texts() -> None:
    (said,) = remarks("CPP art. 8, 9-2; C. civ. 2224; LO 2011-333 art. 6", None, date(2026, 3, 2))
    assert str(said) == "Cited without having been read, to be verified by a jurist: CPP 8, 9-2; LO 2011-333 art. 6."
    (in_full,) = remarks("CPP art. 9-2, 8; loi 78-17 art. 105", None, date(2026, 3, 2), in_full=True)
    assert str(in_full).endswith(": code de procédure pénale, articles\u00a08, 9-2; loi n° 78-17, article\u00a0105.")
    assert remarks("Loi inventée (loi 2050-1 art. 3)", None, date(2026, 3, 2)) == ()
