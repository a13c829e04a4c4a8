"""Declarations about the sealed log, signed like its checkpoints: a key follows another, the log was restored.

Whoever trusts the latest key learns from them which keys signed before it, and which checkpoints were lost when an
older book was put back. They are kept for ever, and given to witnesses. Pure: what signs and verifies is passed in.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.log.checkpoint import Checkpoint, NotACheckpoint, PublicKey, Sign, Verify, opened, signed

_NEW_KEY = re.compile(r"([^\s+]+)/key\nsize=([0-9]+)\nfrom=(\S+)\nto=(\S+)\nmade=(\S+)\n")
_RESTORED = re.compile(r"([^\s+]+)/restored\nkept=([0-9]+)\nlost=([0-9]+)\nroot=([0-9a-f]{64})\nmade=(\S+)\n")


@dataclass(frozen=True)
class NewKey:
    """The key that signs from now on. The former one signed the log up to `size` leaves, and nothing after."""

    origin: str
    size: int
    former: PublicKey
    key: PublicKey
    made_at: datetime
    is_signed_by_former: bool = True
    """False when the former key was lost: only the new one, and whoever put it there, vouch for it."""

    def text(self) -> str:
        """The body of the signed note."""
        return (
            f"{self.origin}/key\nsize={self.size}\nfrom={self.former}\nto={self.key}\nmade={self.made_at.isoformat()}\n"
        )


@dataclass(frozen=True)
class Restored:
    """A log that goes on from `kept` leaves, after a checkpoint of `lost` leaves had been told to a witness."""

    origin: str
    kept: int
    lost: int
    root: bytes
    """The root of the log that was lost, at `lost` leaves."""
    made_at: datetime

    def text(self) -> str:
        """The body of the signed note."""
        return (
            f"{self.origin}/restored\nkept={self.kept}\nlost={self.lost}\nroot={self.root.hex()}\n"
            f"made={self.made_at.isoformat()}\n"
        )

    def covers(self, checkpoint: Checkpoint) -> bool:
        """True for a checkpoint that was made before, of leaves that are lost."""
        is_before = checkpoint.made_at is None or checkpoint.made_at < self.made_at
        return is_before and self.kept < checkpoint.size <= self.lost


Declaration = NewKey | Restored


def new_key_note(declaration: NewKey, sign: Sign, sign_as_former: Sign | None) -> str:
    """Signs the declaration with the new key and, unless it was lost, with the former one."""
    note = signed(declaration.text(), declaration.key, sign)
    if sign_as_former is None:
        return note
    return note + signed(declaration.text(), declaration.former, sign_as_former).rpartition("\n\n")[2]


def read(note: str, keys: Sequence[PublicKey], verify: Verify) -> Declaration:
    """The declaration of a note that one of these keys signed: that of a new key, the new key itself.

    Raises NotACheckpoint for any other text.
    """
    text = note.rpartition("\n\n")[0] + "\n"
    if parts := _NEW_KEY.fullmatch(text):
        former, key = PublicKey.parse(parts[3]), PublicKey.parse(parts[4])
        if key not in keys:
            raise NotACheckpoint("not of a known key")
        opened(note, [key], verify)
        both = _has_signed(former, note, verify)
        return NewKey(parts[1], int(parts[2]), former, key, _instant(parts[5]), both)
    if parts := _RESTORED.fullmatch(text):
        opened(note, keys, verify)
        return Restored(parts[1], int(parts[2]), int(parts[3]), bytes.fromhex(parts[4]), _instant(parts[5]))
    raise NotACheckpoint("not a declaration")


def _has_signed(key: PublicKey, note: str, verify: Verify) -> bool:
    try:
        opened(note, [key], verify)
    except NotACheckpoint:
        return False
    return True


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise NotACheckpoint("not a time") from None
    if instant.tzinfo is None:
        raise NotACheckpoint("not a time")
    return instant


@dataclass(frozen=True)
class Trusted:
    """A key that may have signed, up to a number of leaves: None for the one that signs now."""

    key: PublicKey
    until: int | None = None

    def may_sign(self, size: int) -> bool:
        """True if this key signed logs of that size."""
        return self.until is None or size <= self.until


@dataclass(frozen=True)
class Declared:
    """The declarations of a log, as far as keys that are trusted bear them out."""

    keys: tuple[Trusted, ...]
    new_keys: tuple[NewKey, ...] = ()
    restorations: tuple[Restored, ...] = ()
    unread: int = 0
    """Number of declarations that nobody who is trusted has signed."""

    def keys_at(self, size: int) -> list[PublicKey]:
        """The keys that may have signed a log of that size."""
        return [trusted.key for trusted in self.keys if trusted.may_sign(size)]

    def is_lost(self, checkpoint: Checkpoint) -> bool:
        """True for a checkpoint of leaves that were lost when the log was restored."""
        return any(restored.covers(checkpoint) for restored in self.restorations)


def declared(notes: Iterable[str], keys: Sequence[PublicKey], verify: Verify) -> Declared:
    """Follows declarations back, the latest first, from the keys that are trusted to those that signed before them.

    `notes` are in the order in which they were made.
    """
    trusted = [Trusted(key) for key in keys]
    new_keys: list[NewKey] = []
    restorations: list[Restored] = []
    unread = 0
    for note in reversed(list(notes)):
        try:
            declaration = read(note, [each.key for each in trusted], verify)
        except NotACheckpoint:
            unread += 1
            continue
        if isinstance(declaration, Restored):
            restorations.append(declaration)
            continue
        new_keys.append(declaration)
        if declaration.former not in [each.key for each in trusted]:
            trusted.append(Trusted(declaration.former, declaration.size))
    return Declared(tuple(trusted), tuple(new_keys[::-1]), tuple(restorations[::-1]), unread)
