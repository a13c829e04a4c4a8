"""Drafts: forms that were begun and not sent. Each is sealed under a key of its own, and gone with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from domain.drafts import MOST, DraftContent
from domain.errors import NotFound, Refused
from domain.values import day_of
from kit.crypto.vault import DataKey, Tampered
from kit.process.logs import get_logger
from kit.storage.database import Database
from models import draft_keys
from models.keys import CaseKeys
from models.tables import drafts

log = get_logger("models.drafts")

SPARED = timedelta(days=1)
"""Time for which a key without a draft is left alone: its draft may be about to be written."""


@dataclass(frozen=True)
class Draft:
    """A draft as its row says, without what was typed."""

    id: str
    act: str
    reference: str | None
    kept_at: datetime
    destroyed_on: date
    sealed: bytes


_SHOWN = (drafts.c.id, drafts.c.act, drafts.c.reference, drafts.c.kept_at, drafts.c.destroyed_on, drafts.c.sealed)


def no_such_draft() -> NotFound:
    """The error of a draft that is not there: sent, thrown away, destroyed on its day, or somebody else's."""
    return NotFound(
        "no_such_draft",
        "There is no such draft any more: it was sent, thrown away, or destroyed on its day.",
        "Look at My day, where your drafts stand.",
        field="draft",
    )


def require_room(tx: Connection, owner: str, draft: str) -> None:
    """Raises NotFound for a draft of somebody else, Refused when its owner may begin no more of them."""
    whose = tx.execute(select(drafts.c.owner).where(drafts.c.id == draft)).scalar()
    if whose not in (None, owner):
        raise no_such_draft()
    held = tx.execute(select(func.count()).where(drafts.c.owner == owner)).scalar_one()
    if whose is None and held >= MOST:
        raise Refused(
            "too_many_drafts",
            "You have {most} drafts, and can have no more of them.",
            "Send or throw away one of them first.",
            most=MOST,
        )


def write(
    tx: Connection, key: DataKey, owner: str, draft: str, act: str, reference: str | None, content: DraftContent,
    at: datetime, until: date,
) -> Draft:  # fmt: skip
    """Writes a draft in the place of what it was before. The caller has made sure that it is its owner's."""
    sealed = key.seal(content.model_dump_json().encode(), _place(draft))
    row = {"act": act, "reference": reference, "kept_at": at, "destroyed_on": until, "sealed": sealed}
    if not tx.execute(update(drafts).where(drafts.c.id == draft, drafts.c.owner == owner).values(row)).rowcount:
        tx.execute(insert(drafts).values({"id": draft, "owner": owner} | row))
    return Draft(draft, act, reference, at, until, sealed)


def find(tx: Connection, owner: str, draft: str) -> Draft:
    """A draft of its owner. Raises NotFound."""
    row = tx.execute(select(*_SHOWN).where(drafts.c.id == draft, drafts.c.owner == owner)).first()
    if row is None or row.destroyed_on <= day_of(datetime.now(UTC)):
        raise no_such_draft()
    return Draft(**row._mapping)


def of_owner(tx: Connection, owner: str) -> list[Draft]:
    """The drafts of an account, the latest first."""
    mine = (drafts.c.owner == owner, drafts.c.destroyed_on > day_of(datetime.now(UTC)))
    return [Draft(**row._mapping) for row in tx.execute(select(*_SHOWN).where(*mine).order_by(drafts.c.kept_at.desc()))]


def opened(keys: CaseKeys, draft: Draft) -> DraftContent:
    """What was typed. Raises NotFound when its key is gone."""
    key = draft_keys.key_of(keys, draft.id)
    if key is None:
        raise no_such_draft()
    try:
        return DraftContent.model_validate_json(key.open(draft.sealed, _place(draft.id)))
    except Tampered:  # thrown away while it was being written: what came last has no key
        raise no_such_draft() from None


def owned(tx: Connection, owner: str, draft: str) -> bool:
    """True if this account has this draft, whatever its day."""
    return tx.execute(select(drafts.c.id).where(drafts.c.id == draft, drafts.c.owner == owner)).first() is not None


def hand_over(tx: Connection, owner: str, to: str) -> int:
    """Gives the drafts of an account to another one; gives how many."""
    return tx.execute(update(drafts).where(drafts.c.owner == owner).values(owner=to)).rowcount


def destroy(database: Database, keys: CaseKeys, which: Collection[str]) -> None:
    """Destroys drafts: their keys first, so that no row is gone whose key lives."""
    if not which:
        return
    draft_keys.destroy(keys, which)
    with database.write() as tx:
        tx.execute(delete(drafts).where(drafts.c.id.in_(which)))


def destroy_those_of(database: Database, keys: CaseKeys, reference: str) -> None:
    """Destroys the drafts about a case, whosever they are."""
    with database.read() as tx:
        which = tx.execute(select(drafts.c.id).where(drafts.c.reference == reference)).scalars().all()
    destroy(database, keys, which)


def destroy_what_is_over(database: Database, keys: CaseKeys, now: datetime) -> int:
    """Destroys the drafts whose day has come, and the keys of drafts that are gone; gives how many."""
    stray = draft_keys.made_before(keys, now - SPARED)  # before the rows: what has one by then has its key already
    with database.read() as tx:
        over = set(tx.execute(select(drafts.c.id).where(drafts.c.destroyed_on <= day_of(now))).scalars())
        stray -= set(tx.execute(select(drafts.c.id)).scalars())
    destroy(database, keys, over)
    draft_keys.destroy(keys, stray)
    if over or stray:
        log.info("drafts_destroyed", drafts=len(over), stray_keys=len(stray))
    return len(over) + len(stray)


def _place(draft: str) -> str:
    return f"drafts/{draft}"
