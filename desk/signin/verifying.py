"""The proof of who somebody is, for signing in and for being asked again: a passkey, or a password with a code.

Each try is counted as it begins, in a transaction that ends before it is known how it ends: many at once are all
counted. What was tried wrongly is noted, and what it used up stays used up, whatever becomes of the request.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from desk.office import Office
from desk.signin.common import has_to_wait, hasher_of, key_of, relying_party
from domain.signin.names import account_typed
from domain.signin.passwords import LONGEST, normalised
from domain.signin.visitor import Visitor
from domain.vocabulary import Means, SignInAct
from kit.crypto import one_time_codes as codes
from kit.crypto import passkeys as ceremonies
from kit.crypto.passkeys import Answer, NotVerified
from kit.crypto.vault import DataKey
from models.signin import challenges, passkeys, passwords, record, tries
from models.signin.challenges import Purpose
from models.signin.passwords import Kept, existing_name


@dataclass(frozen=True)
class Asking:
    """Whom is asked for their proof: anybody who signs in, or the person of one session."""

    purpose: Purpose
    refused: SignInAct
    """How a refusal is noted."""
    session: str = ""
    account: str | None = None
    """The account that it must be; None if whose proof it is decides."""


SIGNING_IN = Asking(Purpose.SIGN_IN, SignInAct.REFUSED)


def asking_again(session: str, account: str) -> Asking:
    """Asks the person of a session again."""
    return Asking(Purpose.ASK_AGAIN, SignInAct.NOT_CONFIRMED, session, account)


# --- A passkey -------------------------------------------------------------------------------------------


def shown_passkey(
    tx: Connection,
    office: Office,
    key: DataKey,
    visitor: Visitor,
    asking: Asking,
    content: dict[str, Any],
    at: datetime,
) -> str | None:
    """The account whose passkey was shown; None if it does not hold, which is noted: end the transaction, then refuse.

    Raises Refused when there were too many tries before: nothing is counted or used up then.
    """
    party = relying_party(office)
    answer = _read(content)
    passkey = passkeys.by_credential(tx, answer.credential) if answer else None
    account = passkey.account if passkey else asking.account
    if left := tries.begin(tx, key, account, visitor.place, at):
        raise has_to_wait(left)
    act, about = asking.refused, passkey.name if passkey else None
    # The challenge is used up before anything is verified: it is good for one try, whatever it comes to.
    if answer and challenges.use(tx, key, answer.challenge, asking.purpose, asking.session, at) and passkey:
        handle = passkeys.handle_of(key, passkey.account)
        try:
            sign_count = ceremonies.verify_assertion(party, answer, passkey.public_key, handle)
        except NotVerified:
            sign_count = None
        if sign_count is not None and asking.account in (None, passkey.account):
            if passkeys.note_use(tx, passkey.credential, sign_count, at):
                tries.succeeded(tx, key, passkey.account, visitor.place, at)
                return passkey.account
            act = SignInAct.COUNTER_REGRESSED
    record.note(tx, at, act, account, means=Means.PASSKEY, about=about)
    return None


def _read(content: dict[str, Any]) -> Answer | None:
    try:
        return ceremonies.read_answer(content)
    except NotVerified:
        return None


# --- A password, with a code -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """A password and a code as they were typed, for an account that may not be there."""

    account: str | None
    """None if what was typed names no account."""
    kept: Kept | None
    is_right: bool
    step: int | None
    hash: str | None
    """The hash of the password at today's cost, if the one that is kept has another."""


async def typed_password(
    office: Office, visitor: Visitor, asking: Asking, account: str, password: str, code: str, at: datetime
) -> Typed:
    """Counts the try, and holds password and code against those that are kept; nothing is used up yet.

    It costs the same for an account that is not there. Raises Refused when there were too many tries before.
    """
    key, name = key_of(office), account_typed(account)
    with office.writing() as tx:
        if left := tries.begin(tx, key, name or _NOBODY, visitor.place, at):
            raise has_to_wait(left)
        kept = passwords.of_account(tx, key, name or _NOBODY)
        known = existing_name(tx, name or _NOBODY)
    is_right, hash = await hasher_of(office).verify(normalised(password[: 2 * LONGEST]), kept.hash if kept else None)
    step = codes.step_of(kept.secret if kept else _NOBODYS_SECRET, code, at)
    return Typed(known, kept, is_right and kept is not None, step, hash)


def accepted(
    tx: Connection, office: Office, key: DataKey, visitor: Visitor, asking: Asking, typed: Typed, at: datetime
) -> str | None:
    """The account that is signed in by what was typed, whose code is used up by it; None if it does not hold.

    As with a passkey: a refusal is noted, so that the transaction is ended before it is raised.
    """
    account, kept, step = typed.account, typed.kept, typed.step
    if account and kept and typed.is_right and step is not None and asking.account in (None, account):
        still = passwords.of_account(tx, key, account)  # closed, or changed, while it was hashed
        if still == kept and passwords.take_step(tx, account, kept, step):
            if typed.hash is not None:
                passwords.put_hash(tx, key, account, typed.hash)
            tries.succeeded(tx, key, account, visitor.place, at)
            return account
    record.note(tx, at, asking.refused, account, means=Means.PASSWORD)
    return None


_NOBODY = "-"
"""Stands for whatever was typed that can be the name of no account: it is none itself."""
_NOBODYS_SECRET = codes.new_secret()
