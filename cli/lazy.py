"""Commands that are imported when they are called: whoever lists cases does not wait for the typesetting of letters."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cli.say import USAGE
from kit.process.imports import undisturbed


class Group(TyperGroup):
    """A group of commands. Called without one of them, it prints its help and nothing else."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Reads the words of the command line."""
        if not args:
            typer.echo(ctx.get_help(), err=True)
            ctx.exit(USAGE)
        return super().parse_args(ctx, args)


def group(name: str | None = None) -> typer.Typer:
    """A group of commands: it prints plain help, installs no completion, and leaves errors to us."""
    return typer.Typer(
        name=name,
        cls=Group,
        context_settings={"help_option_names": ["-h", "--help"]},
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


class Deferred(TyperCommand):
    """A command, or a group of commands, of which only name and help are known until it is called.

    `where` is "module:name": a function, or a `Typer` that holds the commands of a group.
    """

    def __init__(self, name: str, where: str, help: str) -> None:
        super().__init__(name, help=help, rich_markup_mode=None)
        self._where = where

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the real command, which then runs instead of this one."""
        return self.imported().make_context(info_name, args, parent, **extra)

    def imported(self) -> Any:
        """The real command."""
        module, _, attribute = self._where.partition(":")
        with undisturbed():
            target = getattr(import_module(module), attribute)
        if not isinstance(target, typer.Typer):
            alone = group()
            alone.command(self.name)(target)
            target = alone
        command = get_command(target)
        command.help = self.help
        return command
