"""Tells what a file is by its content, and holds it against a short list of what is taken and against its name.

It is read once, from its beginning to its end, and never unpacked; a few pieces of it are held, no more. Everything
that could not be told from something else, that runs by itself, or that hides other files is left out of the list:
archives, programs, web pages, pictures with scripts (SVG), documents with macros, TIFF (its readers have the longest
record of holes; a scanner makes PDF as well).
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from kit.formats.zip_directory import Entry, NotPlain, directory, has_directory

TAIL = 1024 * 1024
"""Bytes held of a file's end: the directory of an office document must fit."""
_HEAD = 64 * 1024

_UNPACKED = 1024 * 1024 * 1024
_RATIO = 200
_ENTRIES = 5_000


class Unacceptable(Exception):
    """The file is not taken. Message and remedy are templates with {named} parameters, as those of a Problem."""

    def __init__(self, code: str, message: str, remedy: str, /, **params: str) -> None:
        super().__init__(code)
        self.code, self.message, self.remedy, self.params = code, message, remedy, params


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken."""

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    begins: Callable[[bytes], bool]
    """True if a file that begins so can be of this kind."""
    ends: Callable[[bytes, int], None] = lambda _tail, _size: None
    """Raises Unacceptable if a file of this many bytes that ends so cannot be of this kind."""
    is_text: bool = False
    is_archive: bool = False


# --- How each kind begins and ends -----------------------------------------------------------------------


def _cut_short() -> Unacceptable:
    return Unacceptable(
        "file_truncated",
        "This file is cut short, or damaged: its end is missing.",
        "Copy it again from where it comes, and check that it opens.",
    )


def _damaged() -> Unacceptable:
    return Unacceptable(
        "file_malformed",
        "This document is not put together as such documents are.",
        "Open it, save it again under a new name (or as PDF), and give that one too.",
    )


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(marks)


def _has(*marks: bytes) -> Callable[[bytes, int], None]:
    def ends(tail: bytes, size: int) -> None:  # noqa: ARG001 - the same for all kinds
        if not any(mark in tail for mark in marks):
            raise _cut_short()

    return ends


def _media(*brands: bytes) -> Callable[[bytes], bool]:
    """ISO base media (ISO 14496-12): a box "ftyp" with the brand of its maker."""

    def begins(head: bytes) -> bool:
        return head[4:8] == b"ftyp" and 8 <= int.from_bytes(head[:4], "big") <= 1024 and head[8:12] in brands

    return begins


_VIDEO = (b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"mmp4")
_PHONE = (b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3g2a", b"3g2b")
_SOUND = (b"M4A ", b"M4B ", b"mp42", b"isom", b"mp41", *_PHONE)


def _riff(form: bytes) -> tuple[Callable[[bytes], bool], Callable[[bytes, int], None]]:
    def begins(head: bytes) -> bool:
        return head[:4] == b"RIFF" and head[8:12] == form

    def ends(tail: bytes, size: int) -> None:
        # The whole of a short file is in its tail; of a long one the announced size is not looked at again.
        if size == len(tail) and int.from_bytes(tail[4:8], "little") not in range(size - 7) and _counted(tail):
            raise _cut_short()

    return begins, ends


def _counted(tail: bytes) -> bool:
    return tail[4:8] != b"\xff\xff\xff\xff"  # a recorder that was stopped before it could say


_BIT_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BIT_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLING = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _frame(head: bytes) -> int:
    """The length of the MPEG audio frame (layer III) that begins here, in bytes; 0 when none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or head[1] >> 1 & 3 != 1:
        return 0
    version, rate, sampling = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in _SAMPLING or rate in (0, 15) or sampling == 3:
        return 0
    factor, rates = (144, _BIT_RATES) if version == 3 else (72, _BIT_RATES_2)
    return factor * rates[rate] * 1000 // _SAMPLING[version][sampling] + (head[2] >> 1 & 1)


def _mp3(head: bytes) -> bool:
    if head.startswith(b"ID3") and len(head) > 10 and max(head[6:10]) < 0x80:
        return True
    # Two bytes that look like a frame are found anywhere; two frames, one after the other, are not.
    return (length := _frame(head)) > 0 and _frame(head[length:]) > 0


_MARKUP = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<|#!|\{\\rtf|%PDF|MZ|\x7fELF|PK\x03\x04|@echo|@?powershell)", re.I)
_ACTIVE = re.compile(rb"<(?:html|script|svg|iframe|\?php|!doctype)|\x7fELF|#!/", re.I)
_HEADER = re.compile(rb"^(?:From|To|Received|Return-Path|MIME-Version|Date|Message-ID|Subject):", re.I | re.M)
_FIRST_LINE = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:From |[A-Za-z][A-Za-z0-9-]*:)")
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def _mail(head: bytes) -> bool:
    headers = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    return bool(_FIRST_LINE.match(head)) and len(set(_HEADER.findall(headers))) >= 2


def _text(head: bytes) -> bool:
    return not _NOT_TEXT.search(head) and not _MARKUP.match(head)


_PADDING = b"\0\t\n\f\r \x1a"
"""Bytes put around a PDF by scanners and gateways: white space (ISO 32000-2, 7.2.3), the end of a DOS file."""
_BEFORE = 1024


