"""Seals what is written to somebody's key (age): they alone can read it, and nothing is kept in clear meanwhile."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from pyrage import RecipientError, encrypt_io, x25519  # type: ignore[import-untyped]


class NoKey(ValueError):
    """The text is not a public key of age."""


@dataclass(frozen=True)
class Key:
    """A public key: whoever holds the other half reads what is sealed to it."""

    recipient: Any


def key(text: str) -> Key:
    """A public key as people write it: age1... Raises NoKey for anything else."""
    try:
        return Key(x25519.Recipient.from_str(text.strip()))
    except RecipientError:
        raise NoKey from None


@contextmanager
def sealed_to(key: Key, out: IO[bytes]) -> Iterator[IO[bytes]]:
    """A file to write into; what is written arrives in `out` sealed.

    Both ends of a pipe: whoever writes is held up until the other end has sealed what came before.
    """
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def seal() -> None:
        with os.fdopen(reading, "rb") as source:
            try:
                encrypt_io(source, out, [key.recipient])
            except BaseException as error:  # noqa: BLE001 - told to whoever writes, below
                failed.append(error)
                while source.read(1 << 20):  # whoever writes is not left waiting
                    pass

    sealing = threading.Thread(target=seal, name="seal", daemon=True)
    sealing.start()
    try:
        with os.fdopen(writing, "wb") as sink:
            yield sink
    finally:
        sealing.join()
    if failed:
        raise failed[0]
