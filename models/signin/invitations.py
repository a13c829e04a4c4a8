"""Invitations and links that sign in once: used up by a deletion, which one of two at once wins."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from domain.signin.kept import Invitation
from domain.signin.tokens import Kind, digest_of, new_token
from domain.vocabulary import Means
from models.signin.tables import invitations
from models.signin.turns import one_at_a_time
from models.tables import accounts

_KINDS = {Means.INVITATION: Kind.INVITATION, Means.LINK: Kind.LINK}


def make(tx: Connection, account: str, means: Means, made_by: str, at: datetime, expires_at: datetime) -> str:
    """Makes an invitation, or a link, in place of any before; gives its token, which nobody can be told again."""
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
    }
    tx.execute(insert(invitations), [row])
    return token


def look_at(tx: Connection, token: str, means: Means, at: datetime) -> Invitation | None:
    """The invitation of a token, which stays as it is; None unless it is good and its account is open."""
    query = select(invitations).join(accounts, accounts.c.id == invitations.c.account)
    row = tx.execute(query.where(*_good(token, means, at), accounts.c.active)).first()
    return Invitation(row.account, row.made_by, row.expires_at) if row is not None else None


def use(tx: Connection, token: str, means: Means, at: datetime) -> Invitation | None:
    """The invitation of a token, used up by this; None unless it was good, its account open, and nobody first."""
    invitation = look_at(tx, token, means, at)
    used = tx.execute(delete(invitations).where(*_good(token, means, at))).rowcount == 1
    return invitation if used else None


def revoke_all_of(tx: Connection, account: str) -> int:
    """Takes every invitation and link of an account back. Closing an account calls it."""
    return tx.execute(delete(invitations).where(invitations.c.account == account)).rowcount


def revoke_all(tx: Connection) -> int:
    """Takes every invitation and link back; gives how many."""
    return tx.execute(delete(invitations)).rowcount


def _good(token: str, means: Means, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return invitations.c.token == digest_of(token), invitations.c.means == means, invitations.c.expires_at > at
