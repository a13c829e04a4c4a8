"""Seals the book, the access journal and the accounts: new lines become leaves of the log, under a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.declaring import Declaring
from activities.witnessing import Witnessing
from domain.exchange.sealing import Sealed
from domain.log.chain import Leaf
from domain.log.checkpoint import Checkpoint, PublicKey, signed
from kit.crypto.timestamp import Authority, NoTimestamp
from kit.crypto.vault import KeyDestroyed, KeyUnknown, Tampered, is_sealed
from kit.crypto.witness import Contradicted, Witness
from kit.process.logs import get_logger
from models import account_history, book, denials, journal, seals
from models.chaining import chain_all
from models.keys import JOURNAL
from models.lost_keys import cases_without_keys

if TYPE_CHECKING:
    from domain.log.merkle import Growing
    from kit.crypto.signing import SigningKey
    from kit.storage.database import Database
    from models.keys import CaseKeys, Keys

log = get_logger("activities.seal")

BATCH = 1_000
"""Lines that are sealed in one transaction, during which nobody else writes to a SQLite book."""

SigningKeys = Callable[[], "Sequence[SigningKey]"]
"""Gives the keys at hand: the last one signs, those before it signed until it came. Asked at each seal."""


class Seal:
    """Signs in the name of this installation. One at a time, however many workers there are."""

    def __init__(
        self,
        database: Database,
        keys: CaseKeys,
        origin: str,
        signing: SigningKeys,
        witnesses: Sequence[Witness] = (),
        authority: Authority | None = None,
    ) -> None:
        self._database, self._keys, self._origin, self._signing = database, keys, origin, signing
        self._witnesses, self._authority = [Witnessing(witness, origin) for witness in witnesses], authority

    @activity.defn(name="seal")
    def seal(self) -> Sealed:
        """Makes leaves of all lines that are not sealed yet, with a checkpoint for each batch.

        The last batch ends with leaves of how far the access journal and the history of the accounts have gone. Raises
        an ApplicationError that is not to be tried again: "NoSealKey" when this installation has no key, "OtherSealKey"
        when it is not the one that signed so far nor one that follows it, "WitnessAhead" when a witness holds a log
        that ours has not grown from.
        """
        declaring = self._declaring()
        self._require_no_witness_ahead(declaring)
        of_journal = self._keys.of(JOURNAL)
        with self._database.write() as tx:
            denials.close_windows(tx, of_journal)
        chain_all(self._database, of_journal)  # so that the seal covers what waits
        added = after = 0
        while True:
            keys = self._fetched_keys(after)
            with self._database.write() as tx:
                seals.hold(tx)
                tree = seals.tree(tx)
                declaring.take_over(tx, tree.size)
                rows = seals.unsealed(tx, BATCH, after)
                leaves: list[Leaf | seals.Head] = [_leaf(row, keys) for row in rows]
                if len(rows) < BATCH:
                    leaves += seals.unsealed_heads(tx, [journal.last(tx), account_history.last(tx)])
                if not leaves:
                    return Sealed(size=tree.size, added=added)
                self._add(tx, tree, leaves, declaring.key)
            added, after = added + len(rows), rows[-1].id if rows else after

    def _declaring(self) -> Declaring:
        keys = self._signing()
        if not keys:
            raise ApplicationError("there is no key to sign with", type="NoSealKey", non_retryable=True)
        return Declaring(self._origin, keys)

    def _require_no_witness_ahead(self, declaring: Declaring) -> None:
        with self._database.read() as tx:
            known = declaring.known(tx)
            for witness in self._witnesses:
                ahead = witness.ahead(tx, known)
                if ahead is not None:
                    log.error("witness_ahead", size=ahead.size)
                    raise ApplicationError("a witness holds another log", type="WitnessAhead", non_retryable=True)

    @activity.defn(name="declare_restored")
    def declare_restored(self) -> int:
        """Declares that the log goes on although a witness holds more of it; gives how many declarations were made.

        Nothing is declared where no witness is ahead: asked again, it changes nothing.
        """
        declaring, made = self._declaring(), 0
        with self._database.write() as tx:
            seals.hold(tx)
            for witness in self._witnesses:
                known = declaring.known(tx)
                ahead = witness.ahead(tx, known)
                if ahead is not None:
                    declaring.restored(tx, witness.common(tx, known), ahead)
                    made += 1
        return made

    @activity.defn(name="declare_lost_key")
    def declare_lost_key(self, former: str) -> bool:
        """Declares that our key signs from now on, and that `former` (a line) was lost; False if it was declared.

        Raises ApplicationError "OtherSealKey", not to be tried again, when the last checkpoint is not signed with that.
        """
        declaring = self._declaring()
        with self._database.write() as tx:
            seals.hold(tx)
            return declaring.lost(tx, seals.tree(tx).size, former)

    def _add(self, tx: Connection, tree: Growing, leaves: list[Leaf | seals.Head], key: SigningKey) -> None:
        """Adds leaves to the log, with a signed checkpoint."""
        first = tree.size
        for leaf in leaves:
            tree.append(leaf.hash())
        checkpoint = Checkpoint(self._origin, tree.size, tree.root(), first, datetime.now(UTC))
        note = signed(checkpoint.text(), PublicKey(self._origin, key.public), key.sign)
        seals.add_leaves(tx, first, leaves)
        seals.add_checkpoint(tx, checkpoint, tree.edge, note)

    def _fetched_keys(self, after: int) -> Keys:
        """Fetches the keys of the lines that come next, before the transaction that keeps others waiting.

        Raises ApplicationError "OtherKeys", to be tried again, while the store is not the one of this book: a line that
        is sealed without its key has no commitment, and never will have.
        """
        with self._database.read() as tx:
            rows = seals.unsealed(tx, BATCH, after)
        keys = self._keys.at_hand(*{row.reference for row in rows})
        is_any_lost = any(is_sealed(row.event) and _is_lost(keys, row.reference) for row in rows)
        if is_any_lost and (lost := cases_without_keys(self._database, self._keys)):
            log.error("keys_of_another_book", cases=lost)
            raise ApplicationError("the keys are not those of this book", type="OtherKeys")
        return keys

    @activity.defn(name="send_checkpoint")
    def send_checkpoint(self, size: int) -> int:
        """Tells every witness of the checkpoint of that size; gives how many were told.

        Each is given the declarations too, and the proof that the log grew from what it was told last. Raises
        ApplicationError "Contradicted", not to be tried again, when one of them was told otherwise before.
        """
        declaring = self._declaring()
        for witness in self._witnesses:
            try:
                with self._database.read() as tx:
                    witness.tell(tx, declaring.known(tx), size)
            except Contradicted:
                log.exception("witness_contradicts", size=size)
                raise ApplicationError("told otherwise before", type="Contradicted", non_retryable=True) from None
        return len(self._witnesses)

    @activity.defn(name="stamp_checkpoint")
    def stamp_checkpoint(self, size: int) -> bool:
        """Has the time-stamp authority attest to the checkpoint of that size; False when there is no authority."""
        if self._authority is None:
            return False
        note = self._note(size)
        try:
            token, at = self._authority.stamp(note.encode())
        except NoTimestamp as error:
            log.warning("no_timestamp", size=size, exc_info=True)
            raise ApplicationError("no time-stamp", type="NoTimestamp") from error
        with self._database.write() as tx:
            seals.add_token(tx, size, token, at)
        return True

    def _note(self, size: int) -> str:
        with self._database.read() as tx:
            row = seals.checkpoint_at(tx, size)
        if row is None:
            raise ApplicationError("no such checkpoint", type="NoCheckpoint", non_retryable=True)
        return str(row.note)


def _is_lost(keys: Keys, reference: str) -> bool:
    try:
        keys.of(reference)
    except KeyUnknown:
        return True
    except (KeyDestroyed, Tampered):
        pass
    return False


def _leaf(line: book.StoredLine, keys: Keys) -> Leaf:
    try:
        key = keys.of(line.reference)
        commitment = key.commitment(book.in_clear(line, key).content())
    except (KeyDestroyed, KeyUnknown, Tampered):
        commitment = None  # the line is sealed as it stands all the same
    return Leaf(line.reference, line.version, line.line_hash, commitment)
