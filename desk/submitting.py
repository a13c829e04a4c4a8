"""Submitting a command to a case. A filing is answered with the time limits that it does not stop."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desk.afterwards import looked_up_afterwards
from desk.histories import case_history
from desk.office import Office
from desk.views.recorded import Submitted
from domain.actors import Actor
from domain.errors import Action, Problem, Refused
from domain.exchange.cases import Receipt
from domain.lifecycle import fold
from domain.parts.base import Command
from domain.parts.closure import Closing
from domain.parts.filing import File
from domain.permissions import no_such_case
from domain.vocabulary import Door
from models.cases import find_case
from models.journal import Access
from models.reading import opened_by_capability

if TYPE_CHECKING:
    from domain.law.limitation import LimitationClock

_LOOKS = 5


async def submit_command(
    office: Office,
    actor: Actor,
    reference: str,
    command: Command,
    *,
    command_id: str | None = None,
    expected_version: int | None = None,
) -> Receipt:
    """Submits a command to a case. Raises Refused or NotFound when the rules say no, Away when nobody answers.

    Raises TooMany for an account that asks too much within an hour at the machine itself.

    Sent twice with one command id, it counts once. With `expected_version`, it is refused if the case has moved on;
    without it, whatever cannot be undone is refused (`Command.irreversible`).
    """
    if isinstance(command, Closing) and command.duplicate_of is not None:
        _require_seen(office, actor, command.duplicate_of)
    with office.noting_denials(actor, reference):
        if office.door in (Door.LOCAL, Door.SYSTEM):
            with office.reading() as tx:
                office.require_within_quota(tx, actor, command_id)
        if actor.by_capability:  # before the engine is asked: of a case that is not theirs not even its end is told
            with office.reading() as tx:
                opened_by_capability(tx, office.keys, actor, reference)
        async with office.cases() as cases:
            return await cases.submit(
                reference, command, actor, command_id=command_id, expected_version=expected_version
            )


async def submit_as_found(
    office: Office, actor: Actor, reference: str, command: Command, *, command_id: str | None = None
) -> Receipt:
    """Submits what was decided elsewhere, in a register or a script: upon the case as it is found when it is sent.

    Raises what `submit_command` raises. Lines that the case's own clock adds in between change nothing of what was
    decided: the case is looked at again, a few times at most.
    """
    if not command.irreversible:
        return await submit_command(office, actor, reference, command, command_id=command_id)
    for is_last in (*(False for _ in range(_LOOKS - 1)), True):
        with office.reading_as(actor) as (tx, current):
            row = find_case(tx, current, reference)
        try:
            return await submit_command(
                office, actor, reference, command, command_id=command_id, expected_version=row.version if row else 0
            )
        except Refused as refusal:
            if refusal.code != "stale" or is_last:
                raise
    raise AssertionError("the last look returns or raises")


def _require_seen(office: Office, actor: Actor, reference: str) -> None:
    """Refuses a case that this account may not see, or that there is not, as the one that goes on."""
    with office.reading_as(actor, reference) as (tx, actor):
        if find_case(tx, actor, reference) is None:
            raise no_such_case("duplicate_of")


def submitted_command(office: Office, actor: Actor, command: Command, receipt: Receipt) -> Submitted:
    """The answer to a command; a filing comes with the time limits of the law that it has not stopped.

    The command is recorded by now: where they cannot be looked up, the answer carries a warning instead of failing.
    """
    if not isinstance(command, File):
        return Submitted(receipt, is_filing=False)
    limits = looked_up_afterwards(lambda: _still_running(office, actor, receipt.reference))
    warning = _limits_unknown(receipt.reference) if limits is None else None
    return Submitted(receipt, is_filing=True, time_limits=limits, warning=warning)


def _still_running(office: Office, actor: Actor, reference: str) -> "Sequence[LimitationClock]":
    from activities.calendar import french_calendar
    from domain.law.limitation import time_bars

    entries = case_history(office, actor, reference, Access.AGENDA)
    return time_bars(fold(reference, entries), french_calendar())


def _limits_unknown(reference: str) -> Problem:
    return Problem(
        "time_limits_unknown",
        "It could not be looked up which time limits keep running: the filing alone stops none.",
        "The agenda of the case says it.",
        action=Action.AGENDA,
        reference=reference,
    )
