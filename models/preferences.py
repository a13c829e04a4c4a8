"""The preferences of people about their mails, and everybody who can be told something on a day."""

from datetime import date

from sqlalchemy import Connection, delete, insert, select

from domain.actors import Actor
from domain.messages.people import People, Person, Preferences
from domain.vocabulary import MailWhen
from models.alerts import away_on
from models.tables import accounts, preferences

_EVERYBODY = (
    select(accounts, preferences.c.address, preferences.c.mail_when, preferences.c.hour, preferences.c.language,
           preferences.c.grace)
    .join(preferences, preferences.c.account == accounts.c.id, isouter=True)
    .where(accounts.c.active)
    .order_by(accounts.c.id)
)  # fmt: skip


def preferences_of(tx: Connection, account: str) -> Preferences:
    """The preferences of an account: those it set, or the usual ones."""
    row = tx.execute(select(preferences).where(preferences.c.account == account)).first()
    if row is None:
        return Preferences()
    return Preferences(
        address=row.address, when=MailWhen[row.mail_when], hour=row.hour, language=row.language, grace=row.grace
    )


def set_preferences(tx: Connection, account: str, wanted: Preferences) -> None:
    """Notes the preferences of an account, in place of those it had."""
    tx.execute(delete(preferences).where(preferences.c.account == account))
    row = {
        "account": account,
        "address": wanted.address,
        "mail_when": wanted.when,
        "hour": wanted.hour,
        "language": wanted.language,
        "grace": wanted.grace,
    }
    tx.execute(insert(preferences), [row])


def anybody_wants_all_at_once(tx: Connection) -> bool:
    """Tells whether there is anybody who wants a mail for each alert."""
    at_once = preferences.c.mail_when.in_([MailWhen.IMMEDIATE, MailWhen.BOTH])
    return tx.execute(select(preferences.c.account).where(at_once).limit(1)).first() is not None


def people_on(tx: Connection, day: date) -> People:
    """Every active account with its preferences, and who is away that day."""
    everybody = [
        Person(
            Actor.model_validate(
                {"account": row.id, "role": row.role, "organisation": row.organisation, "metropolis": row.metropolis}
            ),
            Preferences()
            if row.mail_when is None
            else Preferences(
                address=row.address, when=MailWhen[row.mail_when], hour=row.hour, language=row.language, grace=row.grace
            ),
        )
        for row in tx.execute(_EVERYBODY)
    ]
    return People(everybody, away_on(tx, day))
