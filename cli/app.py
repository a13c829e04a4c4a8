"""The commands of the command line, and its way out."""

import io
import os
import sys
from typing import Annotated, Any

import typer
from typer.main import get_command

from cli import help
from cli.lazy import Deferred, group
from cli.say import DONE, FAILED, INTERRUPTED, USAGE, Answer, NotWritten, ReaderGone, Usage, _, fail, unwritten
from cli.usage import misunderstood
from domain.errors import Problem
from kit.process.logs import configure, get_logger

log = get_logger("starter")

SECTIONS: dict[str, tuple[Deferred, ...]] = {
    "The stack": (
        Deferred("up", "cli.stack.commands:up", _("Bring the embedded stack up, in the foreground. Ctrl-C stops it.")),
        Deferred(
            "demo",
            "cli.stack.commands:demo",
            _("Bring the stack up and tell fictitious complaints through every step."),
        ),
        Deferred(
            "migrate",
            "cli.stack.commands:migrate",
            _("Bring the database to the schema of this version (production; the embedded stack does it by itself)."),
        ),
    ),
    "Asking": (
        Deferred(
            "open",
            "cli.commands.ask:open_case",
            _("Open a case for one complaint, given as JSON; prints its reference."),
        ),
        Deferred("submit", "cli.commands.ask:submit", _("Submit a command to a case. See: starter.py commands.")),
        Deferred(
            "import",
            "cli.commands.ask:import_file",
            _("Open the cases of a spreadsheet (CSV, XLSX, ODS), as a mapping says. Can be run again."),
        ),
        Deferred("commands", "cli.commands.catalogue:commands", _("What may be asked, by whom, with its JSON schema.")),
    ),
    "Looking": (
        Deferred("show", "cli.commands.look:show", _("A case, now or as it stood.")),
        Deferred(
            "agenda",
            "cli.commands.look:show_agenda",
            _("What is due on a case: our deadlines, and the law's time limits with how they were counted."),
        ),
        Deferred("history", "cli.commands.look:history", _("Who did what, when it happened and when it was recorded.")),
        Deferred("list", "cli.commands.listing:list_cases", _("The cases that an account may see, newest first.")),
    ),
    "Accounts": (
        Deferred(
            "accounts", "cli.commands.accounts:list_accounts", _("The accounts in whose name things can be done.")
        ),
        Deferred("add-account", "cli.commands.accounts:add_account", _("Add an account.")),
    ),
    "Files": (
        Deferred(
            "attach",
            "cli.commands.files:attach",
            _("Attach a file to a piece: looked at, sealed, scanned, then noted in the book."),
        ),
        Deferred("files", "cli.commands.file_list:list_files", _("The files of a case, and who was given which.")),
        Deferred(
            "fetch",
            "cli.commands.files:fetch",
            _("Write a file of a case to disk: what is shown of it, or with --original as it came."),
        ),
    ),
    "What asks for attention": (
        Deferred("alerts", "cli.commands.alerts:list_alerts", _("The standing alerts, the highest first.")),
        Deferred("absent", "cli.commands.attention:absent", _("Say that you are away, and who stands in for you.")),
        Deferred(
            "sweep",
            "cli.commands.sweep:sweep",
            _("Hold every case against its workflow, now; repair what can be, tell what was found."),
        ),
        Deferred(
            "mails", "cli.commands.mails:list_mails", _("The mails that were sent, that wait, and that did not arrive.")
        ),
        Deferred(
            "schedules",
            "cli.commands.schedules:schedules",
            _("Tell the engine what runs by itself (production; the embedded stack does it by itself)."),
        ),
    ),
    "Finding again, and who read what": (
        Deferred(
            "find",
            "cli.commands.access:find_cases",
            _("Cases by the name, e-mail or telephone number of a person, exactly."),
        ),
        Deferred(
            "certificate",
            "cli.commands.access:certificate",
            _("That a case was erased: when, by whom, and what is left of it."),
        ),
        Deferred("journal", "cli.commands.access:show_journal", _("Who read what, when and why. For auditors.")),
        Deferred(
            "codec",
            "cli.commands.access:codec",
            _("Serve the engine's own pages and tool: they show a case decoded to an auditor."),
        ),
    ),
    "Proof": (
        Deferred(
            "checklist",
            "cli.commands.proof:show_checklist",
            _("The proof of a case: its three legs, every piece, what perishes and what is still open."),
        ),
        Deferred(
            "letter",
            "cli.commands.letter:letter",
            _("The letter that asks for pieces, filled from the case: here, as a PDF or as a text."),
        ),
        Deferred(
            "dossier",
            "cli.commands.dossier:show_dossier",
            _("The file for the Defender of Rights: what is missing from it, and the file itself."),
        ),
    ),
    "The records": (
        Deferred(
            "replay",
            "cli.commands.replay:replay",
            _("A case as it stood: who had done what, what was due, which alerts stood, what changed."),
        ),
        Deferred(
            "verify",
            "cli.commands.verify:verify",
            _("Hold the records against each other; exit code 5 when anything does not hold."),
        ),
        Deferred(
            "rebuild",
            "cli.commands.rebuild:rebuild",
            _("Every case started again from the book, or the book restored from histories."),
        ),
        Deferred("seal", "cli.commands.seal:seal", _("Seal what is new now, instead of waiting for the hour.")),
        Deferred(
            "checkpoint",
            "cli.commands.seal:checkpoint",
            _("The last signed checkpoint of the sealed log, to be kept elsewhere."),
        ),
        Deferred("prove", "cli.commands.seal:prove", _("The proof that a line stands in the sealed log.")),
    ),
    "Groups": (
        Deferred("store", "cli.commands.store:app", _("The store of the files: scanning, checking, sweeping.")),
        Deferred("policy", "cli.commands.attention:app", _("The delays after which somebody is told.")),
        Deferred("preferences", "cli.commands.post:app", _("How you want to be written to.")),
        Deferred("keys", "cli.commands.vault:app", _("The master key, which wraps the key of each case.")),
    ),
}
"""The commands by what they are for, in the order in which help and docs/commands.md list them."""

