"""Commands that are imported when they are called: a list of cases does not wait for the code that writes letters."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cli.say import USAGE, _
from kit.process.imports import undisturbed


class _Explained:
    """Keeps the purpose of a command as a template, and gives it in the reader's language."""

    _purpose: str | None = None

    @property
    def help(self) -> str | None:
        """The purpose, for `--help`."""
        return self._purpose and _(self._purpose)

    @help.setter
    def help(self, purpose: str | None) -> None:
        self._purpose = purpose


class Group(_Explained, TyperGroup):
    """A command line that must name one of its commands: without one, it prints its help and nothing else."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Reads the words of the command line."""
        if not args:
            typer.echo(ctx.get_help(), err=True)
            ctx.exit(USAGE)
        return super().parse_args(ctx, args)


def group(name: str | None = None, kind: type[Group] = Group) -> typer.Typer:
    """A holder of commands that prints plain help, installs no completion, and leaves errors to us."""
    return typer.Typer(
        name=name,
        cls=kind,
        context_settings={"help_option_names": ["-h", "--help"]},
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


class Deferred(_Explained, TyperCommand):
    """A command, or a group of commands, by its name and its help: its module is imported when it is called.

    `where` is "module:name": a function, or a `Typer` that holds the commands of a group.
    """

    def __init__(self, name: str, where: str, help: str) -> None:
        super().__init__(name, help=help, rich_markup_mode=None)
        self._where = where

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Gives the context of the real command, which then runs instead."""
        return self.imported().make_context(info_name, args, parent, **extra)

    def imported(self) -> Any:
        """The real command, or group of commands."""
        module, attribute = self._where.split(":")
        with undisturbed():
            target = getattr(import_module(module), attribute)
        if not isinstance(target, typer.Typer):
            function, target = target, group()
            target.command(self.name)(function)
        command = get_command(target)
        command.help = self.help
        return command
