"""Words the errors of the library that reads the command line, in the reader's language."""

from difflib import get_close_matches
from typing import Any

import typer
from pydantic import ValidationError

from cli.say import Usage
from domain.errors import Action
from kit.errors import field_of
from kit.validation import faults

_HELP = "See: starter.py --help."


def misunderstood(error: typer.TyperException) -> Usage:
    """The same error in our words; an unknown one keeps the words of the library."""
    if option := getattr(error, "option_name", None):
        return _about_option(error, option)
    if (parameter := getattr(error, "param", None)) is not None:
        return _about_parameter(error, _name_of(parameter))
    if (unknown := _quoted(error.message, after="No such command ")) is not None:
        return _about_command(error, unknown)
    if error.message.startswith("Missing command"):
        return Usage("usage", "Say which command.", _HELP)
    if (words := _within(error.message, "Got unexpected extra argument")) is not None:
        return Usage("usage", "There is a word too many: {words}.", _HELP, words=words)
    return Usage("usage", error.format_message(), _HELP)


def _about_command(error: typer.TyperException, unknown: str) -> Usage:
    context: Any = getattr(error, "ctx", None)
    commands = context.command.list_commands(context) if context else []
    if near := get_close_matches(unknown.lower(), commands, n=1):
        return Usage("usage", "There is no command {name}.", "Did you mean {close}?", name=unknown, close=near[0])
    return Usage("usage", "There is no command {name}.", _HELP, name=unknown)


def _about_option(error: typer.TyperException, option: str) -> Usage:
    if error.message.startswith("No such option"):
        return Usage("usage", "There is no option {name}.", _HELP, field=field_of(option), name=option)
    if error.message.endswith("does not take a value."):
        return Usage("usage", "The option {name} takes no value.", _HELP, field=field_of(option), name=option)
    return Usage("usage", "The option {name} needs a value.", _HELP, field=field_of(option), name=option)


def _about_parameter(error: typer.TyperException, name: str) -> Usage:
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        fault = next(faults(cause))
        action = Action.named(fault.action)
        return Usage("usage", fault.message, fault.remedy, field=name, action=action, **fault.params)
    if error.format_message().startswith("Missing"):
        return Usage("usage", "{field} is missing.", _HELP, field=name)
    return Usage("usage", "{field} is not valid.", _HELP, field=name)


def _name_of(parameter: object) -> str:
    options = [option for option in getattr(parameter, "opts", ()) if option.startswith("-")]
    shown = field_of(options[0]) if options else getattr(parameter, "display_name_raw", None)
    return str(shown or getattr(parameter, "name", ""))


def _quoted(message: str, after: str) -> str | None:
    """The word between quotation marks that follows these."""
    if not message.startswith(after):
        return None
    quote, rest = message[len(after)], message[len(after) + 1 :]
    return rest.partition(quote)[0]


def _within(message: str, start: str) -> str | None:
    """The text in the last pair of brackets of a message, if it starts this way."""
    if not message.startswith(start):
        return None
    return message.rpartition("(")[2].rstrip(").")
