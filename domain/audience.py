"""The projection of a case for those outside its team: what of it is shown to whom. Pure.

One allow-list for the case and its parts, one for the events of its history. What is not named is seen by nobody
outside the team: so is a field that is added later, until somebody decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from domain import complaint as told
from domain.law.limitation import LimitationClock, limitation_clocks
from domain.parts import closure, consent, contact, files, filing, intake, piece, referral, step, transfer
from domain.parts.base import Event, Occurrence
from domain.parts.erasure import GONE, blank
from domain.reference import evidence, territories
from domain.sight import Sight
from domain.values import Value
from domain.vocabulary import Audience, ConsentScope

if TYPE_CHECKING:
    from domain.case import Case
    from domain.dates import WorkingCalendar
    from domain.events import Entry
    from domain.time.deadline import Deadline

Seen = Mapping[str, str]
"""The fields that are seen from outside, each with the letters of those who see it: A, P, C."""

LARGE = 20_000
"""Inhabitants of a commune that points to nobody: a smaller one is not told to a partner who has not answered."""

NO_COMMAND = "-"


def _all(kind: type[Value], letters: str) -> Seen:
    return dict.fromkeys(kind.model_fields, letters)


def _named(letters: str, *fields: str) -> Seen:
    return dict.fromkeys(fields, letters)


@cache
def seen_fields() -> Mapping[type[Value], Seen]:
    """The allow-list for a case, its complaint and its parts.

    A partner who has not answered (A) sees codes, a large place, dates, and what the sender wrote for them as the
    purpose. One who accepted (P) sees what the consent to the referral covers. The person (C) sees where things stand.
    """
    from domain.case import Case

    return {
        Case: {
            **_named("APC", "reference", "version", "step", "complaint", "metropolis", "holder", "organisation"),
            **_named("APC", "referrals", "messages"),
            **_named("AC", "transfers"),
            **_named("PC", "consents", "pieces"),
            **_named("P", "files"),
            **_named("C", "filings", "closures", "last_contact_at"),
        },
        told.Complaint: {
            **_named("APC", "received_at", "domain", "facts", "respondent", "fictitious"),
            **_named("PC", "channel", "criteria", "acts", "complainant", "capacity", "concerned_person"),
            **_named("PC", "prior_steps", "expectations"),
        },
        told.Facts: {
            **_named("APC", "place"),
            **_named("PC", "narrative", "occurred_on", "ended_on", "ongoing", "revealed_on"),
        },
        told.Place: {**_named("APC", "commune"), **_named("PC", "neighbourhood", "detail")},
        told.Complainant: _all(told.Complainant, "PC"),
        told.Respondent: {**_named("APC", "kind"), **_named("PC", "name", "address")},
        told.PriorStep: _all(told.PriorStep, "PC"),
        told.ConsentGiven: _all(told.ConsentGiven, "PC"),
        Occurrence: _named("APC", "happened_at", "recorded_at"),
        consent.Consent: _all(consent.Consent, "PC"),
        referral.Referral: {
            **_named("APC", "id", "partner", "handover", "answer_due", "sent", "status"),
            **_named("AP", "purpose", "sent_by", "sent_by_organisation", "answered_by", "refusal"),
            **_named("P", "result"),
        },
        transfer.Transfer: {
            **_named("AC", "id", "metropolis", "organisation", "proposed", "status"),
            **_named("A", "reason", "proposed_by"),
        },
        piece.Piece: {
            **_named("PC", "id", "label", "held_by", "perishes_on", "status", "due"),
            **_named("P", "legs", "from_whom", "known_since", "silent", "was_refused", "sha256", "said"),
        },
        files.EvidenceFile: _named(
            "P",
            "id",
            "piece",
            "filename",
            "sha256",
            "size",
            "media_type",
            "attached",
            "scan",
            "scanned_at",
            "removed_at",
            "remark",
        ),
        filing.Filing: _named("C", "id", "channel", "status", "sent", "register_number", "outcome", "ended"),
        closure.Closure: _named("C", "outcome", "reason", "person_told_on", "person_told_by", "at"),
        contact.Message: {
            **_named("APC", "id", "text", "audience", "asks", "written", "written_by"),
            **_named("AP", "referral"),
        },
    }


SEEN_EVENTS: Mapping[type[Event], Seen] = {
    contact.NoteAddressed: {**_named("APC", "id", "text", "audience", "asks"), **_named("AP", "referral")},
    consent.ConsentRecorded: _named("PC", "id", "consent"),
    consent.ConsentWithdrawn: _named("PC", "id"),
    intake.ComplaintOpened: _named("PC", "complaint", "holder", "organisation", "metropolis"),
    intake.ComplaintAmended: _named("PC", "complaint"),
    intake.ComplaintQualified: _named("P", "domain", "criteria", "acts"),
    step.StepEntered: _named("PC", "step"),
    referral.ReferralSent: {
        **_named("APC", "id", "partner", "answer_due", "handover"),
        **_named("AP", "purpose"),
    },
    referral.ReferralSeen: _named("AP", "id"),
    referral.ReferralAccepted: {**_named("APC", "id"), **_named("AP", "comment")},
    referral.ReferralRefused: {**_named("APC", "id"), **_named("AP", "reason", "comment")},
    referral.ReferralWithdrawn: _named("APC", "id"),
    referral.ReferralExpired: _named("APC", "id", "due"),
    referral.ReferralCompleted: {**_named("APC", "id"), **_named("P", "result")},
    transfer.TransferProposed: {**_named("AC", "id", "metropolis", "organisation"), **_named("A", "reason")},
    transfer.TransferAccepted: _named("C", "id", "metropolis", "organisation"),
    transfer.TransferDeclined: _named("C", "id"),
    transfer.TransferWithdrawn: _named("C", "id"),
    piece.PieceReceived: {**_named("PC", "id"), **_named("P", "description", "sha256")},
    files.FileAttached: _named("P", "id", "piece", "filename", "sha256", "size", "media_type", "scan"),
    filing.FilingSent: _named("C", "id", "register_number"),
    filing.FilingAcknowledged: _named("C", "id", "register_number"),
    filing.FilingDecided: _named("C", "id", "outcome"),
    closure.CaseClosed: _named("C", "outcome", "reason", "person_told_on", "person_told_by"),
}
"""The allow-list for the history. A line whose event is not here is told to the team alone."""


# --- A case ----------------------------------------------------------------------------------------------


def seen(case: Case, sight: Sight) -> Case:
    """The case as it is seen: every field that is not named for its audience is blank, as in an erased one."""
    if sight.is_whole:
        return case
    cut: Case = _cut(_theirs(case, sight), sight)
    return cut


def _theirs(case: Case, sight: Sight) -> Case:
    """The case with those of its parts that are this reader's."""
    place = case.complaint.facts.place
    changes: dict[str, Any] = {"messages": tuple(m for m in case.messages if _is_for(m.audience, m.referral, sight))}
    if sight.audience is not Audience.COMPLAINANT:
        changes["referrals"] = tuple(r for r in case.referrals if r.id in sight.referrals)
        changes["transfers"] = tuple(t for t in case.transfers if t.id == sight.transfer)
        changes["consents"] = tuple(k for k in case.consents if _covers(k.given, sight))
        changes["pieces"] = tuple(p for p in case.pieces if not _is_hidden(p.id, sight))
        changes["files"] = tuple(f for f in case.files if not _is_hidden(f.piece, sight))
    if sight.audience is Audience.ADDRESSEE and not _is_large(place.commune):
        facts = case.complaint.facts.model_copy(update={"place": place.model_copy(update={"commune": None})})
        changes["complaint"] = case.complaint.model_copy(update={"facts": facts})
    return case.model_copy(update=changes)


