"""What a ZIP archive says it holds, read from its directory alone: nothing is ever unpacked.

The directory stands at the end of the archive (PKWARE, APPNOTE.TXT, 4.3.12 and 4.3.16). Only the plainest archives are
taken: one disk, no encryption, no ZIP64, nothing before, between or after what the directory names.
"""

import struct
from dataclasses import dataclass

_END, _END_SIZE = b"PK\x05\x06", 22
_ENTRY, _ENTRY_SIZE = b"PK\x01\x02", 46
_LOCAL_SIZE = 30
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1 | 0x40 | 0x2000


class NotPlain(ValueError):
    """The archive is cut short, of another make, or says two things at once."""


@dataclass(frozen=True)
class Entry:
    """One file in an archive, as the directory tells it. Sizes in bytes."""

    name: str
    packed: int
    unpacked: int
    encrypted: bool
    offset: int


def has_directory(tail: bytes, size: int) -> bool:
    """Whether a program that looks for an archive would find one in what ends with these bytes."""
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
    entries = _entries(tail[start - length : start], count)
    where = 0
    for entry in sorted(entries, key=lambda one: one.offset):
        # One after the other: what lies in two entries at once is how an archive unpacks to more than there is.
        if entry.offset < where:
            raise NotPlain
        where = entry.offset + _LOCAL_SIZE + len(entry.name.encode()) + entry.packed
    if where > offset or (entries and min(one.offset for one in entries) != 0):
        raise NotPlain
    return entries


def _entries(raw: bytes, count: int) -> list[Entry]:
    found: list[Entry] = []
    at = 0
    while at < len(raw):
        fixed = raw[at : at + _ENTRY_SIZE]
        if len(fixed) < _ENTRY_SIZE or fixed[:4] != _ENTRY:
            raise NotPlain
        flags, method, packed, unpacked, name_size, extra, comment, disk, offset = struct.unpack(
            "<8xHH8xIIHHHH6xI", fixed
        )
        name = raw[at + _ENTRY_SIZE : at + _ENTRY_SIZE + name_size]
        if method not in (_STORED, _DEFLATED) or disk or len(name) < name_size or b"\0" in name:
            raise NotPlain
        if method == _STORED and packed != unpacked and not flags & _ENCRYPTED:
            raise NotPlain
        try:
            text = name.decode()
        except UnicodeDecodeError:
            raise NotPlain from None
        found.append(Entry(text, packed, unpacked, bool(flags & _ENCRYPTED), offset))
        at += _ENTRY_SIZE + name_size + extra + comment
    if len(found) != count or at != len(raw) or len({one.name for one in found}) != count:
        raise NotPlain
    return found
