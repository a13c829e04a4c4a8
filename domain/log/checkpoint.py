"""Checkpoints of the log, in formats that other people's tools read: C2SP's tlog-checkpoint, signed-note, tlog-proof.

A checkpoint names its log, the number of leaves and the root. Ours also name the checkpoint before and the time at
which they were made, in the lines that the format leaves to each log. A signed note carries several signatures: ours,
and those of countersigners. Pure: the functions that sign and verify are passed in.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

ED25519 = b"\x01"
"""The kind of a signature, as signed-note numbers them."""

_DASH = "\u2014"
_NAME = re.compile(r"[^\s+]+")

_BEFORE = re.compile(r"^(?:\s*(?:>|ï»¿))+")
"""Marks before a line: those of a quotation, or a mark of UTF-8 that was decoded as letters."""
_BLANKS = {0xA0: " ", 0x202F: " ", 0x200B: None, 0xFEFF: None}
_SIZE = r"(?:0|[1-9][0-9]{0,18})"
_OURS = rf"after=({_SIZE})\nmade=([0-9T:.+-]{{20,40}})"
_BODY = re.compile(rf"^[^\s+]{{1,200}}\n{_SIZE}\n[A-Za-z0-9+/]{{43}}=(?:\n{_OURS})?$", re.MULTILINE)
_SIGNED = re.compile(r"([^\s+]{1,200})\s+((?:[A-Za-z0-9+/]\s?){91}=)(?=\s|$)")
"""A name, and the 68 bytes that are a key's number and an Ed25519 signature."""

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes, bytes], bool]
"""`verify(key, signature, message)` is true if that public key (32 bytes) made the signature of the message."""


class NotACheckpoint(ValueError):
    """The text is not a checkpoint, a signed note or a key."""


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log at one moment: its first `size` leaves have this root."""

    origin: str
    size: int
    root: bytes
    after: int | None = None
    """The size of the checkpoint before, 0 for the first, so that none can be left out unseen. None: not stated."""
    made_at: datetime | None = None

    def text(self) -> str:
        """The body of the note (tlog-checkpoint)."""
        body = f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"
        # No blanks in our lines: mail programs wrap there.
        return body if self.made_at is None else f"{body}after={self.after}\nmade={self.made_at.isoformat()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the body of a note. Lines after the third that are not ours are ignored."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not lines[0] or not re.fullmatch(_SIZE, lines[1]):
            raise NotACheckpoint("not a checkpoint")
        root = _from_base64(lines[2])
        if len(root) != 32:
            raise NotACheckpoint("not the root of a tree")
        ours = re.fullmatch(_OURS, "\n".join(lines[3:-1]))
        try:
            more = (int(ours[1]), datetime.fromisoformat(ours[2])) if ours else ()
        except ValueError:
            raise NotACheckpoint("not a time") from None
        return cls(lines[0], int(lines[1]), root, *more)


@dataclass(frozen=True)
class PublicKey:
    """A signer: a name and an Ed25519 key. It is written as one line (a "vkey") and can be given to anybody."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.key) != 32:
            raise NotACheckpoint("not a key")

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(ED25519 + self.key)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a key from its line. Raises NotACheckpoint if its parts do not fit each other."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise NotACheckpoint("not a key")
        kind_and_key = _from_base64(parts[2])
        if kind_and_key[:1] != ED25519:
            raise NotACheckpoint("not an Ed25519 key")
        key = cls(parts[0], kind_and_key[1:])
        if key.id.hex() != parts[1]:
            raise NotACheckpoint("the key does not fit its own number")
        return key


def signed(text: str, key: PublicKey, sign: Sign) -> str:
    """Makes a signed note of a text. The text ends with a newline, which is signed too."""
    if not text.endswith("\n"):
        raise ValueError("a note ends with a newline")
    signature = _base64(key.id + sign(text.encode()))
    return f"{text}\n{_DASH} {key.name} {signature}\n"


def opened(note: str, keys: Sequence[PublicKey], verify: Verify) -> str:
    """The text of a note that at least one of these keys has signed, and none of them wrongly.

    Raises NotACheckpoint otherwise. Signatures by other keys are ignored.
    """
    text, gap, block = note.rpartition("\n\n")
    if not gap or not block.endswith("\n"):
        raise NotACheckpoint("not a signed note")
    text += "\n"
    signatures = [_signature(line) for line in block.removesuffix("\n").split("\n")]
    ours = [(key, raw[4:]) for name, raw in signatures for key in keys if (key.name, key.id) == (name, raw[:4])]
    if not all(verify(key.key, signature, text.encode()) for key, signature in ours):
        raise NotACheckpoint("the signature does not fit the text")
    if not ours:
        raise NotACheckpoint("not signed by a known key")
    return text


def _signature(line: str) -> tuple[str, bytes]:
    """The name of the signer, then the id of the key and the signature itself."""
    dash, _, rest = line.partition(" ")
    name, space, coded = rest.partition(" ")
    if dash != _DASH or not space:
        raise NotACheckpoint("not a signature")
    return name, _from_base64(coded)


def recovered(text: str) -> str:
    """The first note in a text, however mail programs changed it: quotes, indents, wraps, ends of lines and dashes.

    The note is put back into the one form that can have been signed; only `opened` can tell if it was. Signatures other
    than Ed25519 are left out. Raises NotACheckpoint if there is no note.
    """
    lines = (_BEFORE.sub("", line.translate(_BLANKS)).strip() for line in text.splitlines())
    plain = "\n".join(filter(None, lines))
    body = _BODY.search(plain)
    if body is None:
        raise NotACheckpoint("no checkpoint in it")
    signatures = [
        f"{_DASH} {name} {''.join(signature.split())}\n" for name, signature in _SIGNED.findall(plain, body.end())
    ]
    if not signatures:
        raise NotACheckpoint("not a signed note")
    return f"{body[0]}\n\n{''.join(signatures)}"


def proof_text(index: int, proof: Sequence[bytes], note: str) -> str:
    """A proof of inclusion in one text (tlog-proof): the place, the way up, the signed checkpoint."""
    steps = "".join(f"{_base64(step)}\n" for step in proof)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{steps}\n{note}"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotACheckpoint("not base 64") from None
