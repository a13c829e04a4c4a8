"""Rows become plans. No row is lost: each is opened, a command, ignored by name, or refused with its line and why."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.parts.closure import Close
from domain.parts.contact import AddNote
from domain.parts.piece import StartEvidence
from importer.mapping import load_mapping, parse_mapping
from importer.rows import ComplaintPlan, RefusedRow, plan, plan_rows
from kit.tables import Row, TableError, read_table
from tests.importer.tables import CLOSING, LOG, MINIMAL, event, mapping, one, planned, rows, turned_away, workbook
from tests.support.servers import KEYS

EXAMPLES = Path(__file__).parents[2] / "examples"


# --- Identity --------------------------------------------------------------------------------------------


def test_the_same_source_always_has_the_same_reference_and_ids() -> None:
    once, again = one(LOG, quoi="Note", quand="2025-03-02"), one(LOG, quoi="Note", quand="2025-03-02")
    assert (once.reference, once.opening_id) == (again.reference, again.opening_id)
    assert [command.id for command in once.commands] == [command.id for command in again.commands]
    other = one(LOG.replace('"essai"', '"autre"'), quoi="Note", quand="2025-03-02")
    assert other.reference != once.reference
    assert other.commands[0].id != once.commands[0].id


def test_a_row_without_identity_is_refused_and_not_merged() -> None:
    assert turned_away(MINIMAL, no="").field == "source.id"


def test_two_rows_of_one_identity_are_not_two_complaints_and_not_one_in_silence() -> None:
    row = {"no": "1", "le": "2025-03-01", "recit": "Un refus."}
    first, second = planned(MINIMAL, row, row | {"recit": "Un autre refus."})
    assert isinstance(first, ComplaintPlan)
    assert isinstance(second, RefusedRow)
    assert "line 2" in second.message


def test_identities_over_several_columns_do_not_run_together() -> None:
    text = MINIMAL.replace('identity = ["no"]', 'identity = ["no", "an"]')
    a, b = planned(
        text,
        {"no": "1", "an": "23", "le": "2025-03-01", "recit": "a"},
        {"no": "12", "an": "3", "le": "2025-03-01", "recit": "b"},
    )
    assert isinstance(a, ComplaintPlan)
    assert isinstance(b, ComplaintPlan)
    assert a.reference != b.reference


def test_without_identity_a_row_is_its_content_and_its_rank() -> None:
    text = MINIMAL.replace('identity = ["no"]\n', "")
    row = {"no": "", "le": "2025-03-01", "recit": "Un refus."}
    found = planned(text, row, row, row | {"recit": "Autre."})
    assert len({p.reference for p in found if isinstance(p, ComplaintPlan)}) == 3
    moved = planned(text, row | {"recit": "Autre."}, dict(reversed(row.items())), row)
    assert {p.reference for p in found if isinstance(p, ComplaintPlan)} == {
        p.reference for p in moved if isinstance(p, ComplaintPlan)
    }


def test_a_row_that_does_not_fit_its_columns_is_refused_as_the_reader_says(tmp_path: Path) -> None:
    file = tmp_path / "registre.csv"
    file.write_text("no;le;recit\n1;2025-03-01;bien\n2;2025-03-01;trop;large\n")
    good, bad = plan(file, mapping(), KEYS.digest)
    assert isinstance(good, ComplaintPlan)
    assert isinstance(bad, RefusedRow)
    assert (bad.line, bad.problems[0].code) == (3, "table_too_many_cells")


@pytest.mark.parametrize(
    ("recit", "code"), [("x" * 200_000, "table_cell_too_long"), ("un \0 refus", "table_nul_in_cell")]
)
def test_one_bad_cell_refuses_its_row_with_its_column_and_no_other(tmp_path: Path, recit: str, code: str) -> None:
    file = tmp_path / "registre.csv"
    file.write_text(f"no;le;recit\n1;2025-03-01;bien\n2;2025-03-01;{recit}\n3;2025-03-01;bien\n")
    first, bad, last = plan(file, mapping(), KEYS.digest)
    assert isinstance(first, ComplaintPlan) and isinstance(last, ComplaintPlan)
    assert isinstance(bad, RefusedRow)
    assert (bad.line, bad.problems[0].code, bad.field, bad.values["no"]) == (3, code, "recit", "2")
    assert "{" not in bad.message + bad.remedy


def test_a_file_that_cannot_be_read_is_the_readers_error(tmp_path: Path) -> None:
    with pytest.raises(TableError):
        plan(tmp_path / "absent.csv", mapping(), KEYS.digest)


# --- What else a row says -----------------------------------------------------------------------------------


def test_a_column_can_close_the_case() -> None:
    (closing,) = one(MINIMAL + CLOSING, clos="2025-04-01").commands
    assert isinstance(closing.command, Close)
    assert closing.command.happened_at == datetime(2025, 3, 31, 22, tzinfo=UTC)
    assert one(MINIMAL + CLOSING, clos="").commands == ()


def test_a_row_is_taken_whole_or_not_at_all() -> None:
    assert turned_away(MINIMAL + CLOSING, clos="bientôt").field == "happened_at"


# --- Logs ---------------------------------------------------------------------------------------------------


def test_a_log_is_taken_in_the_order_of_time() -> None:
    (found,) = planned(LOG, event("Preuves", "2025-03-05"), event("note", "2025-03-02"), event("Rien", "2025-03-03"))
    assert isinstance(found, ComplaintPlan)
    assert [(type(c.command), c.line) for c in found.commands] == [(AddNote, 3), (StartEvidence, 2)]
    assert found.ignored == (4,)
    assert found.commands[0].command.happened_at == datetime(2025, 3, 1, 23, tzinfo=UTC)


def test_a_closing_takes_its_place_among_the_events() -> None:
    first = event("Note", "2025-03-02", clos="2025-03-03")
    (found,) = planned(LOG + CLOSING, first, event("Note", "2025-03-04", clos="2025-03-03"))
    assert isinstance(found, ComplaintPlan)
    assert [c.command.kind for c in found.commands] == ["add_note", "close", "add_note"]


def test_a_bad_closing_refuses_itself_and_not_the_case() -> None:
    (found,) = planned(LOG + CLOSING, event("Note", "2025-03-02", clos="bientôt"))
    assert isinstance(found, ComplaintPlan)
    assert [c.command.kind for c in found.commands] == ["add_note"]
    assert [row.field for row in found.refused] == ["happened_at"]


def test_an_unknown_activity_is_refused_and_the_case_goes_on() -> None:
    (found,) = planned(LOG, event("Note", "2025-03-02"), event("Mystère", "2025-03-03"), event("Note", "2025-03-04"))
    assert isinstance(found, ComplaintPlan)
    assert len(found.commands) == 2
    assert [(row.line, row.problems[0].code) for row in found.refused] == [(3, "unknown_activity")]


def test_a_case_that_cannot_be_opened_takes_its_rows_with_it() -> None:
    found = planned(LOG, event("Note", "2025-03-02", le="jamais"), event("Note", "2025-03-03"))
    assert [(type(row), row.line) for row in found] == [(RefusedRow, 2), (RefusedRow, 3)]
    assert isinstance(found[1], RefusedRow)
    assert "line 2" in found[1].message


def test_a_longer_export_keeps_the_ids_of_what_was_there() -> None:
    first, second = event("Note", "2025-03-02"), event("Note", "2025-03-04")
    (before,) = planned(LOG + CLOSING, first | {"clos": ""}, second | {"clos": ""})
    added = event("Preuves", "2025-03-03")
    (after,) = planned(LOG + CLOSING, *({**row, "clos": "2025-03-05"} for row in (added, first, second)))
    assert isinstance(before, ComplaintPlan)
    assert isinstance(after, ComplaintPlan)
    ids = {c.id for c in before.commands}
    assert ids < {c.id for c in after.commands}
    assert len(after.commands) == len(ids) + 2


def test_the_same_event_twice_is_two_commands() -> None:
    (found,) = planned(LOG, event("Note", "2025-03-02"), event("Note", "2025-03-02"))
    assert isinstance(found, ComplaintPlan)
    assert len({c.id for c in found.commands}) == 2


REFERRALS = """
[[events.activities."Envoi"]]
command = "record_consent"
consent = { scope = { value = "REFERRAL" }, recipient = { value = "asso-nord" }, given_on = { column = "quand" } }
[[events.activities."Envoi"]]
command = "refer"
partner = { value = "asso-nord" }
purpose = { column = "recit" }
[events.activities."Retrait"]
command = "withdraw_referral"
referral = { latest = "refer" }
reason = { column = "recit" }
"""


def test_latest_names_the_part_that_was_added_last() -> None:
    days = [f"2025-03-{day:02}" for day in range(2, 8)]
    kinds = ["Envoi", "Retrait", "Note", "Envoi", "Retrait"]
    (found,) = planned(LOG + REFERRALS, *(event(kind, day) for kind, day in zip(kinds, days, strict=False)))
    assert isinstance(found, ComplaintPlan)
    assert [c.command.referral for c in found.commands if c.command.kind == "withdraw_referral"] == ["R1", "R2"]  # type: ignore[attr-defined]
    assert [c.follows for c in found.commands] == [False, True, False, False, False, True, False]
    (alone,) = planned(LOG + REFERRALS, event("Retrait", "2025-03-02"))
    assert isinstance(alone, ComplaintPlan)
    assert [row.problems[0].code for row in alone.refused] == ["nothing_before"]


def accounted(found: list[ComplaintPlan | RefusedRow]) -> Counter[int]:
    """Times that each line is accounted for: opened, a command, ignored or refused; each case once for its opening."""
    lines: Counter[int] = Counter()
    for each in found:
        if isinstance(each, RefusedRow):
            lines[each.line] += 1
        else:
            numbers = {each.line, *each.ignored, *(c.line for c in each.commands), *(row.line for row in each.refused)}
            assert numbers == each.rows.keys()
            lines.update(numbers)
    return lines


CELL = st.one_of(
    st.sampled_from(["", "1", "2", "x", "2025-03-01", "2025-03-02 10:00", "31/12/2024", "Note", "Preuves", "Rien"]),
    st.sampled_from(["Envoi", "Retrait", "=1+1", "é" * 300, "a\nb", "\u202e", "9999-12-31", "1899-12-31"]),
    st.text(max_size=12),
)
TABLE = st.lists(st.fixed_dictionaries(dict.fromkeys(("no", "le", "recit", "quoi", "quand", "clos"), CELL)))


@settings(max_examples=120, deadline=None)
@given(TABLE, st.sampled_from([MINIMAL, MINIMAL + CLOSING, MINIMAL.replace('identity = ["no"]\n', "")]))
def test_no_row_of_a_register_is_lost(table: list[dict[str, str]], text: str) -> None:
    found = list(plan_rows(rows(*table), parse_mapping(text), KEYS.digest))
    assert accounted(found) == Counter(range(2, 2 + len(table)))


@settings(max_examples=120, deadline=None)
@given(TABLE)
def test_no_row_of_a_log_is_lost(table: list[dict[str, str]]) -> None:
    found = list(plan_rows(rows(*table), parse_mapping(LOG + CLOSING + REFERRALS), KEYS.digest))
    assert accounted(found) == Counter(range(2, 2 + len(table)))
    ids = [c.id for each in found if isinstance(each, ComplaintPlan) for c in each.commands]
    assert len(ids) == len(set(ids))


def test_a_row_with_a_problem_is_refused_in_a_log_too() -> None:
    bad = Row(3, event("Note", "2025-03-02"), problem=TableError("table-bad-quotes", line=3))
    found = list(plan_rows([Row(2, event("Note", "2025-03-02")), bad], parse_mapping(LOG), KEYS.digest))
    assert accounted(found) == Counter([2, 3])


# --- Excerpts of what is really sent ---------------------------------------------------------------------

OCR = """State,Institution,Type of Discrimination,Investigation Open Date
Alabama,ALABAMA A & M UNIVERSITY,Title IX - Retaliation,2016-08-24
Texas,"A COLLEGE, DALLAS",Title VI - National Origin Discrimination Involving Religion,2024-01-31
Texas,"A COLLEGE, DALLAS",Something New,2024-01-31
"""


def test_an_excerpt_of_the_american_register(tmp_path: Path) -> None:
    file = tmp_path / "ocr.csv"
    file.write_text(OCR)
    first, second, third = plan(file, load_mapping(EXAMPLES / "us_doe_ocr.toml"), KEYS.digest)
    assert isinstance(first, ComplaintPlan)
    assert isinstance(second, ComplaintPlan)
    assert isinstance(third, RefusedRow)
    assert (first.complaint.criteria, first.complaint.acts) == (("SEXE",), ("REPRESAILLES",))
    assert first.complaint.respondent.name == "ALABAMA A & M UNIVERSITY"
    assert second.complaint.criteria == ("ORIGINE", "RELIGION")
    assert "Something New" in third.message


WABO = """case:channel,case:concept:name,case:department,case:enddate,case:startdate,concept:name,org:resource,time:timestamp
Desk,case-1,General,2011-01-05 10:00:00+01:00,2011-01-03 09:00:00+01:00,Confirmation of receipt,Resource01,2011-01-03 10:00:00.5+01:00
Desk,case-1,General,2011-01-05 10:00:00+01:00,2011-01-03 09:00:00+01:00,T08 Draft and send request for advice,Resource01,2011-01-04 10:00:00+01:00
Desk,case-1,General,2011-01-05 10:00:00+01:00,2011-01-03 09:00:00+01:00,T09-2 Process or receive external advice from party 2,Resource01,2011-01-04 11:00:00+01:00
Desk,case-1,General,2011-01-05 10:00:00+01:00,2011-01-03 09:00:00+01:00,T10 Determine necessity to stop indication,Resource01,2011-01-04 12:00:00+01:00
"""  # noqa: E501


def test_an_excerpt_of_the_municipal_log(tmp_path: Path) -> None:
    file = tmp_path / "wabo.csv"
    file.write_text(WABO)
    (found,) = plan(file, load_mapping(EXAMPLES / "receipt_wabo.toml"), KEYS.digest)
    assert isinstance(found, ComplaintPlan)
    assert [c.command.kind for c in found.commands] == [
        "record_contact",
        "record_consent",
        "refer",
        "answer_referral",
        "complete_referral",
        "start_evidence",
        "close",
    ]
    assert found.commands[0].command.happened_at == datetime(2011, 1, 3, 9, 0, 0, 500000, tzinfo=UTC)


def test_the_french_example_reads_the_same_from_excel(tmp_path: Path) -> None:
    example, register = EXAMPLES / "permanence.csv", load_mapping(EXAMPLES / "permanence.toml")
    from_csv = list(plan(example, register, KEYS.digest))
    table = read_table(example, encoding="cp1252", delimiter=";")
    sheet = workbook(tmp_path / "permanence.xlsx", [table.columns, *([*row.values.values()] for row in table)])
    assert list(plan(sheet, register, KEYS.digest)) == from_csv
    assert all(isinstance(p, ComplaintPlan) and p.complaint.fictitious for p in from_csv)
    assert len(from_csv) == 8
