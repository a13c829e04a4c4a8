"""The small values that everything else is made of: frozen models, bounded texts, identifiers, moments."""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.fields import FieldInfo

from domain.errors import Action, fault

PARIS = ZoneInfo("Europe/Paris")
"""Where the metropolises are: a date said without a time means that day here."""

EARLIEST = date(1900, 1, 1)
"""No fact of a complaint is older: an earlier date is a slip of the keyboard."""
LATEST = date(2199, 12, 31)
"""No case lives longer, and every delay counted from this day is still a date."""


NOBODY = ""
"""Holds a case whose holder has left, until somebody is named. No account can be called so."""


class Value(BaseModel):
    """A frozen value that refuses what it does not know: an unknown field is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Personal:
    """Marks a type whose values are somebody's words, or name somebody."""


Written = Annotated[str, Personal()]
"""A text as somebody wrote it, bounded and checked before: what parts and events keep of it."""


def is_personal(field: FieldInfo) -> bool:
    """True if somebody's words or names may stand in a field."""
    return any(isinstance(mark, Personal) for mark in (*field.metadata, *_marks_in(field.annotation)))


def _marks_in(annotation: Any) -> Iterator[Any]:
    """The marks of every type that is part of another: of an optional one, of the members of a tuple."""
    yield from getattr(annotation, "__metadata__", ())
    for argument in get_args(annotation):
        yield from _marks_in(argument)


# --- Texts -----------------------------------------------------------------------------------------------
# Bounded, because an unbounded text can fill a history; without control characters, because PostgreSQL
# refuses NUL and terminals obey escape sequences.

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _printable(text: str) -> str:
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise fault("string_too_short", "{field} is empty or too short.", "Write something that can be seen.")
    if found := _CONTROL.search(text):
        raise fault(
            "control_character",
            "This text holds a control character ({code}) at position {position}.",
            "Take it out, or type the text again.",
            code=f"U+{ord(found.group()):04X}",
            position=found.start() + 1,
        )
    return text


def _one_line(text: str) -> str:
    if found := re.search(r"[\n\t\u2028\u2029]", text):
        raise fault(
            "several_lines",
            "This text is one line: it breaks or jumps at position {position}.",
            "Write it on one line.",
            position=found.start() + 1,
        )
    return _printable(text)


def _newlines(text: object) -> object:
    return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


def _text(longest: int, shortest: int = 1, check: Callable[[str], str] = _printable) -> Any:
    return Annotated[
        str,
        Personal(),
        StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest),
        AfterValidator(check),
        BeforeValidator(_newlines),  # runs first; before the constraints it would have the length checked unstripped
    ]


Line = _text(200, check=_one_line)
"""One line: a name, a label, a register number."""
Text = _text(4_000)
"""A paragraph or a few: a reason, a note, a summary."""
Narrative = _text(40_000)
"""An account in the person's own words: a dozen pages."""


def shaped(remedy: str) -> WrapValidator:
    """Says in words, with an example, which form a text must have: its pattern would tell nobody anything."""

    def checked(value: object, whole: ValidatorFunctionWrapHandler) -> object:
        try:
            return whole(value)
        except ValidationError as error:
            if any(found["type"] == "string_pattern_mismatch" for found in error.errors(include_url=False)):
                message = "{field} does not have the expected form."
                raise fault("string_pattern_mismatch", message, remedy) from None
            raise

    return WrapValidator(checked)


Email = Annotated[
    str,
    Personal(),
    StringConstraints(
        strip_whitespace=True, max_length=254, pattern=r"^[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;]+$"
    ),
    AfterValidator(_printable),
    shaped("Write one address, as in camille@example.org."),
]
Phone = Annotated[
    str,
    Personal(),
    StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 .()/-]{4,24}$"),
    shaped("Write it in figures, as in 06 00 00 00 00 or +33 6 00 00 00 00."),
]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, in lower-case hexadecimal."""

MediaType = Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z]+/[a-z0-9][a-z0-9.+-]*$")]
"""A media type (RFC 6838), without parameters."""
StoredName = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""Under what the bytes of a file are kept: drawn at random, it tells nothing."""


def _no_path(name: str) -> str:
    if re.search(r"[/\\]", name) or name in (".", ".."):
        raise fault(
            "name_is_path",
            "This is the name of a file, and holds a path.",
            "Give the name alone, without folders.",
        )
    return _one_line(name)


FileName = _text(200, check=_no_path)
"""The name that somebody gave a file. It is shown, and never used to write one."""

_SHORT_NAME = shaped("Write 2 to 40 small letters without accents, figures, dots or dashes, as in accueil-lille.")

AccountId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$"), _SHORT_NAME]
"""Who acts: the short name of an account. Never a person's e-mail."""
OrganisationId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$"), _SHORT_NAME]
"""A team: an association, an access-to-rights point, a service of the metropolis."""
CommandId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{7,99}$")]
"""An id that makes a command unique: sent twice, it counts once. A UUID will do."""
PartId = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,4}$"),
    shaped("Copy it from the case: it looks like R1, EV017 or F2."),
]
"""A part of a case: R1 a referral, P1 or EV017 a piece, F1 a filing, C1 a consent."""


