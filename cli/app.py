"""The commands of the command line, how it starts and how it ends."""

import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.main import get_command

from cli import help
from cli.lazy import Deferred, Group, group
from cli.say import DONE, FAILED, INTERRUPTED, USAGE, Answer, NotWritten, ReaderGone, Usage, fail, speak, unwritten
from cli.usage import misunderstood
from domain.errors import Problem
from kit.i18n import language
from kit.process.log_setup import configure
from kit.process.logs import get_logger

log = get_logger("starter")

SECTIONS: dict[str, tuple[Deferred, ...]] = {
    "The stack": (
        Deferred("up", "cli.stack.commands:up", "Bring the embedded stack up, in the foreground. Ctrl-C stops it."),
        Deferred(
            "demo",
            "cli.stack.commands:demo",
            "Bring the stack up and tell fictitious complaints through every step.",
        ),
        Deferred(
            "migrate",
            "cli.stack.commands:migrate",
            "Bring the database to the schema of this version (production; the embedded stack does it by itself).",
        ),
    ),
    "Asking": (
        Deferred(
            "open",
            "cli.commands.ask:open_case",
            "Open a case for one complaint, given as JSON; prints its reference.",
        ),
        Deferred("submit", "cli.commands.ask:submit", "Submit a command to a case. See: starter.py commands."),
        Deferred(
            "import",
            "cli.commands.ask:import_file",
            "Open the cases of a spreadsheet (CSV, XLSX, ODS), as a mapping says. Can be run again.",
        ),
        Deferred("commands", "cli.commands.catalogue:commands", "What may be asked, by whom, with its JSON schema."),
    ),
    "Looking": (
        Deferred("show", "cli.commands.look:show", "A case, now or as it stood."),
        Deferred(
            "agenda",
            "cli.commands.look:agenda",
            "What is due on a case: our deadlines, and the law's time limits with how they were counted.",
        ),
        Deferred("history", "cli.commands.look:history", "Who did what, when it happened and when it was recorded."),
        Deferred("list", "cli.commands.listing:list_cases", "The cases that an account may see, newest first."),
    ),
    "Accounts": (
        Deferred("accounts", "cli.commands.accounts:list_accounts", "The same as: account list."),
        Deferred("add-account", "cli.commands.accounts:add_without_reason", "The same as: account add, for no reason."),
        Deferred(
            "invite",
            "cli.commands.signing_in:invite",
            "Invite somebody to set up how they sign in: the first time, or when they have lost it.",
        ),
        Deferred(
            "link",
            "cli.commands.signing_in:link",
            "Make an address that signs a fictitious account in, once: in the embedded stack only.",
        ),
    ),
    "Files": (
        Deferred(
            "attach",
            "cli.commands.files:attach",
            "Attach a file to a piece: looked at, sealed, scanned, then noted in the book.",
        ),
        Deferred("files", "cli.commands.file_list:list_files", "The files of a case, and who was given which."),
        Deferred(
            "fetch",
            "cli.commands.files:fetch",
            "Write a file of a case to disk: what is shown of it, or with --original as it came.",
        ),
    ),
    "What asks for attention": (
        Deferred("alerts", "cli.commands.alerts:list_alerts", "The standing alerts, the highest first."),
        Deferred(
            "answer",
            "cli.commands.alerts:answer_alerts",
            "One decision on many alerts of one cause: a line on each case, and each refusal told.",
        ),
        Deferred("absent", "cli.commands.absences:absent", "Say that you are away, and who stands in for you."),
        Deferred(
            "sweep",
            "cli.commands.sweep:sweep",
            "Hold every case against its workflow, now; repair what can be, tell what was found.",
        ),
        Deferred(
            "mails", "cli.commands.mails:list_mails", "The mails that were sent, that wait, and that did not arrive."
        ),
        Deferred(
            "schedules",
            "cli.commands.schedules:schedules",
            "Tell the engine what runs by itself (production; the embedded stack does it by itself).",
        ),
    ),
    "Finding again, and who read what": (
        Deferred(
            "find",
            "cli.commands.access:find_cases",
            "Cases by the name, e-mail or telephone number of a person, or by the respondent, exactly.",
        ),
        Deferred(
            "certificate",
            "cli.commands.access:certificate",
            "That a case was erased: when, by whom, and what is left of it.",
        ),
        Deferred("journal", "cli.commands.access:show_journal", "Who read what, when and why. For auditors."),
        Deferred(
            "codec",
            "cli.commands.access:codec",
            "Serve the engine's own pages and tool: they show a case decoded to an auditor.",
        ),
    ),
    "Proof": (
        Deferred(
            "checklist",
            "cli.commands.proof:show_checklist",
            "The proof of a case: its three legs, every piece, what perishes and what is still open.",
        ),
        Deferred(
            "letter",
            "cli.commands.letter:letter",
            "The letter that asks for pieces, filled from the case: here, as a PDF or as a text.",
        ),
        Deferred(
            "dossier",
            "cli.commands.dossier:show_dossier",
            "The file for the Defender of Rights: what is missing from it, and the file itself.",
        ),
    ),
    "The records": (
        Deferred(
            "replay",
            "cli.commands.replay:replay",
            "A case as it stood: who had done what, what was due, which alerts stood, what changed.",
        ),
        Deferred(
            "verify",
            "cli.commands.verify:verify",
            "Hold the records against each other; exit code 5 when anything does not hold.",
        ),
        Deferred(
            "rebuild",
            "cli.commands.rebuild:rebuild",
            "Every case started again from the book, or the book restored from histories.",
        ),
        Deferred("seal", "cli.commands.seal:seal", "Seal what is new now, instead of waiting for the hour."),
        Deferred(
            "checkpoint",
            "cli.commands.seal:checkpoint",
            "The last signed checkpoint of the sealed log, to be kept elsewhere.",
        ),
        Deferred("prove", "cli.commands.seal:prove", "The proof that a line stands in the sealed log."),
    ),
    "Groups": (
        Deferred(
            "account",
            "cli.commands.accounts:app",
            "The accounts in whose name things are done: opening, changing, closing, confirming.",
        ),
        Deferred(
            "capability", "cli.commands.links:app", "Access by a link, for the person or a partner without an account."
        ),
        Deferred("absence", "cli.commands.absences:app", "Absences that were noted: listing, changing, cancelling."),
        Deferred("store", "cli.commands.store:app", "The store of the files: scanning, checking, sweeping."),
        Deferred("policy", "cli.commands.attention:app", "The delays after which somebody is told."),
        Deferred("preferences", "cli.commands.post:app", "How you want to be written to."),
        Deferred("sessions", "cli.commands.signing_in:app", "The sessions of those who have signed in."),
        Deferred("keys", "cli.commands.vault:app", "The master key, which wraps the key of each case."),
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
        typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version of this program."),
    ] = False,
) -> None:
    """The options of the command line itself."""


