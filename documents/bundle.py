"""The file for the Defender of Rights as one ZIP: the referral, the numbered copies, and the digests of them all.

The same parts give the same bytes: stored uncompressed, under one date, in one order. It is written from front to back,
so that it can be sealed while it is made, and no part of it ever lies about in clear.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
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


def bundle(out: Sink, referral: bytes, copies: Iterable[Opened], at: datetime) -> None:
    """Writes the ZIP into `out`. Raises Refused as `pieces` does: then what was written is to be thrown away."""
    for piece in pieces(referral, copies, at):
        out.write(piece)


def pieces(referral: bytes, copies: Iterable[Opened], at: datetime) -> Iterator[bytes]:
    """The ZIP, piece by piece as it is made, with the digest of each part as `sha256sum -c SHA256SUMS` checks them.

    Raises Refused when a copy is no longer what was received: then what was given before is to be thrown away.
    """
    digests: dict[str, str] = {}
    made = _Forward()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        with archive.open(_info(REFERRAL, at), "w") as part:
            part.write(referral)
        digests[REFERRAL] = hashlib.sha256(referral).hexdigest()
        yield made.taken()
        for copy, reading in copies:
            with reading() as source, archive.open(_info(copy.name, at), "w", force_zip64=True) as part:
                digest = hashlib.sha256()
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    part.write(chunk)
                    yield made.taken()
            digests[copy.name] = digest.hexdigest()
            _require_unaltered(copy, digests[copy.name])
        with archive.open(_info(DIGESTS, at), "w") as part:
            part.write("".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode())
    yield made.taken()


def _require_unaltered(copy: Copy, digest: str) -> None:
    if digest != copy.file.sha256:
        raise Refused(
            "copy_altered",
            "{name} is no longer what was received: its digest is another.",
            "Do not send it; tell whoever runs this service.",
            field="files",
            name=copy.name,
        )


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (at.year, at.month, at.day, 0, 0, 0))
    info.create_system = 3  # the same on every machine
    info.external_attr = 0o600 << 16
    return info


class _Forward:
    """A file that only goes forward: what is written does not depend on where it goes, and is taken out of it."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes, /) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        written, self._written = bytes(self._written), bytearray()
        return written

    def tell(self) -> int:
        raise OSError("this goes forward only")

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def seekable(self) -> bool:
        return False
