"""Tells a witness of the log, with the proof that it only grew; notices when a witness holds more of it than we do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.log.checkpoint import Checkpoint, NotACheckpoint, opened
from domain.log.merkle import consistency_from, is_consistent
from kit.crypto.signing import verify
from kit.crypto.witness import Contradicted
from kit.process.logs import get_logger
from models import declarations, seals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from domain.log.declarations import Declared
    from kit.crypto.witness import Witness

log = get_logger("activities.witnessing")


class Witnessing:
    """A witness of one log, and the rule by which it takes a checkpoint."""

    def __init__(self, witness: Witness, origin: str) -> None:
        self._witness, self._origin = witness, origin

    def ahead(self, tx: Connection, known: Declared) -> Checkpoint | None:
        """The checkpoint that it holds and that ours did not grow from; None when there is none.

        A witness that does not answer holds nothing up: it is told, and says no, when it is back. Nor does a note that
        nobody known has signed, which `verify` reports.
        """
        try:
            held = list(self._held(known))
        except OSError:
            log.warning("witness_away", exc_info=True)
            return None
        last = held[-1] if held else None
        return None if last is None or known.is_lost(last) or _is_ours(tx, last) else last

    def common(self, tx: Connection, known: Declared) -> int:
        """The size of the latest checkpoint that it holds and that our log has, 0 when there is none."""
        return max((checkpoint.size for checkpoint in self._held(known) if _is_ours(tx, checkpoint)), default=0)

    def _held(self, known: Declared) -> Iterator[Checkpoint]:
        for size, note in self._witness.notes():
            try:
                checkpoint = Checkpoint.parse(opened(note, known.keys_at(size), verify))
            except NotACheckpoint:
                continue
            if (checkpoint.origin, checkpoint.size) == (self._origin, size):
                yield checkpoint

    def tell(self, tx: Connection, known: Declared, size: int) -> None:
        """Gives it every declaration, then our checkpoint of that size if it follows from the last one that it holds.

        Raises Contradicted when it does not; the witness then keeps ours as evidence.
        """
        row = seals.checkpoint_at(tx, size)
        if row is None:
            raise LookupError(f"no checkpoint of {size} leaves")
        for number, note in enumerate(declarations.notes(tx), start=1):
            self._witness.declare(number, note)
        latest = self._witness.latest()
        if latest is not None and latest[1] == row.note:
            return
        if not self._follows(tx, known, row):
            self._witness.put_aside(size, row.note)
            raise Contradicted(str(size))
        self._witness.receive(size, row.note, era=len(known.restorations))

    def _follows(self, tx: Connection, known: Declared, row: seals.StoredCheckpoint) -> bool:
        """True if the log of this checkpoint grew from the last one that the witness holds and that is not lost."""
        held = list(self._held(known))
        standing = [checkpoint for checkpoint in held if not known.is_lost(checkpoint)]
        if not standing:  # it was told of nothing yet, or all that it holds is lost, and declared to be
            return bool(held) or self._witness.latest() is None
        last = standing[-1]
        if last.size > row.size:
            return _is_ours(tx, last)  # it was told of more meanwhile
        before = seals.checkpoint_at(tx, last.size)
        if before is None:
            return False
        edge = [before.edge[n : n + 32] for n in range(0, len(before.edge), 32)]
        proof = consistency_from(last.size, edge, seals.leaf_hashes(tx, row.size, last.size))
        return is_consistent(last.size, last.root, row.size, row.root, proof)


def _is_ours(tx: Connection, checkpoint: Checkpoint) -> bool:
    row = seals.checkpoint_at(tx, checkpoint.size)
    return row is not None and row.root == checkpoint.root
