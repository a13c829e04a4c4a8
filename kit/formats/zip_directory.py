"""Reads the directory of a ZIP archive: nothing is ever unpacked.

The directory stands at the end of the archive (PKWARE, APPNOTE.TXT, 4.3.12 and 4.3.16). Only the plainest archives are
taken: one disk, no encryption, no ZIP64, nothing before, between or after what the directory names.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_END, _END_SIZE = b"PK\x05\x06", 22
_ENTRY, _ENTRY_SIZE = b"PK\x01\x02", 46
_LOCAL_SIZE = 30
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1 | 0x40 | 0x2000


class NotPlain(ValueError):
    """The archive is cut short, of another make, or contradicts itself."""


@dataclass(frozen=True)
class Entry:
    """One file in an archive, as the directory tells it. Sizes in bytes."""

    name: str
    packed: int
    unpacked: int
    encrypted: bool
    offset: int


def has_directory(tail: bytes, size: int) -> bool:
    """True if a program that looks for an archive would find one in a file that ends with these bytes."""
    start = len(tail)
    while (start := tail.rfind(_END, 0, start)) >= 0:
        end = tail[start : start + _END_SIZE]
        if len(end) == _END_SIZE:
            disk, first, here, count, length, offset, _ = struct.unpack("<4xHHHHIIH", end)
            if disk == first == 0 and here == count and length + offset <= size:
                return True
    return False


def directory(tail: bytes, size: int) -> list[Entry]:
    """The entries of an archive of `size` bytes that ends with `tail`. Raises NotPlain."""
    start = len(tail) - _END_SIZE
    if start < 0 or tail[start : start + 4] != _END:
        raise NotPlain
    disk, first, here, count, length, offset, comment = struct.unpack("<4xHHHHIIH", tail[start:])
    if disk or first or here != count or comment or offset + length != size - _END_SIZE or length > start:
        raise NotPlain
    entries = list(_entries(memoryview(tail)[start - length : start]))
    if len(entries) != count or len({entry.name for entry in entries}) != count:
        raise NotPlain
    _check_places(entries, offset)
    return entries


def _check_places(entries: list[Entry], end: int) -> None:
    """Raises NotPlain unless the entries stand one after the other, from the first byte to `end` at most.

    Entries that overlap are how an archive unpacks to more than it holds.
    """
    where = 0
    for number, entry in enumerate(sorted(entries, key=lambda entry: entry.offset)):
        if entry.offset < where or (number == 0 and entry.offset != 0):
            raise NotPlain
        where = entry.offset + _LOCAL_SIZE + len(entry.name.encode()) + entry.packed
    if where > end:
        raise NotPlain


def _entries(raw: memoryview) -> Iterator[Entry]:
    at = 0
    while at < len(raw):
        entry, size = _entry(raw[at:])
        yield entry
        at += size
    if at != len(raw):
        raise NotPlain


def _entry(raw: memoryview) -> tuple[Entry, int]:
    """Reads the entry that the bytes begin with; gives its length beside it."""
    fixed = raw[:_ENTRY_SIZE]
    if len(fixed) < _ENTRY_SIZE or fixed[:4] != _ENTRY:
        raise NotPlain
    flags, method, packed, unpacked, name_size, extra, comment, disk, offset = struct.unpack("<8xHH8xIIHHHH6xI", fixed)
    is_encrypted = bool(flags & _ENCRYPTED)
    if method not in (_STORED, _DEFLATED) or disk or (method == _STORED and packed != unpacked and not is_encrypted):
        raise NotPlain
    name = _name(bytes(raw[_ENTRY_SIZE : _ENTRY_SIZE + name_size]), name_size)
    return Entry(name, packed, unpacked, is_encrypted, offset), _ENTRY_SIZE + name_size + extra + comment


def _name(raw: bytes, size: int) -> str:
    if len(raw) < size or b"\0" in raw:
        raise NotPlain
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise NotPlain from None
