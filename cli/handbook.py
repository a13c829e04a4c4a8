"""Writes docs/commands.md, the handbook of the command line, from the commands themselves: `python -m cli.handbook`.

With `--check` it writes nothing, and exits 1 when the file is out of date.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cli.say import speak

HANDBOOK = Path(__file__).resolve().parent.parent / "docs" / "commands.md"

_HEAD = """\
# Commands

Made by `python -m cli.handbook` from the commands themselves: change them there.

`aboutir` stands for `.venv/bin/python starter.py`. Every command prints its own page with `--help`.

Most commands take these options:

| | |
|---|---|
{common}

Exit codes: 0 done, 1 a fault of ours, 2 usage (also a file, folder or port that does not serve), 3 refused (also a
folder that another stack holds), 4 engine or database away, 5 the records differ, 130 interrupted. The command line
speaks French, and English with `LANG=en_GB.UTF-8`.
"""

_COMMON = ("--data", "--as", "--json")
"""Options that most commands have: told once, at the top."""


def handbook() -> str:
    """The handbook, in English."""
    speak("en")  # help is worded when a command is imported
    from cli.app import SECTIONS

    commands = {
        title: [page for command in section for page in _pages(str(command.name), command.imported())]
        for title, section in SECTIONS.items()
    }
    every = [page for pages in commands.values() for page in pages]
    lines = [_HEAD.format(common="\n".join(_common(option, every) for option in _COMMON))]
    for title, pages in commands.items():
        lines.append(f"## {title}\n")
        lines += [_page(name, command) for name, command in pages]
    lines.append(_asked())
    return "\n".join(lines)


def _pages(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """The command under its whole name; of a group, its commands."""
    if hasattr(command, "commands"):
        for part, inner in command.commands.items():
            yield from _pages(f"{name} {part}", inner)
    else:
        yield name, command


def _common(option: str, pages: list[tuple[str, Any]]) -> str:
    """The row of an option that most commands have."""
    return next(_row(param) for _, command in pages for param in command.params if option in param.opts)


def _page(name: str, command: Any) -> str:
    """The section of one command: its purpose, how it is written, its arguments and its own options."""
    own = [param for param in command.params if not {*param.opts} & {*_COMMON, "--help"}]
    needed = [_written(param) for param in own if param.required or param.param_type_name == "argument"]
    usage = " ".join(["aboutir", name, *needed, "[OPTIONS]"])
    rows = [_row(param) for param in own if param.help]
    table = ["", "| | |", "|---|---|", *rows] if rows else []
    return "\n".join([f"### {name}\n", command.help or "", "", f"    {usage}", *table, ""])


def _row(param: Any) -> str:
    return f"| `{_cell(_written(param))}` | {_cell(param.help)} |"


def _written(param: Any) -> str:
    """The argument or option as it is typed."""
    word = param.metavar or param.name.upper()
    if param.param_type_name == "argument":
        return word if param.required or word.startswith("[") else f"[{word}]"
    spelled = " / ".join([*param.opts, *param.secondary_opts])
    return spelled if param.is_flag else f"{spelled} {word}"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _asked() -> str:
    """The table of what `submit` takes."""
    from cli.actions import described
    from domain.commands import COMMANDS, NOT_SUBMITTED
    from domain.permissions import grants

    rows = [
        f"| `{name}` | {_cell(described(command))} | {_roles(grants(name))} |"
        for name, command in COMMANDS.items()
        if name not in NOT_SUBMITTED
    ]
    head = [
        "## What may be asked of a case\n",
        "With `aboutir submit REF COMMAND`; its fields: `aboutir commands COMMAND`.\n",
    ]
    return "\n".join([*head, "| command | | who |", "|---|---|---|", *rows, ""])


def _roles(granted: dict[Any, Any]) -> str:
    return ", ".join(sorted(role.name.lower().replace("_", " ") for role in granted))


def main(arguments: list[str]) -> int:
    """Writes the handbook, or checks it; gives the exit code."""
    if "--check" in arguments:
        return 0 if HANDBOOK.read_text(encoding="utf-8") == handbook() else 1
    HANDBOOK.write_text(handbook(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
