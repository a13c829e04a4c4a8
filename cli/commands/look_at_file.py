"""`starter.py import --look`: what is in a spreadsheet, and a mapping to begin with. Nothing is imported or kept."""

import sys
from pathlib import Path

from rich.text import Text

from cli.asking import misuse
from cli.commands.bring import print_column
from cli.say import _, as_json, console
from importer.look import Look, look_at, proposed


def show_file(file: Path, *, encoding: str | None, machine: bool) -> None:
    """Prints sheets, header and columns, and a mapping to be edited.

    The first texts of each column are personal: they go to a terminal, never into a file or to another program.
    """
    with misuse():
        look = look_at(file, encoding=encoding)
    name = file.stem
    if machine:
        as_json(_for_machines(look, name))
        return
    _print_file(look)
    _print_columns(look, with_examples=sys.stdout.isatty())
    console.print()
    console.print(Text(_("A mapping to begin with: put it into a file, and correct it."), "bold"))
    console.print(proposed(look, name, _), markup=False, highlight=False, soft_wrap=True)


def _print_file(look: Look) -> None:
    if look.sheets:
        console.print(_("Sheets: {sheets}", sheets=", ".join(look.sheets)))
        console.print(_("Looked at: {sheet}", sheet=look.table.sheet))
    else:
        console.print(_("Accents written as: {encoding}", encoding=look.table.encoding))
        console.print(_("Cells apart by: {delimiter}", delimiter=repr(look.table.delimiter)))
    console.print(_("Header at line: {line}", line=look.header_row))
    console.print(_("Rows below it: {rows}", rows=look.rows))


def _print_columns(look: Look, *, with_examples: bool) -> None:
    for column in look.columns:
        print_column(column.name, column.summary)
        if with_examples and column.examples:
            console.print(Text("      " + " · ".join(column.examples), "dim"))
    if not with_examples:
        console.print(_("Examples are shown on a terminal only: they are what people told."))


def _for_machines(look: Look, name: str) -> dict[str, object]:
    return {
        "sheets": list(look.sheets),
        "sheet": look.table.sheet,
        "encoding": look.table.encoding,
        "delimiter": look.table.delimiter,
        "header_row": look.header_row,
        "rows": look.rows,
        "columns": [
            {"name": column.name, "filled": column.summary.filled, "kinds": dict(column.summary.kinds)}
            for column in look.columns
        ],
        "mapping": proposed(look, name, _),
    }