def _pdf(head: bytes) -> bool:
    # At the very beginning, but for padding: readers find it further on as well, which is how a PDF is something else.
    begins = head[:_BEFORE].removeprefix(b"\xef\xbb\xbf").lstrip(_PADDING)
    return begins.startswith((b"%PDF-1.", b"%PDF-2.")) and not _ACTIVE.search(head[:1024])


def _pdf_end(tail: bytes, size: int) -> None:  # noqa: ARG001 - the same for all kinds
    content = tail.rstrip(_PADDING)
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise _cut_short()
    if len(content) - end > 2048:
        raise Unacceptable(
            "file_something_after",
            "Something else follows the end of this PDF: it is two files in one, or was damaged.",
            "Open it, print it as PDF again, and give that one.",
        )


def _package(*parts: str, mime: bytes = b"") -> tuple[Callable[[bytes], bool], Callable[[bytes, int], None]]:
    """An office document: an archive with the parts that make it one, or whose first part says what it is."""

    def begins(head: bytes) -> bool:
        return head.startswith(b"PK\x03\x04") and (not mime or head[30:].startswith(b"mimetype" + mime))

    def ends(tail: bytes, size: int) -> None:
        try:
            entries = directory(tail, size)
        except NotPlain:
            raise _damaged() from None
        _check_entries(entries, size)
        if not set(parts) <= {entry.name for entry in entries}:
            raise _damaged()

    return begins, ends


def _check_entries(entries: list[Entry], size: int) -> None:
    """Raises Unacceptable for a bomb, and for an entry that is encrypted, stands elsewhere or holds programs."""
    unpacked = sum(entry.unpacked for entry in entries)
    if len(entries) > _ENTRIES or unpacked > _UNPACKED or unpacked > _RATIO * size:
        raise Unacceptable(
            "file_bomb",
            "This document would unpack to far more than it should.",
            "Save it as PDF, and give that one.",
        )
    for entry in entries:
        _check_entry(entry)


def _check_entry(entry: Entry) -> None:
    if entry.encrypted:
        raise Unacceptable(
            "file_encrypted",
            "This document is closed with a password: it could be neither checked nor read.",
            "Save it without its password, and give that one.",
        )
    where = PurePath(entry.name)
    if where.is_absolute() or ".." in where.parts or "\\" in entry.name or ":" in entry.name:
        raise _damaged()
    if where.name.lower() in ("vbaproject.bin", "vbadata.xml") or "Basic" in where.parts:
        raise Unacceptable(
            "file_macros", "This document holds programs (macros).", "Save it as PDF, and give that one."
        )


_WAVE, _WEBP = _riff(b"WAVE"), _riff(b"WEBP")
_OPEN = b"application/vnd.oasis.opendocument."
_DOCX = _package("[Content_Types].xml", "word/document.xml")
_XLSX = _package("[Content_Types].xml", "xl/workbook.xml")
_ODT = _package("mimetype", "content.xml", mime=_OPEN + b"text")
_ODS = _package("mimetype", "content.xml", mime=_OPEN + b"spreadsheet")
_OFFICE = "application/vnd.openxmlformats-officedocument."

