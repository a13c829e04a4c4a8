"""Opens a file as a text or as a workbook, by its first bytes."""

import os
from pathlib import Path

from kit.formats.sniff import no_plain_text
from kit.tables.errors import TableError
from kit.tables.files import check_file
from kit.tables.table import Table
from kit.tables.text import open_text
from kit.tables.workbook import open_workbook

MAX_BYTES = 50_000_000
"""Default ceiling on the size of a file on disk, in bytes."""

_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".ods", ".xls"})


def is_workbook(file: Path) -> bool:
    """True if the file begins as a workbook does. Raises TableError when it cannot be read."""
    return check_file(file, MAX_BYTES).startswith(_ZIP_MARKS)


def read_table(
    path: str | os.PathLike[str],
    *,
    sheet: str | int | None = None,
    header_row: int = 1,
    encoding: str | None = None,
    delimiter: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> Table:
    """Opens a CSV or a workbook (XLSX, ODS) and reads its header.

    `header_row` is the line of the text, or the row of the sheet, where the header starts, from 1; what
    stands above is ignored. The `sep=;` line that Excel hides is not counted in `header_row`, but it is in
    `Row.line`, which follows the text editor. `sheet` is a name, or a position from 1 among the visible
    sheets; by default the first visible one. `encoding` and `delimiter` switch detection off. White space
    inside a header is reduced to single spaces; a column without a name between two others is called "#3"
    after its position.

    From a workbook, numbers come as a French sheet shows them by the format of their cell (01000, 03 00 00 00 01,
    12,50, 45%), without one to their last figure of the 15 that Excel keeps; dates as ISO 8601, booleans as VRAI and
    FAUX, durations as hours:minutes:seconds. An error, or a formula that was never computed, is among the `faults` of
    its row.

    Raises TableError when the file is missing, of another kind, unreadable, empty, too large, damaged, encrypted or
    undecodable, has no header there, two columns of one name, or not that sheet.
    """
    file = Path(path)
    start = check_file(file, max_bytes)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise TableError("table-bad-delimiter")
    if header_row < 1:
        raise TableError("table-no-header", file=file.name, line=header_row)
    zipped, ole = start.startswith(_ZIP_MARKS), start.startswith(b"\xd0\xcf\x11\xe0")
    if zipped or ole:
        return open_workbook(file, sheet, header_row, zipped=zipped)
    if (kind := no_plain_text(start)) is not None:
        raise TableError("table-other-kind", file=file.name, found=kind)
    if file.suffix.lower() in _WORKBOOK_SUFFIXES:
        raise TableError("table-not-a-workbook", file=file.name)
    if sheet is not None:
        raise TableError("table-no-sheets", file=file.name)
    return open_text(file, header_row, encoding, delimiter)
