"""Passkeys: one is made in two steps, by whoever enrols or was asked again shortly before."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from desk.office import Office
from desk.signin.common import key_of, promoted, relying_party, session_that_changes_means
from desk.signin.means import means_of
from desk.views.signin import Ceremony, MeansAdded
from domain.actors import Actor
from domain.errors import Invalid, Refused
from domain.signin.kept import Session
from domain.signin.names import require_name
from domain.vocabulary import Means, SignInAct
from kit.crypto import passkeys as ceremonies
from kit.crypto.passkeys import Answer, NotVerified, Registered
from kit.crypto.vault import DataKey
from models.signin import challenges, passkeys, record
from models.signin.challenges import LASTS, Purpose


def begin_passkey(office: Office, actor: Actor, session: str) -> Ceremony:
    """The first step: what the browser is asked for. Raises Refused unless this session may add means now."""
    at, key, party = datetime.now(UTC), key_of(office), relying_party(office)
    with office.writing() as tx:
        session_that_changes_means(tx, office, actor, session, at)
        own = passkeys.of_account(tx, actor.account)
        if len(own) >= passkeys.MOST:
            raise Refused(
                "too_many_passkeys",
                "This account has {count} passkeys, the most that one may have.",
                "Remove one that is not used any more.",
                count=passkeys.MOST,
            )
        challenge = challenges.make(tx, key, Purpose.REGISTER, session, at)
    known = [passkey.credential for passkey in own]
    handle = passkeys.handle_of(key, actor.account)
    options = ceremonies.registration_options(party, actor.account, handle, challenge, known, LASTS)
    return Ceremony(options=options)


def add_passkey(office: Office, actor: Actor, session: str, name: str, answer: dict[str, Any]) -> MeansAdded:
    """The second step: verifies what the browser answered, and adds the passkey under a name.

    Whoever enrols gets a session of their own with it. Raises Refused for an answer that does not hold, or came too
    late or twice; Invalid for a name that is none.
    """
    at, key, party = datetime.now(UTC), key_of(office), relying_party(office)
    name = require_name(name)
    with office.writing() as tx:
        asking = session_that_changes_means(tx, office, actor, session, at)
        made = _registered(tx, key, party, asking, answer, at)
        added = made and passkeys.add(
            tx, actor.account, made.credential, made.public_key, made.sign_count, name, at
        )  # fmt: skip
        if added:
            record.note(tx, at, SignInAct.CREDENTIAL_ADDED, actor.account, means=Means.PASSKEY, about=name)
            signed_in = promoted(tx, office, asking, Means.PASSKEY, at)
            return MeansAdded(means=means_of(tx, actor.account), signed_in=signed_in)
    # The challenge stays used up: the transaction has ended without an error.
    raise Invalid(
        "passkey_not_made",
        "This passkey could not be added.",
        "Begin again; a key that is known already is not added twice.",
        field="passkey",
    )


def _registered(
    tx: Connection,
    key: DataKey,
    party: ceremonies.RelyingParty,
    session: Session,
    content: dict[str, Any],
    at: datetime,
) -> Registered | None:
    try:
        answer: Answer = ceremonies.read_answer(content)
        if not challenges.use(tx, key, answer.challenge, Purpose.REGISTER, session.id, at):
            return None
        return ceremonies.verify_registration(party, answer)
    except NotVerified:
        return None
