"""Signing in: by a passkey, or by a password with a code. Whoever asks is nobody yet: a visitor."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from desk.office import Office
from desk.signin.common import begin_session, cannot_sign_in, key_of, relying_party
from desk.signin.verifying import SIGNING_IN, accepted, shown_passkey, typed_password
from desk.views.signin import Ceremony, SignedIn
from domain.signin.visitor import Visitor
from domain.vocabulary import Means, SignInAct
from kit.crypto import passkeys as ceremonies
from models.signin import challenges, record
from models.signin.challenges import LASTS, Purpose


def begin_sign_in(office: Office, visitor: Visitor) -> Ceremony:
    """What a browser is asked for to sign in by a passkey. It names no account: the passkey does."""
    at, key, party = datetime.now(UTC), key_of(office), relying_party(office)
    with office.writing() as tx:
        challenge = challenges.make(tx, key, Purpose.SIGN_IN, "", at)
    return Ceremony(options=ceremonies.assertion_options(party, challenge, [], LASTS))


def sign_in_by_passkey(office: Office, visitor: Visitor, answer: dict[str, Any]) -> SignedIn:
    """Signs in whoever showed a passkey. Raises Refused, in the same words always, or after too many tries."""
    at, key = datetime.now(UTC), key_of(office)
    with office.writing() as tx:
        account = shown_passkey(tx, office, key, visitor, SIGNING_IN, answer, at)
        signed_in = account and _signed_in(tx, office, visitor, account, Means.PASSKEY, at)
    if not signed_in:
        raise cannot_sign_in()
    return signed_in


async def sign_in_by_password(office: Office, visitor: Visitor, account: str, password: str, code: str) -> SignedIn:
    """Signs in whoever typed the password of an account and a code of its second factor.

    Raises Refused, in the same words and after the same time for an account that is not there, a wrong password, a
    wrong code and a code that was used; or when there were too many tries.
    """
    at, key = datetime.now(UTC), key_of(office)
    typed = await typed_password(office, visitor, SIGNING_IN, account, password, code, at)
    with office.writing() as tx:
        name = accepted(tx, office, key, visitor, SIGNING_IN, typed, at)
        signed_in = name and _signed_in(tx, office, visitor, name, Means.PASSWORD, at)
    if not signed_in:
        raise cannot_sign_in()
    return signed_in


def _signed_in(tx: Connection, office: Office, visitor: Visitor, account: str, means: Means, at: datetime) -> SignedIn:
    record.note(tx, at, SignInAct.SIGNED_IN, account, means=means, about=visitor.device)
    return begin_session(tx, office, account, means, visitor.device, at)
