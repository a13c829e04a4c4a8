"""Errors of a table, or of a row of it, with what to do about them."""

from kit.errors import Misused

_SAVE_AGAIN = "Open the file, save it again as XLSX or as CSV UTF-8, and send that."
_CHECK_QUOTES = "Look at that line: a quote inside a quoted cell must be doubled."
_ERRORS: dict[str, tuple[str, str]] = {
    "table-not-found": ("There is no file {file}.", "Check the name and the folder."),
    "table-not-a-file": ("{file} is not a file.", "Name one file, not a folder."),
    "table-not-readable": ("{file} cannot be read: {reason}.", "Check the rights on the file."),
    "table-too-large": ("{file} weighs {bytes} bytes, more than {limit}.", "Split the file."),
    "table-empty": ("{file} is empty.", "Export the table again."),
    "table-nul-bytes": ("{file} holds NUL bytes: it is not text, or it was damaged.", _SAVE_AGAIN),
    "table-undecodable": (
        "{file} is not text in {encoding}.",
        "Say its encoding, or save it again as CSV UTF-8.",
    ),
    "table-encoding-unsure": (
        "{file} does not show how its accents were written: it may be in {encodings}.",
        "Say which one, here or in the mapping (cp850 is MS-DOS, cp1252 is Windows).",
    ),
    "table-unknown-encoding": ("No encoding is called {encoding}.", "Use a name such as utf-8 or cp1252."),
    "table-bad-delimiter": (
        "A separator is one character, neither quote nor end of line.",
        "Use ; or , or a tab.",
    ),
    "table-no-header": (
        "{file} has no header at line {line}.",
        "Say which line holds the names of the columns.",
    ),
    "table-duplicate-columns": (
        "Columns of {file} share a name: {columns}.",
        "Give each column a name of its own.",
    ),
    "table-too-many-cells": (
        "Line {line} does not have as many cells ({count}) as there are columns ({columns}).",
        "Look for a separator that belongs to the text of a cell: that cell must be quoted.",
    ),
    "table-bad-quotes": ("The quotes of line {line} do not match.", _CHECK_QUOTES),
    "table-quotes-over-lines": (
        "The quotes of lines {line} to {last} do not match: all of them were taken for one row.",
        "Look at the first of them: a quote that opens a cell must close it, and one inside it must be doubled.",
    ),
    "table-unclosed-quote": ("A quote opened in the row of line {line} is never closed.", _CHECK_QUOTES),
    "table-cell-too-long": (
        "The cell {column} is over {limit} characters: its row begins at line {line} and ends at line {last}.",
        "Shorten it. If it holds other rows too, a quote that opens a cell is not closed where it should be.",
    ),
    "table-nul-in-cell": ("The cell {column} of the row of line {line} holds a NUL byte.", "Type it again."),
    "table-cell-error": (
        "The cell {column} of line {line} holds an error, such as #N/A or #REF!, instead of a value.",
        "Mend the formula or type the value, save the sheet, and send that.",
    ),
    "table-no-value": (
        "The cell {column} of line {line} holds a formula that was never computed.",
        "Open the file in a spreadsheet program, save it, and send that; or type the value.",
    ),
    "table-not-shown": (
        "The cell {column} of line {line} holds a number of which it cannot be told how the sheet shows it.",
        "Give the column the format Text, type that cell again, and send that.",
    ),
    "table-old-workbook": (
        "{file} is a workbook of an old kind (XLS, XLSB): what its cells show cannot be read surely.",
        "Save it again as XLSX, and send that.",
    ),
    "table-no-sheets": ("{file} is a text file: it has no sheets.", "Leave the sheet out."),
    "table-sheet-not-found": ("{file} has no sheet {sheet}. It has: {sheets}.", "Name one of these sheets."),
    "table-other-kind": (
        "{file} is neither CSV nor a workbook (XLSX, ODS): what it holds looks like {found}.",
        "Give the table that it was made from, as XLSX or as CSV UTF-8.",
    ),
    "table-not-a-workbook": ("{file} is not a workbook.", _SAVE_AGAIN),
    "table-encrypted": ("{file} is protected by a password.", "Save it without a password and send that."),
    "table-damaged": (
        "{file} is damaged or incomplete.",
        "Send it again; if that fails, save it again as XLSX.",
    ),
    "table-bomb": ("{file} would unpack to {bytes} bytes.", "Do not open it. " + _SAVE_AGAIN),
}


_FIELDS = {
    "table-encoding-unsure": "encoding",
    "table-unknown-encoding": "encoding",
    "table-bad-delimiter": "delimiter",
    "table-no-header": "header_row",
    "table-no-sheets": "sheet",
    "table-sheet-not-found": "sheet",
}
"""Argument of `read_table` that is wrong. For all other errors it is the file itself."""


class TableError(Misused):
    """A table, or one row of it, that cannot be read rightly. `code` is a key of `_ERRORS`."""

    code = "table"

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(**params)
        self.code = code
        self.field = _FIELDS.get(code, "file")
        self.message, self.remedy = _ERRORS[code]

    def of_column(self, column: str) -> None:
        """Names the column of the one cell that is wrong."""
        self.field = column
        self.params["column"] = column
