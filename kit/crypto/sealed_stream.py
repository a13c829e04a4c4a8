"""Seals a stream of bytes of any length, piece by piece: each is bound to its place, the last is marked as such.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance", CRYPTO 2015) with AES-256-GCM, laid out as the age format does (C2SP age.md, "Payload"): a nonce is
the number of the piece (11 bytes) and a mark on the last (1 byte). A piece that is changed, left out, repeated,
moved within a stream or into another one does not open, and neither does a stream that was cut short.

Whoever reads is given each piece once it is known to be genuine, but learns only at the end that nothing is missing:
nothing that was read is to be used before.
"""

import hmac
import os
from collections.abc import Iterable, Iterator
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit.crypto.vault import DataKey, Tampered

PIECE = 256 * 1024
"""Bytes of a piece before it is sealed: the most that is held in memory of what is read."""
_FORM = b"\x02"
_SALT = 32
_HEAD = len(_FORM) + _SALT + 32
_TAG = 16


def sealed_size(size: int) -> int:
    """Length in bytes of a stream of `size` bytes, once it is sealed."""
    pieces = max(1, -(-size // PIECE))
    return _HEAD + size + pieces * _TAG


def seal_stream(plain: Iterable[bytes], key: DataKey, context: str) -> Iterator[bytes]:
    """Seals a stream under a key of its own, for this place: it opens nowhere else."""
    salt = os.urandom(_SALT)
    sealing, named = key.stream_keys(salt, context)
    aead = AESGCM(sealing)
    yield _FORM + salt + named
    for number, (piece, last) in enumerate(_pieces(plain, PIECE)):
        yield aead.encrypt(_nonce(number, last=last), piece, None)


def open_stream(sealed: Iterable[bytes], key: DataKey, context: str) -> Iterator[bytes]:
    """Opens the stream that was sealed for this place. Raises Tampered at the first piece that was not sealed so."""
    source = iter(sealed)
    head, rest = _head(source)
    opening, named = key.stream_keys(head[len(_FORM) : len(_FORM) + _SALT], context)
    # AES-GCM does not commit to its key (see `DataKey`): this value does.
    if len(head) < _HEAD or not hmac.compare_digest(head, head[: len(_FORM) + _SALT] + named) or head[:1] != _FORM:
        raise Tampered(f"not a stream sealed by the key of {key.name} for this place")
    aead = AESGCM(opening)
    for number, (piece, last) in enumerate(_pieces(chain([rest], source), PIECE + _TAG)):
        try:
            plain = aead.decrypt(_nonce(number, last=last), piece, None)
        except (InvalidTag, ValueError):
            raise Tampered(f"a stream of {key.name} was changed, or cut short") from None
        if not plain and number:
            raise Tampered(f"a stream of {key.name} has an end that nobody sealed")
        yield plain


def _head(source: Iterator[bytes]) -> tuple[bytes, bytes]:
    held = b""
    for chunk in source:
        held += chunk
        if len(held) >= _HEAD:
            break
    return held[:_HEAD], held[_HEAD:]


def _pieces(stream: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Cuts a stream into pieces of exactly this size, the last one shorter; gives True beside the last."""
    held = bytearray()
    for chunk in stream:
        held += chunk
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
