"""Drafting the letter that asks for pieces of proof. Recording that it was sent is a command: `send_letter`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from desk.histories import case_history
from desk.office import Office
from desk.views.letter import Letter
from domain.actors import Actor
from domain.case import Case
from domain.errors import Action, Invalid
from domain.hindsight import until
from domain.law.proof import asked_of, levers_for
from domain.lifecycle import fold
from domain.parts.letter import SendLetter
from domain.permissions import require
from domain.reference import Lever, levers
from domain.values import day_of
from domain.vocabulary import ConsentScope, Party
from models.journal import Access

if TYPE_CHECKING:
    from documents.letter import Draft


@dataclass(frozen=True)
class Wishes:
    """The choices for a letter."""

    pieces: Sequence[str]
    lever: str | None = None
    """The code of the legal means by which the pieces are asked for; None for the usual one."""
    day: date | None = None
    """The date of the letter; None for today or, of a case as it stood once, for the day of its last line then."""
    addressee: str | None = None
    """The name and address of the recipient, where the case does not have them."""


def draft_letter(
    office: Office,
    actor: Actor,
    reference: str,
    wishes: Wishes,
    *,
    as_pdf: bool = False,
    at: str | None = None,
    why: str | None = None,
) -> Letter:
    """Drafts a letter, as text or as a PDF, from the case as it stands or, with `at`, as it stood then.

    That it was asked for is noted in the journal. Raises Refused for whoever may not send letters, for a piece that the
    case does not have and for what is never written; Invalid when no lever serves for all the pieces; NoMoment for a
    moment that is none.
    """
    from activities.calendar import french_calendar
    from documents import letter

    entries = case_history(office, actor, reference, Access.EXPORT, why)
    require(office.current(actor), SendLetter, fold(reference, entries))
    entries = until(entries, at)
    case = fold(reference, entries)
    day = wishes.day or day_of(entries[-1].recorded_at if at else datetime.now(UTC))
    pieces = [piece.upper() for piece in wishes.pieces]
    lever = _lever(case, pieces, wishes.lever)
    from_whom = asked_of(lever, case.complaint)
    heads = office.settings.letterheads
    calendar = french_calendar()
    draft = letter.compose(case, lever, pieces, day, calendar, from_whom, wishes.addressee, letterheads=heads)
    text = letter.as_text(draft)
    return _letter(case, lever, draft, text, letter.as_pdf(draft) if as_pdf else text.encode())


def _letter(case: Case, lever: Lever, draft: "Draft", text: str, content: bytes) -> Letter:
    may_be_told = case.consent_for(ConsentScope.RESPONDENT) is not None
    return Letter(
        reference=case.reference,
        version=case.version,
        lever=lever.code,
        basis=lever.basis,
        pieces=draft.pieces,
        from_whom=draft.from_whom,
        recipient_known=bool(draft.recipient),
        day=draft.day,
        due=draft.due,
        due_by_law=bool(lever.limit),
        sha256=hashlib.sha256(content).hexdigest(),
        notes=draft.notes,
        consent_missing=draft.from_whom is Party.RESPONDENT and not may_be_told,
        text=text,
        content=content,
    )


def _lever(case: Case, pieces: Sequence[str], named: str | None) -> Lever:
    """The lever that was named, or the first with a letter by which all of these pieces are usually asked for."""
    if named is not None:
        return levers()[named]
    usual = [levers_for(case.piece(id, "pieces"), case.complaint) for id in pieces]
    for lever in usual[0]:
        if all(lever in others for others in usual) and lever.signed_by:
            return lever
    raise Invalid(
        "no_common_lever",
        "No one letter usually asks for all of this.",
        "Name the lever, or write several letters.",
        field="lever",
        action=Action.NAME_LEVER,
    )
