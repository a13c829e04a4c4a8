"""Reads a row with a cell that is too long for the csv module: its end, and its cells as far as they are kept."""

import re
from itertools import chain

from kit.tables.lines import Lines

_WITHIN_QUOTES = re.compile(r'[^"]*+(?:""[^"]*+)*+')
_ENDS = ("", "\r", "\n", "\r\n")


class Overlong:
    """The row, read to its end as the csv module would. No cell of it is kept beyond `limit` characters."""

    def __init__(self, lines: Lines, delimiter: str, limit: int) -> None:
        """`lines` holds the row up to the line at which the csv module gave up; what follows is read from it."""
        self.cells: list[str] = []
        """Contents of the cells; one that is too long is cut and ends in "…"."""
        self.too_long: int | None = None
        """The position of the first cell that is too long, from 0."""
        self.matched = True
        """True if its quotes match. Where they do not, the row ends with the line that shows it."""
        self._limit = limit
        self._bare = re.compile(rf"[^{re.escape(delimiter)}\r\n]*")
        self._opening = re.compile(' *"')
        self._delimiter = delimiter
        self._quoted = False
        read = list(lines.current)
        for line in chain(read, lines):
            lines.current.clear()
            if not self._goes_on(line):
                break
        self.cells = [f"{cell[:limit]}…" if len(cell) > limit else cell for cell in self.cells]

    def _goes_on(self, line: str) -> bool:
        """Takes a line; gives True if the row goes on after it."""
        at = 0
        if not self._quoted:
            at = self._begun(line, at)
        while True:
            if self._quoted:
                content = _WITHIN_QUOTES.match(line, at)
                assert content is not None  # noqa: S101 - it matches nothing at all as well
                self._add(content[0].replace('""', '"'))
                at = content.end()
                if at == len(line):
                    return True
                self._quoted, at = False, at + 1
            if not line.startswith(self._delimiter, at):
                self.matched = line[at:] in _ENDS
                return False
            at = self._begun(line, at + 1)

    def _begun(self, line: str, at: int) -> int:
        """Begins a cell: takes the quote that opens it, or the whole of it. Returns where it got to."""
        self.cells.append("")
        if match := self._opening.match(line, at):
            self._quoted = True
        elif match := self._bare.match(line, at):
            self._add(match[0].lstrip(" "))
        return match.end() if match else at

    def _add(self, text: str) -> None:
        room = self._limit + 1 - len(self.cells[-1])
        self.cells[-1] += text[:room]
        if self.too_long is None and len(self.cells[-1]) > self._limit:
            self.too_long = len(self.cells) - 1
