"""The keys of drafts, in the store of the keys: made with a draft, gone with it, and held in no memory in between.

They are none of those that the store counts (`models.minted`): what a draft holds is in no book yet.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import delete, select

from kit.crypto.vault import DataKey, new_material
from models.keys import CaseKeys, asking, draft_keys, insert_once


def key_of(keys: CaseKeys, draft: str) -> DataKey | None:
    """The key of a draft; None if it is gone, or never was."""
    with asking(), keys.store.read() as tx:
        row = tx.execute(select(draft_keys).where(draft_keys.c.draft == draft)).first()
    return None if row is None else DataKey(draft, keys.unwrapped(row, draft))


def key_for(keys: CaseKeys, draft: str) -> DataKey:
    """The key of a draft, made now unless there is one."""
    if (key := key_of(keys, draft)) is not None:
        return key
    master, wrapped = keys.master.wrap(new_material(), draft)
    made = {"draft": draft, "wrapped": wrapped, "master_key": master, "created_at": datetime.now(UTC)}
    with asking(), keys.store.write() as tx:
        insert_once(tx, draft_keys, made)
        row = tx.execute(select(draft_keys).where(draft_keys.c.draft == draft)).one()
    return DataKey(draft, keys.unwrapped(row, draft))


def destroy(keys: CaseKeys, drafts: Collection[str]) -> None:
    """Destroys the keys of drafts; what they sealed is noise from then on. Doing it twice changes nothing.

    Raises Away when the files of the store may still hold them: do it again.
    """
    if not drafts:
        return
    with asking(), keys.store.write() as tx:
        tx.execute(delete(draft_keys).where(draft_keys.c.draft.in_(drafts)))
    with asking():
        keys.store.wipe(draft_keys.name)


def made_before(keys: CaseKeys, before: datetime) -> frozenset[str]:
    """The drafts whose keys were made before an instant."""
    with asking(), keys.store.read() as tx:
        return frozenset(tx.execute(select(draft_keys.c.draft).where(draft_keys.c.created_at < before)).scalars())
