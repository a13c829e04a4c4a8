"""Dates written month first are told by those that cannot be anything else, and their format is asked for."""

from pathlib import Path

import pytest

from domain.errors import Invalid
from importer.mapping import parse_mapping
from importer.rows import ComplaintPlan, Planned, plan
from tests.importer.tables import MINIMAL
from tests.support.servers import KEYS


def planned(tmp_path: Path, *days: str, mapping: str = MINIMAL) -> list[Planned]:
    file = tmp_path / "registre.csv"
    file.write_text("no;le;recit\n" + "".join(f"{n};{day};Refus.\n" for n, day in enumerate(days)), "utf-8")
    return list(plan(file, parse_mapping(mapping), KEYS.digest))


def test_a_column_with_months_first_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        planned(tmp_path, "03/04/2025", "03/14/2025")
    assert (caught.value.code, caught.value.field) == ("month_first", "complaint.received_at")
    assert (caught.value.params["column"], caught.value.params["line"]) == ("le", 3)


def test_the_format_that_is_given_is_obeyed(tmp_path: Path) -> None:
    mapping = MINIMAL.replace('column = "le"', 'column = "le", format = "%m/%d/%Y"')
    first, second = planned(tmp_path, "03/04/2025", "03/14/2025", mapping=mapping)
    assert isinstance(first, ComplaintPlan) and isinstance(second, ComplaintPlan)
    assert first.complaint.received_at.strftime("%d %m") == "03 03"  # midnight in Paris, in UTC


def test_one_slip_among_many_days_first_refuses_its_row_only(tmp_path: Path) -> None:
    found = planned(tmp_path, *["25/03/2025"] * 20, "03/14/2025")
    assert [isinstance(each, ComplaintPlan) for each in found] == [True] * 20 + [False]


def test_days_first_are_the_rule(tmp_path: Path) -> None:
    (only,) = planned(tmp_path, "03/04/2025")
    assert isinstance(only, ComplaintPlan) and only.complaint.received_at.month == 4
