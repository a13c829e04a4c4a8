"""Absences: who is away, and who stands in for them."""

from datetime import UTC, date, datetime

from desk.office import Office
from desk.views.absence import AbsenceView
from domain.actors import Actor
from domain.errors import Invalid, Refused
from domain.levels import rank
from domain.values import day_of
from models.alerts import add_absence


def note_absence(office: Office, actor: Actor, delegate: str, first_day: date, last_day: date) -> AbsenceView:
    """Notes that this account is away and who stands in for it. The same first day again replaces what was noted.

    Raises Invalid for an absence that is over, Refused for days in the wrong order, and for a delegate who is the
    account itself, of another organisation or of a lower role.
    """
    substitute = office.actor(delegate, "delegate")
    _require_days(first_day, last_day, day_of(datetime.now(UTC)))
    _require_can_stand_in(actor, substitute)
    with office.writing() as tx:
        add_absence(tx, actor.account, first_day, last_day, substitute.account)
    return AbsenceView(account=actor.account, first_day=first_day, last_day=last_day, delegate=substitute.account)


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
