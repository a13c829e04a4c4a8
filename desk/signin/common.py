"""The common ground of the services of sign-in: limits from the settings, and the session that somebody asks with."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from desk.office import Office
from desk.views.signin import SignedIn
from domain.actors import Actor
from domain.errors import Refused
from domain.signin.bearer import not_signed_in
from domain.signin.kept import Session
from domain.signin.lifetime import Limits, ends_at, require_asked_again
from domain.vocabulary import Means
from kit.crypto.passkeys import RelyingParty
from kit.crypto.passwords import PasswordHasher, password_hasher
from kit.crypto.vault import DataKey
from models.keys import SIGN_IN
from models.signin import sessions

PRODUCT = "Aboutir"
"""The name that browsers and applications of codes show."""


def limits_of(office: Office) -> Limits:
    """The limits of every session."""
    settings = office.settings
    return Limits(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))


def key_of(office: Office) -> DataKey:
    """The key of sign-in. It is asked for before a transaction begins, which must not wait for the store of keys."""
    return office.keys.of(SIGN_IN)


def hasher_of(office: Office) -> PasswordHasher:
    """What hashes passwords, at the cost of the settings."""
    return password_hasher(office.settings.argon2_mb, office.settings.argon2_rounds)


def relying_party(office: Office) -> RelyingParty:
    """The place that passkeys are bound to. Raises Refused where no address of the pages is set."""
    settings = office.settings
    if not settings.rp_id or not settings.origin:
        raise Refused(
            "no_address_of_pages",
            "The address of the pages is not set, and passkeys are bound to it.",
            "Whoever runs the service sets ABOUTIR_PUBLIC_URL.",
        )
    return RelyingParty(settings.rp_id, settings.origin, PRODUCT)


def session_of(tx: Connection, office: Office, actor: Actor, session: str, at: datetime) -> Session:
    """The session that this actor asks with. Raises Refused when it has ended, or is not theirs."""
    found = sessions.of_id(tx, session, actor.account, at, limits_of(office))
    if found is None:
        raise not_signed_in()
    return found


def full_session_of(tx: Connection, office: Office, actor: Actor, session: str, at: datetime) -> Session:
    """The same, for what nobody does who has no means of their own yet."""
    found = session_of(tx, office, actor, session, at)
    if found.enrols:
        raise not_signed_in()
    return found


def session_that_changes_means(tx: Connection, office: Office, actor: Actor, session: str, at: datetime) -> Session:
    """The same, for adding or removing means of sign-in: somebody who enrols, or who was asked again shortly before."""
    found = session_of(tx, office, actor, session, at)
    if not found.enrols:
        require_asked_again(found.life.asked_at, at)
    return found


def begin_session(
    tx: Connection, office: Office, account: str, means: Means, device: str, at: datetime, *, enrols: bool = False
) -> SignedIn:
    """Begins a session, and gives its token: the one time that it is told."""
    token, id = sessions.make(tx, account, means, device, at, limits_of(office), enrols=enrols)
    session = sessions.of_id(tx, id, account, at, limits_of(office))
    if session is None:  # the account was closed in this instant
        raise cannot_sign_in()
    return SignedIn(
        token=token,
        account=account,
        role=session.actor.role,
        session=id,
        until=ends_at(session.life, limits_of(office)),
        means=means,
        enrols=enrols,
    )


def promoted(tx: Connection, office: Office, session: Session, means: Means, at: datetime) -> SignedIn | None:
    """A session of its own for somebody who has their first means now, in place of the one they enrolled with."""
    if not session.enrols:
        return None
    if not sessions.end(tx, session.id, session.actor.account):  # another first means was added in this instant
        raise not_signed_in()
    return begin_session(tx, office, session.actor.account, means, session.device, at)


def cannot_sign_in() -> Refused:
    """The one refusal of sign-in, whatever was wrong: an account that is not there is refused in the same words."""
    return Refused(
        "cannot_sign_in",
        "This does not sign anybody in.",
        "Try again; whoever has lost their means of sign-in asks their administrator for a new invitation.",
    )


def has_to_wait(left: timedelta) -> Refused:
    """The refusal of a try that comes too soon after others."""
    seconds = max(1, int(left.total_seconds() + 0.999))
    return Refused(
        "sign_in_waits",
        "There were too many tries.",
        "Wait {seconds} seconds, then try again.",
        seconds=seconds,
    )
