"""The bytes of evidence files, sealed under the key of their case: checked when taken in, and again when given out.

A file is taken in piece by piece: each is looked at, counted, hashed, sealed and written before the next one is read.
The same document given for two cases is kept twice, under two keys: nothing tells that they have something in common.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from domain.errors import Action, Invalid, Problem, Refused
from domain.values import FileName
from domain.vocabulary import FileRemark
from kit.crypto.sealed_stream import open_stream, seal_stream
from kit.crypto.vault import DataKey, Tampered
from kit.formats.pdf import look
from kit.formats.sniff import Inspection, Unacceptable
from kit.storage.store import NotKept, Store, new_name, store_at

if TYPE_CHECKING:
    from domain.parts.files import EvidenceFile
    from kit.settings import Settings
    from models.keys import CaseKeys

MB = 1024 * 1024
_NAME: TypeAdapter[str] = TypeAdapter(FileName)


@dataclass(frozen=True)
class TakenIn:
    """A file that is in the store and belongs to no case yet."""

    filename: str
    stored: str
    sha256: str
    size: int
    media_type: str
    remark: FileRemark | None = None


class Evidence:
    """The files of one installation. Safe to share between threads."""

    def __init__(self, store: Store, keys: CaseKeys, limit: int) -> None:
        """`limit` is how many bytes a file may have."""
        self.store, self._keys, self.limit = store, keys, limit

    def take_in(self, reference: str, filename: str, pieces: Iterable[bytes]) -> TakenIn:
        """Reads a file to its end and keeps it, durably. Raises Invalid, and keeps nothing, when it is not taken."""
        filename = checked_name(filename)
        try:
            inspection = Inspection(filename)
            key = self._keys.of(reference)
            stored, digest = new_name(), hashlib.sha256()
            seen = self._seen(pieces, inspection, digest)
            self.store.put(stored, seal_stream(seen, key, _place(reference, stored)))
        except Unacceptable as refused:
            raise Invalid(
                refused.code, refused.message, refused.remedy, field="file", action=None, **refused.params
            ) from None
        media_type = inspection.kind.media_type
        remark = self._remark(key, _place(reference, stored), stored) if inspection.kind.name == "PDF" else None
        return TakenIn(filename, stored, digest.hexdigest(), inspection.size, media_type, remark)

    def _remark(self, key: DataKey, place: str, stored: str) -> FileRemark | None:
        """What is to be known of a PDF that was stored."""
        trait = look(open_stream(self.store.get(stored), key, place))
        return None if trait is None else FileRemark[trait.name]

    def _seen(self, pieces: Iterable[bytes], inspection: Inspection, digest: Any) -> Iterator[bytes]:
        for piece in pieces:
            if inspection.size + len(piece) > self.limit:
                raise too_large(self.limit)
            inspection.look(piece)
            digest.update(piece)
            yield piece
        inspection.end()  # raises before the last piece is sealed, so that a refused file leaves nothing behind

    def read(self, reference: str, file: EvidenceFile) -> Iterator[bytes]:
        """The bytes of a file, as they were taken in.

        Each piece is genuine, but only the end shows that none is missing. Raises a Problem when the bytes are others
        than those taken in: then nothing that was read before may be used.
        """
        key = self._keys.of(reference)
        digest, size = hashlib.sha256(), 0
        try:
            for piece in open_stream(self.store.get(file.stored), key, _place(reference, file.stored)):
                digest.update(piece)
                size += len(piece)
                yield piece
        except Tampered:
            raise _damaged(file) from None
        except NotKept:
            raise Problem(
                "file_missing",
                "The content of {id} is not in the store.",
                "Restore the store from its back-up; tell whoever runs this service.",
                field="file",
                id=file.id,
            ) from None
        if digest.hexdigest() != file.sha256 or size != file.size:
            raise _damaged(file)

    # --- Copies without scripts ---

    def keep_copy(self, reference: str, file: EvidenceFile, pieces: Iterable[bytes]) -> str:
        """Keeps a copy of a file, sealed like the file; gives the name under which it is stored."""
        stored = new_name()
        self.store.put(stored, seal_stream(pieces, self._keys.of(reference), _place_of_copy(reference, file, stored)))
        return stored

    def read_copy(self, reference: str, file: EvidenceFile, stored: str) -> Iterator[bytes]:
        """The bytes of a copy, as it was kept. Raises NotKept, and Tampered when the bytes are others."""
        key = self._keys.of(reference)
        return open_stream(self.store.get(stored), key, _place_of_copy(reference, file, stored))

    # --- Housekeeping ---

    def fault(self, reference: str, file: EvidenceFile) -> str | None:
        """Reads a file to its end, a piece at a time; gives the code of its fault, or None.

        None as well when there is nothing to compare with: the case was erased meanwhile, or its key is lost.
        """
        try:
            for _piece in self.read(reference, file):
                pass
        except Refused:
            return None
        except Problem as problem:
            return problem.code
        return None

    def fault_of_copy(self, reference: str, file: EvidenceFile, stored: str) -> str | None:
        """Reads a copy to its end; gives the code of its fault, or None."""
        try:
            for _piece in self.read_copy(reference, file, stored):
                pass
        except NotKept:
            return "copy_missing"
        except Tampered:
            return "copy_damaged"
        return None

    def discard(self, stored: str) -> None:
        """Deletes a file that no case holds."""
        self.store.delete(stored)


def checked_name(filename: str) -> str:
    """A file's name, if it can be one. Raises Invalid."""
    try:
        return _NAME.validate_python(filename)
    except ValidationError:
        raise Invalid(
            "file_name",
            "This is no name for a file: one line of at most 200 characters, without folders or control characters.",
            "Give it another.",
            field="name",
            action=Action.NAME_FILE,
        ) from None


def too_large(limit: int) -> Invalid:
    """The error for a file larger than the limit, in bytes."""
    return Invalid(
        "file_too_large",
        "This file has more than {limit} MB.",
        "Give it in parts, or in a lower quality; whoever runs the service can raise the limit (ABOUTIR_FILE_MB).",
        field="file",
        limit=limit // MB,
    )


def _damaged(file: EvidenceFile) -> Problem:
    return Problem(
        "file_damaged",
        "What is in the store for {id} is not what was attached: it was changed or cut short. Nothing was given out.",
        "Restore the store from its back-up; tell whoever runs this service.",
        field="file",
        id=file.id,
    )


def _place(reference: str, stored: str) -> str:
    return f"file|{reference}|{stored}"


def _place_of_copy(reference: str, file: EvidenceFile, stored: str) -> str:
    return f"copy|{reference}|{file.stored}|{stored}"


def evidence_of(settings: Settings, keys: CaseKeys) -> Evidence:
    """The files, as the settings say."""
    store = store_at(
        settings.files or str(settings.data / "files"),
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        key=settings.s3_key_id,
        secret=settings.s3_secret.get_secret_value() if settings.s3_secret else "",
    )
    return Evidence(store, keys, settings.file_mb * MB)
