"""The way in which an account sees a case: whole, for the team and those who oversee it, or as an audience outside it.

What each audience is shown is in `domain.audience`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domain.capabilities import living_of
from domain.permissions import READS_TERRITORY, in_territory, may_see, receives
from domain.vocabulary import Audience, ConsentScope, ReferralStatus, Role

if TYPE_CHECKING:
    from domain.actors import Actor
    from domain.case import Case
    from domain.parts.referral import Referral

_LETTER = {Audience.ADDRESSEE: "A", Audience.PARTNER: "P", Audience.COMPLAINANT: "C"}


@dataclass(frozen=True)
class Sight:
    """The way in which somebody sees a case."""

    audience: Audience
    referrals: frozenset[str] = frozenset()
    """The referrals that are theirs. Of the others a partner is told nothing."""
    transfer: str | None = None
    """The transfer that their metropolis is asked to answer."""
    organisation: str = ""
    """Whom the consents are for that a partner sees."""
    medical: bool = True
    """False for a partner to whom the person has not opened what is under medical secrecy."""

    @property
    def is_whole(self) -> bool:
        """True for the team, and for those who oversee it: nothing is left out."""
        return self.audience is Audience.TEAM

    @property
    def sees_limits(self) -> bool:
        """True for whoever is told every time limit of the law: it is told by what happened."""
        return self.audience in (Audience.TEAM, Audience.PARTNER)

    @property
    def letter(self) -> str:
        """The letter of its audience in the lists."""
        return _LETTER[self.audience]


WHOLE = Sight(Audience.TEAM)


def sight_of(actor: Actor, case: Case) -> Sight | None:
    """The way in which an account sees a case; None if it does not."""
    if not may_see(actor, case):
        return None
    if (capability := living_of(case, actor)) is not None:
        if capability.referral is None:
            return Sight(Audience.COMPLAINANT)
        return partner_sight(case, capability.organisation, [case.referral(capability.referral)])
    if actor.role is Role.SYSTEM or (actor.role in READS_TERRITORY and in_territory(actor, case.metropolis)):
        return WHOLE
    if actor.role is Role.CASE_WORKER and actor.organisation in _team(case):
        return WHOLE
    theirs = [r for r in case.open_referrals if r.partner == actor.organisation]
    sight = partner_sight(case, actor.organisation, theirs)
    transfer = case.pending_transfer
    return replace(sight, transfer=transfer.id) if transfer and receives(actor, case) else sight


def sees_whole(actor: Actor, case: Case) -> bool:
    """True if nothing of a case is left out for this account."""
    sight = sight_of(actor, case)
    return sight is not None and sight.is_whole


def _team(case: Case) -> frozenset[str]:
    """The organisation that holds the case, and those that wait for the end of a referral that they sent."""
    return frozenset({case.organisation} | {r.sent_by_organisation for r in case.open_referrals})


def partner_sight(case: Case, organisation: str, theirs: Iterable[Referral]) -> Sight:
    """The sight of a partner with these referrals: a summary until it has accepted one, then what consent covers."""
    theirs = tuple(theirs)
    accepted = any(r.status is ReferralStatus.ACCEPTED for r in theirs)
    covered = accepted and case.consent_for(ConsentScope.REFERRAL, organisation) is not None
    return Sight(
        Audience.PARTNER if covered else Audience.ADDRESSEE,
        frozenset(r.id for r in theirs),
        organisation,
        medical=case.consent_for(ConsentScope.MEDICAL) is not None,
    )
