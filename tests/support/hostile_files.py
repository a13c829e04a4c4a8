"""Files that somebody who means harm might give, each with what is to become of it.

A code is that of the refusal. None: the file is taken, as what it is, and said not to be scanned.
"""

import io
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.support.good_files import OPEN, SAMPLES, SHEET, WORD, package, riff
from tests.support.pdfs import HOW, pdf

MISMATCH, TYPE, CUT, EMPTY = "file_type_mismatch", "file_type_not_taken", "file_truncated", "file_empty"
MALFORMED, BOMB, NAME, TWO = "file_malformed", "file_bomb", "file_name", "file_two_things"


@dataclass(frozen=True)
class Hostile:
    """A file, and the codes of the refusals it may meet (None: it is taken)."""

    what: str
    name: str
    content: bytes | Iterable[bytes]
    may: tuple[str | None, ...]


_ALIKE = (
    {".mp4", ".mov", ".3gp", ".m4a", ".heic"},  # one family: which of them it is lies in one word
    {".txt", ".eml"},
)


def wrong_endings() -> Iterator[Hostile]:
    suffixes = list(SAMPLES)
    for number, suffix in enumerate(suffixes):
        others = suffixes[number + 1 :] + suffixes[:number]
        others = [other for other in others if not any({suffix, other} <= alike for alike in _ALIKE)]
        for other in others[:4]:
            expected = (MALFORMED,) if {suffix, other} == {".docx", ".xlsx"} else (MISMATCH,)
            yield Hostile(f"{suffix} as {other}", f"piece{other}", SAMPLES[suffix], expected)


