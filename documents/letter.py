"""The letters by which pieces are asked for: one wording for each lever (`wording/`), filled from the case.

The same draft is printed as a PDF and written as plain text. Nothing that a person typed is read as a placeholder or
as markup. A letter is dated by whoever writes it: the same case at the same version, and the same day, give the same
bytes.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from documents.blanks import Blanks
from documents.letterhead import NO_LETTERHEADS, Letterheads, recipient, sender, signature
from domain.dates import WorkingCalendar
from domain.errors import Refused
from domain.law.proof import answer_due
from domain.reference import Lever
from domain.reference.citations import is_awaited, remarks
from domain.values import Value
from domain.vocabulary import Party
from kit.formats.typeset import Data, typeset
from words import FRENCH, Words

if TYPE_CHECKING:
    from domain.case import Case

HERE = Path(__file__).resolve().parent
_WIDTH = 78
"""Characters of a line of plain text."""


class Kind(StrEnum):
    """The kind of a part of a letter."""

    PARAGRAPH = "paragraph"
    ITEM = "item"
    HEADING = "heading"
    FIELD = "field"
    """A line to be filled in by hand, with what belongs on it."""
    SHEET = "sheet"
    """Another sheet begins, with its title."""


class Part(Value):
    """A paragraph, an item of a list, a heading, a line to fill in, or the beginning of another sheet."""

    kind: Kind
    text: str


class Draft(Value):
    """A letter that is ready to be signed and sent."""

    reference: str
    lever: str
    pieces: tuple[str, ...]
    day: date
    due: date | None
    """The day by which an answer is due, if the letter is received the day it is written."""
    from_whom: Party
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    """Name and address; empty when they are not known, and then to be filled in by hand."""
    subject: str
    parts: tuple[Part, ...]
    signature: str
    notes: tuple[str, ...] = ()
    """Remarks on the texts that it cites: not read here, or other on its day."""
    fictitious: bool = False


# --- Composing -------------------------------------------------------------------------------------------


def compose(
    case: Case,
    lever: Lever,
    pieces: Sequence[str],
    day: date,
    calendar: WorkingCalendar,
    from_whom: Party,
    addressee: str | None = None,
    words: Words = FRENCH,
    letterheads: Letterheads = NO_LETTERHEADS,
) -> Draft:
    """The letter that asks for these pieces by this lever. It is French; dates and names follow `words`.

    Raises Refused when the case has no such piece, when nothing is to be sent, or when nobody is there to sign.
    """
    in_case = [case.piece(id, "pieces") for id in pieces]
    if is_awaited(lever.basis):
        raise Refused(
            "lever_awaited",
            "Nothing can be asked by this lever yet: the text is not in force in France, as far as is known here.",
            "Use another lever.",
            field="lever",
        )
    if not lever.signed_by:
        raise Refused(
            "nothing_to_send",
            "Nothing is sent by this lever: what it is about is published.",
            "Look it up, then record it with receive_piece.",
            field="lever",
        )
    person = case.complaint.concerned_person or case.complaint.complainant
    if person is None and (lever.signed_by == "person" or from_whom is Party.COMPLAINANT):
        raise Refused(
            "letter_anonymous",
            "This letter takes the person's name: the report is anonymous.",
            "Record who the person is first (amend_complaint), if they wish it.",
            field="complainant",
        )
    due = answer_due(lever, day).deadline_legal
    blanks = Blanks(case, lever, in_case, words)
    text = wording(lever.code)
    subject, parts = _parts(text, blanks.filled(due, calendar))
    return Draft(
        reference=case.reference,
        lever=lever.code,
        pieces=tuple(pieces),
        day=day,
        due=due,
        from_whom=from_whom,
        sender=sender(case, lever, person, letterheads),
        recipient=recipient(case, lever, from_whom, addressee, person),
        subject=subject,
        parts=tuple(parts),
        signature=signature(case, lever, person, letterheads),
        notes=tuple(map(words.sentence, remarks(text, case.complaint.facts.occurred_on, day, in_full=True))),
        fictitious=case.complaint.fictitious,
    )


@cache
def wording(lever: str) -> str:
    """The letter of a lever, as a jurist reviews it. Placeholders are {named}."""
    return (HERE / "wording" / f"{lever.lower()}.txt").read_text(encoding="utf-8")


_MARKS = {"- ": Kind.ITEM, "== ": Kind.HEADING, "___": Kind.FIELD, "*** ": Kind.SHEET}


def _parts(text: str, blanks: Mapping[str, str | list[str]]) -> tuple[str, list[Part]]:
    """The subject, and the parts of a wording with its placeholders filled in."""
    first, _, body = text.partition("\n")
    parts = [part for line in body.split("\n") if line for part in _parts_of(line, blanks)]
    return _filled(first.partition(":")[2].strip(), blanks), parts


def _parts_of(line: str, blanks: Mapping[str, str | list[str]]) -> list[Part]:
    """The part that a line of a wording makes, or several if it is the placeholder of a list."""
    items = blanks.get(line[1:-1]) if line[0] + line[-1] == "{}" else None
    if isinstance(items, list):
        return [Part(kind=Kind.ITEM, text=item) for item in items]
    mark = next((mark for mark in _MARKS if line.startswith(mark)), "")
    return [Part(kind=_MARKS.get(mark, Kind.PARAGRAPH), text=_filled(line.removeprefix(mark).strip(), blanks))]


def _filled(text: str, blanks: Mapping[str, str | list[str]]) -> str:
    # In one pass: a brace that somebody typed is no placeholder.
    return re.sub(r"\{([a-z]+)\}", lambda placeholder: str(blanks[placeholder[1]]), text)


# --- As plain text ---------------------------------------------------------------------------------------

_BLANK = "." * 60


def as_text(draft: Draft, words: Words = FRENCH) -> str:
    """The letter as plain text, ready to be pasted into a message or a form."""
    head = ["FICTIF : exemple, à ne pas envoyer\n"] if draft.fictitious else []
    to = draft.recipient or ("[nom et adresse du destinataire]",)
    lines = [
        *head,
        *draft.sender,
        "",
        *(f"{'':>38}{line}" for line in to),
        "",
        f"Le {words.day_in_full(draft.day)}",
        "",
    ]
    lines += textwrap.wrap(f"Objet\u00a0: {draft.subject}", _WIDTH)
    ends = next((n for n, part in enumerate(draft.parts) if part.kind is Kind.SHEET), len(draft.parts))
    notes = [row for note in draft.notes for row in textwrap.wrap(note, _WIDTH)]
    lines += [*_lines(draft.parts[:ends]), "", "", f"{'':>38}{draft.signature}", *(["", "", *notes] if notes else [])]
    lines += _lines(draft.parts[ends:])
    return "\n".join(lines) + "\n"


def _lines(parts: Sequence[Part]) -> Iterator[str]:
    for before, part in zip((None, *parts), parts, strict=False):
        listed = part.kind is Kind.ITEM and before is not None and before.kind is Kind.ITEM
        if not listed:
            yield ""
        yield from _wrapped(part)


def _wrapped(part: Part) -> Iterator[str]:
    match part.kind:
        case Kind.ITEM:
            yield from textwrap.wrap(part.text, _WIDTH, initial_indent="- ", subsequent_indent="  ")
        case Kind.HEADING:
            yield part.text.upper()
        case Kind.SHEET:
            yield from ("", "=" * _WIDTH, "", part.text.upper())
        case Kind.FIELD:
            yield from textwrap.wrap(f"{part.text}\u00a0:", _WIDTH) if part.text else ()
            yield _BLANK
        case _:
            yield from _wrapped_lines(part.text)


def _wrapped_lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield from textwrap.wrap(line, _WIDTH) or [""]


# --- As a PDF --------------------------------------------------------------------------------------------


def as_pdf(draft: Draft, words: Words = FRENCH) -> bytes:
    """The letter as an accessible PDF: PDF/UA-1 and PDF/A-2a."""
    data: dict[str, Data] = {
        "subject": draft.subject,
        "sender": list(draft.sender),
        "recipient": list(draft.recipient),
        "day": words.day_in_full(draft.day),
        "parts": [{"kind": part.kind.value, "text": part.text} for part in draft.parts],
        "signature": draft.signature,
        "notes": list(draft.notes),
        "fictitious": draft.fictitious,
    }
    return typeset(HERE / "letter.typ", data, datetime.combine(draft.day, time(), UTC))
