"""The fields of a complaint or a command, each with its origin.

A table of the mapping is held against the model it fills: unknown fields and codes, missing fields and formats that
lose part of a date are found before the first row is read.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from domain.errors import Invalid
from domain.vocabulary import Act, RespondentKind
from importer.faults import misread
from importer.origin import Origin, alike, enumerated


class Kind(Enum):
    """The kind of value that a field holds, as far as reading a cell is concerned."""

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
    """Its place in the complaint or command: facts.narrative."""
    kind: Kind
    origin: Origin
    table: Mapping[str, Any] | None
    """`values`, by folded text."""
    assumed: str | None = None
    """What the field would be taken for if nothing were given, where that claims a fact: an empty cell then refuses."""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together. Unless it is `required`, it is left out when all its columns are empty."""

    parts: dict[str, "Leaf | Group | tuple[Group, ...]"]
    required: bool
    when: Leaf | None = None
    """A condition: the group is left out if this has no value, and kept if it has one."""

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
                      names=enumerated(fields))  # fmt: skip
    table = _nested(data, key)
    condition = table.pop("when", None)
    parts = {
        name: _part(_field(fields, name, key), value, f"{key}.{name}", f"{path}{name}") for name, value in table.items()
    }
    _require_all(fields, parts, key)
    when = None if condition is None else _condition(condition, f"{key}.when", f"{path}when")
    return Group(parts, required, when)


def _require_all(fields: Mapping[str, FieldInfo], parts: Mapping[str, object], key: str) -> None:
    """Raises Invalid for the first field that is needed and has no origin."""
    for name, info in fields.items():
        if info.is_required() and name not in parts:
            raise Invalid(
                "mapping_missing_field",
                "{field} is missing.",
                'Say where it comes from: { column = "..." }, or { value = "..." } if it is always the same.',
                field=f"{key}.{name}",
            )


def _field(fields: Mapping[str, FieldInfo], name: str, key: str) -> FieldInfo:
    if name not in fields:
        raise Invalid(
            "mapping_unknown_field",
            "{field} is not a field that a mapping can fill.",
            "It is one of: {names}.",
            field=f"{key}.{name}",
            names=enumerated(fields),
        )
    return fields[name]


def _part(info: FieldInfo, entry: object, key: str, path: str) -> Leaf | Group | tuple[Group, ...]:
    kind, inner = _kind(info.annotation)
    if kind is Kind.GROUP:
        return group_of(inner, entry, key, f"{path}.", required=info.is_required())
    if kind is Kind.GROUPS:
        if not isinstance(entry, list):
            raise Invalid("mapping_list", "{field} is a list of tables.", "Write [[{field}]] above each.", field=key)
        return tuple(
            group_of(inner, item, f"{key}[{n}]", f"{path}.{n - 1}.", required=False)
            for n, item in enumerate(entry, start=1)
        )
    return leaf_of(info, entry, key, path)


def leaf_of(info: FieldInfo, entry: object, key: str, path: str) -> Leaf:
    """One field, checked against its type. Raises Invalid."""
    kind, _ = _kind(info.annotation)
    origin = _origin(entry, key)
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
    return _leaf(key, path, kind, origin, _assumed(key, info))


NOW = "now"
"""What a command without a time is taken for: it happens as it is asked."""
_CLAIMS_NOTHING = (None, False, "", Act.AUTRE_INDETERMINE, RespondentKind.UNKNOWN)


def _assumed(key: str, info: FieldInfo) -> str | None:
    """The fact that the field claims by default; none for those that stand for "not said"."""
    if key.rpartition(".")[2] == "happened_at":
        return NOW
    default = None if info.is_required() else info.get_default(call_default_factory=True)
    codes = default if isinstance(default, tuple) else (default,)
    return None if all(code in _CLAIMS_NOTHING for code in codes) else ", ".join(map(str, codes)).lower()


def _condition(entry: object, key: str, path: str) -> Leaf:
    return _leaf(key, path, Kind.CODES, _origin(entry, key))


def _leaf(key: str, path: str, kind: Kind, origin: Origin, assumed: str | None = None) -> Leaf:
    table = None if origin.values is None else {alike(text): code for text, code in origin.values.items()}
    return Leaf(key, path, kind, origin, table, assumed)


def _origin(entry: object, key: str) -> Origin:
    if not isinstance(entry, dict):
        raise Invalid(
            "mapping_origin",
            "{field} does not say where its value comes from.",
            'Write { column = "..." } or { value = ... }.',
            field=key,
        )
    try:
        return Origin.model_validate(entry)
    except ValidationError as error:
        raise misread(error, key) from None


def _check_codes(info: FieldInfo, kind: Kind, origin: Origin, key: str) -> None:
    """Refuses a constant or a code of a table that the field would refuse at every row."""
    whole: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    adapter: TypeAdapter[Any] = TypeAdapter(whole)
    for place, code in _constants(origin, key):
        try:
            adapter.validate_python([code] if kind is Kind.CODES and not isinstance(code, list) else code)
        except ValidationError as error:
            problem = misread(error, place)
            problem.field = place
            raise problem from None


def _constants(origin: Origin, key: str) -> Iterator[tuple[str, Any]]:
    """The constants and codes that the mapping gives, each with its place. An empty code stands for nothing."""
    if origin.value is not None:
        yield f"{key}.value", origin.value
    codes = {f"{key}.default": origin.default}
    codes |= {f'{key}.values."{text}"': code for text, code in (origin.values or {}).items()}
    yield from ((place, code) for place, code in codes.items() if code not in (None, "", []))


_WRAPPERS = (Annotated, Union, types.UnionType, tuple)
_KINDS = {BaseModel: Kind.GROUP, datetime: Kind.INSTANT, date: Kind.DAY, bool: Kind.FLAG}


def _kind(annotation: Any) -> tuple[Kind, Any]:
    """The kind of a field of this type, and the type inside."""
    outer = get_origin(annotation)
    if outer not in _WRAPPERS:
        bases = annotation.__mro__ if isinstance(annotation, type) else ()
        return next((_KINDS[base] for base in bases if base in _KINDS), Kind.TEXT), annotation
    kind, inner = _kind(next(part for part in get_args(annotation) if part is not type(None)))
    if outer is tuple:
        kind = Kind.GROUPS if kind is Kind.GROUP else Kind.CODES
    return kind, inner


def _nested(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The same table with a quoted key, "facts.narrative", as narrative within facts."""
    result: dict[str, Any] = {}
    for name, entry in data.items():
        head, dot, rest = name.partition(".")
        inner = {rest: entry} if dot else entry
        before = result.get(head)
        if before is None:
            result[head] = inner
        elif isinstance(before, dict) and isinstance(inner, dict) and not before.keys() & inner.keys():
            result[head] = {**before, **inner}
        else:
            raise Invalid("mapping_twice", "{field} is given twice.", "Give it once.", field=f"{key}.{name}")
    return result
