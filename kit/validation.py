"""Lists the faults of a value, field by field, in words that can be translated and never repeat what was typed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class Fault:
    """One fault: where, what, what to do. Message and remedy are templates with {named} parameters.

    `{field}` in them stands for `where`.
    """

    where: str
    code: str
    message: str
    remedy: str
    params: dict[str, str | int]
    action: str | None = None
    """The name of what can be done here about it."""


_TEXTS: dict[str, tuple[str, str]] = {
    "missing": ("{field} is missing.", "Fill it in."),
    "extra_forbidden": ("{field} is not a known field.", "Check its spelling, or leave it out."),
    "enum": ("{field} is not one of the known codes.", "It is one of: {expected}."),
    "literal_error": ("{field} is not one of the known codes.", "It is one of: {expected}."),
    "string_type": ("{field} must be a text.", "Write it between quotation marks."),
    "string_unicode": (
        "{field} holds half of a character.",
        "Type that text again. A code from \\ud800 to \\udfff stands only in a pair, a high one before a low one.",
    ),
    "string_too_short": ("{field} is empty or too short.", "Write at least {min_length} characters."),
    "string_too_long": ("{field} is too long.", "Shorten it to {max_length} characters."),
    "string_pattern_mismatch": ("{field} does not have the expected form.", "The form is: {pattern}"),
    "too_short": ("{field} needs more entries.", "Give at least {min_length}."),
    "too_long": ("{field} has too many entries.", "Give at most {max_length}."),
    "bool_parsing": ("{field} must be true or false.", "Write true or false."),
    "bool_type": ("{field} must be true or false.", "Write true or false."),
    "int_parsing": ("{field} must be a whole number.", "Write it in figures."),
    "int_from_float": ("{field} must be a whole number.", "Write it in figures."),
    "int_type": ("{field} must be a whole number.", "Write it in figures."),
    "greater_than_equal": ("{field} is too small.", "The smallest value is {ge}."),
    "greater_than": ("{field} is too small.", "It must be more than {gt}."),
    "less_than_equal": ("{field} is too large.", "The largest value is {le}."),
    "date_parsing": ("{field} is not a date that exists.", "Write it as 2026-03-31."),
    "date_type": ("{field} is not a date.", "Write it as 2026-03-31."),
    "date_from_datetime_parsing": ("{field} is not a date that exists.", "Write it as 2026-03-31."),
    "date_from_datetime_inexact": ("{field} is a date without a time.", "Write it as 2026-03-31."),
    "datetime_parsing": ("{field} is not a date and time that exist.", "Write it as 2026-03-31T14:30."),
    "datetime_type": ("{field} is not a date and time.", "Write it as 2026-03-31T14:30."),
    "tuple_type": ("{field} must be a list.", "Write it as a list, even with one entry."),
    "list_type": ("{field} must be a list.", "Write it as a list, even with one entry."),
    "dict_type": ("{field} must be an object with named fields.", "Write it between braces."),
    "model_type": ("{field} must be an object with named fields.", "Write it between braces."),
    "model_attributes_type": ("{field} must be an object with named fields.", "Write it between braces."),
    "union_tag_invalid": ("{field} is not a known command.", "Check its spelling."),
    "union_tag_not_found": ("{field} does not say which command it is.", "Fill in kind."),
}
_ONE_OF = _TEXTS["enum"][1]
_AT_LEAST_ONE = "Write at least one character."
HALF_A_CHARACTER = _TEXTS["string_unicode"]
"""Message and remedy for a text with a lone surrogate in it."""
_LONGEST = 80
"""Characters of a field's name that are repeated: an unknown one is as long as whoever wrote it liked."""
_OTHERWISE = ("{field} is not valid.", "See what is expected.")
_LOOKED_UP = (_OTHERWISE, _TEXTS["union_tag_invalid"])
"""Faults that are put right by looking up what is expected."""
LOOK_UP = "LIST_COMMANDS"
"""The action that goes with them."""


def faults(error: ValidationError, model: type[BaseModel] | None = None) -> Iterator[Fault]:
    """Lists every fault that a validation found, in the order of the fields.

    A custom error brings its own words: `template`, `remedy` and `action` in its context. Of a code that is missing,
    `model`, which was to be filled, says what it may be.
    """
    every = error.errors(include_url=False, include_input=False)
    for details in every:
        if details["type"] == "too_short" and any(_is_within(other["loc"], details["loc"]) for other in every):
            continue  # pydantic does not count entries with a fault: the list is long enough once they are mended
        fault = _fault(details)
        codes = _codes_of(model, details["loc"]) if details["type"] == "missing" else ()
        yield replace(fault, remedy=_ONE_OF, params=fault.params | {"expected": ", ".join(codes)}) if codes else fault


def _codes_of(model: Any, where: tuple[int | str, ...]) -> tuple[str, ...]:
    """The codes that the field at the end of a path may hold; none where it is free, or not known."""
    for part in where:
        field = model.model_fields.get(str(part)) if isinstance(model, type) and issubclass(model, BaseModel) else None
        if field is None:
            return ()
        model = field.annotation
    return next((codes for one in (model, *get_args(model)) if (codes := _codes(one))), ())


def _codes(annotation: Any) -> tuple[str, ...]:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(annotation)
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def _is_within(where: tuple[int | str, ...], whole: tuple[int | str, ...]) -> bool:
    return len(where) > len(whole) and where[: len(whole)] == whole


def _fault(details: ErrorDetails) -> Fault:
    params = {k: v for k, v in details.get("ctx", {}).items() if isinstance(v, str | int)}
    usual = _TEXTS.get(details["type"], _OTHERWISE)
    is_looked_up = "template" not in params and usual in _LOOKED_UP
    message, remedy = str(params.pop("template", usual[0])), str(params.pop("remedy", usual[1]))
    action = LOOK_UP if is_looked_up else params.pop("action", None)
    if details["type"] == "string_too_short" and params.get("min_length") == 1:
        remedy = _AT_LEAST_ONE
    if "expected" in params:  # pydantic says "'A', 'B' or 'C'"
        params["expected"] = ", ".join(re.findall(r"'([^']+)'", str(params["expected"]))) or params["expected"]
    where = ".".join(str(part)[:_LONGEST] for part in details["loc"])
    return Fault(where, details["type"], message, remedy, params, None if action is None else str(action))
