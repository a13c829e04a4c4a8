"""Passkeys: the public half of each, by the account that it signs in."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import Row

from domain.signin.kept import Passkey
from kit.crypto.vault import DataKey
from models.signin.tables import passkeys
from models.tables import accounts

MOST = 20
"""Passkeys that an account may have."""


def handle_of(key: DataKey, account: str) -> bytes:
    """The handle of an account in its authenticators: always the same, and it tells nothing of the account."""
    return key.commitment(f"handle|{account}".encode())


def add(tx: Connection, account: str, credential: bytes, public_key: bytes, sign_count: int, name: str,
        at: datetime) -> str | None:  # fmt: skip
    """Adds a passkey; gives its id, or None if that credential is there already, whoever's it is."""
    if tx.execute(select(passkeys.c.id).where(passkeys.c.credential == credential)).first() is not None:
        return None
    id = secrets.token_hex(8)
    row = {
        "credential": credential,
        "id": id,
        "account": account,
        "name": name,
        "public_key": public_key,
        "sign_count": sign_count,
        "made_at": at,
        "used_at": None,
    }
    tx.execute(insert(passkeys), [row])
    return id


def by_credential(tx: Connection, credential: bytes) -> Passkey | None:
    """The passkey of a credential, if its account is open."""
    query = select(passkeys).join(accounts, accounts.c.id == passkeys.c.account)
    row = tx.execute(query.where(passkeys.c.credential == credential, accounts.c.active)).first()
    return _passkey(row) if row is not None else None


def of_account(tx: Connection, account: str) -> list[Passkey]:
    """The passkeys of an account, the first one first."""
    query = select(passkeys).where(passkeys.c.account == account).order_by(passkeys.c.made_at, passkeys.c.id)
    return [_passkey(row) for row in tx.execute(query)]


def count(tx: Connection, account: str) -> int:
    """The number of passkeys of an account."""
    return tx.execute(select(func.count()).where(passkeys.c.account == account)).scalar_one()


def note_use(tx: Connection, credential: bytes, sign_count: int, at: datetime) -> bool:
    """Notes a use; False if its count did not go up, as that of a copy would not. Those that count stay at zero."""
    goes_up = (passkeys.c.sign_count < sign_count) | ((passkeys.c.sign_count == 0) & (sign_count == 0))
    used = update(passkeys).where(passkeys.c.credential == credential, goes_up)
    return tx.execute(used.values(sign_count=sign_count, used_at=at)).rowcount == 1


def remove(tx: Connection, account: str, id: str) -> bool:
    """Removes a passkey of an account; False if it has none of that id."""
    return tx.execute(delete(passkeys).where(passkeys.c.account == account, passkeys.c.id == id)).rowcount == 1


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        account=row.account,
        credential=bytes(row.credential),
        public_key=bytes(row.public_key),
        sign_count=row.sign_count,
        name=row.name,
        made_at=row.made_at,
        used_at=row.used_at,
    )
