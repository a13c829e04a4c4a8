"""What the directory of a zip says, before anything in it is unpacked: a workbook, and not a bomb."""

import zipfile
from pathlib import Path

from kit.tables.errors import TableError
from kit.tables.files import readable

MAX_UNPACKED_BYTES = 500_000_000
"""What a workbook may weigh once unzipped, by its own directory, in bytes."""

_SUSPECT_UNPACKED_BYTES = 50_000_000
_SUSPECT_RATIO = 200  # real workbooks shrink 5 to 30 times


def check_zip(file: Path) -> None:
    """Refuses what is no workbook, and what would unpack to more than one ever weighs."""
    with readable(file):
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, OSError):
            raise TableError("table-damaged", file=file.name) from None
        packed = file.stat().st_size
    if not any(entry.filename.startswith("xl/") or entry.filename == "content.xml" for entry in entries):
        document = any(entry.filename == "word/document.xml" for entry in entries)
        raise TableError("table-other-kind", file=file.name, found="DOCX" if document else "ZIP")
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(packed, 1)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > _SUSPECT_UNPACKED_BYTES and ratio > _SUSPECT_RATIO):
        raise TableError("table-bomb", file=file.name, bytes=unpacked)
