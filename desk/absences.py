"""Absences: who is away, and who stands in for them. What was said of them stands in the history of the account."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from desk.office import Office
from desk.views.absence import AbsencesView, AbsenceView
from domain.accounts.events import Delegated, DelegationCancelled
from domain.actors import Actor
from domain.errors import Invalid, Refused
from domain.levels import rank
from domain.permissions import sees_account
from domain.values import AccountId, Value, day_of
from models import account_history, accounts
from models.alerts import Absence, absence_from, absences_since, add_absence, remove_absence


class _Changes(Value):
    first_day: date | None = None
    last_day: date | None = None
    delegate: AccountId | None = None


def list_absences(office: Office, actor: Actor) -> AbsencesView:
    """The absences of today and to come: one's own, and those of the accounts that a list shows to this one."""
    with office.reading_as(actor) as (tx, actor):
        listed = {
            account.account
            for account in accounts.all_accounts(tx)
            if account.account == actor.account or sees_account(actor, account.organisation, account.metropolis)
        }
        current = [absence for absence in absences_since(tx, day_of(datetime.now(UTC))) if absence.account in listed]
    return AbsencesView(absences=tuple(map(_view, current)))


def note_absence(office: Office, actor: Actor, delegate: str, first_day: date, last_day: date) -> AbsenceView:
    """Notes that this account is away and who stands in for it. The same first day again replaces what was noted.

    Raises Invalid for an absence that is over, Refused for days in the wrong order, and for a delegate who is the
    account itself, of another organisation or of a lower role, or whose account is closed.
    """
    absence = Absence(actor.account, first_day, last_day, delegate)
    with office.writing() as tx:
        account_history.hold(tx)
        return _noted(tx, accounts.resolved(tx, actor), absence)


def change_absence(office: Office, actor: Actor, first_day: date, changes: Mapping[str, str | date]) -> AbsenceView:
    """Changes what is named (first_day, last_day, delegate) of the absence of this account that begins on a day.

    Raises as `note_absence` does, ValidationError for another name, and Refused when there is no such absence.
    """
    with office.writing() as tx:
        account_history.hold(tx)
        actor = accounts.resolved(tx, actor)
        was = _absence(tx, actor, first_day)
        changed = Absence(**(vars(was) | _Changes.model_validate(dict(changes)).model_dump(exclude_none=True)))
        if changed.first_day != first_day:
            _cancelled(tx, actor, first_day)
        return _noted(tx, actor, changed)


def cancel_absence(office: Office, actor: Actor, first_day: date) -> AbsenceView:
    """Cancels the absence of this account that begins on a day, also while it lasts; gives what it was."""
    with office.writing() as tx:
        account_history.hold(tx)
        actor = accounts.resolved(tx, actor)
        was = _absence(tx, actor, first_day)
        _cancelled(tx, actor, first_day)
    return _view(was)


def _noted(tx: Connection, actor: Actor, absence: Absence) -> AbsenceView:
    substitute = accounts.actor_named(tx, absence.delegate, "delegate")
    _require_days(absence.first_day, absence.last_day, day_of(datetime.now(UTC)))
    _require_can_stand_in(actor, substitute)
    add_absence(tx, actor.account, absence.first_day, absence.last_day, absence.delegate)
    said = Delegated(first_day=absence.first_day, last_day=absence.last_day, delegate=absence.delegate)
    account_history.append(tx, actor.account, actor, said)
    return _view(absence)


def _cancelled(tx: Connection, actor: Actor, first_day: date) -> None:
    remove_absence(tx, actor.account, first_day)
    account_history.append(tx, actor.account, actor, DelegationCancelled(first_day=first_day))


def _absence(tx: Connection, actor: Actor, first_day: date) -> Absence:
    absence = absence_from(tx, actor.account, first_day)
    if absence is None:
        raise Refused(
            "no_such_absence",
            "{account} has no absence that begins on {day}.",
            "Look for it in the list of absences.",
            field="first_day",
            account=actor.account,
            day=first_day.isoformat(),
        )
    return absence


def _view(absence: Absence) -> AbsenceView:
    return AbsenceView(
        account=absence.account, first_day=absence.first_day, last_day=absence.last_day, delegate=absence.delegate
    )


def _require_days(first: date, last: date, today: date) -> None:
    if last < first:
        raise Refused("absence_order", "The last day is before the first.", "Check both days.", field="to")
    if last < today:
        raise Invalid(
            "absence_past", "This absence is over: nothing would be passed on.", "Check the last day.", field="to"
        )


def _require_can_stand_in(actor: Actor, delegate: Actor) -> None:
    is_colleague = delegate.account != actor.account and delegate.organisation == actor.organisation
    if not is_colleague or rank(delegate.role) < rank(actor.role):
        raise Refused(
            "delegate_unfit",
            "{delegate} cannot stand in for {account}.",
            "Name somebody else of the same organisation and of the same role or above.",
            field="delegate",
            delegate=delegate.account,
            account=actor.account,
        )