def cut_short() -> Iterator[Hostile]:
    for suffix in (".pdf", ".jpg", ".png", ".webp", ".wav", ".docx", ".xlsx", ".odt", ".ods"):
        whole = SAMPLES[suffix]
        for keep in (len(whole) - 12, len(whole) // 2 + 20, 44):
            yield Hostile(f"{suffix} cut at {keep}", f"piece{suffix}", whole[:keep], (CUT, MALFORMED, MISMATCH))


def nothing() -> Iterator[Hostile]:
    for suffix in SAMPLES:
        yield Hostile(f"zero bytes as {suffix}", f"vide{suffix}", b"", (EMPTY,))


_REFUSED = (
    *("exe", "js", "html", "htm", "svg", "zip", "rar", "7z", "gz", "doc", "xls", "ppt", "docm", "xlsm", "iso", "img"),
    *("lnk", "bat", "cmd", "ps1", "vbs", "jar", "apk", "tif", "tiff", "gif", "rtf", "msg", "php", "sh", "py", "scr"),
    *("com", "msi", "dmg", "mht", "xml", "swf", "csv"),
)


def refused_endings() -> Iterator[Hostile]:
    for suffix in _REFUSED:
        yield Hostile(f".{suffix}", f"piece.{suffix}", SAMPLES[".pdf"], (TYPE,))
    for name in (
        "piece",
        "piece.",
        ".pdf",
        "piece.pdf.exe",
        "piece.pdf ",
        "piece.pdf\u00a0",
        "piece.pdƒ",
        "p.pdf;.exe",
    ):
        yield Hostile(f"the name {name!r}", name, SAMPLES[".pdf"], (TYPE, None) if name.strip() != name else (TYPE,))


_OTHERS = {
    "a Windows program": b"MZ\x90\0" + bytes(200),
    "a Linux program": b"\x7fELF\x02\x01\x01" + bytes(200),
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "a web page": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "a picture with a script": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "PHP": b"<?php system($_GET['c']); ?>",
    "gzip": b"\x1f\x8b\x08" + bytes(100),
    "7-Zip": b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "RAR": b"Rar!\x1a\x07\x01\0" + bytes(100),
    "old Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "RTF": b"{\\rtf1\\ansi {\\object\\objocx}}",
}


def dressed_up() -> Iterator[Hostile]:
    for what, content in _OTHERS.items():
        for suffix in (".pdf", ".jpg", ".docx", ".txt"):
            yield Hostile(f"{what} as {suffix}", f"piece{suffix}", content, (MISMATCH,))


def polyglots() -> Iterator[Hostile]:
    archive = package({"evil.exe": b"MZ" * 50})
    for suffix in (".pdf", ".jpg", ".png", ".mp3", ".wav", ".webp", ".mp4", ".ogg", ".webm", ".heic"):
        yield Hostile(f"{suffix} with an archive behind", f"piece{suffix}", SAMPLES[suffix] + archive, (TWO,))
        hidden = SAMPLES[suffix] + archive + b"%%EOF" + bytes(30) + SAMPLES[suffix][-40:]
        yield Hostile(f"{suffix} with an archive within", f"piece{suffix}", hidden, (TWO,))
    whole = SAMPLES[".pdf"]
    yield Hostile("a page in front of a PDF", "p.pdf", b"<html><script>1</script>" + whole, (MISMATCH,))
    yield Hostile("a byte in front of a PDF", "p.pdf", b"x" + whole, (MISMATCH,))
    yield Hostile("a PDF whose first lines are a page", "p.pdf", b"%PDF-1.4\n<html><script>" + whole, (MISMATCH,))
    yield Hostile("a PDF whose first lines are PHP", "p.pdf", b"%PDF-1.4\n<?php " + whole, (MISMATCH,))
    yield Hostile("a program in front of a DOCX", "p.docx", b"MZ" + SAMPLES[".docx"], (MISMATCH,))
    yield Hostile("a PDF in front of a DOCX", "p.docx", whole + SAMPLES[".docx"], (MISMATCH,))
    yield Hostile("a GIF that is an archive", "p.jpg", b"GIF89a" + archive, (MISMATCH,))
    yield Hostile("text that hides an archive", "p.txt", b"Bonjour\n" + archive, (MISMATCH,))


def archives() -> Iterator[Hostile]:
    def docx(what: str, content: bytes, *may: str | None) -> Hostile:
        return Hostile(what, "piece.docx", content, may or (MALFORMED,))

    yield docx("a bomb of zeros", package(WORD | {"word/media/a.bin": bytes(9_000_000)}), BOMB)
    yield docx("six thousand parts", package(WORD | {f"a{n}": b"" for n in range(6_000)}), BOMB)
    yield docx(
        "a directory larger than what is held", package(WORD | {f"{n:0>200}": b"" for n in range(5_500)}), MALFORMED
    )
    for name in ("../../etc/passwd", "/etc/passwd", "word/../../x", "..\\..\\x", "C:/x", "word\\x"):
        yield docx(f"a part named {name}", package(WORD | {name: b"-"}))
    for name in ("word/vbaProject.bin", "xl/VBAPROJECT.BIN", "word/vbaData.xml"):
        yield docx(f"macros in {name}", package(WORD | {name: b"-"}), "file_macros")
    yield Hostile("macros in ODT", "p.odt", package(OPEN | {"Basic/Standard/script.xml": b"-"},
                  b"application/vnd.oasis.opendocument.text"), ("file_macros",))  # fmt: skip
    plain = package(WORD)
    directory = plain.rindex(b"PK\x01\x02")
    first = plain.index(b"PK\x01\x02")
    end = plain.rindex(b"PK\x05\x06")

    def patched(at: int, data: bytes) -> bytes:
        return plain[:at] + data + plain[at + len(data) :]

    yield docx("four gigabytes announced", patched(directory + 24, b"\xff\xff\xff\xff"), BOMB)
    yield docx("closed with a password", patched(directory + 8, b"\x01\0"), "file_encrypted")
    yield docx("another way of packing", patched(directory + 10, b"\x0e\0"))
    yield docx("two parts in one place", patched(directory + 42, bytes(4)))
    yield docx("a part beyond the directory", patched(directory + 42, struct.pack("<I", len(plain))))
    yield docx("a name that is longer than the directory", patched(directory + 28, b"\xff\xff"))
    yield docx("a NUL in a name", patched(directory + 46, b"\0"))
    yield docx("a name that is no text", patched(directory + 46, b"\xff\xfe"))
    yield docx("a second disk", patched(end + 4, b"\x01\0"))
    yield docx("fewer parts announced", patched(end + 8, b"\x01\0\x01\0"))
    yield docx("a directory elsewhere", patched(end + 16, struct.pack("<I", first - 4)))
    yield docx("a comment", patched(end + 20, b"\x05\0") + b"hello")
    yield docx("something behind", plain + b"-")
    yield docx("a second archive behind", plain + package(SHEET))
    yield docx("ZIP64", patched(end + 8, b"\xff" * 12))
    yield docx("the same part twice", _twice())
    yield docx("no document in it", package({"[Content_Types].xml": b"-"}))
    yield docx("an end alone", b"PK\x03\x04" + b"PK\x05\x06" + bytes(18))
    yield Hostile("a DOCX that says ODT", "p.odt", package(WORD), (MISMATCH,))
    yield Hostile("an ODS that says ODT", "p.odt", SAMPLES[".ods"], (MISMATCH,))


def _twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in WORD.items():
            archive.writestr(name, data)
        archive.writestr("word/documenu.xml", b"other")
    return out.getvalue().replace(b"word/documenu.xml", b"word/document.xml")


def names() -> Iterator[Hostile]:
    for name in (
        "", " ",
        "x" * 197 + ".pdf", "x" * 100_000 + ".pdf", "é" * 10_000 + ".pdf", "../../etc/passwd.pdf", "/etc/x.pdf",
        "..\\..\\x.pdf", "C:\\x.pdf", "a\0.pdf", "a\nb.pdf", "a\x1b[2J.pdf", "fdp.\u202eexe.pdf", "a\u2028.pdf",
        "a\u2066b.pdf", "x/.pdf", "a\tb.pdf", "\x7f.pdf",
    ):  # fmt: skip
        yield Hostile(f"the name {name[:20]!r} of {len(name)} characters", name, SAMPLES[".pdf"], (NAME,))


def endless() -> Iterator[Hostile]:
    def stream(first: bytes, piece: bytes) -> Iterator[bytes]:
        yield first
        while True:
            yield piece

    for suffix in (".pdf", ".mp4", ".txt", ".wav"):
        piece = b"a" * 262_144 if suffix == ".txt" else bytes(262_144)
        yield Hostile(f"{suffix} without end", f"x{suffix}", stream(SAMPLES[suffix], piece), ("file_too_large",))


def texts() -> Iterator[Hostile]:
    for what, content in {
        "a NUL": b"Bonjour\0",
        "a NUL far behind": b"a" * 300_000 + b"\0",
        "escapes for a terminal": b"\x1b]0;gone\x07",
        "UTF-16": "Bonjour".encode("utf-16"),
        "a page after a mark of order": b"\xef\xbb\xbf<html>",
        "a page after spaces": b" \n\t<script>",
    }.items():
        yield Hostile(f"text with {what}", "piece.txt", content, (MISMATCH,))
    yield Hostile("mail without a header", "piece.eml", b"Bonjour\n\nFrom: nobody", (MISMATCH,))
    yield Hostile("a page as mail", "piece.eml", b"<html>\nFrom: a\nTo: b\n", (MISMATCH,))


def taken() -> Iterator[Hostile]:
    """Files that are taken, because they are what they say: the scanner and the clean copy deal with them."""
    for how in HOW:
        yield Hostile(f"a PDF with {how}", "piece.pdf", pdf(how), (None,))
    yield Hostile("a PDF closed with a password", "piece.pdf", pdf(password="x"), (None,))  # noqa: S106
    yield Hostile("a PDF that says nothing", "piece.pdf", b"%PDF-1.7\n%%EOF\n", (None,))
    yield Hostile("a recording that was broken off", "p.wav", b"RIFF\xff\xff\xff\xff" + riff(b"WAVE")[8:], (None,))


def all_hostile() -> list[Hostile]:
    groups = (
        wrong_endings, cut_short, nothing,
        refused_endings, dressed_up, polyglots, archives, names, endless, texts, taken,
    )  # fmt: skip
    return [sample for group in groups for sample in group()]
