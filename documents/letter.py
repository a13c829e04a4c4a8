"""The letters by which pieces are asked for: one wording for each lever (`wording/`), filled from the case.

The same draft is printed as a PDF and written as plain text. Nothing that a person typed is read as a placeholder or
as markup. A letter is dated by whoever writes it: the same case at the same version, and the same day, give the same
bytes.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from pathlib import Path

from domain.case import Case
from domain.complaint import Complainant
from domain.dates import WorkingCalendar
from domain.errors import Refused
from domain.law.limitation import limitation_clocks
from domain.law.proof import answer_due
from domain.parts.piece import Piece
from domain.reference import Lever, evidence, territories
from domain.values import Value
from domain.vocabulary import Capacity, Party
from kit.formats.typeset import Data, typeset
from words.french import as_list, in_full, spaced

HERE = Path(__file__).resolve().parent
_WIDTH = 78
"""Characters of a line of plain text."""


class Kind(StrEnum):
    """What a part of a letter is."""

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
    """By when an answer is due, if it is received the day it is written."""
    from_whom: Party
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    """Name and address; empty when they are not known, and then to be filled in by hand."""
    subject: str
    parts: tuple[Part, ...]
    signature: str
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
) -> Draft:
    """The letter that asks for these pieces by this lever.

    Raises Refused when the case has no such piece, when nothing is to be sent, or when nobody is there to sign.
    """
    asked = [case.piece(id, "pieces") for id in pieces]
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
    subject, parts = _parts(wording(lever.code), _words(case, lever, asked, due, calendar))
    return Draft(
        reference=case.reference,
        lever=lever.code,
        pieces=tuple(pieces),
        day=day,
        due=due,
        from_whom=from_whom,
        sender=_sender(case, lever, person),
        recipient=_recipient(case, from_whom, addressee, person),
        subject=subject,
        parts=tuple(parts),
        signature=_signature(case, lever, person),
        fictitious=case.complaint.fictitious,
    )


@cache
def wording(lever: str) -> str:
    """The letter of a lever, as a jurist reviews it. Placeholders are {named}."""
    return (HERE / "wording" / f"{lever.lower()}.txt").read_text(encoding="utf-8")


_MARKS = {"- ": Kind.ITEM, "== ": Kind.HEADING, "___": Kind.FIELD, "*** ": Kind.SHEET}


def _parts(text: str, words: Mapping[str, str | list[str]]) -> tuple[str, list[Part]]:
    """The subject, and the parts of a wording with its placeholders filled in."""
    first, _, body = text.partition("\n")
    parts = []
    for line in filter(None, body.split("\n")):
        found = words.get(line.strip("{}")) if line.startswith("{") and line.endswith("}") else None
        if isinstance(found, list):
            parts += [Part(kind=Kind.ITEM, text=item) for item in found]
            continue
        mark = next((mark for mark in _MARKS if line.startswith(mark)), "")
        parts.append(Part(kind=_MARKS.get(mark, Kind.PARAGRAPH), text=_filled(line.removeprefix(mark).strip(), words)))
    return _filled(first.partition(":")[2].strip(), words), parts


def _filled(text: str, words: Mapping[str, str | list[str]]) -> str:
    # In one pass: a brace that somebody typed is no placeholder.
    return re.sub(r"\{([a-z]+)\}", lambda found: str(words[found[1]]), text)


def _words(
    case: Case, lever: Lever, pieces: Sequence[Piece], due: date | None, calendar: WorkingCalendar
) -> dict[str, str | list[str]]:
    complaint = case.complaint
    return {
        "reference": case.reference,
        "pieces": as_list([asked_for(piece) for piece in pieces]),
        "due": in_full(due) if due else "",
        "when": _when(case, lever),
        "day": _first_day(case, lever),
        "days": _days(case, lever),
        "where": _where(case),
        "respondent": complaint.respondent.name or "non précisé",
        "narrative": complaint.facts.narrative,
        "perishes": _perishes(case, pieces, calendar),
    }


def asked_for(piece: Piece) -> str:
    """What a letter calls a piece."""
    if piece.label is not None:
        return piece.label
    item = evidence()[piece.id]
    return item.asked_fr or spaced(item.label_fr)


def _first_day(case: Case, lever: Lever) -> str:
    """Of what happens once: a decision was taken, care was refused."""
    day = case.complaint.facts.occurred_on
    if day is not None:
        return f"le {in_full(day)}"
    return "à une date qui sera précisée" if lever.signed_by == "team" else "à une date que je préciserai"


def _when(case: Case, lever: Lever) -> str:
    """Of what may last."""
    first = case.complaint.facts.occurred_on
    if first is None or not case.complaint.facts.ongoing:
        return _days(case, lever)
    return f"depuis le {in_full(first)}"


def _days(case: Case, lever: Lever) -> str:
    """Of what happens on one day or on several, each of which counts: where somebody was, what was filmed."""
    facts = case.complaint.facts
    first = _first_day(case, lever)
    if facts.occurred_on is None:
        return first
    if facts.ended_on is not None and facts.ended_on != facts.occurred_on:
        return f"du {in_full(facts.occurred_on)} au {in_full(facts.ended_on)}"
    return f"{first} et les jours suivants" if facts.ongoing else first


def _where(case: Case) -> str:
    place = case.complaint.facts.place
    names = [name for name in (place.detail, place.commune and territories()[place.commune].name) if name]
    return f" ({', '.join(names)})" if names else ""


def _perishes(case: Case, pieces: Sequence[Piece], calendar: WorkingCalendar) -> str:
    limits = {evidence()[piece.id].perishes for piece in pieces if piece.label is None}
    days = [
        clock.deadline_prudent
        for clock in limitation_clocks(case, calendar)
        if clock.code in limits and clock.deadline_prudent is not None
    ]
    return f", soit dès après le {in_full(min(days))}" if days else ""


def _sender(case: Case, lever: Lever, person: Complainant | None) -> tuple[str, ...]:
    if lever.signed_by == "team" or person is None:
        return (case.organisation, f"Dossier {case.reference}")
    address = (person.address or "").split("\n")
    lines = (f"{person.given_name} {person.family_name}", *address, person.email, person.phone)
    return tuple(line for line in lines if line)


def _recipient(case: Case, whom: Party, addressee: str | None, person: Complainant | None) -> tuple[str, ...]:
    if addressee:
        return tuple(line for line in addressee.split("\n") if line)
    if whom is Party.COMPLAINANT and person is not None:
        lines = [f"{person.given_name} {person.family_name}", *(person.address or person.email or "").split("\n")]
        return tuple(line for line in lines if line)
    respondent = case.complaint.respondent
    if whom is Party.RESPONDENT and respondent.name:
        return (respondent.name, *filter(None, (respondent.address or "").split("\n")))
    return ()


def _signature(case: Case, lever: Lever, person: Complainant | None) -> str:
    if lever.signed_by == "team" or person is None:
        return f"Pour {case.organisation}, {case.holder}"
    name = f"{person.given_name} {person.family_name}"
    represented = case.complaint.concerned_person is not None
    return f"Pour {name}" if represented and case.complaint.capacity is Capacity.LEGAL_REPRESENTATIVE else name


# --- As plain text ---------------------------------------------------------------------------------------

_BLANK = "." * 60


def as_text(draft: Draft) -> str:
    """The letter as plain text, ready to be pasted into a message or a form."""
    head = ["FICTIF : exemple, à ne pas envoyer\n"] if draft.fictitious else []
    to = draft.recipient or ("[nom et adresse du destinataire]",)
    lines = [*head, *draft.sender, "", *(f"{'':>38}{line}" for line in to), "", f"Le {in_full(draft.day)}", ""]
    lines += textwrap.wrap(f"Objet\u00a0: {draft.subject}", _WIDTH)
    ends = next((n for n, part in enumerate(draft.parts) if part.kind is Kind.SHEET), len(draft.parts))
    lines += [*_lines(draft.parts[:ends]), "", "", f"{'':>38}{draft.signature}", *_lines(draft.parts[ends:])]
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
            for line in part.text.split("\n"):
                yield from textwrap.wrap(line, _WIDTH) or [""]


# --- As a PDF --------------------------------------------------------------------------------------------


def as_pdf(draft: Draft) -> bytes:
    """The letter as an accessible PDF: PDF/UA-1 and PDF/A-2a."""
    data: dict[str, Data] = {
        "subject": draft.subject,
        "sender": list(draft.sender),
        "recipient": list(draft.recipient),
        "day": in_full(draft.day),
        "parts": [{"kind": part.kind.value, "text": part.text} for part in draft.parts],
        "signature": draft.signature,
        "fictitious": draft.fictitious,
    }
    return typeset(HERE / "letter.typ", data, datetime.combine(draft.day, time(), UTC))
