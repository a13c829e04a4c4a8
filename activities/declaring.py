"""Declares, in the name of the sealed log, that another key signs from now on, or that it goes on after a restore."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio.exceptions import ApplicationError

from domain.log.checkpoint import Checkpoint, NotACheckpoint, PublicKey, opened, signed
from domain.log.declarations import Declared, NewKey, Restored, declared, new_key_note
from kit.crypto.signing import verify
from kit.process.logs import get_logger
from models import declarations, seals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from kit.crypto.signing import SigningKey

log = get_logger("activities.declaring")


class Declaring:
    """The keys at hand, of which the last one signs, and the declarations that they make."""

    def __init__(self, origin: str, keys: Sequence[SigningKey]) -> None:
        self._origin, self.key = origin, keys[-1]
        self._public = PublicKey(origin, self.key.public)
        self._former = {PublicKey(origin, key.public): key for key in keys[:-1]}

    def known(self, tx: Connection) -> Declared:
        """The declarations that stand, as far as our key and those that it followed bear them out."""
        return declared(declarations.notes(tx), [self._public, *self._former], verify)

    def take_over(self, tx: Connection, size: int) -> None:
        """Declares our key when another one of ours signed until now.

        Raises ApplicationError "OtherSealKey", not to be tried again, when it was one that is not at hand.
        """
        signer = self._signer_so_far(tx)
        if signer is None or signer == self._public:
            return
        former = self._former.get(signer)
        if former is None:
            raise _other_key()
        at = datetime.now(UTC)
        note = new_key_note(NewKey(self._origin, size, signer, self._public, at), self.key.sign, former.sign)
        log.info("seal_key_declared", size=size, version=declarations.add(tx, note, at))

    def _signer_so_far(self, tx: Connection) -> PublicKey | None:
        """The key that was declared last or else signed the last checkpoint; None before the first.

        Raises ApplicationError "OtherSealKey" when it is none of ours.
        """
        last_declared = _last_declared_key(tx)
        if last_declared is not None:
            return last_declared
        last = seals.last_checkpoint(tx)
        if last is None:
            return None
        signers = [key for key in (self._public, *self._former) if _is_signed(last.note, key)]
        if not signers:
            raise _other_key()
        return signers[0]

    def restored(self, tx: Connection, kept: int, lost: Checkpoint) -> None:
        """Declares that the log goes on from `kept` leaves, and that those up to the lost checkpoint are gone."""
        at = datetime.now(UTC)
        restored = Restored(self._origin, kept, lost.size, lost.root, at)
        number = declarations.add(tx, signed(restored.text(), self._public, self.key.sign), at)
        log.warning("restore_declared", size=lost.size, version=number)

    def lost(self, tx: Connection, size: int, former: str) -> bool:
        """Declares our key without the signature of the former one; False when it signs already."""
        last, last_declared = seals.last_checkpoint(tx), _last_declared_key(tx)
        if last is None or self._public == last_declared or _is_signed(last.note, self._public):
            return False
        try:
            before = PublicKey.parse(former)
        except NotACheckpoint:
            raise _other_key() from None
        if before != last_declared and (last_declared is not None or not _is_signed(last.note, before)):
            raise _other_key()
        at = datetime.now(UTC)
        note = new_key_note(NewKey(self._origin, size, before, self._public, at), self.key.sign, None)
        log.warning("seal_key_declared_alone", size=size, version=declarations.add(tx, note, at))
        return True


def _last_declared_key(tx: Connection) -> PublicKey | None:
    return next((key for note in reversed(declarations.notes(tx)) if (key := _new_key(note))), None)


def _new_key(note: str) -> PublicKey | None:
    """The key that a declaration names and that signed it; None for any other declaration."""
    for line in note.split("\n"):
        if line.startswith("to="):
            try:
                key = PublicKey.parse(line.removeprefix("to="))
            except NotACheckpoint:
                return None
            return key if _is_signed(note, key) else None
    return None


def _is_signed(note: str, key: PublicKey) -> bool:
    try:
        opened(note, [key], verify)
    except NotACheckpoint:
        return False
    return True


def _other_key() -> ApplicationError:
    return ApplicationError("the key that signed so far is not at hand", type="OtherSealKey", non_retryable=True)
