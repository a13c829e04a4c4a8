"""Invitations and links that sign in once: used up by a deletion, which one of two at once wins."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, not_, or_, select, update

from domain.signin.kept import Invitation
from domain.signin.tokens import Kind, digest_of, new_token
from domain.vocabulary import Means
from models.signin.tables import invitations
from models.signin.turns import one_at_a_time
from models.tables import accounts

_KINDS = {Means.INVITATION: Kind.INVITATION, Means.LINK: Kind.LINK}


def make(
    tx: Connection,
    account: str,
    means: Means,
    made_by: str,
    at: datetime,
    expires_at: datetime,
    *,
    is_halved: bool = False,
) -> str:
    """Makes an invitation, its first half, or a link, in place of any before; gives its token.

    Nobody can be told it again.
    """
    one_at_a_time(tx)
    tx.execute(delete(invitations).where(invitations.c.account == account, invitations.c.means == means))
    tx.execute(delete(invitations).where(invitations.c.expires_at <= at))
    token = new_token(_KINDS[means])
    row = {
        "token": digest_of(token),
        "account": account,
        "means": means,
        "made_by": made_by,
        "made_at": at,
        "expires_at": expires_at,
        "is_halved": is_halved,
    }
    tx.execute(insert(invitations), [row])
    return token


def complete(
    tx: Connection, account: str, by: str, others: Collection[str], at: datetime
) -> tuple[str, datetime] | None:
    """Makes the second half of an invitation whose first half one of these others made; None if there is none.

    Gives its token, and until when both are good.
    """
    one_at_a_time(tx)
    waiting = (
        invitations.c.account == account,
        invitations.c.is_halved,
        invitations.c.second.is_(None),
        invitations.c.made_by.in_(others),
        invitations.c.made_by != by,
        invitations.c.expires_at > at,
    )
    expires_at = tx.execute(select(invitations.c.expires_at).where(*waiting)).scalar()
    if expires_at is None:
        return None
    token = new_token(Kind.INVITATION)
    tx.execute(update(invitations).where(*waiting).values(second=digest_of(token), completed_by=by))
    return token, expires_at


def look_at(tx: Connection, token: str, means: Means, at: datetime) -> Invitation | None:
    """The invitation of a token, which stays as it is; None unless it is good and its account is open.

    Either half stands for it.
    """
    query = select(invitations).join(accounts, accounts.c.id == invitations.c.account)
    own = or_(invitations.c.token == digest_of(token), invitations.c.second == digest_of(token))
    row = tx.execute(query.where(own, *_good(means, at), accounts.c.active)).first()
    if row is None:
        return None
    return Invitation(row.account, row.made_by, row.expires_at, row.is_halved, row.completed_by)


def use(tx: Connection, token: str, other: str | None, means: Means, at: datetime) -> Invitation | None:
    """The invitation of a token, used up by this; None unless it was good, its account open, and nobody first.

    `other` is the other half of one that takes two, which are as good in either order.
    """
    invitation = look_at(tx, token, means, at)
    used = tx.execute(delete(invitations).where(_is_whole(token, other), *_good(means, at))).rowcount == 1
    return invitation if used else None


def _is_whole(token: str, other: str | None) -> ColumnElement[bool]:
    """True of the invitation that a token opens, alone or with its other half."""
    first = digest_of(token)
    alone = and_(invitations.c.token == first, not_(invitations.c.is_halved))
    if other is None:
        return alone
    second = digest_of(other)
    halves = ((first, second), (second, first))
    return or_(alone, *(and_(invitations.c.token == one, invitations.c.second == two) for one, two in halves))


def revoke_all_of(tx: Connection, account: str) -> int:
    """Takes every invitation and link of an account back. Closing an account calls it."""
    return tx.execute(delete(invitations).where(invitations.c.account == account)).rowcount


def revoke_all(tx: Connection) -> int:
    """Takes every invitation and link back; gives how many."""
    return tx.execute(delete(invitations)).rowcount


def _good(means: Means, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return invitations.c.means == means, invitations.c.expires_at > at
