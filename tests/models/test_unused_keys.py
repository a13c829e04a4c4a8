"""A key that an opening asks for again is no longer one that an opening left behind."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from domain.values import new_reference
from kit.crypto.vault import KeyFile
from kit.storage.database import Database
from models.keys import CaseErased, CaseKeys, case_keys

A_DAY_AGO, LONG_AGO = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) - timedelta(days=9)


def test_only_keys_that_nobody_asked_for_are_destroyed(key_store: Database, master: KeyFile) -> None:
    keys = CaseKeys(key_store, master)
    left, young, asked = (new_reference() for _ in range(3))
    for reference in (left, young, asked):
        keys.mint(reference)
    with key_store.write() as tx:
        tx.execute(update(case_keys).where(case_keys.c.reference != young).values(asked_at=LONG_AGO))
    assert keys.unasked(A_DAY_AGO) == {left, asked}
    another = CaseKeys(key_store, master)  # an opening in another process, after the sweep has looked
    key = another.mint(asked)
    assert keys.destroy_unasked([left, young, asked], A_DAY_AGO) == [left]
    assert keys.living() == {young, asked}
    assert CaseKeys(key_store, master).mint(asked).commitment(b"-") == key.commitment(b"-")
    with pytest.raises(CaseErased):
        another.mint(left)
