"""The people who can be told something on one day: their accounts, how they want to be written to, and who is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Action, Refused
from domain.levels import HEIGHT, LOWEST, OVERSEERS, authority_of, hearing, role_of
from domain.messages.absence import readers
from domain.permissions import HOLDERS, in_territory, is_closed_to
from domain.values import Email, Value
from domain.vocabulary import Level, MailWhen

if TYPE_CHECKING:
    from domain.case import Case


class Preferences(Value):
    """The wishes of one account for its mails. The address is a person's: it stands in no log, history or list."""

    address: Email | None = None
    when: MailWhen = MailWhen.DIGEST
    hour: Annotated[int, Field(ge=6, le=19)] = 8
    """The earliest hour, on a working day in Paris, at which the digest may come."""
    language: Literal["fr", "en"] = "fr"
    grace: Annotated[int, Field(ge=0, le=72)] = 4
    """The hours to wait before a mail about an alert. A time limit of the law does not wait."""

    @property
    def wants_digest(self) -> bool:
        """True if there is to be a daily digest."""
        return self.when in (MailWhen.DIGEST, MailWhen.BOTH)

    @property
    def wants_all_at_once(self) -> bool:
        """True if every alert gets a mail of its own, and not only the time limits of the law."""
        return self.when in (MailWhen.IMMEDIATE, MailWhen.BOTH)

    @property
    def patience(self) -> timedelta:
        """The grace, as a length of time."""
        return timedelta(hours=self.grace)


def require_told(actor: Actor, wanted: Preferences) -> None:
    """Refuses wishes by which an overseer would not hear of alerts. Overseers may choose how they hear, not if."""
    if wanted.when is MailWhen.LAW_ONLY and actor.role in OVERSEERS:
        raise Refused(
            "must_be_told",
            "A supervisor or plan lead is told of every alert of their level.",
            "Choose how: DIGEST, IMMEDIATE or BOTH.",
            field="when",
        )


@dataclass(frozen=True)
class Person:
    """An active account and its preferences."""

    actor: Actor
    preferences: Preferences

    @property
    def account(self) -> str:
        """The name of the account."""
        return self.actor.account

    def answers_for(self, level: Level, holder: str, metropolis: str | None) -> bool:
        """True if an alert of this level, on a case of this holder and metropolis, is for this person."""
        if level is LOWEST:
            return self.account == holder
        return self.actor.role is role_of(level) and in_territory(self.actor, metropolis)

    def answers_for_case(self, level: Level, case: Case) -> bool:
        """The same for a case, which may be closed to this person."""
        return self.answers_for(level, case.holder, case.metropolis) and not is_closed_to(self.actor, case)


class People:
    """Everybody who can be told something on that day."""

    def __init__(self, everybody: Iterable[Person], away: Mapping[str, str]) -> None:
        """`away` names the delegate of each account that is absent that day."""
        self._by_account = {person.account: person for person in everybody}
        self._away = away

    def named(self, account: str) -> Person | None:
        """The active account of that name."""
        return self._by_account.get(account)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_account.values())

    def answerable(self, level: Level, case: Case) -> list[Person]:
        """The people who answer for an alert of this level on a case or, when there are none, for the next level up.

        Nobody to whom the case is closed. Where no level above is left, those of the next one below: somebody is told.
        """
        for other in hearing(level):
            if answering := [person for person in self if person.answers_for_case(other, case)]:
                return answering
        return []

    def readers(self, person: Person, case: Case | None = None) -> list[Person]:
        """The readers of a mail to somebody: while they are away, whoever stands in for them.

        Somebody to whom the case is closed stands in for nobody, as if they were away.
        """
        there = {
            name
            for name, each in self._by_account.items()
            if each is person or case is None or not is_closed_to(each.actor, case)
        }
        return [self._by_account[name] for name in readers(person.account, self._away, there)]


def require_receivers(people: People, case: Case) -> None:
    """Refuses a transfer that nobody could answer: it takes somebody to hear of it, and somebody to hold the case."""
    if (transfer := case.pending_transfer) is None:
        return
    open_to = [person.actor for person in people if not is_closed_to(person.actor, case)]
    there = [actor for actor in open_to if in_territory(actor, transfer.metropolis)]
    if not any(actor.role in OVERSEERS for actor in there):
        raise Refused(
            "nobody_there",
            "Nobody oversees the cases of {metropolis}: the proposal would be heard by nobody.",
            "Have an account of a supervisor there opened first.",
            field="place",
            action=Action.LIST_ACCOUNTS,
            metropolis=transfer.metropolis,
        )
    if not any(actor.organisation == transfer.organisation and actor.role in HOLDERS for actor in there):
        raise Refused(
            "no_holder_there",
            "Nobody of {organisation} could hold a case in {metropolis}.",
            "Name an organisation that works there.",
            field="organisation",
            action=Action.LIST_ACCOUNTS,
            organisation=transfer.organisation,
            metropolis=transfer.metropolis,
        )


def _overseers(people: People, case: Case) -> Iterator[Actor]:
    """Those who oversee the case."""
    for person in people:
        overseen = person.actor.role in OVERSEERS and in_territory(person.actor, case.metropolis)
        if overseen and not is_closed_to(person.actor, case):
            yield person.actor


def highest_there(people: People, case: Case) -> Level:
    """The highest level at which somebody oversees the case; the lowest of all where nobody does."""
    levels = (authority_of(actor.role) for actor in _overseers(people, case))
    return max(levels, key=HEIGHT.__getitem__, default=LOWEST)


def require_somebody_left(people: People, case: Case) -> None:
    """Refuses a restriction that would leave nobody to oversee the case: its alerts would be heard by nobody."""
    if any(True for _ in _overseers(people, case)):
        return
    raise Refused(
        "nobody_left",
        "Nobody who oversees this case would be left to hear its alerts.",
        "Leave out a supervisor or plan lead, or have an account opened first for one of another organisation.",
        field="organisations",
        action=Action.LIST_ACCOUNTS,
    )
