"""The means by which an account signs in: looked at, and removed, but never the last one."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from desk.office import Office
from desk.signin.common import full_session_of, session_that_changes_means
from desk.views.signin import MeansView, PasskeyView
from domain.actors import Actor
from domain.errors import NotFound, Refused
from domain.vocabulary import Means, SignInAct
from models.signin import passkeys, passwords, record
from models.signin.turns import one_at_a_time


def own_means(office: Office, actor: Actor, session: str) -> MeansView:
    """The passkeys of the account that asks, and whether it has a password."""
    with office.reading() as tx:
        full_session_of(tx, office, actor, session, datetime.now(UTC))
        return means_of(tx, actor.account)


def remove_passkey(office: Office, actor: Actor, session: str, passkey: str) -> MeansView:
    """Removes a passkey of the account that asks. Raises Refused for its last means, or unless it was asked again."""
    at = datetime.now(UTC)
    with office.writing() as tx:
        _require_another(tx, office, actor, session, at)
        known = next((own for own in passkeys.of_account(tx, actor.account) if own.id == passkey), None)
        if known is None or not passkeys.remove(tx, actor.account, known.id):
            raise NotFound(
                "no_such_passkey", "There is no such passkey.", "Look at the list of your passkeys.", field="passkey"
            )
        record.note(tx, at, SignInAct.CREDENTIAL_REMOVED, actor.account, means=Means.PASSKEY, about=known.name)
        return means_of(tx, actor.account)


def remove_password(office: Office, actor: Actor, session: str) -> MeansView:
    """Removes the password of the account that asks, with its second factor. Raises Refused as for a passkey."""
    at = datetime.now(UTC)
    with office.writing() as tx:
        _require_another(tx, office, actor, session, at)
        if not passwords.remove(tx, actor.account):
            raise NotFound("no_password", "This account has no password.", field="password")
        record.note(tx, at, SignInAct.CREDENTIAL_REMOVED, actor.account, means=Means.PASSWORD)
        return means_of(tx, actor.account)


def _require_another(tx: Connection, office: Office, actor: Actor, session: str, at: datetime) -> None:
    one_at_a_time(tx)  # two at once would each see the other's, and leave none
    session_that_changes_means(tx, office, actor, session, at)
    if count_means(tx, actor.account) < 2:
        raise Refused(
            "last_means",
            "This is the only way in that this account has.",
            "Add another one first.",
        )


def count_means(tx: Connection, account: str) -> int:
    """The number of means that an account has: each of its passkeys, and its password."""
    return passkeys.count(tx, account) + (passwords.made_at(tx, account) is not None)


def means_of(tx: Connection, account: str) -> MeansView:
    """The view of the means of an account."""
    own = tuple(PasskeyView.of(passkey) for passkey in passkeys.of_account(tx, account))
    return MeansView(passkeys=own, password_set_at=passwords.made_at(tx, account))
