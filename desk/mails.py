"""Listing mails: sent, waiting, or not delivered."""

from datetime import UTC, datetime

from desk.office import Office
from desk.views.mails import MailsView, MailView
from domain.actors import Actor
from domain.permissions import no_such_case, require_overseer
from domain.values import day_of
from domain.vocabulary import MailState
from models import cases, mails


def list_failing(office: Office, actor: Actor) -> MailsView:
    """The mails that did not arrive, of which the alerts tell the number, to whoever watches over a territory.

    Digests of the last week, and notices while an alert that they tell of stands. Raises Refused for anybody else.
    """
    with office.reading_as(actor) as (tx, actor):
        require_overseer(actor)
        records = mails.failing(tx, actor, day_of(datetime.now(UTC)) - mails.A_WEEK)
    return MailsView(mails=tuple(map(MailView.of, records)))


def list_mails(
    office: Office, actor: Actor, *, state: MailState | None = None, reference: str | None = None, limit: int = 50
) -> MailsView:
    """Mails, the latest first: those to this account and, for whoever oversees a territory, those about its cases.

    Raises NotFound when `reference` is no case that this account may see.
    """
    with office.reading_as(actor, reference) as (tx, actor):
        if reference is not None and cases.find_case(tx, actor, reference) is None:
            raise no_such_case("case")
        records = mails.list_mails(tx, actor, state=state, reference=reference, limit=limit)
    return MailsView(mails=tuple(map(MailView.of, records)))
