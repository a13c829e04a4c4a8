"""People with addresses and wishes for their mails, and cases that call for mails."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from domain.actors import Actor
from domain.messages.people import Preferences
from domain.parts.piece import AddPiece
from domain.values import day_of
from domain.vocabulary import MailState, Party
from kit.storage.database import Database
from models.accounts import add_account
from models.preferences import set_preferences
from models.tables import mails
from tests.people import STAFF, WORKER, address_of
from tests.support.builders import complaint
from tests.support.harness import Running
from tests.support.servers import until_async


def settle_in(database: Database, *people: Actor, **wanted: object) -> None:
    """Accounts with addresses, and the same wishes for all."""
    with database.write() as tx:
        for actor in people or STAFF:
            add_account(tx, actor)
            preferences(database, actor, tx=tx, **wanted)


def preferences(database: Database, actor: Actor, tx: object = None, **wanted: object) -> None:
    """Sets how somebody wants to be written to from now on."""
    wishes = Preferences.model_validate({"address": address_of(actor)} | wanted)
    if tx is not None:
        set_preferences(tx, actor.account, wishes)  # type: ignore[arg-type]
        return
    with database.write() as own:
        set_preferences(own, actor.account, wishes)


async def perishing_case(running: Running, days: int = 20) -> str:
    """A case with a piece that perishes in so many days: the first notice comes when offices open next."""
    reference = (await running.desk.open(complaint(), WORKER)).reference
    on = day_of(datetime.now(UTC)) + timedelta(days=days)
    piece = AddPiece(label="The video", held_by=Party.RESPONDENT, perishes_on=on)
    await running.desk.submit(reference, piece, WORKER)
    return reference


def states(database: Database, reference: str) -> Counter[str]:
    """Counts the mails of a case by state."""
    with database.read() as tx:
        return Counter(tx.execute(select(mails.c.state).where(mails.c.reference == reference)).scalars())


async def all_are(state: MailState, database: Database, reference: str) -> None:
    """Waits until every mail of a case is in this state."""
    await until_async(lambda: set(states(database, reference)) == {state}, f"every mail is {state}")
