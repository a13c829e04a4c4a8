"""An empty cell is never taken for a fact: neither for today, nor for what a field is by default."""

import pytest

from domain.parts.contact import RecordContact
from importer.rows import ComplaintPlan
from tests.importer.tables import LOG, MINIMAL, event, one, planned, turned_away

CONTACT = """
[[commands]]
command = "record_contact"
when = { column = "suite" }
happened_at = { column = "suite le" }
medium = { value = "PHONE" }
summary = { column = "suite" }
"""


@pytest.mark.met("an empty date")
def test_a_command_whose_date_is_empty_refuses_its_row_and_names_the_column() -> None:
    refused = turned_away(MINIMAL + CONTACT, suite="Appel sans réponse", **{"suite le": ""})
    assert (refused.problems[0].code, refused.field) == ("empty_cell", "happened_at")
    assert "suite le" in refused.message
    (kept,) = one(MINIMAL + CONTACT, suite="Appel sans réponse", **{"suite le": "18/03/2025"}).commands
    assert kept.command.happened_at is not None


@pytest.mark.met("an empty date")
def test_now_is_meant_only_where_the_mapping_speaks_of_no_date() -> None:
    text = MINIMAL + CONTACT.replace('happened_at = { column = "suite le" }\n', "")
    (undated,) = one(text, suite="Appel").commands
    assert undated.command.happened_at is None


def test_an_event_without_its_time_is_refused_and_the_others_are_kept() -> None:
    (refused, found) = planned(LOG, event("Note", "2025-03-01"), event("Note", ""), event("Note", "2025-03-04"))
    assert isinstance(found, ComplaintPlan) and not isinstance(refused, ComplaintPlan)
    assert (refused.line, refused.field, refused.problems[0].code) == (3, "happened_at", "empty_cell")
    assert [command.line for command in found.commands] == [2, 4]


def test_an_empty_cell_is_not_taken_for_what_the_field_is_by_default() -> None:
    text = MINIMAL + 'capacity = { column = "qualité" }\n'
    refused = turned_away(text, qualité="")
    assert (refused.problems[0].code, refused.field) == ("empty_cell", "capacity")
    assert "qualité" in refused.message
    said = text.replace('"qualité"', '"qualité", default = "SELF"')
    assert one(said, qualité="").complaint.capacity == "SELF"


def test_a_call_that_reached_nobody_is_not_taken_for_one_that_did() -> None:
    reached = CONTACT + 'reached = { column = "joint" }\n'
    cells = {"suite": "Appel", "suite le": "18/03/2025"}
    assert turned_away(MINIMAL + reached, joint="", **cells).field == "reached"
    (kept,) = one(MINIMAL + reached, joint="non", **cells).commands
    assert isinstance(kept.command, RecordContact) and not kept.command.reached


def test_what_is_left_out_as_a_whole_is_not_refused_for_its_empty_cells() -> None:
    person = (
        '[complaint.complainant]\nfamily_name = { column = "nom" }\ngiven_name = { column = "prénom" }\n'
        'language = { column = "langue" }\n'
    )
    assert one(MINIMAL + person, nom="", prénom="", langue="").complaint.complainant is None
