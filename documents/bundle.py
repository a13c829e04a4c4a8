"""The file for the Defender of Rights as one ZIP: the referral, the numbered copies, and the digests of them all.

The same parts give the same bytes: stored uncompressed, under one date, in one order. It is written from front to back,
so that it can be sealed while it is made, and no part of it ever lies about in clear.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import IO, Protocol

from domain.dossier import Copy
from domain.errors import Refused

Opened = tuple[Copy, Callable[[], AbstractContextManager[IO[bytes]]]]
"""A copy, and how its content is read when its turn comes."""

REFERRAL, DIGESTS = "00-saisine.pdf", "SHA256SUMS"
_CHUNK = 1 << 20


class Sink(Protocol):
    """Something to write into, from front to back."""

    def write(self, data: bytes, /) -> object: ...


def bundle(out: Sink, referral: bytes, copies: Iterable[Opened], at: datetime) -> dict[str, str]:
    """Writes the ZIP into `out`; gives the digest of each part by its name, as `sha256sum -c SHA256SUMS` checks them.

    Raises Refused when a copy is no longer what was received: then what was written is to be thrown away.
    """
    digests: dict[str, str] = {}
    with zipfile.ZipFile(_Forward(out), "w", zipfile.ZIP_STORED) as archive:
        with archive.open(_info(REFERRAL, at), "w") as part:
            part.write(referral)
        digests[REFERRAL] = hashlib.sha256(referral).hexdigest()
        for copy, reading in copies:
            digests[copy.name] = _copied(archive, copy, reading, at)
        with archive.open(_info(DIGESTS, at), "w") as part:
            part.write("".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode())
    return digests


def _copied(
    archive: zipfile.ZipFile, copy: Copy, reading: Callable[[], AbstractContextManager[IO[bytes]]], at: datetime
) -> str:
    digest = hashlib.sha256()
    with reading() as source, archive.open(_info(copy.name, at), "w", force_zip64=True) as part:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            part.write(chunk)
    if digest.hexdigest() != copy.file.sha256:
        raise Refused(
            "copy_altered",
            "{name} is no longer what was received: its digest is another.",
            "Do not send it; tell whoever runs this service.",
            field="files",
            name=copy.name,
        )
    return copy.file.sha256


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (at.year, at.month, at.day, 0, 0, 0))
    info.create_system = 3  # the same on every machine
    info.external_attr = 0o600 << 16
    return info


class _Forward:
    """A file that only goes forward: what is written does not depend on where it goes."""

    def __init__(self, out: Sink) -> None:
        self._out, self._at = out, 0

    def write(self, data: bytes, /) -> int:
        self._out.write(data)
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        raise OSError("this goes forward only")

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def seekable(self) -> bool:
        return False
