"""Where the mapping says that the value of a field comes from."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from domain.errors import fault
from kit.tables import tidy

PARTS = {"refer": "R", "add_piece": "P", "prepare_filing": "F", "record_consent": "C"}
"""The commands that add a numbered part to a case, with the letter of its number: `latest` can name these."""

_COLUMN = re.compile(r"\{([^{}]+)\}")


class Part(BaseModel):
    """A table of the mapping. A key it does not know is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(Part):
    """The origin of the value of one field: a column, several, a template over columns, or a constant."""

    column: str | None = None
    columns: list[str] | None = None
    """Several cells, as a list; or those that the template may name."""
    template: str | None = None
    """A text in which {Name of column} stands for the cell."""
    value: Any = None
    latest: str | None = None
    """The number of the part that the last such command of the same case added: R1, P2..."""
    format: str | None = None
    """The format of dates (strptime). ISO is always read; dd/mm/yyyy too when no format is given."""
    values: dict[str, Any] | None = None
    """Text of the cell -> the code it stands for, or several, or "" for nothing."""
    split: str | None = None
    default: Any = None
    """The code for an empty cell, and for a text that is not in `values`."""

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
            if (other := seen.setdefault(alike(text), text)) != text:
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
        keys = self.model_fields_set
        origins = [name for name in ("column", "columns", "template", "value", "latest") if name in keys]
        if len(origins) != 1 and origins != ["columns", "template"]:
            raise fault(
                "one_origin",
                "{field} does not say in one way where its value comes from.",
                "Keep one of: column, columns (with or without a template), template, value, latest.",
            )
        if origins[0] in ("value", "latest") and keys != set(origins):
            raise fault(
                "constant_alone",
                "{field} is always the same: there is nothing to read.",
                "Keep {name}.",
                name=origins[0],
            )
        return self

    @model_validator(mode="after")
    def _known_part(self) -> "Origin":
        if self.latest is not None and self.latest not in PARTS:
            raise fault(
                "latest", "{field} names no part of a case.", "latest is one of: {names}.", names=enumerated(PARTS)
            )
        return self

    @model_validator(mode="after")
    def _sound_template(self) -> "Origin":
        if self.template is not None and not self.named:
            raise fault("no_column", "The template of {field} names no column.", "Put a column between braces.")
        if self.columns is not None and (unlisted := set(self.named) - set(map(tidy, self.columns))):
            raise fault(
                "not_listed",
                "The template of {field} names columns that are not in its columns: {names}.",
                "Add them to columns, or leave columns out.",
                names=enumerated(unlisted),
            )
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The columns it reads."""
        if self.template is not None:
            return tuple(map(tidy, _COLUMN.findall(self.template)))
        if self.columns is not None:
            return tuple(map(tidy, self.columns))
        return (tidy(self.column),) if self.column is not None else ()

    @property
    def gives_several(self) -> bool:
        """True if it can give several values."""
        return self.split is not None or (self.columns is not None and self.template is None)

    def filled(self, cells: Mapping[str, str]) -> str:
        """The template with the cells in it; empty when all of them are."""
        if self.template is None or not any(cells[name] for name in self.named):
            return ""
        return _COLUMN.sub(lambda column: cells[tidy(column[1])], self.template).strip()


def _constant(value: object) -> object:
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if not texts and not isinstance(value, bool | int | str):
        raise fault("constant", "{field} holds no constant.", "A text, a whole number, true, false, a list of texts.")
    return value


def enumerated(names: Iterable[str]) -> str:
    """Names in one line, in order."""
    return ", ".join(sorted(names))


def fold(text: str) -> str:
    """A text without case, accents and outer or repeated spaces. The ids of commands hold it: it never changes."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def alike(text: str) -> str:
    """A text as lookups compare it: folded, and its apostrophes, its spaces and what nobody sees made one."""
    return fold(tidy(text))


_PROBES = (datetime(2001, 12, 31, tzinfo=UTC), datetime(2023, 2, 1, tzinfo=UTC))


def keeps_the_day(form: str) -> bool:
    """Tells whether a date written in this format can be read back: day, month and year."""
    try:
        return all(
            datetime.strptime(probe.strftime(form), form).date() == probe.date()  # noqa: DTZ007 - only its day counts
            for probe in _PROBES
        )
    except (ValueError, re.error):
        return False
