"""A sealed message opens with its data key, in its place, unchanged, and in no other way; the file of master keys."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kit.crypto.vault import (
    DataKey,
    KeyFile,
    KeyUnavailable,
    MasterKeyExposed,
    MasterKeyMissing,
    MasterKeys,
    MasterKeyUnreadable,
    Tampered,
    is_sealed,
    new_material,
)

MATERIAL = new_material()


@given(plain=some.binary(max_size=300), context=some.text(max_size=40))
def test_what_is_sealed_opens_in_its_place_only(plain: bytes, context: str) -> None:
    key, other = DataKey("A", MATERIAL), DataKey("A", new_material())
    sealed = key.seal(plain, context)
    assert DataKey("A", MATERIAL).open(sealed, context) == plain
    assert is_sealed(sealed)
    assert plain not in sealed or len(plain) < 4
    for opener, place in ((key, context + "x"), (other, context)):
        with pytest.raises(Tampered):
            opener.open(sealed, place)


def test_no_bit_of_it_can_be_changed_and_no_byte_left_out() -> None:
    key = DataKey("A", MATERIAL)
    sealed = key.seal(b"the words of a person", "book|A|1")
    tried = 0
    for at in range(len(sealed)):
        for changed in (sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], sealed[:at], sealed[:at] + b"\0"):
            if changed != sealed:
                with pytest.raises(Tampered):
                    key.open(changed, "book|A|1")
                tried += 1
    print(f"\nvault: {tried} changes to what was sealed, {tried} seen")


def test_the_same_text_is_never_sealed_into_the_same_bytes() -> None:
    key = DataKey("A", MATERIAL)
    assert len({key.seal(b"twice", "p") for _ in range(1_000)}) == 1_000


def test_sealed_alike_a_text_gives_the_same_bytes_in_its_place_and_others_elsewhere() -> None:
    key = DataKey("A", MATERIAL)
    once = key.seal_alike(b"twice", "p")
    assert once == DataKey("A", MATERIAL).seal_alike(b"twice", "p")
    assert key.open(once, "p") == b"twice"
    others = {key.seal_alike(b"twice", "q"), key.seal_alike(b"twicf", "p"), key.seal_alike(b"wice", "pt")}
    others.add(DataKey("A", new_material()).seal_alike(b"twice", "p"))
    assert len({one[33:45] for one in others | {once}}) == 5, "a nonce is used for one text only"
    with pytest.raises(Tampered):
        key.open(once, "q")


def test_a_commitment_stands_for_one_text_and_one_key() -> None:
    key = DataKey("A", MATERIAL)
    assert key.commitment(b"one") == DataKey("A", MATERIAL).commitment(b"one")
    said = {key.commitment(b"one"), key.commitment(b"two"), DataKey("A", new_material()).commitment(b"one")}
    assert len(said) == 3
    assert {len(commitment) for commitment in said} == {32}


# --- The file of master keys -----------------------------------------------------------------------------


def test_the_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = KeyFile.made_if_missing(tmp_path / "master.key")
    finally:
        os.umask(before)
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert KeyFile.made_if_missing(made.path).id == made.id
    assert [file.name for file in tmp_path.iterdir()] == ["master.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_can_reach_is_refused_even_while_in_use(tmp_path: Path, mode: int) -> None:
    file = KeyFile.made_if_missing(tmp_path / "master.key")
    file.path.chmod(mode)
    with pytest.raises(MasterKeyExposed):
        KeyFile(file.path)
    with pytest.raises(MasterKeyExposed):
        file.wrap(b"x", "A")


@pytest.mark.parametrize("text", ["", "\n", "zz", "00" * 31, "00" * 32 + "\n" + "00" * 16, "é" * 64])
def test_what_is_no_master_key_is_refused_without_quoting_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(MasterKeyUnreadable) as refused:
        KeyFile(path)
    assert "00" * 8 not in str(refused.value)
    with pytest.raises(MasterKeyUnreadable):
        MasterKeys.from_text(text, "a secret")


def test_a_missing_file_is_never_made_by_looking_for_it(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyMissing):
        KeyFile(tmp_path / "master.key")
    assert not list(tmp_path.iterdir())


def test_a_new_master_key_wraps_at_once_in_every_process_and_the_old_one_still_unwraps(tmp_path: Path) -> None:
    here = KeyFile.made_if_missing(tmp_path / "master.key")
    elsewhere = KeyFile(here.path)
    old = elsewhere.wrap(MATERIAL, "A")
    new_id = here.add()
    id, wrapped = elsewhere.wrap(MATERIAL, "A")
    assert id == new_id != old[0]
    assert elsewhere.unwrap(id, wrapped, "A") == elsewhere.unwrap(*old, "A") == MATERIAL
    with pytest.raises(Tampered):
        elsewhere.unwrap(id, wrapped, "B")  # a wrapped key cannot be passed off as another case's
    assert here.keep_only(frozenset()) == 1
    with pytest.raises(KeyUnavailable):
        KeyFile(here.path).unwrap(*old, "A")
    assert here.path.stat().st_mode & 0o777 == 0o600
