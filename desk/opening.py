"""Opening a case, and looking for earlier cases that may be about the same."""

import hashlib
import uuid
from asyncio import to_thread
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from desk.afterwards import looked_up_afterwards
from desk.office import Office
from desk.views.recorded import Opened
from domain.actors import Actor
from domain.complaint import Complaint
from domain.errors import Action, Problem
from domain.exchange.cases import Receipt, already_imported
from domain.lifecycle import decide, fold, record
from domain.parts.intake import Open
from domain.values import day_of, reference_from
from models.cases import opened_from, source_key

if TYPE_CHECKING:
    from domain.law.urgent import Urgent
    from domain.next_steps import NextStep

_DUPLICATES_UNKNOWN = Problem(
    "duplicates_unknown",
    "It could not be looked up whether the same person has complained of this already.",
    "Look when the database is back.",
    action=Action.FIND_CASES,
)


async def open_case(
    office: Office,
    actor: Actor,
    complaint: Complaint,
    *,
    command_id: str | None = None,
    reference: str | None = None,
) -> Receipt:
    """Opens a case. Raises Refused when the rules say no, Away when the engine does not answer.

    Sent twice with one command id, it opens one case: unless a reference is given, it follows from that id.
    """
    command_id = command_id or str(uuid.uuid4())
    reference = reference or _reference_for(command_id)
    with office.noting_denials(actor):
        await to_thread(_require_new, office, actor, complaint, reference)
        async with office.cases() as cases:
            return await cases.open(complaint, actor, reference=reference, command_id=command_id)


def _require_new(office: Office, actor: Actor, complaint: Complaint, reference: str) -> None:
    """Raises what the book would refuse the opening for, before a key is made for a case that will not be.

    The same opening sent again is let through: it is answered as it was the first time.
    """
    with office.reading_as(actor) as (tx, _):
        if complaint.source is None:
            return
        source = source_key(office.keys.digest, complaint.source)
        for known in opened_from(tx, [source]).values():
            if known != reference:
                raise already_imported(known)


def _reference_for(command_id: str) -> str:
    """The reference of the case that is opened under this command id."""
    return reference_from(int.from_bytes(hashlib.sha256(command_id.encode()).digest()[:8]))


def opened_case(office: Office, actor: Actor, complaint: Complaint, receipt: Receipt) -> Opened:
    """The answer to an opening: possible duplicates among the cases that this account may see, and what is urgent.

    The case is open by now: where duplicates cannot be looked up, the answer carries a warning instead of failing.
    """
    duplicates = looked_up_afterwards(lambda: _possible_duplicates(office, actor, complaint, receipt.reference))
    warning = _DUPLICATES_UNKNOWN if duplicates is None else None
    steps = _next_steps(actor, complaint, receipt)
    return Opened(receipt.reference, receipt.step, duplicates, warning, _first_things(complaint), steps)


def _next_steps(actor: Actor, complaint: Complaint, receipt: Receipt) -> "tuple[NextStep, ...]":
    """What comes first on a case that was just opened, from the complaint alone: nothing has to be read for it."""
    from activities.calendar import french_calendar
    from domain.next_steps import next_steps

    now = datetime.now(UTC)
    events = decide(None, Open(complaint=complaint), actor, now)
    lines = record(events, after=0, command_id="", actor=actor, happened_at=now, recorded_at=now)
    return next_steps(fold(receipt.reference, lines), actor, now, (), french_calendar())


def _first_things(complaint: Complaint) -> "Urgent":
    from activities.calendar import french_calendar
    from domain.law.urgent import urgent

    return urgent(complaint, french_calendar(), day_of(datetime.now(UTC)))


def _possible_duplicates(office: Office, actor: Actor, complaint: Complaint, reference: str) -> list[str]:
    from models.finding import possible_duplicates

    with office.reading_as(actor) as (tx, actor):
        return possible_duplicates(tx, actor, office.keys.digest, complaint, reference)