def _is_for(audience: Audience, of_referral: str | None, sight: Sight) -> bool:
    """True if what was written for an audience, and perhaps for one referral, is for this reader."""
    partners = (Audience.ADDRESSEE, Audience.PARTNER)
    if audience is Audience.PARTNER and sight.audience in partners:
        return of_referral is None or of_referral in sight.referrals
    return audience is sight.audience


def _covers(given: told.ConsentGiven, sight: Sight) -> bool:
    return given.recipient == sight.organisation or given.scope is ConsentScope.MEDICAL


def _is_hidden(piece: str, sight: Sight) -> bool:
    """True for a piece under medical secrecy that the person has not opened."""
    item = evidence().get(piece)
    return item is not None and item.medical and not sight.medical


def _is_large(commune: str | None) -> bool:
    territory = territories().get(commune or "")
    return territory is not None and (territory.population or 0) >= LARGE


def commune_for_all(commune: str | None) -> str | None:
    """The commune as whoever sees no more than a summary is told it: a large one, or none."""
    return commune if _is_large(commune) else None


def _cut(value: Any, sight: Sight) -> Any:
    """The value without what its reader is not to see: a part, several of them, or a plain value as it is."""
    if isinstance(value, tuple):
        return tuple(_cut(member, sight) for member in value)
    if not isinstance(value, Value):
        return value
    allowed = seen_fields().get(type(value), {})
    kept = {name: letters for name, letters in allowed.items() if sight.letter in letters}
    return value.model_copy(
        update=blank(value, frozenset(kept)) | {name: _cut(getattr(value, name), sight) for name in kept}
    )


