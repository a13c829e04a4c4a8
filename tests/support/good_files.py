"""A small file of every kind that is taken."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from tests.support.pdfs import pdf


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack("!IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def riff(form: bytes, data: bytes = bytes(40)) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(data)) + form + data


def media(brand: bytes) -> bytes:
    return struct.pack("!I4s4sI", 16, b"ftyp", brand, 0) + struct.pack("!I4s", 24, b"mdat") + bytes(16)


def package(parts: Mapping[str, bytes], first: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr("mimetype", first, zipfile.ZIP_STORED)
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document>Bonjour</document>"}
SHEET = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
OPEN = {"content.xml": b"<office:document-content/>", "META-INF/manifest.xml": b"<manifest/>"}
MAIL = (
    b"From: a@exemple.fr\r\nTo: b@exemple.fr\r\nSubject: Visite\r\n\r\n<html>D\xc3\xa9j\xc3\xa0 lou\xc3\xa9</html>\r\n"
)

SAMPLES: dict[str, bytes] = {
    ".pdf": pdf(),
    ".jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01" + bytes(60) + b"\xff\xd9",
    ".png": png(),
    ".webp": riff(b"WEBP"),
    ".heic": media(b"heic"),
    ".mp4": media(b"isom"),
    ".mov": media(b"qt  "),
    ".3gp": media(b"3gp4"),
    ".webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + bytes(50),
    ".m4a": media(b"M4A "),
    ".mp3": (b"\xff\xfb\x90\x00" + bytes(413)) * 3,
    ".ogg": b"OggS\0\x02" + bytes(60),
    ".wav": riff(b"WAVE"),
    ".docx": package(WORD),
    ".xlsx": package(SHEET),
    ".odt": package(OPEN, b"application/vnd.oasis.opendocument.text"),
    ".ods": package(OPEN, b"application/vnd.oasis.opendocument.spreadsheet"),
    ".eml": MAIL,
    ".txt": "L’appartement était « déjà loué ».\n".encode(),
}
