"""The record of sign-in: every act, only ever added to. No secret and no address stands in it."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from domain.signin.kept import Line
from domain.vocabulary import Means, SignInAct
from models.signin.tables import record


def note(
    tx: Connection,
    at: datetime,
    act: SignInAct,
    account: str | None,
    *,
    by: str | None = None,
    means: Means | None = None,
    about: str | None = None,
) -> None:
    """Writes a line, in the transaction of the act that it tells of. `by`: who did it, if it is somebody else."""
    row = {
        "at": at,
        "act": act,
        "account": account,
        "by_account": None if by == account else by,
        "means": means,
        "about": about and about[:60],
    }
    tx.execute(insert(record), [row])


def lines(tx: Connection, account: str | None = None, limit: int = 100) -> list[Line]:
    """The last lines, the latest first; only those about an account, if one is named."""
    query = select(record).order_by(record.c.id.desc()).limit(limit)
    if account is not None:
        query = query.where(record.c.account == account)
    return [
        Line(
            number=row.id,
            at=row.at,
            act=SignInAct[row.act],
            account=row.account,
            by=row.by_account,
            means=Means[row.means] if row.means else None,
            about=row.about,
        )
        for row in tx.execute(query)
    ]
