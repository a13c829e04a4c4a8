"""What a capability of a case opens: to whom, what, until when. Whoever acts by one stands in no list of accounts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.actors import Actor
from domain.values import day_of
from domain.vocabulary import Audience, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.capability import Capability

READ_FILE = "read_file"
"""Being given a file in the form that is shown. The other names are those of commands."""

MAY_ASK: dict[Audience, frozenset[str]] = {
    Audience.PARTNER: frozenset(
        {
            "add_note",
            "answer_referral",
            "attach_file",
            "complete_referral",
            "mark_referral_seen",
            READ_FILE,
            "receive_piece",
        }
    ),
    Audience.COMPLAINANT: frozenset({"add_note", "attach_file", "withdraw_consent"}),
}
"""The commands that a capability can allow, and READ_FILE, by whom it is for."""

ONCE_ACCEPTED = frozenset({"attach_file", READ_FILE, "receive_piece"})
"""Those that a partner may ask only once it has accepted the referral."""


def lives(case: Case, capability: Capability) -> bool:
    """True while it may be used or renewed: not revoked, its referral open, the case neither archived nor erased."""
    if capability.revoked_at is not None or case.is_archived or case.step is Step.ERASED:
        return False
    return capability.referral is None or case.referral(capability.referral).is_open


def in_force(case: Case, id: str, at: datetime) -> Capability | None:
    """The capability of this id if it opens anything at this instant; None otherwise, and where there is none."""
    for capability in case.capabilities:
        if capability.id == id and lives(case, capability) and day_of(at) <= capability.until:
            return capability
    return None


def allowed(case: Case, id: str, at: datetime) -> frozenset[str]:
    """The names of what a capability allows to be asked at this instant. What it lets see is in `domain.sight`."""
    capability = in_force(case, id, at)
    return frozenset() if capability is None else _commands(case, capability)


def _commands(case: Case, capability: Capability) -> frozenset[str]:
    """Those that stand in its history, as far as this is still allowed to anybody outside the team."""
    names = MAY_ASK[capability.audience].intersection(capability.commands)
    awaits_answer = capability.referral is not None and case.referral(capability.referral).awaits_answer
    return names - ONCE_ACCEPTED if awaits_answer else names


def living_of(case: Case, actor: Actor) -> Capability | None:
    """The living capability by which an actor stands before this case, whatever the day; None if there is none.

    Everything of the actor has to be as the capability says: a role or an organisation of one's own counts for nothing.
    """
    for capability in case.capabilities:
        if capability.actor(case.reference) == actor and lives(case, capability):
            return capability
    return None


def lets_ask(case: Case, actor: Actor, name: str) -> bool:
    """True if the living capability of this actor allows a command on this case, or READ_FILE, whatever the day."""
    capability = living_of(case, actor)
    return capability is not None and name in _commands(case, capability)


def is_over(case: Case, actor: Actor, at: datetime) -> bool:
    """True for whoever acts by a capability that opens nothing of this case at this instant; never for an account."""
    if not actor.by_capability:
        return False
    capability = living_of(case, actor)
    return capability is None or in_force(case, capability.id, at) is None
