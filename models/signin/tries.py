"""Tries that failed, and usual places: accounts and places in keyed digests, forgotten after some time."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from domain.signin.throttle import PACES, USUAL_FOR, Count, Tries, after, forgotten_at, longest_wait, without_one
from kit.crypto.vault import DataKey
from models.signin.tables import tries, usual_places
from models.signin.turns import one_at_a_time

Digests = Mapping[Count, str]


def begin(tx: Connection, key: DataKey, account: str | None, place: str, at: datetime) -> timedelta:
    """Counts a try that begins, unless it has to wait: gives how long, zero if it may go on.

    `account` is the name that was typed or that a passkey stands for; None if what was brought names nobody.
    """
    one_at_a_time(tx)
    tx.execute(delete(tries).where(tries.c.forgotten_at <= at))
    digests = _digests(key, account, place)
    known = {count: _stored(tx, digest) for count, digest in digests.items()}
    usual = account is not None and is_usual(tx, key, account, place, at)
    left = longest_wait(known, at, usual=usual)
    if not left:
        for count, digest in digests.items():
            _store(tx, digest, after(known[count], PACES[count], at), count)
    return left


def succeeded(tx: Connection, key: DataKey, account: str, place: str, at: datetime) -> None:
    """Takes the try back that was counted as it began, and notes that this place is usual for the account."""
    one_at_a_time(tx)
    for count, digest in _digests(key, account, place).items():
        if count is Count.PAIR:
            tx.execute(delete(tries).where(tries.c.digest == digest))
        else:
            _store(tx, digest, without_one(_stored(tx, digest)), count)
    tx.execute(delete(usual_places).where(usual_places.c.until <= at))
    pair, until = _digest(key, "usual", account, place), at + USUAL_FOR
    if tx.execute(update(usual_places).where(usual_places.c.digest == pair).values(until=until)).rowcount == 0:
        tx.execute(insert(usual_places), [{"digest": pair, "until": until}])


def is_usual(tx: Connection, key: DataKey, account: str, place: str, at: datetime) -> bool:
    """True if the account signed in from this place before, and not too long ago."""
    pair = usual_places.c.digest == _digest(key, "usual", account, place)
    return tx.execute(select(usual_places.c.digest).where(pair, usual_places.c.until > at)).first() is not None


def _digests(key: DataKey, account: str | None, place: str) -> Digests:
    by_place = {Count.PLACE: _digest(key, "place", place), Count.ALL: _digest(key, "all")}
    if account is None:
        return by_place
    by_account = {Count.PAIR: _digest(key, "pair", account, place), Count.ACCOUNT: _digest(key, "account", account)}
    return by_account | by_place


def _digest(key: DataKey, *parts: str) -> str:
    return key.commitment("\n".join(("tries", *parts)).encode()).hex()


def _stored(tx: Connection, digest: str) -> Tries:
    row = tx.execute(select(tries).where(tries.c.digest == digest)).first()
    return Tries(row.tried, row.last_at) if row is not None else Tries()


def _store(tx: Connection, digest: str, counted: Tries, count: Count) -> None:
    if counted.last_at is None:
        return
    values = {
        "tried": counted.count,
        "last_at": counted.last_at,
        "forgotten_at": forgotten_at(counted, PACES[count]),
    }
    if tx.execute(update(tries).where(tries.c.digest == digest).values(**values)).rowcount == 0:
        tx.execute(insert(tries), [values | {"digest": digest}])
