"""The desk on a store of keys that is not the one of its book says so, until somebody goes on with it."""

from pathlib import Path

import pytest

from desk.case import show_history
from desk.keys import accept_key_store, key_store_history
from domain.actors import OPERATOR
from domain.errors import Invalid, NotFound, Refused
from kit.storage.database import Database, sqlite_url
from models.key_stores import KeyStoreRefused
from models.migrate import VAULT
from tests.desk.offices import office_on
from tests.people import WORKER
from tests.support.clerk import Clerk


def test_a_wrong_store_is_named_and_one_goes_on_with_it_for_a_reason(clerk: Clerk, tmp_path: Path) -> None:
    right, lost = office_on(clerk.database), {clerk.open(), clerk.open()}
    assert right.own_store.adopt()
    with pytest.raises(Refused, match="key_store_right"):
        accept_key_store(right, OPERATOR, "for no reason")

    another = sqlite_url(tmp_path / "another.db")
    store = Database(another, wipes=True)
    VAULT.migrate(store)
    store.close()
    office = office_on(clerk.database)
    object.__setattr__(office, "settings", office.settings.model_copy(update={"vault_url": another}))
    with pytest.raises(KeyStoreRefused, match="key_store_emptied"):
        show_history(office, WORKER, min(lost))
    with pytest.raises(Invalid):
        accept_key_store(office, OPERATOR, " ")
    assert set(accept_key_store(office, OPERATOR, "the disk burnt").lost) == lost
    with pytest.raises(NotFound, match="no_such_case"):
        show_history(office, WORKER, min(lost))
    last = key_store_history(office, OPERATOR).lines[-1]
    assert (last.what, last.account, last.why, set(last.lost)) == (
        "ACCEPTED",
        OPERATOR.account,
        "the disk burnt",
        lost,
    )
    office.keys.close()