COMMANDS = tuple(command for section in SECTIONS.values() for command in section)


def _say_version(asked: bool) -> None:
    if asked:
        from cli.version import version

        typer.echo(version())
        raise typer.Exit


def _options(
    asked: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help=_("Print the version of this program.")),
    ] = False,
) -> None:
    """Those of the command line itself."""


def _assembled() -> Any:
    whole = group("starter.py")
    whole.callback(help=_("Follows up every complaint of discrimination until it comes to something."))(_options)
    found: Any = get_command(whole)
    for command in COMMANDS:
        found.add_command(command)
    return found


app = _assembled()


def main() -> int:
    """Runs the command line; gives its exit code. No traceback reaches whoever called."""
    _prepare_streams()
    configure(safe_keys=frozenset(), level="ERROR")
    help.install()
    machine = "--json" in sys.argv
    try:
        _require_utf8(sys.argv)
        code = app(standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as error:
        return _ended(misunderstood(error), machine, USAGE)
    except Usage as error:
        return _ended(error, machine, USAGE)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except ReaderGone:
        return DONE
    except NotWritten:
        return _ended(unwritten(Answer()), False, FAILED)
    except Exception:
        log.exception("command_failed")
        said = Problem(
            "internal", "Something went wrong on our side.", "The lines above say where; please report them."
        )
        return _ended(said, machine, FAILED)


class _Out(io.FileIO):
    """Standard output. What goes wrong with it is told from what goes wrong with any other file."""

    lost = False

    def write(self, data: Any) -> int:
        if self.lost:  # it was said once; what was left in the buffers follows
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self.lost = True
            raise (ReaderGone if isinstance(error, BrokenPipeError) else NotWritten) from None


def _prepare_streams() -> None:
    """Streams that can be counted on, whatever the program was started with. What they cannot show is a question mark.

    One that is closed is replaced: the next file to be opened, the database, would else take its number. Nothing is
    read from such an input, an answer to such an output cannot be written, and such complaints go nowhere.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY), encoding="utf-8")
    out = os.open(os.devnull, os.O_RDONLY) if sys.stdout is None else sys.stdout.fileno()
    encoding = "utf-8" if sys.stdout is None else sys.stdout.encoding
    on_terminal = os.isatty(out)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Out(out, "w", closefd=False)), encoding, errors="replace", line_buffering=on_terminal
    )
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    elif isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="replace")


def _require_utf8(words: list[str]) -> None:
    # The system hands over bytes that are no text as lone surrogates: no database takes them.
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        raise Usage("not_utf8_words", "The command line is not written in UTF-8.", "Type it again.") from None


def _ended(error: Problem, machine: bool, code: int) -> int:
    try:
        fail(error, machine)
    except typer.Exit:
        return code
