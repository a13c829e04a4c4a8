"""From the cells of one row to the fields of a complaint or a command. What does not fit is said, cell by cell."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from domain.errors import Invalid, Problem
from domain.values import day_of, in_paris
from importer.fields import Group, Kind, Leaf, fold, invalid
from kit.validation import faults

M = TypeVar("M", bound=BaseModel)

SHOWN = 60
"""How much of a cell an error repeats, in characters."""

_FLAGS = {
    **dict.fromkeys(("oui", "o", "vrai", "x", "1", "yes", "y", "true"), True),
    **dict.fromkeys(("non", "n", "faux", "0", "no", "false"), False),
}
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRENCH = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")


class RowRefused(Exception):
    """A row that cannot be used, with everything that is wrong with it."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)
        self.problems = problems


def made(model: type[M], group: Group, cells: Mapping[str, str], latest: Mapping[str, str], **fixed: Any) -> M:
    """What a row says, as a complaint or a command. Raises RowRefused. `latest` numbers the last part of each kind."""
    problems: list[Problem] = []
    said = _group(group, cells, latest, problems) or {}
    if problems:
        raise RowRefused(*problems)
    try:
        return model.model_validate(said | fixed)
    except ValidationError as error:
        raise RowRefused(*invalid_fields(error)) from None


def invalid_fields(error: ValidationError) -> list[Invalid]:
    """The faults that a model found, each with its field."""
    return [invalid(found) for found in faults(error)]


def applies(group: Group, cells: Mapping[str, str]) -> bool:
    """Whether its condition, if it has one, is met. Raises RowRefused when its cell cannot be read."""
    if group.when is None:
        return True
    try:
        return bool(_value(group.when, cells, {}))
    except Invalid as problem:
        raise RowRefused(problem) from None


def moment(leaf: Leaf, cells: Mapping[str, str]) -> datetime | None:
    """The instant that a row gives; none when its cell is empty. Raises RowRefused."""
    try:
        value = _value(leaf, cells, {})
    except Invalid as problem:
        raise RowRefused(problem) from None
    if value is None:
        return None
    try:
        instant = in_paris(value)
    except PydanticCustomError as error:
        said = error.context or {}
        raise RowRefused(Invalid(error.type, said["template"], said["remedy"], field=leaf.path)) from None
    assert isinstance(instant, datetime)  # noqa: S101 - in_paris gives nothing else
    return instant


def _group(
    group: Group, cells: Mapping[str, str], latest: Mapping[str, str], problems: list[Problem]
) -> dict[str, Any] | None:
    """The values of a group; none when it is left out."""
    try:
        if not applies(group, cells):
            return None
    except RowRefused as refused:
        problems += refused.problems
        return None
    result: dict[str, Any] = {}
    asked = told = False
    for name, part in group.parts.items():
        value: Any
        if isinstance(part, Leaf):
            try:
                value = _value(part, cells, latest)
            except Invalid as problem:
                problems.append(problem)
                continue
            asked |= bool(part.origin.named)
            told |= bool(part.origin.named) and value is not None
        elif isinstance(part, Group):
            value = _group(part, cells, latest, problems)
        else:
            value = [item for each in part if (item := _group(each, cells, latest, problems)) is not None]
        if value is not None:
            result[name] = value
    nested = any(not isinstance(part, Leaf) and part and name in result for name, part in group.parts.items())
    kept = told or nested or group.required or group.when is not None
    return None if asked and not kept else result


def _value(leaf: Leaf, cells: Mapping[str, str], latest: Mapping[str, str]) -> Any:
    """The value of one field; none when the row does not say. Raises Invalid."""
    origin = leaf.origin
    if origin.value is not None:
        return origin.value
    if origin.latest is not None:
        return _latest(leaf, origin.latest, latest)
    codes: list[Any] = []
    for text in _texts(leaf, cells):
        code = _looked_up(leaf, text)
        codes += code if isinstance(code, list) else [code]
    if not codes and origin.default is not None:
        codes = origin.default if isinstance(origin.default, list) else [origin.default]
    codes = [code for code in dict.fromkeys(codes) if code != ""]
    if not codes:
        return None
    return codes if leaf.kind is Kind.CODES else _converted(leaf, codes[0])


def _texts(leaf: Leaf, cells: Mapping[str, str]) -> list[str]:
    origin = leaf.origin
    texts = [origin.filled(cells)] if origin.template is not None else [cells[name] for name in origin.named]
    if origin.split is not None:
        texts = [piece for text in texts for piece in text.split(origin.split)]
    return [text.strip() for text in texts if text.strip()]


def _looked_up(leaf: Leaf, text: str) -> Any:
    if leaf.table is None:
        return text
    if (code := leaf.table.get(fold(text))) is not None:
        return code
    if leaf.origin.default is not None:
        return leaf.origin.default
    raise Invalid(
        "unknown_value",
        "The column {column} says '{said}', which {key} does not know.",
        "Correct the cell, or add that text to the table values of the mapping.",
        field=leaf.path,
        column=", ".join(leaf.origin.named),
        said=text[:SHOWN],
        key=leaf.key,
    )


def _latest(leaf: Leaf, command: str, latest: Mapping[str, str]) -> str:
    if command not in latest:
        raise Invalid(
            "nothing_before",
            "{field} speaks of an earlier {command}, but this case has none.",
            "Look at the order of the rows of this case.",
            field=leaf.path,
            command=command,
        )
    return latest[command]


def _converted(leaf: Leaf, code: Any) -> Any:
    if not isinstance(code, str):
        return code
    if leaf.kind is Kind.FLAG:
        return _FLAGS.get(fold(code), code)
    if leaf.kind in (Kind.DAY, Kind.INSTANT):
        found = _date(code, leaf.origin.format)
        if found is None:
            raise _no_date(leaf)
        if leaf.kind is Kind.DAY and isinstance(found, datetime):
            return day_of(found) if found.tzinfo else found.date()
        return found
    return code


def _date(text: str, form: str | None) -> date | None:
    """A day, or a day and time (naive: in Paris). Workbooks give true dates in ISO, whatever format they show."""
    for each in (form,) if form else _FRENCH:
        try:
            found = datetime.strptime(text, each)  # noqa: DTZ007 - a naive time is Paris time: see domain.values
        except ValueError:
            continue
        return found if "%H" in each or "%I" in each else found.date()
    if not _ISO.match(text):
        return None
    try:
        return date.fromisoformat(text) if len(text) == len("2026-03-31") else datetime.fromisoformat(text)
    except ValueError:
        return None


def _no_date(leaf: Leaf) -> Invalid:
    return Invalid(
        "not_a_date",
        "The column {column} does not hold a date written as {form}.",
        "Correct the cell, or give the format of the dates in the mapping ({key}).",
        field=leaf.path,
        column=", ".join(leaf.origin.named),
        form=leaf.origin.format or "%d/%m/%Y, %Y-%m-%d",
        key=leaf.key,
    )
