"""The key of a case, as those who need it see it: to read what is kept under it, and to commit to what was said.

Until there are keys, `IN_CLEAR` stands for all of them: what it seals anybody can read.
"""

import hashlib
from typing import Protocol


class KeyDestroyed(Exception):
    """The case was erased: nothing under its key can be read again, by anybody."""


class CaseKey(Protocol):
    """One case's key."""

    def seal(self, plain: bytes, context: str) -> bytes:
        """What only this key opens, in this context only. The same bytes in the same context are sealed alike."""

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed."""

    def commitment(self, data: bytes) -> bytes:
        """32 bytes that stand for `data`, and from which nobody without the key can guess it."""


class CaseKeys(Protocol):
    """Where the keys are."""

    def of(self, reference: str) -> CaseKey:
        """The key of a case. Raises KeyDestroyed when it is no more."""


class _Clear:
    def seal(self, plain: bytes, context: str) -> bytes:  # noqa: ARG002
        return plain

    def open(self, sealed: bytes, context: str) -> bytes:  # noqa: ARG002
        return sealed

    def commitment(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()


class _InClear:
    def of(self, reference: str) -> CaseKey:  # noqa: ARG002
        return _Clear()


IN_CLEAR: CaseKeys = _InClear()
"""No encryption: the database and the folders hold what people said."""
