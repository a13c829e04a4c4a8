"""The fields of a complaint or a command, and where the mapping says their values come from.

A table of the mapping is held against the model it fills: unknown fields and codes, missing fields and formats that
lose part of a date are found before the first row is read.
"""

import re
import types
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, auto
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from domain.errors import Invalid, fault
from kit.validation import Fault, faults

PARTS = {"refer": "R", "add_piece": "P", "prepare_filing": "F", "record_consent": "C"}
"""The commands that add a numbered part to a case, with the letter of its number: what `latest` can name."""

_COLUMN = re.compile(r"\{([^{}]+)\}")


class Part(BaseModel):
    """A table of the mapping. A key it does not know is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(Part):
    """Where the value of one field comes from: a column, several, a template over columns, or a constant."""

    column: str | None = None
    columns: list[str] | None = None
    """Several cells, as a list; or those that the template may name."""
    template: str | None = None
    """A text in which {Name of column} stands for the cell."""
    value: Any = None
    latest: str | None = None
    """The number of the part that the last such command of the same case added: R1, P2..."""
    format: str | None = None
    """How dates are written (strptime). ISO is always read; dd/mm/yyyy too when no format is given."""
    values: dict[str, Any] | None = None
    """What is written in the cell -> the code it stands for, or several, or "" for nothing."""
    split: str | None = None
    default: Any = None
    """What stands for an empty cell, and for a text that is not in `values`."""

    @field_validator("value", "default")
    @classmethod
    def _a_constant(cls, value: object) -> object:
        return _constant(value)

    @field_validator("values")
    @classmethod
    def _each_text_once(cls, values: dict[str, object]) -> dict[str, object]:
        seen: dict[str, str] = {}
        for text, code in values.items():
            _constant(code)
            if (other := seen.setdefault(fold(text), text)) != text:
                raise fault(
                    "same_text",
                    "{field} holds '{text}' and '{other}': they are the same but for case, accents and spaces.",
                    "Keep one of them.",
                    text=text,
                    other=other,
                )
        return values

    @field_validator("split")
    @classmethod
    def _some_separator(cls, split: str) -> str:
        if not split:
            raise fault("no_separator", "{field} is empty.", "Give what stands between two entries, such as ;.")
        return split

    @field_validator("format")
    @classmethod
    def _whole_date(cls, form: str) -> str:
        if not keeps_the_day(form):
            raise fault(
                "bad_format",
                "{field} does not read a whole date.",
                "Write day, month and year with the codes of strptime, such as %d/%m/%Y or %d/%m/%Y %H:%M.",
            )
        return form

    @model_validator(mode="after")
    def _one_origin(self) -> "Origin":
        said = self.model_fields_set
        given = [name for name in ("column", "columns", "template", "value", "latest") if name in said]
        if len(given) != 1 and given != ["columns", "template"]:
            raise fault(
                "one_origin",
                "{field} does not say in one way where its value comes from.",
                "Keep one of: column, columns (with or without a template), template, value, latest.",
            )
        if given[0] in ("value", "latest") and said != set(given):
            raise fault(
                "constant_alone", "{field} is always the same: there is nothing to read.", "Keep {name}.", name=given[0]
            )
        if self.latest is not None and self.latest not in PARTS:
            raise fault("latest", "{field} names no part of a case.", "latest is one of: {names}.", names=_and(PARTS))
        if self.template is not None and not self.named:
            raise fault("no_column", "The template of {field} names no column.", "Put a column between braces.")
        if self.columns is not None and (unlisted := set(self.named) - set(self.columns)):
            raise fault(
                "not_listed",
                "The template of {field} names columns that are not in its columns: {names}.",
                "Add them to columns, or leave columns out.",
                names=_and(unlisted),
            )
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The columns it reads."""
        if self.template is not None:
            return tuple(_COLUMN.findall(self.template))
        if self.columns is not None:
            return tuple(self.columns)
        return (self.column,) if self.column is not None else ()

    @property
    def gives_several(self) -> bool:
        """Whether it can give several values."""
        return self.split is not None or (self.columns is not None and self.template is None)

    def filled(self, cells: Mapping[str, str]) -> str:
        """The template with the cells in it; empty when all of them are."""
        if self.template is None or not any(cells[name] for name in self.named):
            return ""
        return _COLUMN.sub(lambda found: cells[found[1]], self.template).strip()


