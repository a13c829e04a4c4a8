"""An Ed25519 key that signs for this installation: from a secret, or from a file that its owner alone may read."""

import os
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import SecretStr

from kit.errors import StackError
from kit.storage.files import sync_folder, written_whole

_SEED = re.compile(r"[0-9a-f]{64}")


class BadSigningKey(StackError):
    """The secret or the file is there and holds no key."""

    code = "bad-signing-key"
    message = "The signing key {where} is not 64 hexadecimal digits, or lines of them."
    remedy = "Put the right one back: without it nobody can tell who sealed what follows."


class SigningKey:
    """A private key. Its seed is 32 bytes, written in hexadecimal."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """64 bytes that only this key makes of this message."""
        return self._key.sign(message)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """True if the key of which this is the public half signed exactly this message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signing_keys(secret: SecretStr | None, file: Path) -> tuple[SigningKey, ...]:
    """The keys of this installation, a line each: the last one signs, those above it signed before.

    They are in the secret, if there is one, else in the file; none when neither is there. Raises BadSigningKey when
    one is there and holds no key.
    """
    if secret is not None:
        return _from_text(secret.get_secret_value(), "aboutir_seal_key")
    try:
        return _from_text(file.read_text("ascii"), str(file))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError):
        raise BadSigningKey(where=file) from None


def add_signing_key(file: Path) -> None:
    """Adds a fresh key below those of the file: it signs from now on. Written as a whole, or not at all."""
    _write(file, f"{file.read_text('ascii').rstrip()}\n{secrets.token_hex(32)}\n")


def forget_former_keys(file: Path) -> int:
    """Leaves only the last key in the file; gives the number of those that are gone."""
    lines = file.read_text("ascii").split()
    if len(lines) > 1:
        _write(file, lines[-1] + "\n")
    return len(lines) - 1


def _write(file: Path, text: str) -> None:
    with written_whole(file) as replacing:
        replacing.write(text.encode("ascii"))
    sync_folder(file.parent)


def make_signing_key(file: Path) -> None:
    """Makes a key in a file of mode 0600, if there is none. It is there as a whole or not at all."""
    if file.exists():
        return
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
        opened.write(secrets.token_hex(32) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(fresh, file)  # unlike a rename, never over a key that somebody else made meanwhile
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _from_text(text: str, where: str) -> tuple[SigningKey, ...]:
    lines = text.split()
    if not lines or not all(map(_SEED.fullmatch, lines)):
        raise BadSigningKey(where=where)
    return tuple(SigningKey(bytes.fromhex(line)) for line in lines)
