"""Turns the cells of one row into the fields of a complaint or a command. Each cell that does not fit is named."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from domain.errors import Invalid, Problem
from domain.reference import territories
from domain.reference.places import is_neighbourhood, places_named
from domain.values import day_of, in_paris
from importer.faults import invalid_fields
from importer.fields import NOW, Group, Kind, Leaf
from importer.origin import alike

M = TypeVar("M", bound=BaseModel)

SHOWN = 60
"""Characters of a cell that an error repeats."""

_FLAGS = {
    **dict.fromkeys(("oui", "o", "vrai", "x", "1", "yes", "y", "true"), True),
    **dict.fromkeys(("non", "n", "faux", "0", "no", "false"), False),
}
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRENCH = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")


class RowRefused(Exception):
    """A row that cannot be used, with all its faults."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)
        self.problems = problems


def made(model: type[M], group: Group, cells: Mapping[str, str], latest: Mapping[str, str], **fixed: Any) -> M:
    """Makes a complaint or a command of a row. Raises RowRefused. `latest` numbers the last part of each kind."""
    row = _Row(cells, latest)
    values = row.group(group) or {}
    if row.problems:
        raise RowRefused(*row.problems)
    try:
        return model.model_validate(values | fixed)
    except ValidationError as error:
        raise RowRefused(*invalid_fields(error)) from None


def applies(group: Group, cells: Mapping[str, str]) -> bool:
    """True unless it has a condition that is not met. Raises RowRefused when the cell of that cannot be read."""
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
        wording = error.context or {}
        raise RowRefused(Invalid(error.type, wording["template"], wording["remedy"], field=leaf.path)) from None
    assert isinstance(instant, datetime)  # noqa: S101 - in_paris gives nothing else
    return instant


@dataclass
class _Row:
    """Reads the cells of one row, and collects what does not fit."""

    cells: Mapping[str, str]
    latest: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    """Keys of the fields whose cells cannot be read."""

    def group(self, group: Group) -> dict[str, Any] | None:
        """The values of a group; none when it is left out."""
        try:
            if not applies(group, self.cells):
                return None
        except RowRefused as refused:
            self.problems += refused.problems
            return None
        parts = ((name, self._part(part)) for name, part in group.parts.items())
        values = {name: value for name, value in parts if value is not None}
        if not _is_kept(group, values):
            return None
        leaves = (part for name, part in group.parts.items() if name not in values and isinstance(part, Leaf))
        self.problems += [empty_cell(leaf) for leaf in leaves if leaf.assumed and leaf.key not in self.unread]
        return values

    def _part(self, part: Leaf | Group | tuple[Group, ...]) -> Any:
        if isinstance(part, Group):
            return self.group(part)
        if isinstance(part, tuple):
            return [values for group in part if (values := self.group(group)) is not None]
        try:
            return _value(part, self.cells, self.latest)
        except Invalid as problem:
            self.problems.append(problem)
            self.unread.add(part.key)
            return None


def empty_cell(leaf: Leaf) -> Invalid:
    """The refusal of an empty cell where the field would then claim a fact that nobody wrote."""
    if leaf.assumed == NOW:
        message = "The column {column} is empty: the date of the import would stand for one that nobody wrote."
        remedy = "Fill in the cell, or leave the command out of such rows with a condition (when)."
    else:
        message = "The column {column} is empty: it would be taken for {assumed}, which nobody wrote."
        remedy = "Fill in the cell, or say in the mapping what an empty one means: default, at {key}."
    columns = ", ".join(leaf.origin.named)
    return Invalid(
        "empty_cell", message, remedy, field=leaf.path, column=columns, assumed=leaf.assumed or "", key=leaf.key
    )


def _is_kept(group: Group, values: Mapping[str, Any]) -> bool:
    """True unless the group reads columns of its own and every one of them is empty. Constants alone do not keep it."""
    if group.required or group.when is not None:
        return True
    own_columns = {name: part.origin.named for name, part in group.parts.items() if isinstance(part, Leaf)}
    if not any(own_columns.values()):
        return True
    return any(own_columns.get(name, part) for name, part in group.parts.items() if name in values)


def _value(leaf: Leaf, cells: Mapping[str, str], latest: Mapping[str, str]) -> Any:
    """The value of one field; none when the row leaves it open. Raises Invalid."""
    origin = leaf.origin
    if origin.value is not None:
        return origin.value
    if origin.latest is not None:
        return _latest(leaf, origin.latest, latest)
    codes = [code for code in dict.fromkeys(_codes(leaf, cells)) if code != ""]
    if not codes:
        return None
    return codes if leaf.kind is Kind.CODES else _converted(leaf, codes[0])


def _codes(leaf: Leaf, cells: Mapping[str, str]) -> list[Any]:
    codes = [code for text in _texts(leaf, cells) for code in _as_list(_looked_up(leaf, text))]
    if codes or leaf.origin.default is None:
        return codes
    return _as_list(leaf.origin.default)


def _as_list(code: Any) -> list[Any]:
    return code if isinstance(code, list) else [code]


def _texts(leaf: Leaf, cells: Mapping[str, str]) -> list[str]:
    origin = leaf.origin
    texts = [origin.filled(cells)] if origin.template is not None else [cells[name] for name in origin.named]
    parts = chain.from_iterable(text.split(origin.split) for text in texts) if origin.split else texts
    return list(filter(None, map(str.strip, parts)))


def _looked_up(leaf: Leaf, text: str) -> Any:
    if leaf.table is None:
        return text
    if (code := leaf.table.get(alike(text))) is not None:
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
    if leaf.path.endswith(("place.commune", "place.neighbourhood")):
        return _place(leaf, code)
    if leaf.kind is Kind.FLAG:
        return _FLAGS.get(alike(code), code)
    if leaf.kind is Kind.DAY:
        return _day(_date(leaf, code))
    return _date(leaf, code) if leaf.kind is Kind.INSTANT else code


def _place(leaf: Leaf, text: str) -> str:
    """The code of a place that is given by its name; a code, and what is no place, as it is. Raises Invalid."""
    wants_neighbourhood = leaf.path.endswith("neighbourhood")
    known = [code for code in places_named(text) if code in territories()]
    places = [code for code in known if is_neighbourhood(code) == wants_neighbourhood]
    if len(places) > 1:
        raise Invalid(
            "several_places",
            "The column {column} says '{said}', and several places are called so.",
            "Write the code of one in the cell, or in the table values of the mapping: {codes}.",
            field=leaf.path,
            column=", ".join(leaf.origin.named),
            said=text[:SHOWN],
            codes=", ".join(f"{code} ({territories()[code].name})" for code in places),
        )
    return places[0] if places else text


def _day(value: date) -> date:
    if not isinstance(value, datetime):
        return value
    return day_of(value) if value.tzinfo else value.date()


def _date(leaf: Leaf, text: str) -> date:
    """A day, or a day and time (naive: in Paris). Workbooks give true dates in ISO, whatever format they show."""
    form = leaf.origin.format
    value = _in_a_format(text, (form,) if form else _FRENCH) or _in_iso(text)
    if value is None:
        raise _no_date(leaf)
    return value


def _in_a_format(text: str, forms: Iterable[str]) -> date | None:
    for form in forms:
        try:
            value = datetime.strptime(text, form)  # noqa: DTZ007 - a naive time is Paris time: see domain.values
        except ValueError:
            continue
        return value if "%H" in form or "%I" in form else value.date()
    return None


def _in_iso(text: str) -> date | None:
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
