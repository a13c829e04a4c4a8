"""The end of whatever an account can come in by, or has let others in by: sessions, invitations, programs."""

from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update

from domain.vocabulary import SignInAct
from models.signin import record, sessions
from models.signin.tables import clients, invitations


def take_back(tx: Connection, account: str, by: str, at: datetime) -> tuple[str, ...]:
    """Ends the sessions of an account and takes back its invitations; gives the programs that lose their access.

    Whoever makes an invitation, or gives a program access, is told its token: those go too.
    """
    told = or_(*(invitations.c[name] == account for name in ("account", "made_by", "completed_by")))
    tx.execute(delete(invitations).where(told))
    if sessions.end_all_of(tx, account):
        record.note(tx, at, SignInAct.SESSIONS_ENDED, account, by=by)
    living = (clients.c.made_by == account, clients.c.revoked_at.is_(None), clients.c.expires_at > at)
    programs = tuple(tx.execute(select(clients.c.name).where(*living).order_by(clients.c.name)).scalars())
    tx.execute(update(clients).where(*living).values(revoked_at=at))
    for name in programs:
        record.note(tx, at, SignInAct.CLIENT_REVOKED, None, by=by, about=name)
    return programs