# --- What is derived from it ---


class Summary(Value):
    """What a partner can decide by, before it knows of whom: how urgent it is, and what is needed."""

    act_by: date | None
    """The first day by which something of the law has to be done; None when no time limit has a date to come."""
    language: str | None
    """ISO 639 code of the language in which to speak with the person."""
    special_needs: bool
    """True if the person needs something for following the case: interpreter, access..."""


def summary_of(case: Case, calendar: WorkingCalendar) -> Summary:
    """The summary of a case. It names nobody."""
    person = case.complaint.complainant
    dates = [limit.deadline_prudent for limit in limitation_clocks(case, calendar) if limit.deadline_prudent]
    return Summary(
        act_by=min(dates, default=None),
        language=person and person.language,
        special_needs=person is not None and person.accessibility is not None,
    )


def seen_limits(case: Case, sight: Sight, calendar: WorkingCalendar) -> tuple[LimitationClock, ...]:
    """The time limits of the law that are seen: outside the team, without the words of whoever entered a start."""
    if not sight.sees_limits:
        return ()
    if not sight.is_whole:
        wordless = (entry.start.model_copy(update={"reason": GONE}) for entry in case.starts)
        starts = [entry.model_copy(update={"start": start}) for entry, start in zip(case.starts, wordless, strict=True)]
        case = case.model_copy(update={"starts": tuple(starts)})
    return limitation_clocks(case, calendar)


def seen_deadlines(deadlines: Iterable[Deadline], sight: Sight) -> tuple[Deadline, ...]:
    """The deadlines that are seen: outside the team, those of one's own referrals, or of the transfer to answer."""
    theirs = sight.referrals | {sight.transfer}
    return tuple(d for d in deadlines if sight.is_whole or (d.part is not None and d.part in theirs))


# --- Its history -----------------------------------------------------------------------------------------


def seen_entries(entries: Iterable[Entry], sight: Sight) -> Iterator[Entry]:
    """The lines of a history that are seen, event by event, each without what its reader is not to see."""
    for entry in entries:
        if sight.is_whole:
            yield entry
        elif (event := _seen_event(entry.event, sight)) is not None:
            yield entry.model_copy(update={"event": event, "command_id": NO_COMMAND})


def _seen_event(event: Event, sight: Sight) -> Event | None:
    kept = [name for name, letters in SEEN_EVENTS.get(type(event), {}).items() if sight.letter in letters]
    if not kept or not _is_theirs(event, sight):
        return None
    shown = {name: _cut(getattr(event, name), sight) for name in kept}
    cut: Event = event.model_copy(update=blank(event, frozenset((*kept, "tag"))) | shown)
    return cut


def _is_theirs(event: Event, sight: Sight) -> bool:
    """True if an event is about what this reader sees: their referral, a consent for them, a piece open to them."""
    if isinstance(event, contact.NoteAddressed):
        return _is_for(event.audience, event.referral, sight)
    if sight.audience is Audience.COMPLAINANT:
        return True
    match event:
        case (
            referral.ReferralSent()
            | referral.ReferralSeen()
            | referral.ReferralAccepted()
            | referral.ReferralRefused()
            | referral.ReferralWithdrawn()
            | referral.ReferralExpired()
            | referral.ReferralCompleted()
        ):
            return event.id in sight.referrals
        case transfer.TransferProposed():
            return event.id == sight.transfer
        case consent.ConsentRecorded():
            return _covers(event.consent, sight)
        case consent.ConsentWithdrawn():
            return False  # whose it was stands in another line: the consents of the case tell it
        case piece.PieceReceived():
            return not _is_hidden(event.id, sight)
        case files.FileAttached():
            return not _is_hidden(event.piece, sight)
    return True
