"""Programs that ask in the name of an organisation: access issued, listed and revoked by an administrator."""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from desk.office import Office
from desk.views.signin import ClientIssued, ClientsView, ClientView
from domain.accounts.giving import require_administers
from domain.actors import Actor
from domain.errors import Invalid, NotFound
from domain.permissions import require_administrator
from domain.reference import METROPOLISES
from domain.signin.kept import Client
from domain.signin.names import require_name
from domain.values import OrganisationId, Value
from domain.vocabulary import SignInAct
from models.signin import clients, record

LONGEST_DAYS = 366
_MOST_SCOPES = 10
_SCOPE = re.compile(r"[a-z]{2,20}:[a-z]{2,20}")


class _Named(Value):
    organisation: OrganisationId


def issue_client(
    office: Office,
    actor: Actor,
    name: str,
    organisation: str,
    *,
    scopes: Collection[str],
    metropolis: str | None = None,
    days: int = LONGEST_DAYS,
) -> ClientIssued:
    """Gives a program access, for a year at most, and tells its token: the one time.

    An administrator of one metropolis issues for that one. Raises Refused for anybody else, Invalid or
    ValidationError for what does not fit.
    """
    at, name = datetime.now(UTC), require_name(name)
    with office.writing_as(actor) as (tx, actor):
        require_administrator(actor)
        _require_fit(actor, organisation, scopes, metropolis, days)
        token, client = clients.issue(
            tx, name, organisation, metropolis, scopes, actor.account, at, at + timedelta(days=days)
        )
        record.note(tx, at, SignInAct.CLIENT_ISSUED, None, by=actor.account, about=name)
    return ClientIssued(client=ClientView.of(client), token=token)


def list_clients(office: Office, actor: Actor) -> ClientsView:
    """The programs that have access, and those that had. An administrator of one metropolis sees those of that one."""
    with office.reading_as(actor) as (tx, actor):
        require_administrator(actor)
        return ClientsView(clients=tuple(ClientView.of(each) for each in clients.every(tx) if _is_of(actor, each)))


def revoke_client(office: Office, actor: Actor, client: str) -> ClientView:
    """Takes the access of a program back, for good: from its next request on. Doing it twice changes nothing."""
    at = datetime.now(UTC)
    with office.writing_as(actor) as (tx, actor):
        require_administrator(actor)
        known = next((each for each in clients.every(tx) if each.id == client and _is_of(actor, each)), None)
        if known is None:
            raise NotFound("no_such_client", "There is no such program.", "Look at the list of them.", field="client")
        if clients.revoke(tx, known.id, at):
            record.note(tx, at, SignInAct.CLIENT_REVOKED, None, by=actor.account, about=known.name)
        return ClientView.of(clients.by_id(tx, known.id) or known)


def _is_of(actor: Actor, client: Client) -> bool:
    return actor.metropolis is None or actor.metropolis == client.metropolis


def _require_fit(actor: Actor, organisation: str, scopes: Collection[str], metropolis: str | None, days: int) -> None:
    _Named(organisation=organisation)
    if metropolis not in (None, *METROPOLISES):
        raise Invalid(
            "unknown_code",
            "{field} is not one of the known codes.",
            "It is one of: {expected}.",
            field="metropolis",
            expected=", ".join(METROPOLISES),
        )
    require_administers(actor, metropolis)
    if not 0 < len(scopes) <= _MOST_SCOPES or not all(_SCOPE.fullmatch(scope) for scope in scopes):
        raise Invalid(
            "scopes_unfit",
            "These are no scopes.",
            "Name 1 to {count} of them, as in cases:open.",
            field="scopes",
            count=_MOST_SCOPES,
        )
    if not 0 < days <= LONGEST_DAYS:
        raise Invalid(
            "days_unfit", "This is no number of days.", "It is 1 to {count}.", field="days", count=LONGEST_DAYS
        )
