"""Imports are not looked through for garbage, and everything after them is."""

import gc

import pytest

from kit.process.imports import undisturbed


def test_what_is_imported_is_kept_out_of_every_later_look() -> None:
    before = gc.get_freeze_count()
    with undisturbed():
        assert not gc.isenabled()
        kept = [[n] for n in range(1_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() - before >= len(kept)


def test_garbage_is_looked_for_again_when_an_import_fails() -> None:
    with pytest.raises(ImportError), undisturbed():
        raise ImportError
    assert gc.isenabled()
