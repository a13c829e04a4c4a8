"""Tokens resolved: who the bearer of a session, of a capability or of a client's token is, at this moment."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection

from desk.office import Office
from desk.signin.common import limits_of
from domain.actors import UNKNOWN
from domain.errors import Refused
from domain.signin.bearer import Bearer, not_signed_in
from domain.signin.kept import Session
from domain.signin.lifetime import Limits, ends_at, is_to_be_noted
from domain.signin.tokens import Kind, capability_in, kind_of
from domain.values import PARIS
from domain.vocabulary import Door
from models import links
from models.signin import clients, sessions

Resolver = Callable[[Office, Connection, str, datetime], Bearer | None]


def resolve(office: Office, token: str) -> Bearer:
    """The bearer of a token, with its account as it stands in this transaction. Nothing of it is remembered.

    Raises Refused, always in the same words, for a token that is not good: ended, revoked, of a closed account, of a
    person who has yet to add a first means of sign-in, or none at all.
    """
    at = datetime.now(UTC)
    try:
        with office.reading() as tx:
            bearer = resolve_in(office, tx, token, at)
            session = sessions.of_token(tx, token, at, limits_of(office)) if bearer.session else None
    except Refused:
        _note_refused_link(office, token)
        raise
    if session is not None and is_to_be_noted(session.life, at):
        with office.writing() as tx:
            sessions.note_use(tx, session.id, at)
    return bearer


def _note_refused_link(office: Office, token: str) -> None:
    """Notes that a link opened nothing, as the refusals of an account are noted. Of another token nothing is noted."""
    link = capability_in(token)
    if link is None:
        return
    with office.reading() as tx:
        bearer = links.named_by(tx, office.keys, link)
    office.note_denial(bearer, "no_such_link" if bearer == UNKNOWN else "link_over", link.reference)


def resolve_in(office: Office, tx: Connection, token: str, at: datetime) -> Bearer:
    """The same, in a transaction of the caller's, and without noting the use."""
    kind = kind_of(token)
    resolver = RESOLVERS.get(kind) if kind else None
    bearer = resolver(office, tx, token, at) if resolver else None
    if bearer is None:
        raise not_signed_in()
    return bearer


def resolve_enrolling(office: Office, token: str) -> Bearer:
    """The bearer of a session that may only add a first means of sign-in. Raises Refused for every other token.

    It is good for the services that add means, and for nothing else: a door that asks anything else resolves with
    `resolve`, which refuses it.
    """
    at = datetime.now(UTC)
    with office.reading() as tx:
        session = sessions.of_token(tx, token, at, limits_of(office))
    if session is None or not session.enrols:
        raise not_signed_in()
    return _bearer_of(session, limits_of(office))


def _session(office: Office, tx: Connection, token: str, at: datetime) -> Bearer | None:
    limits = limits_of(office)
    session = sessions.of_token(tx, token, at, limits)
    return None if session is None or session.enrols else _bearer_of(session, limits)


def _bearer_of(session: Session, limits: Limits) -> Bearer:
    return Bearer(
        door=Door.SESSION,
        actor=session.actor,
        until=ends_at(session.life, limits),
        session=session.id,
        means=session.means,
        asked_again_at=session.life.asked_at,
    )


def _client(_office: Office, tx: Connection, token: str, at: datetime) -> Bearer | None:
    client = clients.of_token(tx, token, at)
    if client is None:
        return None
    return Bearer(
        door=Door.CLIENT,
        until=client.expires_at,
        client=client.id,
        organisation=client.organisation,
        metropolis=client.metropolis,
        scopes=client.scopes,
    )


def _capability(office: Office, tx: Connection, token: str, at: datetime) -> Bearer | None:
    opened = links.capability_of(tx, office.keys, token, at)
    if opened is None:
        return None
    reference, capability = opened
    ends = datetime.combine(capability.until + timedelta(days=1), time(), PARIS)
    return Bearer(door=Door.CAPABILITY, actor=capability.actor(reference), until=ends.astimezone(UTC))


RESOLVERS: Mapping[Kind, Resolver] = {
    Kind.SESSION: _session,
    Kind.CAPABILITY: _capability,
    Kind.CLIENT: _client,
}
"""How each kind of token is resolved. A kind that is not here is refused."""
