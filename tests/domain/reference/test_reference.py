"""The reference data are whole, well-formed, and the very files that a jurist reviewed."""

import csv
from collections import Counter
from importlib import resources
from io import StringIO
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from domain.reference import METROPOLISES, checklist_for, criteria, evidence, limitation_periods, territories
from domain.values import PartId
from domain.vocabulary import Domain

HERE = Path(str(resources.files("domain.reference")))
REVIEWED = Path(__file__).resolve().parents[4] / "shared" / "domain"
COUNTS = {"criteria.csv": 39, "evidence_checklist.csv": 58, "territories.csv": 299}
OURS = {
    "citations.csv": 240,
    "evidence_use.csv": 58,
    "levers.csv": 18,
    "limitation_names.csv": 54,
    "limitation_periods.csv": 54,
    "routes.csv": 46,
    "texts.csv": 21,
}
"""Our own tables: what no source gave as a table."""


KEYS = {"citations.csv": ("text", "article"), "texts.csv": ("text",)}
"""The columns that name a row, where they are not `code` or `id`."""


@pytest.mark.parametrize(("name", "rows"), (COUNTS | OURS).items())
def test_each_file_is_well_formed(name: str, rows: int) -> None:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file, strict=True))
    header, *body = table
    assert len(body) == rows
    assert {len(row) for row in body} == {len(header)} == {len(set(header))}
    key = [header.index(name) for name in KEYS.get(name, ("code" if "code" in header else "id",))]
    keys = [tuple(row[column] for column in key) for row in body]
    assert len(set(keys)) == rows
    assert all(cell == cell.strip() for row in body for cell in row)


CORRECTED = {
    "criteria.csv": {"PROJET_PARENTAL"},
    "evidence_checklist.csv": {
        *("EV004", "EV008", "EV019", "EV029", "EV033", "EV035", "EV039", "EV046", "EV048", "EV052", "EV055", "EV057")
    },
    "territories.csv": set[str](),
}
"""Rows that are no longer as they were reviewed: the law changed, another text applies, or its code was not named."""


@pytest.mark.parametrize("name", COUNTS)
def test_each_file_is_the_one_that_was_reviewed_but_for_the_rows_that_were_corrected(name: str) -> None:
    if not REVIEWED.is_dir():
        pytest.skip(f"the reviewed files are not here: {REVIEWED}")
    reviewed, ours = (
        list(csv.DictReader(StringIO((folder / name).read_text(encoding="utf-8")))) for folder in (REVIEWED, HERE)
    )
    key = next(iter(reviewed[0]))
    before = {row[key]: row for row in reviewed}
    now = {row[key]: {column: row[column] for column in reviewed[0]} for row in ours}
    assert {code for code in before.keys() | now.keys() if before.get(code) != now.get(code)} == CORRECTED[name]


def test_every_time_limit_has_an_english_name_and_so_has_its_court() -> None:
    with (HERE / "limitation_names.csv").open(encoding="utf-8", newline="") as file:
        assert [row["code"] for row in csv.DictReader(file)] == list(limitation_periods())
    assert all(row.action_en and bool(row.body_en) == bool(row.body) for row in limitation_periods().values())


def test_every_territory_has_a_metropolis_and_parents_that_exist() -> None:
    assert Counter(t.level for t in territories().values()) == {
        "epci": 2,
        "commune": 187,
        "commune-associee": 2,
        "arrondissement-municipal": 16,
        "qpv": 92,
    }
    for territory in territories().values():
        assert territory.metropolis in METROPOLISES
        assert territory.parents <= set(territories())
        assert (territory.level == "epci") == (not territory.parents)
        assert {territories()[parent].metropolis for parent in territory.parents} <= {territory.metropolis}


def test_every_criterion_has_a_label_and_a_known_kind() -> None:
    assert Counter(c.kind for c in criteria().values()) == {
        "core": 25,
        "extension": 3,
        "assimilated": 10,
        "technical": 1,
    }
    assert all(c.label_fr and c.label_en and c.stat_group for c in criteria().values())
    assert {c.special_category for c in criteria().values()} == {"yes", "no", "maybe"}


def test_every_piece_of_the_checklist_is_reachable_from_some_domain() -> None:
    reached = {item.code for domain in Domain for item in checklist_for(domain)}
    assert reached == set(evidence())


@pytest.mark.parametrize("domain", list(Domain))
def test_a_checklist_asks_first_for_what_perishes_and_for_each_piece_once(domain: Domain) -> None:
    items = checklist_for(domain)
    assert len({item.code for item in items}) == len(items) >= 16
    assert [item.perishable for item in items] == sorted((item.perishable for item in items), reverse=True)


def test_every_piece_can_be_a_part_of_a_case() -> None:
    for item in evidence().values():
        assert TypeAdapter(PartId).validate_python(item.code) == item.code
        assert item.strength in (1, 2, 3)
        assert item.label_fr and item.label_en
