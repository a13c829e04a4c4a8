"""Passwords, each with its second factor. Both are sealed for their account: no row can be put in another's place."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from kit.crypto.vault import DataKey
from models.signin.tables import passwords
from models.tables import accounts


@dataclass(frozen=True)
class Kept:
    """The password of an account as it is kept: its hash, and the secret of its second factor."""

    hash: str
    secret: str
    made_at: datetime


def put(tx: Connection, key: DataKey, account: str, kept: Kept, last_step: int) -> None:
    """Puts a password and its second factor in place of those before."""
    remove(tx, account)
    row = {
        "account": account,
        "hash": key.seal(kept.hash.encode(), _place("hash", account)),
        "secret": key.seal(kept.secret.encode(), _place("secret", account)),
        "last_step": last_step,
        "made_at": kept.made_at,
    }
    tx.execute(insert(passwords), [row])


def of_account(tx: Connection, key: DataKey, account: str) -> Kept | None:
    """The password of an open account; None if it has none."""
    query = select(passwords).join(accounts, accounts.c.id == passwords.c.account)
    row = tx.execute(query.where(passwords.c.account == account, accounts.c.active)).first()
    if row is None:
        return None
    return Kept(
        hash=key.open(bytes(row.hash), _place("hash", account)).decode(),
        secret=key.open(bytes(row.secret), _place("secret", account)).decode(),
        made_at=row.made_at,
    )


def made_at(tx: Connection, account: str) -> datetime | None:
    """When the password of an account was set; None if it has none."""
    return tx.execute(select(passwords.c.made_at).where(passwords.c.account == account)).scalar()


def existing_name(tx: Connection, account: str) -> str | None:
    """The name of an account, open or closed; None if there is none of that name."""
    return tx.execute(select(accounts.c.id).where(accounts.c.id == account)).scalar()


def take_step(tx: Connection, account: str, kept: Kept, step: int) -> bool:
    """Takes the code of a step; False if it, or a later one, was taken before, or the password was changed since."""
    fresh = (passwords.c.account == account, passwords.c.made_at == kept.made_at, passwords.c.last_step < step)
    return tx.execute(update(passwords).where(*fresh).values(last_step=step)).rowcount == 1


def put_hash(tx: Connection, key: DataKey, account: str, hash: str) -> None:
    """Puts another hash of the same password in place of the one that is kept."""
    sealed = key.seal(hash.encode(), _place("hash", account))
    tx.execute(update(passwords).where(passwords.c.account == account).values(hash=sealed))


def remove(tx: Connection, account: str) -> bool:
    """Removes the password of an account; False if it has none."""
    return tx.execute(delete(passwords).where(passwords.c.account == account)).rowcount == 1


def _place(what: str, account: str) -> str:
    return f"password|{what}|{account}"
