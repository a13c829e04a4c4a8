"""Invitations: the first way in for an account, and the way back for whoever has lost theirs: by a second person."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from desk.office import Office
from desk.signin.common import begin_session, cannot_sign_in, has_to_wait, key_of
from desk.signin.means import count_means
from desk.views.signin import InvitationView, Invited, SignedIn
from domain.accounts import giving
from domain.actors import Actor
from domain.errors import NotFound, Refused
from domain.permissions import require_inviter, require_operator
from domain.signin.kept import Invitation
from domain.signin.visitor import Visitor
from domain.vocabulary import Means, SignInAct
from kit.crypto.vault import DataKey
from models import account_history
from models.accounts import actor_named, administrators
from models.signin import invitations, record, sessions, tries

LINK_LASTS = timedelta(hours=12)
"""Time for which a link of the embedded stack signs in, once."""


def invite(office: Office, actor: Actor, account: str) -> Invited:
    """Makes an invitation for an account, which takes the place of any before. Its person is handed the token.

    An administrator invites accounts of its metropolis. To those that watch over others, two administrators make a half
    each wherever there are two: whoever has one half only gets in nowhere. The second who asks completes the first.
    Raises Refused for whoever may not, NotFound when there is no such account.
    """
    at = datetime.now(UTC)
    expires_at = at + timedelta(hours=office.settings.invitation_hours)
    with office.writing_as(actor) as (tx, actor):
        invited = actor_named(tx, account, "account")
        recovers = count_means(tx, account) > 0
        require_inviter(actor, invited, recovers=recovers)
        others = administrators(tx)
        is_half = giving.is_handed_over_by_two(actor, account_history.state(tx, account), others)
        waiting = {other.account for other in others if giving.administers(other, invited.metropolis)}
        completed = invitations.complete(tx, account, actor.account, waiting, at) if is_half else None
        token, expires_at = completed or (
            invitations.make(tx, account, Means.INVITATION, actor.account, at, expires_at, is_halved=is_half),
            expires_at,
        )
        act = SignInAct.RECOVERED if recovers else SignInAct.INVITED
        record.note(tx, at, act, account, by=actor.account)
    address = _address(office, "invitation", token)
    return Invited(
        account=account, token=token, address=address, expires_at=expires_at, recovers=recovers, is_half=is_half
    )


def look_at_invitation(office: Office, visitor: Visitor, token: str) -> InvitationView:
    """An invitation as it is shown before it is used: merely to open its address uses nothing up.

    Raises NotFound for one that is not good any more.
    """
    with office.reading() as tx:
        invitation = invitations.look_at(tx, token, Means.INVITATION, datetime.now(UTC))
    if invitation is None:
        raise _not_good()
    return InvitationView(
        account=invitation.account,
        made_by=invitation.made_by,
        expires_at=invitation.expires_at,
        is_halved=invitation.is_halved,
        completed_by=invitation.completed_by,
    )


def use_invitation(office: Office, visitor: Visitor, token: str, other: str | None = None) -> SignedIn:
    """Uses an invitation up: begins a session that can add a first means of sign-in, and nothing else.

    `other` is the other half of one that takes two. Every other session of the account ends. Raises NotFound for an
    invitation that is not good any more, or without its other half.
    """
    at, key = datetime.now(UTC), key_of(office)
    with office.writing() as tx:
        invitation = _used(tx, key, visitor, token, other, Means.INVITATION, at)
        if invitation is not None:
            sessions.end_all_of(tx, invitation.account)
            record.note(tx, at, SignInAct.INVITATION_USED, invitation.account, about=visitor.device)
            means, device = Means.INVITATION, visitor.device
            return begin_session(tx, office, invitation.account, means, device, at, enrols=True)
    raise _not_good()


def sign_in_link(office: Office, actor: Actor, account: str) -> Invited:
    """Makes a link that signs an account in, once. For the embedded stack, in which everybody is fictitious.

    Raises Refused anywhere else, and for anybody but the operator.
    """
    require_operator(actor)
    _require_embedded(office)
    at = datetime.now(UTC)
    with office.writing() as tx:
        actor_named(tx, account, "account")
        token = invitations.make(tx, account, Means.LINK, actor.account, at, at + LINK_LASTS)
        record.note(tx, at, SignInAct.LINK_MADE, account, by=actor.account)
    address = _address(office, "link", token)
    return Invited(account=account, token=token, address=address, expires_at=at + LINK_LASTS, recovers=False)


def sign_in_by_link(office: Office, visitor: Visitor, token: str) -> SignedIn:
    """Signs in whoever brings such a link, which is used up. Raises Refused outside of the embedded stack."""
    _require_embedded(office)
    at, key = datetime.now(UTC), key_of(office)
    with office.writing() as tx:
        link = _used(tx, key, visitor, token, None, Means.LINK, at)
        if link is not None:
            record.note(tx, at, SignInAct.SIGNED_IN, link.account, means=Means.LINK, about=visitor.device)
            return begin_session(tx, office, link.account, Means.LINK, visitor.device, at)
    raise cannot_sign_in()


def _used(
    tx: Connection, key: DataKey, visitor: Visitor, token: str, other: str | None, means: Means, at: datetime
) -> Invitation | None:
    """The invitation, used up; None if it is not good, which is noted: end the transaction, then refuse."""
    if left := tries.begin(tx, key, None, visitor.place, at):
        raise has_to_wait(left)
    invitation = invitations.use(tx, token, other, means, at)
    if invitation is None:
        record.note(tx, at, SignInAct.REFUSED, None, means=means)
    else:
        tries.succeeded(tx, key, invitation.account, visitor.place, at)
    return invitation


def _require_embedded(office: Office) -> None:
    if office.folder is None and not office.settings.sign_in_links:
        raise Refused(
            "link_embedded_only",
            "Links that sign in are for the embedded stack alone.",
            "Make an invitation instead.",
        )


def _address(office: Office, page: str, token: str) -> str | None:
    origin = office.settings.origin
    return f"{origin}/{page}/{token}" if origin else None


def _not_good() -> NotFound:
    return NotFound(
        "invitation_not_good",
        "This invitation is not good: it was used, replaced, is too old, or lacks its other half.",
        "Where it takes two halves, give both; otherwise ask for a new one.",
        field="invitation",
    )
