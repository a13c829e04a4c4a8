"""Sessions: one's own, listed and ended; everybody's, for whoever runs the service."""

from datetime import UTC, datetime

from desk.office import Office
from desk.signin.common import full_session_of, limits_of
from desk.views.signin import SessionsEnded, SessionsView, SessionView
from domain.actors import Actor
from domain.errors import NotFound
from domain.permissions import require_operator
from domain.vocabulary import SignInAct
from models.accounts import actor_named
from models.signin import invitations, record, sessions


def own_sessions(office: Office, actor: Actor, session: str) -> SessionsView:
    """The sessions of the account that asks: where it is signed in."""
    at, limits = datetime.now(UTC), limits_of(office)
    with office.reading() as tx:
        full_session_of(tx, office, actor, session, at)
        own = sessions.of_account(tx, actor.account, at, limits)
        return SessionsView(sessions=tuple(SessionView.of(each, limits, session) for each in own))


def end_session(office: Office, actor: Actor, session: str, ended: str) -> SessionsEnded:
    """Ends a session of the account that asks: this one, which signs out, or another.

    Raises NotFound for one that is not theirs. Signing out again changes nothing.
    """
    at = datetime.now(UTC)
    with office.writing() as tx:
        own = sessions.of_id(tx, session, actor.account, at, limits_of(office))
        if own is None and session == ended:
            return SessionsEnded(ended=0)
        full_session_of(tx, office, actor, session, at)
        own_ones = sessions.of_account(tx, actor.account, at, limits_of(office))
        about = next((each for each in own_ones if each.id == ended), None)
        if about is None or not sessions.end(tx, about.id, actor.account):
            raise NotFound(
                "no_such_session", "There is no such session.", "Look at the list of your sessions.", field="session"
            )
        record.note(tx, at, SignInAct.SESSION_ENDED, actor.account, means=about.means, about=about.device)
    return SessionsEnded(ended=1)


def end_own_sessions(office: Office, actor: Actor, session: str, *, but_this: bool = True) -> SessionsEnded:
    """Ends the sessions of the account that asks: all but the one that asks or, without `but_this`, all."""
    at = datetime.now(UTC)
    with office.writing() as tx:
        full_session_of(tx, office, actor, session, at)
        ended = sessions.end_all_of(tx, actor.account, but=session if but_this else None)
        record.note(tx, at, SignInAct.SESSIONS_ENDED, actor.account)
    return SessionsEnded(ended=ended)


def list_sessions(office: Office, actor: Actor) -> SessionsView:
    """The sessions of everybody. Raises Refused for anybody but the operator."""
    require_operator(actor)
    at, limits = datetime.now(UTC), limits_of(office)
    with office.reading() as tx:
        every = sessions.everybodys(tx, at, limits)
        return SessionsView(sessions=tuple(SessionView.of(each, limits, None) for each in every))


def end_sessions(office: Office, actor: Actor, account: str | None = None) -> SessionsEnded:
    """Ends the sessions of an account or, after a compromise, of everybody; and takes their invitations back.

    Raises Refused for anybody but the operator, NotFound for an account that does not exist.
    """
    require_operator(actor)
    at = datetime.now(UTC)
    with office.writing() as tx:
        if account is not None:
            actor_named(tx, account, "account")
        if account is None:
            ended = sessions.end_all(tx)
            invitations.revoke_all(tx)
        else:
            ended = sessions.end_all_of(tx, account)
            invitations.revoke_all_of(tx, account)
        record.note(tx, at, SignInAct.SESSIONS_ENDED, account, by=actor.account)
    return SessionsEnded(ended=ended)