def _true_or_false(value: object) -> object:
    # Pydantic would take 1, "yes" and "on" for true too: what marks an example is not to be guessed.
    if isinstance(value, bool) or (isinstance(value, str) and value.strip().lower() in ("true", "false")):
        return value.strip() if isinstance(value, str) else value
    raise fault("bool_parsing", "{field} must be true or false.", "Write true or false.")


Flag = Annotated[bool, BeforeValidator(_true_or_false)]
"""True or false, and nothing that could stand for either."""


# --- Moments ---------------------------------------------------------------------------------------------

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def in_paris(value: object) -> object:
    """Reads what people write: a date is that day at 00:00 in Paris, a naive time is Paris time."""
    if isinstance(value, str) and _ISO_DAY.fullmatch(value.strip()):
        value = _a_day(value)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise fault("datetime_parsing", "This is not a date and time.", "Write it as 2026-03-31T14:30.") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=PARIS)
    if not isinstance(value, datetime):
        raise fault("datetime_parsing", "This is not a date and time.", "Write it as 2026-03-31T14:30.")
    try:
        instant = (value if value.tzinfo else value.replace(tzinfo=PARIS)).astimezone(UTC)
        in_reach(day_of(instant))
    except OverflowError:
        raise fault("datetime_parsing", "This is not a date and time.", "Write it as 2026-03-31T14:30.") from None
    if value.tzinfo is None and instant.astimezone(PARIS).replace(tzinfo=None) != value:
        raise fault(
            "no_such_time",
            "This time does not exist: clocks were put forward over it.",
            "Give the time before or after the change.",
        )
    return instant


def in_reach(day: date) -> date:
    """Refuses a day on which nothing of a case can fall: a slip of the keyboard, or no date at all."""
    if not EARLIEST <= day <= LATEST:
        raise fault("impossible_date", "This date is before 1900 or after 2199: this cannot be.", "Check the year.")
    return day


Instant = Annotated[datetime, BeforeValidator(in_paris)]
"""A point in time, kept in UTC."""


def _a_day(value: object) -> object:
    # Pydantic would take a number for a date (seconds since 1970): in a spreadsheet that is always a slip.
    if isinstance(value, str) and _ISO_DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise fault("date_parsing", "This date does not exist.", "Write it as 2026-03-31.") from None
    if not isinstance(value, date):
        raise fault("date_parsing", "This is not a date.", "Write it as 2026-03-31.")
    return value


Day = Annotated[date, BeforeValidator(_a_day), AfterValidator(in_reach)]
"""A calendar day in Paris."""


def day_of(instant: datetime) -> date:
    """The calendar day in Paris on which `instant` falls."""
    return instant.astimezone(PARIS).date()


def written_in_paris(instant: datetime) -> str:
    """An instant as it would be written to us: Paris time, to the minute, as 2026-03-31T14:30."""
    return instant.astimezone(PARIS).replace(tzinfo=None).isoformat(timespec="minutes")


# --- References ------------------------------------------------------------------------------------------

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a reference can be read out over the telephone."""


def _check_letter(body: str) -> str:
    # A polynomial over the field of 32 elements (x^5 + x^2 + 1): unlike a sum modulo a number, it tells all 32 letters
    # apart, so that one wrong letter or two swapped neighbours are always seen.
    check = 0
    for letter in body:
        check = (check ^ _ALPHABET.index(letter)) << 1
        check = check ^ 0b100101 if check & 32 else check
    return _ALPHABET[check]


def reference_from(number: int) -> str:
    """The reference that stands for `number` (its low 55 bits): 11 letters and a check letter, in fours."""
    body = "".join(_ALPHABET[(number >> (5 * i)) & 31] for i in range(11))
    letters = body + _check_letter(body)
    return "-".join(letters[i : i + 4] for i in (0, 4, 8))


def new_reference() -> str:
    """A fresh opaque reference. It says nothing of the person, the place or the date."""
    return reference_from(secrets.randbits(55))


_REFERENCE = re.compile(f"(?:[{_ALPHABET}]{{4}}-){{2}}[{_ALPHABET}]{{4}}")


def is_reference(text: str) -> bool:
    """True if this is a reference, letter for letter as it is kept."""
    return _REFERENCE.fullmatch(text) is not None


@lru_cache(maxsize=10_000)  # every message between a caller, a case and the book names it
def _reference(text: str) -> str:
    # Word processors turn a hyphen into one of several dashes.
    letters = re.sub(r"[\s\u00ad\u2010-\u2015\u2212-]", "", text).upper().translate(str.maketrans("ILO", "110"))
    if len(letters) != 12 or any(c not in _ALPHABET for c in letters):
        raise fault(
            "reference",
            "A reference looks like 7K3M-9QF2-XJ47.",
            "Copy it from the list of cases.",
            Action.LIST_CASES,
        )
    if _check_letter(letters[:11]) != letters[11]:
        raise fault(
            "reference_check",
            "This reference has a typing error: its last letter does not fit.",
            "Read it again, letter by letter.",
        )
    return "-".join(letters[i : i + 4] for i in (0, 4, 8))


Reference = Annotated[str, AfterValidator(_reference)]
"""The name of a case everywhere: opaque, checkable, and read without regard to case, spaces and dashes."""

Version = Annotated[int, Field(ge=0)]
"""The number of events of a case."""
