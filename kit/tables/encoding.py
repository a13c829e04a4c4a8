"""Detects the encoding of a text, and checks that the whole of it is in that encoding."""

import codecs
import re
from collections import Counter
from pathlib import Path

from kit.tables.errors import TableError
from kit.tables.files import readable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ONE_BYTE_ENCODINGS = ("cp1252", "iso8859-15", "cp850", "mac-roman")
"""Code pages of French offices: Windows, Unix, MS-DOS (what Excel calls "CSV (MS-DOS)") and old Macintoshes."""

_FRENCH = frozenset("éèàçêâëîïôùûüœæÿÉÈÀÇÊÂËÎÏÔÙÛÜŒÆŸ’‘“”«»°–—…€\xa0²³§")
_FOREIGN = frozenset("äöáíóúñãõìòåøßÄÖÁÍÓÚÑÅØšžŠŽ½¼·£")
_ALONE = frozenset("àÀôÔ")
_NEVER_WITHIN = frozenset("‘“”«»€°§\xa0½¼£·")

_AT_MOST, _AT_LEAST = 0.15, 0.4
"""A reading is taken if at most so much of it is odd, where of every other one at least so much is."""

_Seen = Counter[tuple[bytes, bytes, bytes]]
"""Bytes above 127, each with the one before and the one after."""


def detect_encoding(file: Path) -> str:
    """Goes by a byte order mark, else by the evidence for UTF-8, UTF-16 and the one-byte encodings.

    Two encodings are held against each other on the very bytes that they read differently: one is taken only if what it
    reads there is French, where what every other one reads is not. A text in French is thus read as it was written, or
    its encoding is asked for. Raises TableError, which names those that it may be.
    """
    with readable(file), file.open("rb") as opened:
        start = opened.read(4096)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    if (wide := _without_mark(start)) is not None:
        return wide
    seen = _seen_in(file)
    candidates = [name for name in _ONE_BYTE_ENCODINGS if _reads(name, seen)]
    if _is_utf8(file):
        others = [name for name in candidates if seen and _oddity(name, seen) == 0]
        if others:
            raise _unsure(file, ["utf-8", *others])
        return "utf-8"
    return _detect_one_byte(file, seen, candidates)


def _without_mark(start: bytes) -> str | None:
    """UTF-16 without a byte order mark: of the letters of a table, every other byte is nought."""
    even, odd = start[0::2], start[1::2]
    for noughts, others, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if len(noughts) > 1 and noughts.count(0) > 0.8 * len(noughts) and others.count(0) == 0:
            return name
    return None


def _is_utf8(file: Path) -> bool:
    try:
        check_text(file, "utf-8")
    except TableError as error:
        if error.code != "table-undecodable":
            raise
        return False
    return True


def _seen_in(file: Path) -> _Seen:
    seen: _Seen = Counter()
    with readable(file), file.open("rb") as opened:
        before = b" "
        while chunk := opened.read(1 << 16):
            text = before + chunk + (after := opened.read(1))
            for high in re.finditer(rb"[\x80-\xff]", text):
                at = high.start()
                if at > 0 and (at < len(text) - 1 or not after):
                    seen[text[at - 1 : at], high[0], text[at + 1 : at + 2]] += 1
            before = text[-2:-1] if after else b""
            if after:
                opened.seek(-1, 1)
    return seen


def _detect_one_byte(file: Path, seen: _Seen, candidates: list[str]) -> str:
    likely = []
    for name in candidates:
        differing = (_differing(name, other, seen) for other in candidates)
        pairs = [(other, where) for other, where in zip(candidates, differing, strict=True) if where]
        if _oddity(name, seen) >= _AT_LEAST:
            continue
        likely.append(name)
        if all(_oddity(name, where) <= _AT_MOST and _oddity(other, where) >= _AT_LEAST for other, where in pairs):
            return name
    if likely:
        raise _unsure(file, likely)
    raise TableError("table-undecodable", file=file.name, encoding="UTF-8, Windows-1252, ISO 8859-15, CP850, Mac Roman")


def _unsure(file: Path, names: list[str]) -> TableError:
    return TableError("table-encoding-unsure", file=file.name, encodings=", ".join(names))


def _reads(name: str, seen: _Seen) -> bool:
    try:
        for _, byte, _ in seen:
            byte.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _differing(name: str, other: str, seen: _Seen) -> _Seen:
    """The bytes that two encodings read differently."""
    return Counter({key: count for key, count in seen.items() if key[1].decode(name) != key[1].decode(other)})


def _oddity(name: str, seen: _Seen) -> float:
    """How much of a reading is odd in French, from 0 to 1."""
    odd = sum(count * _odd(*(byte.decode(name, "replace") for byte in key)) for key, count in seen.items())
    return odd / max(seen.total(), 1)


def _odd(before: str, char: str, after: str) -> float:
    """How odd a character is between two others: a small letter before a capital one, a quotation mark in a word..."""
    if char not in _FRENCH and char not in _FOREIGN:
        return 1
    is_foreign = 0.5 if char in _FOREIGN else 0.0
    if not char.isalpha():
        return 1 if char in _NEVER_WITHIN and before.isalpha() and after.isalpha() else is_foreign
    if (before.islower() and char.isupper()) or (char.islower() and after.isupper()):
        return 1
    is_alone = 0.3 if not before.isalpha() and not after.isalpha() and char not in _ALONE else 0.0
    return is_foreign + is_alone


def check_text(file: Path, encoding: str) -> None:
    """Decodes the whole file once, in pieces, so that nothing fails half way through an import."""
    try:
        "".encode(encoding)  # refuses codecs that are not of text, such as base64
        decoder = codecs.getincrementaldecoder(encoding)("strict")
    except (LookupError, ValueError):
        raise TableError("table-unknown-encoding", encoding=encoding) from None
    content = False
    with readable(file), file.open("rb") as opened:
        while chunk := opened.read(1 << 16):
            content |= _decodes(file, encoding, decoder, chunk)
        content |= _decodes(file, encoding, decoder, b"", final=True)
    if not content:
        raise TableError("table-empty", file=file.name)


def _decodes(file: Path, encoding: str, decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    """True if this piece of text has anything but white space in it."""
    try:
        text = decoder.decode(chunk, final)
    except UnicodeError:
        raise TableError("table-undecodable", file=file.name, encoding=encoding) from None
    return bool(text.strip("\ufeff \t\r\n"))
