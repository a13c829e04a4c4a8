"""Reads the tables offices really send: CSV in any encoding of the last thirty years, and workbooks.

`read_table` answers with the columns and a stream of rows whose values are all text. Nothing is guessed in
silence: what was detected stands on the `Table`, a row that does not fit carries its `problem`, and a file
that cannot be read rightly raises `TableError` with what to do about it. Error texts name files, lines and
columns, never the content of a cell, which may be somebody's story.

A CSV is streamed (`text`, with `encoding`, `delimiter` and `lines`). A workbook is parsed by another process
(`workbook` starts it, `parse_workbook` is its program) with a ceiling on memory and processor time: a few
hundred bytes of hostile XLSX make the parser ask for half a terabyte and die of it.
"""

from kit.tables.archive import MAX_UNPACKED_BYTES
from kit.tables.errors import TableError
from kit.tables.names import tidy
from kit.tables.read import MAX_BYTES, read_table
from kit.tables.table import Row, Table

__all__ = ["MAX_BYTES", "MAX_UNPACKED_BYTES", "Row", "Table", "TableError", "read_table", "tidy"]