def _constant(value: object) -> object:
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if not texts and not isinstance(value, bool | int | str):
        raise fault("constant", "{field} holds no constant.", "A text, a whole number, true, false, a list of texts.")
    return value


# --- Held against the model ------------------------------------------------------------------------------


class Kind(Enum):
    """What a field holds, as far as reading a cell is concerned."""

    TEXT = auto()
    FLAG = auto()
    DAY = auto()
    INSTANT = auto()
    CODES = auto()
    """Several codes."""
    GROUP = auto()
    """Fields of its own."""
    GROUPS = auto()
    """A list of those."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field and where its value comes from."""

    key: str
    """Its place in the mapping: complaint.facts.narrative."""
    path: str
    """Its place in what is made: facts.narrative."""
    kind: Kind
    origin: Origin
    table: Mapping[str, Any] | None
    """`values`, by folded text."""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together. Unless it is `required`, it is left out when none of its columns says anything."""

    parts: dict[str, "Leaf | Group | tuple[Group, ...]"]
    required: bool
    when: Leaf | None = None
    """It is left out if this says nothing, and kept if this says something."""

    def leaves(self) -> Iterator[Leaf]:
        """Every field in it, at any depth."""
        if self.when:
            yield self.when
        for part in self.parts.values():
            if isinstance(part, Leaf):
                yield part
            else:
                for group in part if isinstance(part, tuple) else (part,):
                    yield from group.leaves()


def group_of(
    model: type[BaseModel], data: object, key: str, path: str = "", *, required: bool = True, without: str = ""
) -> Group:
    """The fields of `model` as this table of the mapping gives them. Raises Invalid, which names the key.

    `without` is a field that a mapping does not fill.
    """
    fields = {name: info for name, info in model.model_fields.items() if name != without}
    if not isinstance(data, dict):
        raise Invalid("mapping_table", "{field} is a table of fields.", "It takes: {names}.", field=key,
                      names=_and(fields))  # fmt: skip
    said = _nested(data, key)
    when = said.pop("when", None)
    parts: dict[str, Leaf | Group | tuple[Group, ...]] = {}
    for name, value in said.items():
        info = fields.get(name)
        if info is None:
            raise Invalid(
                "mapping_unknown_field",
                "{field} is not a field that a mapping can fill.",
                "It is one of: {names}.",
                field=f"{key}.{name}",
                names=_and(fields),
            )
        parts[name] = _part(info, value, f"{key}.{name}", f"{path}{name}")
    for name, info in fields.items():
        if info.is_required() and name not in parts:
            raise Invalid(
                "mapping_missing_field",
                "{field} is missing.",
                'Say where it comes from: { column = "..." }, or { value = "..." } if it is always the same.',
                field=f"{key}.{name}",
            )
    return Group(parts, required, None if when is None else _condition(when, f"{key}.when", f"{path}when"))


def _part(info: FieldInfo, said: object, key: str, path: str) -> Leaf | Group | tuple[Group, ...]:
    kind, inner = _kind(info.annotation)
    if kind is Kind.GROUP:
        return group_of(inner, said, key, f"{path}.", required=info.is_required())
    if kind is Kind.GROUPS:
        if not isinstance(said, list):
            raise Invalid("mapping_list", "{field} is a list of tables.", "Write [[{field}]] above each.", field=key)
        return tuple(
            group_of(inner, item, f"{key}[{n}]", f"{path}.{n - 1}.", required=False)
            for n, item in enumerate(said, start=1)
        )
    return leaf_of(info, said, key, path)


def leaf_of(info: FieldInfo, said: object, key: str, path: str) -> Leaf:
    """One field, checked against its type. Raises Invalid."""
    kind, _ = _kind(info.annotation)
    origin = _origin(said, key)
    if origin.gives_several and kind is not Kind.CODES:
        raise Invalid(
            "mapping_one_value",
            "{field} takes one value, not a list.",
            "Name one column, or write a template; split is for lists.",
            field=key,
        )
    if origin.format is not None and kind not in (Kind.DAY, Kind.INSTANT):
        raise Invalid("mapping_no_date", "{field} is not for this field: it is no date.", "Leave it out.",
                      field=f"{key}.format")  # fmt: skip
    _check_codes(info, kind, origin, key)
    return _leaf(key, path, kind, origin)


def _condition(said: object, key: str, path: str) -> Leaf:
    return _leaf(key, path, Kind.CODES, _origin(said, key))


def _leaf(key: str, path: str, kind: Kind, origin: Origin) -> Leaf:
    table = None if origin.values is None else {fold(text): code for text, code in origin.values.items()}
    return Leaf(key, path, kind, origin, table)


def _origin(said: object, key: str) -> Origin:
    if not isinstance(said, dict):
        raise Invalid(
            "mapping_origin",
            "{field} does not say where its value comes from.",
            'Write { column = "..." } or { value = ... }.',
            field=key,
        )
    try:
        return Origin.model_validate(said)
    except ValidationError as error:
        raise misread(error, key) from None


def _check_codes(info: FieldInfo, kind: Kind, origin: Origin, key: str) -> None:
    """Refuses a constant or a code of a table that the field would refuse at every row."""
    whole: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    adapter: TypeAdapter[Any] = TypeAdapter(whole)
    given = {f"{key}.value": origin.value, f"{key}.default": origin.default}
    given |= {f'{key}.values."{text}"': code for text, code in (origin.values or {}).items()}
    for place, code in given.items():
        if code is None or (code in ("", []) and not place.endswith(".value")):
            continue
        try:
            adapter.validate_python([code] if kind is Kind.CODES and not isinstance(code, list) else code)
        except ValidationError as error:
            problem = misread(error, place)
            problem.field = place
            raise problem from None


def _kind(annotation: Any) -> tuple[Kind, Any]:
    """What a field of this type holds, and the type inside."""
    outer, inside = get_origin(annotation), get_args(annotation)
    if outer is Annotated:
        return _kind(inside[0])
    if outer in (Union, types.UnionType):
        return _kind(next(a for a in inside if a is not type(None)))
    if outer is tuple:
        kind, inner = _kind(inside[0])
        return (Kind.GROUPS if kind is Kind.GROUP else Kind.CODES), inner
    if isinstance(annotation, type):
        for base, kind in _KINDS:
            if issubclass(annotation, base):
                return kind, annotation
    return Kind.TEXT, annotation


_KINDS = (
    (BaseModel, Kind.GROUP),
    (datetime, Kind.INSTANT),  # before date: a datetime is one
    (date, Kind.DAY),
    (bool, Kind.FLAG),
)


def _nested(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The same table with "facts.narrative" (a quoted key) told as narrative within facts."""
    result: dict[str, Any] = {}
    for name, said in data.items():
        head, dot, rest = name.partition(".")
        inner = {rest: said} if dot else said
        before = result.get(head)
        if before is None:
            result[head] = inner
        elif isinstance(before, dict) and isinstance(inner, dict) and not before.keys() & inner.keys():
            result[head] = {**before, **inner}
        else:
            raise Invalid("mapping_twice", "{field} is given twice.", "Give it once.", field=f"{key}.{name}")
    return result


def _and(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def misread(error: ValidationError, key: str) -> Invalid:
    """The first thing that is wrong with a table of the mapping, with the key it is at."""
    problem = invalid(next(faults(error)), within=key)
    problem.code = f"mapping_{problem.code}"
    return problem


def invalid(found: Fault, within: str = "") -> Invalid:
    """A fault of a validation as a problem. `within` is where what was validated stands."""
    where = ".".join(part for part in (within, found.where) if part)
    problem = Invalid(found.code, found.message, found.remedy, field=where or None)
    problem.params |= found.params  # not as keywords: a fault may have a parameter called code
    return problem


def fold(text: str) -> str:
    """A text as lookups compare it: without case, accents and outer or repeated spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


_PROBES = (datetime(2001, 12, 31, tzinfo=UTC), datetime(2023, 2, 1, tzinfo=UTC))


def keeps_the_day(form: str) -> bool:
    """Whether a date written in this format can be read back: day, month and year."""
    try:
        return all(
            datetime.strptime(probe.strftime(form), form).date() == probe.date()  # noqa: DTZ007 - only its day counts
            for probe in _PROBES
        )
    except (ValueError, re.error):
        return False
