"""Keys: one data key for each subject, wrapped by a master key; what a data key seals nobody else can read.

A subject is whatever must one day become unreadable as a whole. Its data key is kept wrapped, in a store of its own
(see the Protocol in `kit.crypto.codec`). Once it is destroyed, everything that it sealed is noise, wherever copies of
it lie.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from kit.errors import StackError
from kit.refusals import reason
from kit.storage.files import written_whole

KEY_SIZE = 32  # bytes: AES-256
_NONCE_SIZE = 12
_CHECK_SIZE = 32
SEALED = b"\x01"
"""The first byte of everything sealed: the form in which it is. No JSON text begins with it."""


class KeyUnavailable(RuntimeError):
    """There is no key to seal or open with. Nothing was written or read. The message names the subject, no more."""


class KeyUnknown(KeyUnavailable):
    """No key was ever made for this subject, or the key store is another one."""


class KeyDestroyed(KeyUnavailable):
    """The key of this subject was destroyed: what it sealed cannot be read again, and nothing more can be sealed."""


class Tampered(RuntimeError):
    """These bytes were not sealed in this form, by this key, for this place."""


# --- The key of one subject ------------------------------------------------------------------------------


class DataKey:
    """The key of one subject: seals, opens, and commits to a text without telling it.

    Safe to share between threads.
    """

    def __init__(self, name: str, material: bytes) -> None:
        if len(material) != KEY_SIZE:
            raise ValueError("a data key has 32 bytes")
        self.name = name
        self._sealing = AESGCM(_derived(material, "seal"))
        # AES-GCM alone does not commit to its key: whoever makes the keys can make one text that opens to two things
        # under two keys. This value, in front of everything sealed, binds it to the one key.
        self._head = SEALED + _derived(material, "check")
        self._naming = _derived(material, "nonce")
        self.committing = _derived(material, "commit")
        """Key of the commitments: with it and the texts, all can be checked, and nothing opened."""
        self._streaming = _derived(material, "stream")

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypts a text (AES-256-GCM) and binds it to its place: it opens nowhere else."""
        return self._sealed(os.urandom(_NONCE_SIZE), plain, context)

    def seal_alike(self, plain: bytes, context: str) -> bytes:
        """Does so with a nonce that follows from the text and its place: sealed twice, it is the same bytes.

        The bytes tell that two texts of one place are the same, and nothing else.
        """
        place = context.encode()
        message = len(place).to_bytes(4) + place + plain
        return self._sealed(hmac.digest(self._naming, message, "sha256")[:_NONCE_SIZE], plain, context)

    def _sealed(self, nonce: bytes, plain: bytes, context: str) -> bytes:
        return self._head + nonce + self._sealing.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Opens what was sealed for this place. Raises Tampered for anything else."""
        start = len(SEALED) + _CHECK_SIZE
        if not hmac.compare_digest(sealed[:start], self._head):
            raise Tampered(f"not sealed by the key of {self.name}")
        nonce, rest = sealed[start : start + _NONCE_SIZE], sealed[start + _NONCE_SIZE :]
        try:
            return self._sealing.decrypt(nonce, rest, context.encode())
        except (InvalidTag, ValueError):
            raise Tampered(f"not sealed by the key of {self.name} for this place") from None

    def commitment(self, data: bytes) -> bytes:
        """32 bytes that stand for `data` and for this key, and tell nothing of it (HMAC-SHA256)."""
        return hmac.digest(self.committing, data, "sha256")

    def stream_keys(self, salt: bytes, context: str) -> tuple[bytes, bytes]:
        """Two keys of 32 bytes for one stream in one place: one that seals it, one that names them both.

        See `kit.crypto.sealed_stream`. The salt is fresh for each stream: no two are ever sealed by the same key.
        """
        info = b"aboutir/stream/1|" + salt + context.encode()
        keys = HKDFExpand(algorithm=SHA256(), length=2 * KEY_SIZE, info=info).derive(self._streaming)
        return keys[:KEY_SIZE], keys[KEY_SIZE:]


def is_sealed(data: bytes) -> bool:
    """True if this was sealed by some key."""
    return data[:1] == SEALED


def new_material() -> bytes:
    """The material of a fresh data key."""
    return secrets.token_bytes(KEY_SIZE)


def _derived(material: bytes, purpose: str) -> bytes:
    # The material is uniformly random: expanding it suffices (RFC 5869, section 3.3).
    return HKDFExpand(algorithm=SHA256(), length=KEY_SIZE, info=f"aboutir/{purpose}/1".encode()).derive(material)


# --- The master key --------------------------------------------------------------------------------------


class MasterKey(Protocol):
    """A key that wraps data keys: in a file here; a key management service could stand in its place."""

    @property
    def id(self) -> str:
        """The name of the key that wraps today. It tells nothing of the key."""

    def wrap(self, material: bytes, name: str) -> tuple[str, bytes]:
        """The material of the key of this name, wrapped, with the id of the key that wrapped it."""

    def unwrap(self, id: str, wrapped: bytes, name: str) -> bytes:
        """The material again. Raises KeyUnavailable when that master key is not here, Tampered when this is not it."""


class MasterKeyMissing(StackError):
    """There is no master key where one is needed."""

    code = "master_key_missing"
    message = "There is no master key in {path}."
    remedy = "Restore it from where it is kept: without it nothing that was written can be read."


class MasterKeyExposed(StackError):
    """Others than its owner can read the file of the master key."""

    code = "master_key_exposed"
    message = "The master key in {path} can be read by others than its owner."
    remedy = "Close it (chmod 600), then replace the key."
    action = "ROTATE_KEYS"


_TEXTS = {
    "digits": "it holds something else than hexadecimal digits",
    "size": "a key has 64 digits, and there is at least one",
}
"""Faults of a file of master keys."""


class MasterKeyUnreadable(StackError):
    """The file of the master key holds something else."""

    code = "master_key_unreadable"
    message = "The master key in {path} is not one: {reason}."
    remedy = "Restore it from where it is kept: lines of 64 hexadecimal digits, the last one in use."


class MasterKeys:
    """Master keys at hand: the last one wraps, all of them unwrap, so that they can be replaced while in use."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._take(keys)

    def _take(self, keys: Sequence[bytes]) -> None:
        # In one assignment: a thread that wraps meanwhile must not take the name of one key and wrap with another.
        self._at_hand = _id_of(keys[-1]), {_id_of(key): AESGCM(_derived(key, "wrap")) for key in keys}

    @classmethod
    def from_text(cls, text: str, where: str) -> "MasterKeys":
        """The keys that a secret holds, one to a line. Raises MasterKeyUnreadable."""
        return cls(_parsed(text, where))

    @property
    def id(self) -> str:
        """The name of the key that wraps today."""
        return self._at_hand[0]

    @property
    def _keys(self) -> Mapping[str, AESGCM]:
        return self._at_hand[1]

    def wrap(self, material: bytes, name: str) -> tuple[str, bytes]:
        """See MasterKey."""
        nonce, (id, keys) = os.urandom(_NONCE_SIZE), self._at_hand
        return id, nonce + keys[id].encrypt(nonce, material, name.encode())

    def unwrap(self, id: str, wrapped: bytes, name: str) -> bytes:
        """See MasterKey."""
        if (key := self._keys.get(id)) is None:
            raise KeyUnavailable(f"no master key {id} is at hand")
        try:
            return key.decrypt(wrapped[:_NONCE_SIZE], wrapped[_NONCE_SIZE:], name.encode())
        except (InvalidTag, ValueError):
            raise Tampered(f"the wrapped key of {name} is not what was written") from None


