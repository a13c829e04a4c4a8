"""The readable history of a bundle: every line is there in French, for a judge, a screen reader and an archive."""

import re
from itertools import pairwise

import pytest

from documents.history import as_pdf
from tests.domain.examples import Story
from tests.domain.rich import rich
from tests.support import reader


@pytest.fixture(scope="module")
def story() -> Story:
    return rich()


def made(story: Story) -> bytes:
    return as_pdf(story.case.reference, story.entries, [f"{entry.version:064x}"[::-1] for entry in story.entries])


def test_every_line_is_told_in_its_order_with_its_digest(story: Story) -> None:
    text = reader.text(made(story))
    versions = [int(number) for number in re.findall(r"(\d+)\. [A-ZÀ-Ý]", text)]
    assert versions == [entry.version for entry in story.entries]
    assert text.count("Empreinte") == len(story.entries)


def test_what_people_told_and_decided_is_said_in_words(story: Story) -> None:
    text = re.sub(r"\s+", " ", reader.text(made(story)))
    for told in (
        "L’agence a dit que l’appartement était loué",
        "Interprète en langue des signes",
        "révélés le 21/02/2026",
        "Complet jusqu’en juin",
        "Hors de sa compétence",
        "Sans objet ici",
        "camille (Chargé·e de suivi, maison-du-droit)",
    ):
        assert told in text
    assert not re.findall(r"CASE_WORKER|CIVIL_GENERAL|\d{4}-\d\d-\d\d", text)


def test_it_can_be_read_by_a_screen_reader_and_kept_by_an_archive(story: Story) -> None:
    pdf = made(story)
    assert reader.faults(pdf, f"Histoire du dossier {story.case.reference}") == []
    levels = [int(kind[1:]) for kind in reader.headings(pdf)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert pdf == made(story)
