"""Detects the encoding of a text, and checks that the whole of it is in that encoding."""

import codecs
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

from kit.tables.errors import TableError
from kit.tables.files import readable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ONE_BYTE_ENCODINGS = ("cp1252", "iso8859-15", "mac-roman")  # the first wins a tie

# What a byte above 127 is worth when it reads as this character, in French text.
_WEIGHTS = {
    **dict.fromkeys("éèàçê’", 3),
    **dict.fromkeys("âäëîïôöùûüœæÿ°«»“”‘–—…€\xa0ÉÈÀÇÊ", 2),
    **dict.fromkeys("ÂÄËÎÏÔÖÙÛÜŒÆŸáíóúñãõìòÁÍÓÚÑ§²³·½", 1),
    **dict.fromkeys("åøßÅØ", 0),
}


def detect_encoding(file: Path) -> str:
    """Goes by a byte order mark, else takes strict UTF-8, else the one-byte encoding that reads most like French.

    Counting letters does better on short files than charset-normalizer, which takes the "é" of Mac Roman for
    the "Ž" of Windows and ISO 8859-15 for Windows-1252 (compared on the lines of our own reference data).
    """
    with readable(file), file.open("rb") as opened:
        start = opened.read(4)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    with suppress(TableError):
        check_text(file, "utf-8")
        return "utf-8"
    return _detect_one_byte(file)


def _detect_one_byte(file: Path) -> str:
    seen: Counter[tuple[bytes, bytes]] = Counter()
    with readable(file), file.open("rb") as opened:
        while chunk := opened.read(1 << 16):
            seen.update(re.findall(rb"([a-z]?)([\x80-\xff])", chunk))
    best, best_score = None, -1
    for name in _ONE_BYTE_ENCODINGS:
        score = 0
        try:
            for (before, byte), count in seen.items():
                score += count * _likelihood(byte.decode(name), after_small_letter=bool(before))
        except UnicodeDecodeError:
            continue
        if score > best_score:
            best, best_score = name, score
    if best is None:
        raise TableError("table-undecodable", file=file.name, encoding="UTF-8, Windows-1252, ISO 8859-15, Mac Roman")
    return best


def _likelihood(char: str, *, after_small_letter: bool) -> int:
    if after_small_letter and char.isupper():
        return -3
    return _WEIGHTS.get(char, -3)


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
