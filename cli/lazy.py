"""Commands that are imported when they are called: whoever lists cases does not wait for what writes letters."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from kit.imports import undisturbed


def group() -> typer.Typer:
    """What holds commands here: it prints plain help, installs no completion, and leaves errors to us."""
    return typer.Typer(
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )


class Deferred(TyperCommand):
    """A command, or a group of commands, by its name and its help: its module is imported when it is called.

    `where` is "module:name": of a function, or of a `Typer` that holds the commands of a group.
    """

    def __init__(self, name: str, where: str, help: str) -> None:
        super().__init__(name, help=help, rich_markup_mode=None)
        self._where = where

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of what it stands for, which then runs instead of it."""
        return self.imported().make_context(info_name, args, parent, **extra)

    def imported(self) -> Any:
        """What it stands for."""
        module, _, attribute = self._where.partition(":")
        with undisturbed():
            found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            alone = group()
            alone.command(self.name)(found)
            found = alone
        command = get_command(found)
        command.help = self.help
        return command
