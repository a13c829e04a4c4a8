"""The certificate that a case was erased and its key destroyed."""

import hashlib
from datetime import datetime
from typing import Annotated

from pydantic import Field

from domain.parts.erasure import CaseErased
from domain.values import Value


class ExportView(Value):
    """Something of a case that left this system: a bundle, a letter, a file for the Defender, an original file."""

    at: datetime
    account: str
    file: str | None
    """The file that was given as it was received; None for a document or a bundle."""


class CertificateView(Value):
    """Proof that a case was erased, and that its chain still holds. It names nobody but the accounts that erased it."""

    reference: str
    erased_at: datetime
    erased_by: str
    key_made_at: datetime
    key_destroyed_at: datetime
    master_key: str
    """The id of the master key that last wrapped the key of the case."""
    lines: int
    head: str
    """The hash of the last line of its history, in hexadecimal."""
    chain_holds: bool
    facts: CaseErased
    """Facts that are kept for statistics."""
    exports: Annotated[tuple[ExportView, ...], Field(exclude_if=lambda exports: not exports)] = ()
    """What the journal knows to have left this system before the erasure, which reaches none of it, oldest first."""

    @property
    def digest(self) -> str:
        """The SHA-256 of the certificate as JSON, for keeping elsewhere."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
