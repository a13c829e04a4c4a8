"""The pages of `--help` in the reader's language, down to the words that the library adds of its own."""

import re
from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

from cli.say import _

WIDEST = 110
"""Columns. Wider terminals are not filled: nobody reads lines that long."""

_ON_HELP = "Show this message and exit."
_NOTES = re.compile(r"\[((?:env var: |default: |required).*)\]\Z", re.DOTALL)
"""The brackets after the purpose of an option: where it can be set, its default."""

_Plain: Any = TyperCommand.context_class.formatter_class


class Help(_Plain):  # type: ignore[misc] # a class of the library's own, whose name it does not promise
    """Writes a page of help."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        super().__init__(indent_increment, width, max_width or WIDEST)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Writes the line that shows how to type the command."""
        words = {"COMMAND": _("COMMAND"), "[ARGS]...": _("[ARGS]...")}  # [OPTIONS] are options in both languages
        translated = " ".join(words.get(word, word) for word in args.split(" "))
        super().write_usage(prog, translated, prefix or _("Usage: "))

    def write_heading(self, heading: str) -> None:
        """Writes the line above some options or commands."""
        # Options and arguments have the same names in both languages.
        translated = _("Commands") if heading == "Commands" else heading
        self.write(" " * self.current_indent + _("{heading}:", heading=translated) + "\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Writes options or commands with their purposes."""
        super().write_dl([(name, _translated(purpose)) for name, purpose in rows], col_max, col_spacing)


def _translated(purpose: str) -> str:
    if purpose == _ON_HELP:
        return _("Show this page.")
    notes = _NOTES.search(purpose)
    if notes is None:
        return _(purpose)
    text = purpose[: notes.start()].rstrip()
    return f"{_(text)}  [{'; '.join(map(_note, notes[1].split('; ')))}]".lstrip()


def _note(note: str) -> str:
    what, colon, value = note.partition(": ")
    if not colon:
        return _("required") if what == "required" else note
    return {
        "env var": _("environment variable {value}", value=value),
        "default": _("default: {value}", value=value),
    }.get(what, note)


def install() -> None:
    """Makes every command print its help this way."""
    TyperCommand.context_class.formatter_class = Help
