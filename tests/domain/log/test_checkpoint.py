"""Checkpoints and keys in the words of C2SP: other people's tools read them, and nothing else passes for one."""

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.log.checkpoint import Checkpoint, NotACheckpoint, PublicKey, opened, proof_text, signed
from kit.crypto.signing import (
    BadSigningKey,
    SigningKey,
    add_signing_key,
    forget_former_keys,
    make_signing_key,
    signing_keys,
    verify,
)

KEY = SigningKey(bytes(range(32)))
PUBLIC = PublicKey("example.org/book", KEY.public)
OTHER = SigningKey(bytes(32))
CHECKPOINT = Checkpoint("example.org/book", 20852163, bytes(range(32)))
NOTE = signed(CHECKPOINT.text(), PUBLIC, KEY.sign)


def test_the_note_of_the_go_implementation_is_opened() -> None:
    """The example in the documentation of golang.org/x/mod/sumdb/note, with its published key."""
    peter = PublicKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "\u2014 PeterNeumann "
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert opened(note, [peter], verify).startswith("If you think cryptography")
    with pytest.raises(NotACheckpoint):
        opened(note.replace("answer", "question"), [peter], verify)


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    body, signature = NOTE.split("\n\n")
    assert body.split("\n") == ["example.org/book", "20852163", base64.b64encode(bytes(range(32))).decode()]
    assert signature.startswith("\u2014 example.org/book ") and signature.endswith("\n")
    assert Checkpoint.parse(opened(NOTE, [PUBLIC], verify)) == CHECKPOINT


def test_other_signatures_are_passed_over_and_ours_must_be_there() -> None:
    witness = PublicKey("witness.example", OTHER.public)
    both = NOTE + signed(CHECKPOINT.text(), witness, OTHER.sign).split("\n\n")[1]
    assert opened(both, [PUBLIC], verify) == opened(both, [witness], verify) == CHECKPOINT.text()
    with pytest.raises(NotACheckpoint, match="known key"):
        opened(NOTE, [witness], verify)


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("20852163", "20852164"),
        lambda note: note.replace("example.org", "example.net", 1),
        lambda note: note[:-3] + "\n",
        lambda note: note.removesuffix("\n"),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace("\u2014", "-"),
        lambda note: note[:0],
    ],
)
def test_a_note_that_was_touched_is_not_opened(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotACheckpoint):
        opened(change(NOTE), [PUBLIC], verify)


def test_somebody_else_under_our_name_is_not_taken_for_us() -> None:
    forged = signed(CHECKPOINT.text(), PublicKey("example.org/book", OTHER.public), OTHER.sign)
    with pytest.raises(NotACheckpoint):
        opened(forged, [PUBLIC], verify)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n", "\n1\nAAAA\n", "a\n1\n*\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NotACheckpoint):
        Checkpoint.parse(text)


def test_a_key_is_one_line_that_checks_itself() -> None:
    assert PublicKey.parse(str(PUBLIC)) == PUBLIC
    for wrong in ("", "a+b", str(PUBLIC).replace("example", "exemple"), str(PUBLIC)[:-4]):
        with pytest.raises(NotACheckpoint):
            PublicKey.parse(wrong)


def test_a_proof_stands_for_itself() -> None:
    said = proof_text(7, [bytes(32), bytes(range(32))], NOTE)
    head, _, note = said.partition("\n\n")
    assert head.split("\n")[:2] == ["c2sp.org/tlog-proof@v1", "index 7"]
    assert len(head.split("\n")) == 4
    assert note == NOTE


def test_a_signing_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    assert signing_keys(None, file) == ()
    make_signing_key(file)
    (first,) = signing_keys(None, file)
    make_signing_key(file)
    (again,) = signing_keys(None, file)
    assert first.public == again.public
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["seal.key"]
    (secret,) = signing_keys(SecretStr("0" * 64), file)
    assert secret.public == OTHER.public
    for text in ("", "xyz", "0" * 63, "0" * 64 + "\nxyz"):
        with pytest.raises(BadSigningKey):
            signing_keys(SecretStr(text), file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadSigningKey):
        signing_keys(None, file)


def test_another_signing_key_stands_below_the_former_one_until_that_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    make_signing_key(file)
    (former,) = signing_keys(None, file)
    add_signing_key(file)
    first, last = signing_keys(None, file)
    assert first.public == former.public != last.public
    assert forget_former_keys(file) == 1
    (alone,) = signing_keys(None, file)
    assert alone.public == last.public
    assert forget_former_keys(file) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert [left.name for left in tmp_path.iterdir()] == ["seal.key"]
