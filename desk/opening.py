"""Opening a case, and looking for earlier cases that may be about the same."""

import hashlib
import uuid
from asyncio import to_thread
from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from desk.afterwards import looked_up_afterwards
from desk.office import Office
from desk.views.recorded import Conflict, Opened
from domain.actors import Actor
from domain.complaint import Complaint
from domain.conflicts import may_be
from domain.errors import Action, Invalid, Problem, Refused
from domain.exchange.cases import Receipt, already_imported
from domain.folding import close_to
from domain.lifecycle import decide, fold, record
from domain.messages.people import People, require_somebody_left
from domain.parts.intake import Open
from domain.parts.restriction import ClosedTo
from domain.permissions import in_territory, sees_account
from domain.values import day_of, reference_from
from models import accounts
from models.cases import row_of
from models.keys import CaseErased
from models.preferences import people_on
from models.sources import place_of, source_key

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from domain.case import Case
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
    closed_to: Collection[str] = (),
    command_id: str | None = None,
    reference: str | None = None,
) -> Receipt:
    """Opens a case, closed from its first line to these organisations and accounts.

    Raises Refused when the rules say no, Invalid for a name that is nobody's, Away when the engine does not answer,
    TooMany for an account that opens too many within an hour at the machine itself.

    Sent twice with one command id, it opens one case: unless a reference is given, it follows from that id. Where the
    key of that reference was destroyed because an earlier opening came to nothing, the next reference follows from it.
    """
    command_id = command_id or str(uuid.uuid4())
    reference = reference or _reference_for(command_id)
    with office.noting_denials(actor):
        barred = await to_thread(_require_new, office, actor, complaint, reference, closed_to, command_id)
        async with office.cases() as cases:
            while True:
                try:
                    return await cases.open(
                        complaint, actor, reference=reference, command_id=command_id, closed_to=barred
                    )
                except CaseErased:
                    if await to_thread(_is_in_book, office, reference):
                        raise
                    reference = _reference_for(reference)


def _require_new(
    office: Office, actor: Actor, complaint: Complaint, reference: str, closed_to: Collection[str], command_id: str
) -> ClosedTo:
    """Raises what the book would refuse the opening for, before a key is made for a case that will not be.

    The same opening sent again is let through: it is answered as it was the first time. Gives who is barred.
    """
    with office.reading_as(actor) as (tx, actor):
        office.require_within_quota(tx, actor, command_id, opens=True)
        barred = _barred(tx, actor, closed_to)
        if closed_to:
            require_somebody_left(people_on(tx, day_of(datetime.now(UTC))), _as_opened(actor, complaint, barred))
        if complaint.source is None:
            return barred
        _, known = place_of(tx, actor, source_key(office.keys.digest, complaint.source))
        if known not in (None, reference):
            raise already_imported(known)
        return barred


def _barred(tx: "Connection", actor: Actor, names: Collection[str]) -> ClosedTo:
    """Those whom these names name: organisations that have accounts, accounts, or both of one name."""
    every = accounts.all_accounts(tx) if names else []
    known, organisations = {each.account for each in every}, {each.organisation for each in every}
    for name in names:
        if name not in known | organisations:
            close = ", ".join(close_to(name, {each: each for each in sorted(_told(actor, every))}))
            raise Invalid(
                "nobody_so_named",
                "Neither an account nor an organisation that has accounts is called {name}.",
                "Did you mean {close}?" if close else "Look at the list of accounts.",
                field="closed_to",
                action=None if close else Action.LIST_ACCOUNTS,
                name=name[:40],
                close=close,
            )
    return ClosedTo(
        organisations=tuple(name for name in names if name in organisations),
        accounts=tuple(name for name in names if name in known),
    )


def _told(actor: Actor, every: Collection[Actor]) -> set[str]:
    """The names that may be proposed to somebody who mistyped one: none of an account that no list shows them."""
    shown = {each.account for each in every if sees_account(actor, each.organisation, each.metropolis)}
    return shown | {each.organisation for each in every if in_territory(actor, each.metropolis)}


def _as_opened(actor: Actor, complaint: Complaint, barred: ClosedTo) -> "Case":
    """The case as it will be. Raises Refused where the rules say no."""
    now = datetime.now(UTC)
    command = Open(complaint=complaint, closed_to=barred.organisations, closed_to_accounts=barred.accounts)
    events = decide(None, command, actor, now)
    return fold("", record(events, after=0, command_id="", actor=actor, happened_at=now, recorded_at=now))


def _conflicts(office: Office, actor: Actor, complaint: Complaint) -> tuple[Conflict, ...]:
    """The organisations with accounts here that the respondent may be, and why the case cannot be closed to them."""
    with office.reading_as(actor) as (tx, actor):
        names = may_be(complaint.respondent, (each.organisation for each in accounts.all_accounts(tx)))
        people = people_on(tx, day_of(datetime.now(UTC)))
    return tuple(Conflict(name, _why_not(people, actor, complaint, name)) for name in names)


def _why_not(people: People, actor: Actor, complaint: Complaint, organisation: str) -> Problem | None:
    try:
        require_somebody_left(people, _as_opened(actor, complaint, ClosedTo(organisations=(organisation,))))
    except Refused as refused:
        return refused
    return None


def _is_in_book(office: Office, reference: str) -> bool:
    with office.reading() as tx:
        return row_of(tx, reference) is not None


def _reference_for(command_id: str) -> str:
    """The reference of the case that is opened under this command id."""
    return reference_from(int.from_bytes(hashlib.sha256(command_id.encode()).digest()[:8]))


def opened_case(
    office: Office, actor: Actor, complaint: Complaint, receipt: Receipt, *, closed_to: Collection[str] = ()
) -> Opened:
    """The answer to an opening: possible duplicates among the cases that this account may see, and what is urgent.

    It proposes closing the case to an organisation that the respondent may be, if it was not closed to it already.

    The case is open by now: where duplicates cannot be looked up, the answer carries a warning instead of failing.
    """
    duplicates = looked_up_afterwards(lambda: _possible_duplicates(office, actor, complaint, receipt.reference))
    warning = _DUPLICATES_UNKNOWN if duplicates is None else None
    steps = _next_steps(actor, complaint, receipt)
    conflicts = looked_up_afterwards(lambda: _conflicts(office, actor, complaint)) or ()
    left = tuple(conflict for conflict in conflicts if conflict.organisation not in closed_to)
    return Opened(receipt.reference, receipt.step, duplicates, warning, _first_things(complaint), steps, left)


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