KINDS = (
    Kind("PDF", "application/pdf", (".pdf",), _pdf, _pdf_end),
    Kind("JPEG", "image/jpeg", (".jpg", ".jpeg"), _starts(b"\xff\xd8\xff")),
    Kind("PNG", "image/png", (".png",), _starts(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), _has(b"IEND\xaeB`\x82")),
    Kind("WebP", "image/webp", (".webp",), *_WEBP),
    Kind("HEIC", "image/heic", (".heic", ".heif"), _media(b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")),
    Kind("MP4", "video/mp4", (".mp4", ".m4v"), _media(*_VIDEO)),
    Kind("QuickTime", "video/quicktime", (".mov",), _media(b"qt  ", *_VIDEO)),
    Kind("3GPP", "video/3gpp", (".3gp",), _media(*_PHONE)),
    Kind("WebM", "video/webm", (".webm",), lambda h: h.startswith(b"\x1aE\xdf\xa3") and b"webm" in h[:256]),
    Kind("M4A", "audio/mp4", (".m4a",), _media(*_SOUND)),
    Kind("MP3", "audio/mpeg", (".mp3",), _mp3),
    Kind("Ogg", "audio/ogg", (".ogg", ".oga", ".opus"), _starts(b"OggS\0\x02")),
    Kind("WAV", "audio/wav", (".wav",), *_WAVE),
    Kind("DOCX", _OFFICE + "wordprocessingml.document", (".docx",), *_DOCX, is_archive=True),
    Kind("XLSX", _OFFICE + "spreadsheetml.sheet", (".xlsx",), *_XLSX, is_archive=True),
    Kind("ODT", (_OPEN + b"text").decode(), (".odt",), *_ODT, is_archive=True),
    Kind("ODS", (_OPEN + b"spreadsheet").decode(), (".ods",), *_ODS, is_archive=True),
    Kind("e-mail", "message/rfc822", (".eml",), _mail, is_text=True),
    Kind("text", "text/plain", (".txt",), _text, is_text=True),
)
"""Kinds that are taken. Order matters where one could be taken for another: the first that fits gives the name."""

_KNOWN = (
    ("GIF", b"GIF8"), ("ZIP", b"PK\x03\x04"), ("RAR", b"Rar!"), ("7-Zip", b"7z\xbc\xaf\x27\x1c"), ("gzip", b"\x1f\x8b"),
    ("Windows program", b"MZ"), ("Linux program", b"\x7fELF"), ("Java", b"\xca\xfe\xba\xbe"), ("script", b"#!"),
    ("old Office document", b"\xd0\xcf\x11\xe0"), ("RTF", b"{\\rtf"), ("TIFF", b"II*\0"), ("TIFF", b"MM\0*"),
    ("Matroska", b"\x1aE\xdf\xa3"), ("HTML or XML", b"<"),
)  # fmt: skip
"""Kinds that are recognised to name them, and not taken."""

_TYPED = (
    ("PDF", re.compile(rb"%PDF-")), ("RTF", re.compile(rb"\{\\rtf")),
    ("HTML", re.compile(rb"\s*<(?:!doctype html|html|table)\b", re.I)), ("XML", re.compile(rb"\s*<\?xml\b")),
)  # fmt: skip
"""Kinds that may be without a NUL byte, by marks that begin no table."""

SUFFIXES = tuple(suffix for kind in KINDS for suffix in kind.suffixes)


def kind_named(name: str) -> Kind:
    """The kind that a file's name says it is. Raises Unacceptable when that is none that is taken."""
    suffix = PurePath(name).suffix.lower()
    for kind in KINDS:
        if suffix in kind.suffixes:
            return kind
    raise Unacceptable(
        "file_type_not_taken",
        "Files of this kind ({suffix}) are not taken.",
        "These are: {taken}. Print or export it as PDF, or give it as a picture.",
        suffix=suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "?",
        taken=", ".join(SUFFIXES),
    )


def _recognised(head: bytes) -> str | None:
    """The name of the kind that a file begins like."""
    taken = next((kind.name for kind in KINDS if not kind.is_text and kind.begins(head)), None)
    return taken or next((name for name, mark in _KNOWN if head.lstrip().startswith(mark)), None)


def no_plain_text(head: bytes) -> str | None:
    """The kind of a file that is surely no plain text, by its beginning; None otherwise.

    Two letters that begin a program begin the name of a column as well: only a NUL byte, or a mark that nobody types,
    tells them apart.
    """
    if typed := next((name for name, mark in _TYPED if mark.match(head)), None):
        return typed
    return _recognised(head) if b"\0" in head else None


class Inspection:
    """Looks at a file as it goes by. Every method raises Unacceptable."""

    def __init__(self, name: str) -> None:
        """Takes the name, by which the file claims to be of a kind."""
        self.kind = kind_named(name)
        self.size = 0
        self._head = b""
        self._began = False
        self._tail: deque[bytes] = deque()
        self._held = 0
        self._jpeg_ended = False

    def look(self, piece: bytes) -> None:
        """Looks at the next bytes."""
        if not piece:
            return
        if not self._began:
            self._head += piece[: _HEAD - len(self._head)]
            if len(self._head) >= _HEAD:
                self._begin()
        if self.kind.is_text and _NOT_TEXT.search(piece):
            raise self._mismatch()
        if self.kind.name == "JPEG":
            before = self._tail[-1][-1:] if self._tail else b""
            self._jpeg_ended = self._jpeg_ended or b"\xff\xd9" in before + piece
        self.size += len(piece)
        self._hold(piece)

    def _hold(self, piece: bytes) -> None:
        """Holds the last pieces, of `TAIL` bytes at least."""
        self._tail.append(piece)
        self._held += len(piece)
        while self._held - len(self._tail[0]) >= TAIL:
            self._held -= len(self._tail.popleft())

    def end(self) -> Kind:
        """Gives the kind, once all of the file was seen."""
        if self.size == 0:
            raise Unacceptable("file_empty", "This file is empty.", "Check that it was copied to its end.")
        if not self._began:
            self._begin()
        tail = b"".join(self._tail)
        self.kind.ends(tail, self.size)
        if self.kind.name == "JPEG" and not self._jpeg_ended:
            raise _cut_short()
        if not self.kind.is_archive and has_directory(tail, self.size):
            raise Unacceptable(
                "file_two_things",
                "This file is two things at once: {found}, and an archive that hides other files.",
                "Take the files out of it, and give those that matter one by one.",
                found=self.kind.name,
            )
        return self.kind

    def _begin(self) -> None:
        self._began = True
        if not self.kind.begins(self._head):
            raise self._mismatch()

    def _mismatch(self) -> Unacceptable:
        return Unacceptable(
            "file_type_mismatch",
            "The name of this file says {claimed}; what it holds is something else ({found}).",
            "Give it the ending of what it is, if that is taken: {taken}. Otherwise export it as PDF.",
            claimed=self.kind.name,
            found=_recognised(self._head) or "?",
            taken=", ".join(SUFFIXES),
        )
