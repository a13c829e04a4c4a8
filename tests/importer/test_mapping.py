"""Mistakes in a mapping are named before the first row is read: which key, and what to do."""

from pathlib import Path

import pytest

from domain.errors import Invalid, fill
from importer.mapping import load_mapping, parse_mapping
from importer.rows import require_columns
from tests.importer.tables import LOG, MINIMAL, mapping

ROOT = Path(__file__).parents[2]


def wrong(text: str) -> Invalid:
    with pytest.raises(Invalid) as raised:
        parse_mapping(text)
    problem = raised.value
    message = fill(problem.message, {"field": problem.field, **problem.params})
    message += fill(problem.remedy, {"field": problem.field, **problem.params})
    assert problem.remedy, "what to do about it is said"
    assert "{field}" not in message
    return problem


@pytest.mark.parametrize("name", ["us_doe_ocr", "receipt_wabo", "permanence"])
def test_the_examples_are_sound(name: str) -> None:
    load_mapping(ROOT / "examples" / f"{name}.toml")


@pytest.mark.parametrize(
    ("before", "after", "field", "code"),
    [
        ("[source]", "[sourc]", "source", "mapping_missing"),
        ('identity = ["no"]', 'identitie = ["no"]', "source.identitie", "mapping_extra_forbidden"),
        ('identity = ["no"]', "header_row = 0", "source.header_row", "mapping_greater_than_equal"),
        ('system = "essai"', 'system = "Mon Registre"', "source.system", "mapping_string_pattern_mismatch"),
        ("facts.narrative", "facts.narative", "complaint.facts.narative", "mapping_unknown_field"),
        ("facts.narrative", "source.system", "complaint.source", "mapping_unknown_field"),
        ('channel = { value = "DESK" }', "", "complaint.channel", "mapping_missing_field"),
        ('facts.narrative = { column = "recit" }', "", "complaint.facts", "mapping_missing_field"),
        ('channel = { value = "DESK" }', 'channel = "DESK"', "complaint.channel", "mapping_origin"),
        ('channel = { value = "DESK" }', 'channel = { value = "GUICHET" }', "complaint.channel.value", "mapping_enum"),
        ('channel = { value = "DESK" }', "channel = { value = 1.5 }", "complaint.channel.value", "mapping_constant"),
        ('channel = { value = "DESK" }', "channel = {}", "complaint.channel", "mapping_one_origin"),
        (
            'channel = { value = "DESK" }',
            'channel = { value = "DESK", column = "c" }',
            "complaint.channel",
            "mapping_one_origin",
        ),
        (
            'channel = { value = "DESK" }',
            'channel = { value = "DESK", split = "," }',
            "complaint.channel",
            "mapping_constant_alone",
        ),
        (
            'channel = { value = "DESK" }',
            'channel = { colum = "c" }',
            "complaint.channel.colum",
            "mapping_extra_forbidden",
        ),
        (
            'channel = { value = "DESK" }',
            'channel = { column = "c", values = { "Tel" = "PHONE", "Mél" = "MEL" } }',
            'complaint.channel.values."Mél"',
            "mapping_enum",
        ),
        (
            'channel = { value = "DESK" }',
            'channel = { column = "c", values = { "Tél" = "PHONE", " TEL " = "PHONE" } }',
            "complaint.channel.values",
            "mapping_same_text",
        ),
        (
            'channel = { value = "DESK" }',
            'channel = { column = "c", default = "AUTRE" }',
            "complaint.channel.default",
            "mapping_enum",
        ),
        (
            'channel = { value = "DESK" }',
            'channel = { column = "c", split = ";" }',
            "complaint.channel",
            "mapping_one_value",
        ),
        (
            'channel = { value = "DESK" }',
            'channel = { columns = ["c", "d"] }',
            "complaint.channel",
            "mapping_one_value",
        ),
        (
            'criteria = { value = ["AUTRE_INDETERMINE"] }',
            'criteria = { value = ["ORIGINE", "COULEUR"] }',
            "complaint.criteria.value",
            "mapping_unknown_criterion",
        ),
        (
            'criteria = { value = ["AUTRE_INDETERMINE"] }',
            'criteria = { column = "c", split = "" }',
            "complaint.criteria.split",
            "mapping_no_separator",
        ),
        (
            'received_at = { column = "le" }',
            'received_at = { column = "le", format = "%d/%m" }',
            "complaint.received_at.format",
            "mapping_bad_format",
        ),
        (
            'received_at = { column = "le" }',
            'received_at = { column = "le", format = "jj/mm/aaaa" }',
            "complaint.received_at.format",
            "mapping_bad_format",
        ),
        (
            'facts.narrative = { column = "recit" }',
            'facts.narrative = { column = "recit", format = "%d/%m/%Y" }',
            "complaint.facts.narrative.format",
            "mapping_no_date",
        ),
        (
            'facts.narrative = { column = "recit" }',
            'facts.narrative = { template = "Un refus." }',
            "complaint.facts.narrative",
            "mapping_no_column",
        ),
        (
            'facts.narrative = { column = "recit" }',
            'facts.narrative = { columns = ["a"], template = "{a} {b}" }',
            "complaint.facts.narrative",
            "mapping_not_listed",
        ),
        (
            'facts.narrative = { column = "recit" }',
            '"facts.narrative" = { column = "recit" }\nfacts.narrative = { column = "b" }',
            "complaint.facts",
            "mapping_twice",
        ),
    ],
)
def test_a_slip_in_a_mapping_names_the_key(before: str, after: str, field: str, code: str) -> None:
    assert before in MINIMAL
    problem = wrong(MINIMAL.replace(before, after))
    assert problem.code == code
    assert problem.field is not None
    assert problem.field.startswith(field)


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ("\n[facts]\n", "facts", "mapping_extra_forbidden"),
        ("\n[complaint.complainant]\nfamily_name = { column = \"nom\" }\n", "complaint.complainant.given_name",
         "mapping_missing_field"),
        ("\n[complaint.consents]\nscope = { value = \"REFERRAL\" }\n", "complaint.consents", "mapping_list"),
        ("\n[complaint.when]\ncolumn = \"a\"\n", "complaint.when", "mapping_when"),
        ("\n[[commands]]\ntext = { value = \"x\" }\n", "commands[1].command", "mapping_command"),
        ("\n[[commands]]\ncommand = \"open\"\n", "commands[1].command", "mapping_command"),
        ("\n[[commands]]\ncommand = \"pass_deadlines\"\n", "commands[1].command", "mapping_command"),
        ("\n[[commands]]\ncommand = \"add_note\"\n", "commands[1].text", "mapping_missing_field"),
        ("\n[[commands]]\ncommand = \"add_note\"\ntext = { value = \"\" }\n", "commands[1].text.value",
         "mapping_string_too_short"),
        ("\n[[commands]]\ncommand = \"withdraw_referral\"\nreferral = { latest = \"note\" }\n",
         "commands[1].referral", "mapping_latest"),
        ("\n[events]\nactivity = \"a\"\n", "events.activities", "mapping_missing"),
        ("\n[events]\nactivity = \"a\"\nactivities.X = \"add_note\"\n", 'events.activities."X".command',
         "mapping_command"),
    ],
)  # fmt: skip
def test_a_slip_in_what_is_added_names_the_key(more: str, field: str, code: str) -> None:
    problem = wrong(MINIMAL + more)
    assert (problem.field, problem.code) == (field, code)


