"""Conflicts of interest: a case is closed to named accounts or organisations, to whom it is as if there were none."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Action, Refused
from domain.parts.base import NOT_ERASED, Chapter, Command, Event, Occurrence, Part, PartLine
from domain.parts.registry import applies, decides, where
from domain.telling import Says
from domain.values import AccountId, OrganisationId, Text, Value, Written

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry

Organisations = Annotated[tuple[OrganisationId, ...], Field(max_length=40)]
Accounts = Annotated[tuple[AccountId, ...], Field(max_length=40)]


class ClosedTo(Value):
    """Those to whom a case is closed as it is opened."""

    organisations: Organisations = ()
    accounts: Accounts = ()


OPEN_TO_ALL = ClosedTo()


class Restriction(Part):
    """A restriction: those who are named see nothing of the case, in no list, search, count, alert or mail."""

    noun = "Closed to"
    chapter = Chapter.WARNINGS

    organisations: tuple[str, ...]
    accounts: tuple[str, ...]
    reason: Written
    placed: Occurrence
    placed_by: str

    def line(self) -> PartLine:
        return PartLine("!", self.noun, (*self.organisations, *self.accounts), self.reason)

    @property
    def names(self) -> tuple[str, ...]:
        """Those it names, organisations (o:) and accounts (a:) told apart, as lists keep them."""
        return (*(f"o:{name}" for name in self.organisations), *(f"a:{name}" for name in self.accounts))

    def bars(self, actor: Actor) -> bool:
        """True if this account is named, or works for an organisation that is."""
        return actor.account in self.accounts or actor.organisation in self.organisations


class Restrict(Command):
    """Close the case to those with a conflict of interest. Asked again, the new list counts."""

    steps = NOT_ERASED
    irreversible = True
    kind: Literal["restrict"] = "restrict"
    organisations: Organisations = ()
    accounts: Accounts = ()
    reason: Text


class Unrestrict(Command):
    """Open the case again to those it was closed to."""

    steps = NOT_ERASED
    irreversible = True
    kind: Literal["unrestrict"] = "unrestrict"
    reason: Text


class CaseRestricted(Event):
    tag: Literal["case_restricted.1"] = "case_restricted.1"
    organisations: Annotated[tuple[str, ...], Says("closed to: {value}")]
    accounts: Annotated[tuple[str, ...], Says("closed to: {value}")]
    reason: Written


class RestrictionLifted(Event):
    tag: Literal["restriction_lifted.1"] = "restriction_lifted.1"
    reason: Written


def restricted(organisations: tuple[str, ...], accounts: tuple[str, ...], reason: str) -> CaseRestricted:
    """The event that closes a case. Refused if nobody is named."""
    if not organisations and not accounts:
        raise Refused(
            "nobody_named",
            "A restriction names the accounts or organisations that the case is closed to.",
            "Name at least one.",
            field="organisations",
        )
    return CaseRestricted(
        organisations=tuple(sorted(set(organisations))), accounts=tuple(sorted(set(accounts))), reason=reason
    )


def require_not_barred(event: CaseRestricted, holder: str, organisation: str) -> None:
    """Refuses to close a case to whoever holds it: nobody would follow it up."""
    if holder in event.accounts or organisation in event.organisations:
        raise Refused(
            "holder_restricted",
            "The case would be closed to {holder} ({organisation}), who holds it.",
            "Give it to somebody else first, outside those who are named.",
            field="organisations" if organisation in event.organisations else "accounts",
            action=Action.LIST_ACCOUNTS,
            holder=holder,
            organisation=organisation,
        )


@decides(Restrict)
def restrict(case: Case, command: Restrict, actor: Actor, at: datetime) -> list[Event]:
    event = restricted(command.organisations, command.accounts, command.reason)
    require_not_barred(event, case.holder, case.organisation)
    return [event]


@applies(CaseRestricted)
def case_restricted(case: Case, event: CaseRestricted, entry: Entry) -> dict[str, Any]:
    restriction = Restriction(
        organisations=event.organisations,
        accounts=event.accounts,
        reason=event.reason,
        placed=Occurrence.of(entry),
        placed_by=entry.actor.account,
    )
    return {"restriction": restriction}


def _is_restricted(case: Case, actor: Actor, at: datetime) -> None:
    if case.restriction is None:
        raise Refused("not_restricted", "This case is closed to nobody.", "Nothing to do.")


@decides(Unrestrict, where(_is_restricted))
def unrestrict(case: Case, command: Unrestrict, actor: Actor, at: datetime) -> list[Event]:
    _is_restricted(case, actor, at)
    return [RestrictionLifted(reason=command.reason)]


@applies(RestrictionLifted)
def restriction_lifted(case: Case, event: RestrictionLifted, entry: Entry) -> dict[str, Any]:
    return {"restriction": None}


def require_open_to(case: Case, account: str | None, organisation: str, field: str) -> None:
    """Refuses to give or pass a case to whoever it is closed to. `field` names them."""
    restriction = case.restriction
    if restriction and (organisation in restriction.organisations or account in restriction.accounts):
        raise Refused(
            "closed_to_them",
            "The case is closed to {whom}: a conflict of interest was noted.",
            "Name somebody else, or have the restriction changed (restrict).",
            field=field,
            whom=account if account in restriction.accounts else organisation,
        )
