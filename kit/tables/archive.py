"""Checks by the directory of a ZIP, before anything is unpacked, that it is a workbook and not a bomb."""

import zipfile
from pathlib import Path

from kit.tables.errors import TableError
from kit.tables.files import readable

MAX_UNPACKED_BYTES = 500_000_000
"""Bytes that a workbook may weigh once unzipped, by its own directory."""

_SUSPECT_UNPACKED_BYTES = 50_000_000
_SUSPECT_RATIO = 200  # real workbooks shrink 5 to 30 times


def check_zip(file: Path) -> None:
    """Raises TableError for what is no workbook, and for what would unpack to more than one ever weighs."""
    with readable(file):
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, OSError):
            raise TableError("table-damaged", file=file.name) from None
        packed = file.stat().st_size
    names = {entry.filename for entry in entries}
    if "content.xml" not in names and not any(name.startswith("xl/") for name in names):
        raise TableError("table-other-kind", file=file.name, found="DOCX" if "word/document.xml" in names else "ZIP")
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(packed, 1)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > _SUSPECT_UNPACKED_BYTES and ratio > _SUSPECT_RATIO):
        raise TableError("table-bomb", file=file.name, bytes=unpacked)