class Root(Group):
    """The command line as a whole."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Runs a line of words in the language that the environment asks for: nothing else reads it from there."""
        speak(language(os.environ))
        _require_utf8(sys.argv if args is None else args)
        return super().main(args, *rest, **options)


def _assembled() -> Any:
    whole = group("starter.py", Root)
    whole.callback(help="Follows up every complaint of discrimination until it comes to something.")(_options)
    assembled: Any = get_command(whole)
    for command in COMMANDS:
        assembled.add_command(command)
    return assembled


app = _assembled()


def main() -> int:
    """Runs the command line; gives its exit code. No traceback reaches whoever called."""
    _prepare_streams()
    configure(safe_keys=frozenset(), level="ERROR")
    help.install()
    machine = "--json" in sys.argv
    try:
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
        fault = Problem(
            "internal", "Something went wrong on our side.", "The lines above say where; please report them."
        )
        return _ended(fault, machine, FAILED)


class _Out(io.FileIO):
    """Standard output. Its errors are kept apart from those of every other file."""

    lost = False

    def write(self, data: Any) -> int:
        if self.lost:  # reported already; this is what was left in the buffers
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self.lost = True
            raise (ReaderGone if isinstance(error, BrokenPipeError) else NotWritten) from None


def _prepare_streams() -> None:
    """Makes the standard streams reliable, whatever the program was started with. What they cannot show becomes a ?.

    A closed one is replaced: else the next file to be opened, the database, would take its number. From such an input
    nothing is read, to such an output no answer can be written, and what goes to such an error stream is lost.
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


def _require_utf8(words: Sequence[str]) -> None:
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