def test_a_log_says_which_rows_are_one_case() -> None:
    assert wrong(LOG.replace('identity = ["no"]', "")).field == "source.identity"


def test_an_activity_is_named_once_whatever_its_case_and_accents() -> None:
    problem = wrong(LOG + '\n[events.activities."PREUVÈS"]\ncommand = "start_evidence"\n')
    assert problem.code == "mapping_activity_twice"
    assert wrong(LOG.replace('["Rien"]', '["note"]')).code == "mapping_activity_twice"


def test_malformed_toml_says_where() -> None:
    problem = wrong("[source]\nsystem = essai\n")
    assert (problem.code, problem.params) == ("mapping_toml", {"file": "mapping.toml", "line": 2, "column": 10})
    cut = wrong(MINIMAL + "\na = [1,\n")
    assert (cut.code, cut.params) == ("mapping_toml", {"file": "mapping.toml"})
    assert wrong("a = " + "[" * 100_000).code == "mapping_too_deep"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\xff\xfe\x00", "mapping_encoding"), (b"#" * 1_000_001, "mapping_too_large"), (None, "mapping_unreadable")],
)
def test_a_file_that_is_no_mapping_is_said_to_be_none(tmp_path: Path, content: bytes | None, code: str) -> None:
    file = tmp_path / "m.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Invalid) as raised:
        load_mapping(file)
    assert raised.value.code == code
    assert str(tmp_path) not in str(raised.value)


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())
    assert load_mapping(file).source.system == "essai"


def test_a_column_that_the_file_lacks_is_named_with_the_nearest() -> None:
    with pytest.raises(Invalid) as raised:
        require_columns(["no", "le", "Récit"], mapping(MINIMAL.replace('"recit"', '"Recit"')))
    problem = raised.value
    assert problem.field == "complaint.facts.narrative"
    assert problem.params["close"] == "Récit"


def test_a_quoted_dotted_key_is_the_same_as_a_table() -> None:
    quoted = parse_mapping(MINIMAL.replace("facts.narrative", '"facts.narrative"'))
    assert quoted.complaint == mapping().complaint