class KeyFile(MasterKeys):
    """Master keys in a file that only its owner may read; read again when it has changed."""

    def __init__(self, path: Path) -> None:
        """Raises MasterKeyMissing, MasterKeyExposed or MasterKeyUnreadable."""
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._reload()

    @classmethod
    def made_if_missing(cls, path: Path) -> "KeyFile":
        """The keys in a file, which is made with a first key, closed to others, when it is not there."""
        if not path.exists():
            _write(path, [secrets.token_bytes(KEY_SIZE)])
        return cls(path)

    def wrap(self, material: bytes, name: str) -> tuple[str, bytes]:
        """Wraps with the key that is the last in the file at this moment."""
        self._reload()
        return super().wrap(material, name)

    def unwrap(self, id: str, wrapped: bytes, name: str) -> bytes:
        """Looks into the file again for a key that it does not know yet."""
        if id not in self._keys:
            self._reload()
        return super().unwrap(id, wrapped, name)

    def add(self) -> str:
        """Puts a fresh key into the file: it wraps from now on; the others still unwrap. Gives its id."""
        _write(self.path, [*self._read(), secrets.token_bytes(KEY_SIZE)])
        self._reload()
        return self.id

    def keep_only(self, ids: frozenset[str]) -> int:
        """Takes out of the file all keys but these and the one in use; gives how many went."""
        keys = self._read()
        kept = [key for key in keys if _id_of(key) in ids] if len(keys) > 1 else keys
        if keys[-1] not in kept:
            kept.append(keys[-1])
        if len(kept) < len(keys):
            _write(self.path, kept)
            self._reload()
        return len(keys) - len(kept)

    def _reload(self) -> None:
        try:
            status = self.path.stat()
        except OSError:
            raise MasterKeyMissing(path=self.path) from None
        if status.st_mode & 0o077:
            raise MasterKeyExposed(path=self.path)
        seen = (status.st_ino, status.st_mtime_ns)
        if seen != self._seen:
            self._take(self._read())
            self._seen = seen

    def _read(self) -> list[bytes]:
        try:
            text = self.path.read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise MasterKeyUnreadable(path=self.path, reason=reason(error)) from None
        return _parsed(text, str(self.path))


def _parsed(text: str, where: str) -> list[bytes]:
    try:
        keys = [bytes.fromhex(line.strip()) for line in text.splitlines() if line.strip()]
    except ValueError:
        raise MasterKeyUnreadable(path=where, reason=_TEXTS["digits"]) from None
    if not keys or any(len(key) != KEY_SIZE for key in keys):
        raise MasterKeyUnreadable(path=where, reason=_TEXTS["size"])
    return keys


def _write(path: Path, keys: Sequence[bytes]) -> None:
    """Writes the file in one step, never readable by others and never half of it."""
    with written_whole(path) as file:
        file.writelines(f"{key.hex()}\n".encode("ascii") for key in keys)


def _id_of(key: bytes) -> str:
    return hashlib.sha256(b"aboutir/master/1" + key).hexdigest()[:16]
