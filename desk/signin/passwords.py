"""A password with its second factor: both are set together, by whoever enrols or was asked again shortly before."""

from datetime import UTC, datetime

from desk.office import Office
from desk.signin.common import PRODUCT, hasher_of, key_of, promoted, session_that_changes_means
from desk.signin.means import means_of
from desk.views.signin import MeansAdded, SecondFactor
from domain.actors import Actor
from domain.errors import Invalid
from domain.signin.passwords import normalised, require_strong
from domain.vocabulary import Means, SignInAct
from kit.crypto import one_time_codes as codes
from models.signin import challenges, passwords, record
from models.signin.passwords import Kept


def begin_second_factor(office: Office, actor: Actor, session: str) -> SecondFactor:
    """The first step: a secret for an application of codes. It is shown once, and comes in force with a password."""
    at, key, secret = datetime.now(UTC), key_of(office), codes.new_secret()
    with office.writing() as tx:
        session_that_changes_means(tx, office, actor, session, at)
        challenges.keep_secret(tx, key, secret, session, at)
    address = codes.address_of(secret, actor.account, PRODUCT)
    return SecondFactor(address=address, picture=codes.picture_of(address), secret=secret)


async def add_password(office: Office, actor: Actor, session: str, password: str, code: str) -> MeansAdded:
    """The second step: sets the password and the second factor, whose first code proves that it works.

    They take the place of those before. Whoever enrols gets a session of their own with them. Raises Invalid for a
    password that would be guessed, or a code that is not of this secret.
    """
    at, key = datetime.now(UTC), key_of(office)
    require_strong(password, actor.account)
    with office.reading() as tx:
        session_that_changes_means(tx, office, actor, session, at)
        secret = challenges.secret_of(tx, key, session, at)
    step = codes.step_of(secret, code, at) if secret else None
    if secret is None or step is None:
        raise _wrong_code()
    hash = await hasher_of(office).hash(normalised(password))
    with office.writing() as tx:
        asking = session_that_changes_means(tx, office, actor, session, at)
        if challenges.secret_of(tx, key, session, at) != secret or not challenges.forget_secret(tx, session):
            raise _wrong_code()
        passwords.put(tx, key, actor.account, Kept(hash, secret, at), step)
        record.note(tx, at, SignInAct.CREDENTIAL_ADDED, actor.account, means=Means.PASSWORD)
        signed_in = promoted(tx, office, asking, Means.PASSWORD, at)
        return MeansAdded(means=means_of(tx, actor.account), signed_in=signed_in)


def _wrong_code() -> Invalid:
    return Invalid(
        "code_wrong",
        "This is not a code of the second factor that is being set up.",
        "Type the six figures that the application shows now; after a quarter of an hour, begin again.",
        field="code",
    )
