"""Asked again: before what cannot be undone, the person of a session shows once more that it is them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from desk.office import Office
from desk.signin.common import cannot_sign_in, full_session_of, key_of, relying_party
from desk.signin.verifying import accepted, asking_again, shown_passkey, typed_password
from desk.views.signin import AskedAgain, Ceremony
from domain.actors import Actor
from domain.signin.lifetime import ASKED_WITHIN
from domain.signin.visitor import Visitor
from domain.vocabulary import Means, SignInAct
from kit.crypto import passkeys as ceremonies
from models.signin import challenges, passkeys, record, sessions
from models.signin.challenges import LASTS, Purpose


def begin_asking_again(office: Office, actor: Actor, session: str) -> Ceremony:
    """What a browser is asked for to show again who sits there: one of the passkeys of this account."""
    at, key, party = datetime.now(UTC), key_of(office), relying_party(office)
    with office.writing() as tx:
        full_session_of(tx, office, actor, session, at)
        own = [passkey.credential for passkey in passkeys.of_account(tx, actor.account)]
        challenge = challenges.make(tx, key, Purpose.ASK_AGAIN, session, at)
    return Ceremony(options=ceremonies.assertion_options(party, challenge, own, LASTS))


def ask_again_by_passkey(
    office: Office, actor: Actor, session: str, visitor: Visitor, answer: dict[str, Any]
) -> AskedAgain:
    """Notes that the person of this session showed a passkey of its account. Raises Refused if it does not hold."""
    at, key = datetime.now(UTC), key_of(office)
    asking = asking_again(session, actor.account)
    with office.writing() as tx:
        full_session_of(tx, office, actor, session, at)
        account = shown_passkey(tx, office, key, visitor, asking, answer, at)
        asked = account and _asked(tx, actor, session, Means.PASSKEY, at)
    if not asked:
        raise cannot_sign_in()
    return asked


async def ask_again_by_password(
    office: Office, actor: Actor, session: str, visitor: Visitor, password: str, code: str
) -> AskedAgain:
    """Notes that the person of this session typed its password and a code. Raises Refused if they do not hold."""
    at, key = datetime.now(UTC), key_of(office)
    asking = asking_again(session, actor.account)
    with office.reading() as tx:
        full_session_of(tx, office, actor, session, at)
    typed = await typed_password(office, visitor, asking, actor.account, password, code, at)
    with office.writing() as tx:
        full_session_of(tx, office, actor, session, at)
        account = accepted(tx, office, key, visitor, asking, typed, at)
        asked = account and _asked(tx, actor, session, Means.PASSWORD, at)
    if not asked:
        raise cannot_sign_in()
    return asked


def _asked(tx: Connection, actor: Actor, session: str, means: Means, at: datetime) -> AskedAgain:
    sessions.note_asked(tx, session, at)
    record.note(tx, at, SignInAct.ASKED_AGAIN, actor.account, means=means)
    return AskedAgain(until=at + ASKED_WITHIN)
