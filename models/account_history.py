"""The history of the accounts: lines that are only ever added to and chained. `models.accounts` shows where it ends.

Lines stand in clear, so that it can be verified by whoever may not read cases: they name staff, and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from domain.accounts.events import EVENT, AccountEvent, AccountLine
from domain.accounts.state import Account, evolve, fold
from domain.actors import Actor
from domain.log.chain import FIRST, AccountsHead
from models.tables import account_history, accounts, book

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(8071997)")
"""Whoever may only add to a table may not lock it."""
_COLUMNS = ("number", "account", "by_account", "by_role", "by_organisation", "at", "after_line", "event")
_LINES = select(*(account_history.c[name] for name in _COLUMNS)).order_by(account_history.c.number)
_OF_ACCOUNT = _LINES.where(account_history.c.account == bindparam("account"))
_HOLD = select(accounts.c.id).where(accounts.c.id == bindparam("account")).with_for_update()


@dataclass(frozen=True, slots=True)
class Followed:
    """A line as it stands in the history, and whether it follows from the one before it."""

    line: AccountLine
    head: AccountsHead
    follows: bool


def hold(tx: Connection) -> None:
    """Keeps everybody else from changing accounts until the end of the transaction."""
    if tx.dialect.name != "sqlite":  # there, a transaction that writes is alone already
        tx.execute(_ONE_AT_A_TIME)


def append(tx: Connection, account: str, by: Actor, event: AccountEvent) -> AccountLine:
    """Writes the next line, and brings the row of its account up to date. `tx` holds the history.

    The row is taken first: whoever acts in the name of the account has committed by then, or will see what was written.
    """
    if tx.dialect.name != "sqlite":
        tx.execute(_HOLD, {"account": account})
    before = last(tx)
    line = AccountLine(
        number=before.number + 1,
        account=account,
        by=by.account,
        by_role=by.role,
        by_organisation=by.organisation,
        at=datetime.now(UTC),
        after=tx.execute(select(func.max(book.c.id))).scalar_one() or 0,
        event=EVENT.dump_json(event),
    )
    was = state(tx, account)
    row = dict(zip(_COLUMNS, astuple(line), strict=True))
    tx.execute(insert(account_history), [row | {"previous": before.line_hash, "hash": line.hash(before.line_hash)}])
    _show(tx, was, evolve(was, line))
    return line


def _show(tx: Connection, before: Account, after: Account) -> None:
    if after.standing is None or (before.standing, before.active) == (after.standing, after.active):
        return
    row = row_of(after)
    if before.standing is None:
        tx.execute(insert(accounts), [row])
    else:
        tx.execute(update(accounts).where(accounts.c.id == after.account).values(**row))


def row_of(account: Account) -> dict[str, Any]:
    """The row of an account that was opened."""
    standing = account.standing
    assert standing is not None  # noqa: S101 - one that was only proposed has no row
    return {"id": account.account, "active": account.active, **standing.model_dump()}


def state(tx: Connection, account: str) -> Account:
    """The account of that name as its history tells it: not even opened, where it tells nothing."""
    return fold(of_account(tx, account)).get(account) or Account(account=account)


def everything(tx: Connection) -> dict[str, Account]:
    """Every account that was ever opened or proposed, by name."""
    return fold(all_lines(tx))


def all_lines(tx: Connection) -> list[AccountLine]:
    """The whole history, oldest first."""
    return [AccountLine(*row) for row in tx.execute(_LINES)]


def of_account(tx: Connection, account: str) -> list[AccountLine]:
    """The lines about one account, oldest first."""
    return [AccountLine(*row) for row in tx.execute(_OF_ACCOUNT, {"account": account})]


def last(tx: Connection) -> AccountsHead:
    """The end of the history: number and hash of its last line; number 0 when there is none."""
    query = select(account_history.c.number, account_history.c.hash)
    row = tx.execute(query.order_by(account_history.c.number.desc()).limit(1)).first()
    return AccountsHead(row.number, row.hash) if row else AccountsHead(0, FIRST)


def walked(tx: Connection) -> Iterator[Followed]:
    """The history line by line, each hash computed anew, and whether the line is the one that follows."""
    hash = FIRST
    rows = tx.execute(_LINES.add_columns(account_history.c.previous, account_history.c.hash))
    for number, (*fields, stored_previous, stored_hash) in enumerate(rows, start=1):
        line = AccountLine(*fields)
        previous, hash = hash, line.hash(hash)
        follows = (line.number, stored_previous, stored_hash) == (number, previous, hash)
        yield Followed(line, AccountsHead(number, hash), follows)


def rows(tx: Connection) -> dict[str, dict[str, Any]]:
    """The rows of all accounts, by name."""
    return {row.id: dict(row._mapping) for row in tx.execute(select(accounts))}
