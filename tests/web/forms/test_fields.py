"""The form of every command: each field has a name and a control, and what a form takes is what the command takes."""

from typing import Any

import pytest

from domain.capabilities import READ_FILE
from domain.commands import COMMANDS, NOT_SUBMITTED
from domain.complaint import Complaint
from domain.parts.base import Command
from domain.values import day_of
from tests.domain.examples import MONDAY
from tests.domain.samples import cases
from tests.domain.witnesses import contents_of
from tests.support.builders import complaint
from web.forms.amending import fields_to_amend
from web.forms.fields import YES, Field, Shape, fields_in, fields_of
from web.forms.labels import ACTS, HELP, LABELS
from web.forms.reading import put, read, value_of
from words import Words

SUBMITTED = sorted(COMMANDS.keys() - NOT_SUBMITTED)
FRENCH = Words("fr")


def every_field() -> list[tuple[str, Field]]:
    forms = {name: fields_of(name) for name in SUBMITTED} | {"intake": fields_in(Complaint), "amend": fields_to_amend()}
    return [(name, field) for name, fields in forms.items() for field in fields]


def test_each_field_has_a_name_and_each_command_a_button() -> None:
    assert {field.name for _, field in every_field()} - LABELS.keys() == set()
    assert ACTS.keys() == {*SUBMITTED, READ_FILE}
    assert HELP.keys() <= LABELS.keys()
    print(f"\nforms: {len(SUBMITTED)} commands, {len(every_field())} fields")


def test_no_name_stands_there_for_a_field_that_is_not() -> None:
    assert LABELS.keys() == {field.name for _, field in every_field()}


@pytest.mark.parametrize("name", [name for name in SUBMITTED if name != "amend_complaint"])
def test_what_is_typed_into_a_form_is_the_command_that_was_meant(name: str) -> None:
    tried = 0
    for case in cases().values():
        if case is None:
            continue
        for content in contents_of(case, day_of(MONDAY))[name]:
            meant = COMMANDS[name].model_validate(content)
            reading = read(name, typed_for(meant, fields_of(name)), fields_of(name), FRENCH)
            assert reading.faults == ()
            assert reading.command == meant
            tried += 1
    assert tried


def typed_for(command: Command, fields: tuple[Field, ...]) -> dict[str, list[str]]:
    """What somebody types who means this command."""
    told = command.model_dump(mode="json", exclude={"kind"})
    return {field.path: typed(at(told, field.path), field) for field in fields}


def at(told: Any, path: str) -> Any:
    for name in path.split("."):
        told = told.get(name) if isinstance(told, dict) else None
    return told


def typed(value: Any, field: Field) -> list[str]:
    if field.shape is Shape.YES_OR_NO:
        return [YES if value else "no"]
    if value in (None, False):
        return []
    if field.shape is Shape.SEVERAL:
        return ["\r\n".join(value)]
    if isinstance(value, list):
        return [str(each) for each in value]
    return ["yes" if value is True else str(value)]


def test_a_complaint_is_read_from_the_fields_of_its_intake() -> None:
    meant = complaint(fictitious=False)
    told, content = meant.model_dump(mode="json"), dict[str, Any]()
    for field in fields_in(Complaint):
        if (value := value_of(field, typed(at(told, field.path), field))) is not None:
            put(content, field.path, value)
    asked = set(told) - {"consents", "prior_steps", "source", "fictitious", "concerned_person"}
    read_back = Complaint.model_validate(content).model_dump(mode="json")
    assert {name: read_back[name] for name in asked} == {name: told[name] for name in asked}


@pytest.mark.parametrize("name", SUBMITTED)
def test_an_empty_form_names_each_field_that_is_needed_and_no_code(name: str) -> None:
    fields = fields_of(name)
    reading = read(name, {}, fields, FRENCH)
    needed = {field.path for field in fields if field.is_required}
    assert {fault.path for fault in reading.faults} >= needed or not needed
    for fault in reading.faults:
        assert "_" not in fault.message and "{" not in fault.message + fault.remedy, fault
