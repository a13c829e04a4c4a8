"""What it takes to start the workflow of a case again from the book, and the note that this was done."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from domain.exchange.cases import Opening
from domain.exchange.sweep import Finding
from domain.vocabulary import Disagreement
from kit.process.logs import get_logger
from models import book, sweeps
from models.keys import CaseErased

if TYPE_CHECKING:
    from kit.storage.database import Database
    from models.keys import CaseKeys

log = get_logger("models.taking_up")


class TakingUp:
    """The book, for whoever finds that a case has lost its workflow."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        self._database, self._keys = database, keys

    def opening_of(self, reference: str) -> Opening | None:
        """The opening of a case; None when the book does not have it, it is erased, or nobody can read it."""
        try:
            with self._database.read() as tx:
                if book.erasure(tx, reference) is not None:
                    return None
                first = book.first(tx, self._keys, reference)
            return Opening.recorded(first) if first is not None else None
        except (CaseErased, *book.UNREADABLE):
            return None

    def note(self, reference: str, *, repaired: bool = True) -> None:
        """Notes beside the findings of the last sweep that a case had no workflow, and if it has one now."""
        finding = Finding(
            reference=reference, kind=Disagreement.NO_WORKFLOW, repaired=repaired, found_at=datetime.now(UTC)
        )
        log.warning("sweep_finding", reference=reference, kind=finding.kind, repaired=repaired)
        with self._database.write() as tx:
            sweeps.note_between(tx, f"between-{uuid.uuid4()}", finding)
