"""The commands of the command line."""

import asyncio
import io
import json
import shlex
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.table import Table
from rich.text import Text

from cli import access, attention, dossier, files, letter, post, proof, read, schedules, store, sweep, vault
from cli.history import AtOption, ReferenceArgument, history_of, policy_of, until
from cli.place import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, Place, WhyOption, find
from cli.rebuild import rebuild
from cli.replay import replay
from cli.say import (
    DONE,
    FAILED,
    INTERRUPTED,
    USAGE,
    ReaderGone,
    Usage,
    _,
    answering,
    as_json,
    complaints,
    console,
    fail,
    label,
    wait_for,
)
from cli.seal import checkpoint, prove, seal
from cli.usage import misunderstood
from cli.verify import verify
from domain.clocks import agenda
from domain.commands import COMMANDS, NOT_ERASED, OF_THE_SYSTEM, Command, File
from domain.errors import Problem, Refused
from domain.events import Actor
from domain.exchange import Receipt
from domain.lifecycle import fold
from domain.permissions import grants, no_such_case, offered
from domain.vocabulary import OPEN_STEPS, Role, Step
from kit.logs import configure, get_logger
from kit.settings import Settings
from models import accounts, cases

if TYPE_CHECKING:
    from cli.embedded import Running
    from domain.limitation import LimitationClock

log = get_logger("starter")

app = typer.Typer(
    name="starter.py",
    help=_("Follows up every complaint of discrimination until it comes to something."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

FileArgument = Annotated[str, typer.Argument(metavar="FILE|-", help=_("A JSON file, or - for standard input."))]


# --- The stack -------------------------------------------------------------------------------------------

PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help=_("Port of /livez, /readyz and /metrics; 0: any."))
]
TemporalPortOption = Annotated[
    int, typer.Option("--temporal-port", min=0, max=65535, help=_("Port of the engine; 0: any."))
]


@app.command(help=_("Bring the embedded stack up, in the foreground. Ctrl-C stops it."))
def up(
    data: DataOption = None,
    port: PortOption = 8080,
    temporal_port: TemporalPortOption = 7233,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        wait_for(_up(folder_of(data), port, temporal_port, machine, story=False, leave_when_told=False))


@app.command(help=_("Bring the stack up and tell fictitious complaints through every step."))
def demo(
    data: DataOption = None,
    port: PortOption = 8080,
    temporal_port: TemporalPortOption = 7233,
    leave_when_told: Annotated[bool, typer.Option("--exit", help=_("End when the stories are told."))] = False,
) -> None:
    with answering(machine=False):
        wait_for(_up(folder_of(data), port, temporal_port, machine=False, story=True, leave_when_told=leave_when_told))


def folder_of(data: Path | None) -> Path:
    """The folder of the embedded stack."""
    return (data or Settings().data).absolute()


async def _up(
    folder: Path, port: int, temporal_port: int, machine: bool, *, story: bool, leave_when_told: bool
) -> None:
    from cli.embedded import Stopped, embedded, stop_on_signals

    def told(name: str, event: str) -> None:
        if not machine:
            complaints.print(Text(f"{name}: {_(event)}", "dim"))

    stop = stop_on_signals()
    with suppress(Stopped):
        async with embedded(folder, port, temporal_port, told, stop, skips_time=story) as running:
            _say_up(running, machine)
            if story:
                await _tell(running, stop)
                if leave_when_told:
                    return
            if not machine:
                console.print(Text(_("Ctrl-C stops it."), "dim"))
            await stop.wait()


def _say_up(running: "Running", machine: bool) -> None:
    engine, http, folder = running.settings.temporal_address, running.http, str(running.folder)
    if machine:
        as_json({"temporal": engine, "http": http, "data": folder})
        return
    where = _("Engine {engine}, health {http}/readyz, data in {data}.", engine=engine, http=http, data=folder)
    console.print(Text.assemble((_("Aboutir is up."), "bold green"), "  ", where))


async def _tell(running: "Running", stop: asyncio.Event) -> None:
    from cli.embedded import or_stopped
    from cli.place import engine_client
    from cli.sleep import tell_of_sleep
    from cli.story import tell

    place = Place(running.database, running.settings, running.settings.temporal_address)
    async with place.desk() as desk:
        references = await or_stopped(tell(desk, place.actor, datetime.now(UTC)), stop)
        references.append(await or_stopped(tell_of_sleep(await engine_client(place), desk, place), stop))
    place.keys.close()
    where = "" if running.folder == folder_of(None) else f" --data {shlex.quote(str(running.folder))}"
    console.print(_("Look at them:"))
    console.print(f"  starter.py list --as superviseur{where}")
    console.print(f"  starter.py show {references[0]} --as superviseur{where}")


@app.command(
    help=_("Bring the database to the schema of this version (production; the embedded stack does it by itself).")
)
def migrate(data: DataOption = None, machine: JsonOption = False) -> None:
    from models.keys import asking, vault_of
    from models.migrate import VAULT, wanted_revision
    from models.migrate import migrate as upgrade

    with answering(machine):
        place = find(data).as_owner()
        with place.reading():
            pass  # is it there at all?
        changed = [upgrade(place.database)]
        with closing(vault_of(place.settings)) as vault, asking():
            changed.append(VAULT.migrate(vault))
        if machine:
            as_json({"revision": wanted_revision(), "changed": any(changed)})
        else:
            console.print(_("The database is at revision {revision}.", revision=wanted_revision()))


# --- Asking ----------------------------------------------------------------------------------------------


@app.command("open", help=_("Open a case for one complaint, given as JSON; prints its reference."))
def open_case(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE|-", help=_("A JSON file, or - for standard input."))
    ] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    id: Annotated[
        str | None, typer.Option("--id", help=_("Makes the opening unique: sent twice, it counts once."))
    ] = None,
    print_example: Annotated[
        bool, typer.Option("--print-example", help=_("Print a complaint that can be opened as it is."))
    ] = False,
    machine: JsonOption = False,
) -> None:
    from cli.examples import COMPLAINT
    from models.finding import possible_duplicates

    if print_example:
        sys.stdout.write(json.dumps(COMPLAINT, ensure_ascii=False, indent=2) + "\n")
        return
    with answering(machine):
        if file is None:
            raise Usage(
                "no_file",
                "No file was given.",
                "Give a JSON file, or - for standard input. See --print-example.",
                field="file",
            )
        complaint = read.complaint(read.json_object(file))
        command_id = read.command_id(id)
        place = find(data)
        receipt = wait_for(
            _ask(
                place,
                account,
                lambda desk, actor: desk.open(
                    complaint, actor, reference=_reference_for(command_id), command_id=command_id
                ),
            )
        )
        with place.reading() as tx:
            alike = possible_duplicates(tx, place.actor(account), place.keys.digest, complaint, receipt.reference)
        if machine:
            as_json({"reference": receipt.reference, "possible_duplicates": alike})
            return
        console.print(Text.assemble((receipt.reference, "bold"), "  ", _("opened."), "  ", label(receipt.step, Step)))
        if alike:
            said = _("The same person may have complained of this already: {references}.", references=", ".join(alike))
            console.print(Text(said, "yellow"))


def _reference_for(command_id: str | None) -> str | None:
    """The same opening sent twice must name the same case: its reference follows from its id."""
    import hashlib

    from domain.values import reference_from

    return reference_from(int.from_bytes(hashlib.sha256(command_id.encode()).digest()[:8])) if command_id else None


@app.command(help=_("Submit a command to a case. See: starter.py commands."))
def submit(
    ref: ReferenceArgument,
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", help=_("What is asked: starter.py commands lists them."))
    ],
    file: Annotated[str | None, typer.Argument(metavar="[FILE|-]", help=_("Its fields as JSON."))] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=_("One field; may be repeated."))
    ] = None,
    id: Annotated[
        str | None, typer.Option("--id", help=_("Makes the command unique: sent twice, it counts once."))
    ] = None,
    expect: Annotated[
        int | None,
        typer.Option("--expect", min=0, help=_("The version you looked at: refused if the case has moved on.")),
    ] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        reference = read.reference(ref)
        asked = read.command(command, read.json_object(file) if file else {}, settings or [])
        command_id = read.command_id(id)
        place = find(data)
        receipt: Receipt = wait_for(
            _ask(
                place,
                account,
                lambda desk, actor: desk.submit(
                    reference, asked, actor, command_id=command_id, expected_version=expect
                ),
            )
        )
        limits = _still_running(place, account, reference) if isinstance(asked, File) else None
        if machine:
            from cli.due import running_json

            said = receipt.model_dump(mode="json")
            as_json(said if limits is None else said | {"time_limits": running_json(limits)})
        else:
            from cli.due import print_running
            from cli.words import event_name

            what = ", ".join(event_name(tag) for tag in receipt.events)
            console.print(
                Text.assemble(
                    (receipt.reference, "bold"),
                    f"  v{receipt.version}  ",
                    (what, "green"),
                    "  ",
                    label(receipt.step, Step),
                )
            )
            if limits is not None:
                print_running(limits)


def _still_running(place: Place, account: str, ref: str) -> Sequence["LimitationClock"]:
    """The time limits that a filing has not stopped: whoever files is reminded of them."""
    from activities.calendar import french_calendar
    from domain.limitation import time_bars

    _actor, reference, entries = history_of(place, account, ref, "agenda")
    return time_bars(fold(reference, entries), french_calendar())


async def _ask(place: Place, account: str, what: Callable[..., Coroutine[Any, Any, Receipt]]) -> Receipt:
    actor = place.actor(account)
    async with place.desk() as desk:
        return await what(desk, actor)


@app.command("import", help=_("Open the cases of a spreadsheet (CSV, XLSX), as a mapping says. Can be run again."))
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The spreadsheet."))],
    mapping: Annotated[Path, typer.Option("--mapping", metavar="FILE.toml", help=_("What its columns mean."))],
    refused: Annotated[
        Path | None,
        typer.Option(
            "--refused", metavar="FILE", help=_("Where the rows that are refused go (default: beside the spreadsheet).")
        ),
    ] = None,
    rehearse: Annotated[bool, typer.Option("--dry-run", help=_("Go through the rules only; open nothing."))] = False,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from cli.bring import bring, tell

    with answering(machine):
        place = find(data)
        actor = place.actor(account)
        brought = wait_for(bring(file, mapping, place, actor, rehearse=rehearse, quiet=machine, refused_file=refused))
        tell(brought, rehearsed=rehearse, machine=machine)
        if brought.interrupted:
            raise typer.Exit(INTERRUPTED)


@app.command(help=_("What may be asked, by whom, with its JSON schema."))
def commands(
    command: Annotated[str | None, typer.Argument(metavar="[COMMAND]", help=_("One command, with its schema."))] = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        shown = {name: kind for name, kind in COMMANDS.items() if name not in OF_THE_SYSTEM}
        if command is None:
            if machine:
                as_json({"commands": [_command_json(name) for name in shown]})
                return
            table = Table.grid(padding=(0, 2))
            table.add_column(no_wrap=True, style="bold")
            table.add_column(overflow="fold")
            for name, kind in shown.items():
                said = _command_json(name)
                by = ", ".join(label(role, Role) for role in said["roles"])
                at = "; ".join(filter(None, [_asked_at(kind), by]))
                table.add_row(name, Text.assemble(_(said["description"]), ("\n" + at, "dim")))
            console.print(table)
            return
        name = command.replace("-", "_").lower()
        if name not in shown:
            raise Usage(
                "unknown_command",
                "{command} is not a command that can be submitted.",
                "List them with: starter.py commands.",
                field="command",
                command=command[:40],
            )
        schema = shown[name].model_json_schema()
        if machine:
            as_json(_command_json(name) | {"schema": schema})
        else:
            console.print(Text(_(_command_json(name)["description"]), "bold"))
            console.print_json(json.dumps(schema, ensure_ascii=False))


def _asked_at(kind: type[Command]) -> str:
    if kind.steps == OPEN_STEPS:
        return _("any open step")
    if kind.steps == NOT_ERASED:
        return _("open or closed")
    return ", ".join(label(step, Step) for step in Step if step in kind.steps)


def _command_json(name: str) -> dict[str, Any]:
    kind = COMMANDS[name]
    return {
        "name": name,
        "description": (kind.__doc__ or "").partition("\n")[0],
        "steps": [step for step in Step if step in kind.steps],
        "roles": [role for role in Role if role in grants(name)],
    }


# --- Looking ---------------------------------------------------------------------------------------------


@app.command(help=_("A case, now or as it stood."))
def show(
    ref: ReferenceArgument,
    at: AtOption = None,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from activities.calendar import french_calendar
    from cli.show import case_json, print_case
    from domain.limitation import time_bars

    with answering(machine):
        place = find(data)
        actor, reference, entries = history_of(place, account, ref, "show", why)
        entries = until(entries, at)
        case = fold(reference, entries)
        calendar = french_calendar()
        due = agenda(case, policy_of(place), calendar)
        may = offered(actor, case) if at is None else []
        limits = time_bars(case, calendar) if case.open_filings else ()
        if machine:
            as_json(case_json(case, due, may, limits))
        else:
            print_case(case, due, may, limits)


@app.command(
    "agenda", help=_("What is due on a case: our deadlines, and the law's time limits with how they were counted.")
)
def show_agenda(
    ref: ReferenceArgument,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from activities.calendar import french_calendar
    from cli.due import due_json, print_deadlines, print_limits
    from domain.limitation import limitation_clocks

    with answering(machine):
        place = find(data)
        _actor, reference, entries = history_of(place, account, ref, "agenda", why)
        case = fold(reference, entries)
        calendar = french_calendar()
        deadlines, limits = agenda(case, policy_of(place), calendar), limitation_clocks(case, calendar)
        if machine:
            as_json(due_json(reference, deadlines, limits))
            return
        if deadlines:
            print_deadlines(deadlines)
            console.print()
        print_limits(limits)


@app.command(help=_("Who did what, when it happened and when it was recorded."))
def history(
    ref: ReferenceArgument,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from cli.show import entry_json, print_history

    with answering(machine):
        _actor, _reference, entries = history_of(find(data), account, ref, "history", why)
        if machine:
            as_json({"entries": [entry_json(entry) for entry in entries]})
        else:
            print_history(entries)


@app.command("list", help=_("The cases that an account may see, newest first."))
def list_cases(
    step: Annotated[str | None, typer.Option(help=_("Only at this step."))] = None,
    holder: Annotated[str | None, typer.Option(help=_("Only those this account holds."))] = None,
    domain: Annotated[str | None, typer.Option(help=_("Only in this domain."))] = None,
    territory: Annotated[
        str | None, typer.Option(help=_("MEL, AMP, or the code of a commune or priority neighbourhood."))
    ] = None,
    stalled: Annotated[bool, typer.Option("--stalled", help=_("Only stalled ones."))] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=_("How many at most."))] = 50,
    after: Annotated[str | None, typer.Option(metavar="REF", help=_("Go on after this one."))] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from cli.show import page_json, print_page
    from domain.reference import METROPOLISES, territories
    from domain.vocabulary import Domain

    with answering(machine):
        wanted = cases.Filter(
            step=_code(step, [*Step], "step"),
            holder=holder,
            domain=_code(domain, [*Domain], "domain"),
            territory=_code(territory, [*METROPOLISES, *territories()], "territory"),
            stalled=stalled,
        )
        place = find(data)
        actor = place.actor(account)
        mark = None if after is None else read.reference(after)
        with place.reading() as tx:
            if mark is not None and cases.find_case(tx, actor, mark) is None:
                raise no_such_case()
            page = cases.list_cases(tx, actor, wanted, limit, mark)
        if machine:
            as_json(page_json(page))
        else:
            print_page(page)


def _code(text: str | None, known: list[Any], field: str) -> str | None:
    if text is None or text.upper() in known:
        return text.upper() if text else None
    few = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    raise Usage(
        "unknown_code", "{field} is not one of the known codes.", "It is one of: {expected}.", field=field, expected=few
    )


# --- Accounts --------------------------------------------------------------------------------------------


@app.command("accounts", help=_("The accounts in whose name things can be done."))
def list_accounts(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        place = find(data)
        with place.reading() as tx:
            found = accounts.all_accounts(tx)
        if machine:
            as_json({"accounts": [actor.model_dump(mode="json") for actor in found]})
            return
        table = Table(box=None, padding=(0, 2))
        for name in (_("Account"), _("Role"), _("Organisation"), _("Metropolis")):
            table.add_column(name)
        for actor in found:
            table.add_row(actor.account, label(actor.role, Role), actor.organisation, actor.metropolis or "")
        console.print(table)


@app.command("add-account", help=_("Add an account."))
def add_account(
    name: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    role: Annotated[str, typer.Option(help=_("CASE_WORKER, SUPERVISOR, PLAN_LEAD, AUDITOR or PARTNER."))],
    organisation: Annotated[str, typer.Option(help=_("The team it acts for."))],
    metropolis: Annotated[str | None, typer.Option(help=_("MEL or AMP; none for both."))] = None,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    from domain.reference import METROPOLISES

    with answering(machine):
        roles = [role for role in Role if role not in (Role.SYSTEM, Role.COMPLAINANT)]
        said = {
            "account": name,
            "role": _code(role, roles, "role"),
            "organisation": organisation,
            "metropolis": _code(metropolis, [*METROPOLISES], "metropolis"),
        }
        actor = TypeAdapter(Actor).validate_python(said)
        place = find(data)
        with place.writing() as tx:
            added = accounts.add_account(tx, actor)
        if not added:
            raise Refused(
                "account_taken",
                "There is an account named {account} already.",
                "Choose another name.",
                field="account",
                account=name,
            )
        if machine:
            as_json(actor.model_dump(mode="json"))
        else:
            console.print(_("Added."))


# --- Files ------------------------------------------------------------------------------------------------

app.command("attach", help=_("Attach a file to a piece: looked at, sealed, scanned, then noted in the book."))(
    files.attach
)
app.command("files", help=_("The files of a case, and who was given which."))(files.list_files)
app.command("fetch", help=_("Write a file of a case to disk: what is shown of it, or with --original as it came."))(
    files.fetch
)
app.add_typer(store.app, name="store")


# --- What asks for attention ------------------------------------------------------------------------------

app.command("alerts", help=_("The standing alerts, the highest first."))(attention.list_alerts)
app.command("absent", help=_("Say that you are away, and who stands in for you."))(attention.absent)
app.add_typer(attention.app, name="policy")
app.command("sweep", help=_("Hold every case against its workflow, now; repair what can be, tell what was found."))(
    sweep.sweep
)
app.add_typer(post.app, name="preferences")
app.command("mails", help=_("The mails that were sent, that wait, and that did not arrive."))(post.list_mails)
app.command(
    "schedules",
    help=_("Tell the engine what runs by itself (production; the embedded stack does it by itself)."),
)(schedules.schedules)


# --- Finding again, and who read what ---------------------------------------------------------------------

app.command("find", help=_("Cases by the name, e-mail or telephone number of a person, exactly."))(access.find_cases)
app.command("certificate", help=_("That a case was erased: when, by whom, and what is left of it."))(access.certificate)
app.command("journal", help=_("Who read what, when and why. For auditors."))(access.show_journal)
app.command("codec", help=_("Serve the engine's own pages and tool: they show a case decoded to an auditor."))(
    access.codec
)


# --- Keys -------------------------------------------------------------------------------------------------

app.add_typer(vault.app, name="keys")


# --- Proof ------------------------------------------------------------------------------------------------

app.command(
    "checklist", help=_("The proof of a case: its three legs, every piece, what perishes and what is still open.")
)(proof.show_checklist)


app.command("letter", help=_("The letter that asks for pieces, filled from the case: here, as a PDF or as a text."))(
    letter.letter
)
app.command("dossier", help=_("The file for the Defender of Rights: what is missing from it, and the file itself."))(
    dossier.show_dossier
)


# --- The records ------------------------------------------------------------------------------------------

app.command(help=_("A case as it stood: who had done what, what was due, which alerts stood, what changed."))(replay)
app.command(help=_("Hold the records against each other; exit code 5 when anything does not hold."))(verify)
app.command(help=_("Every case started again from the book, or the book restored from histories."))(rebuild)
app.command(help=_("Seal what is new now, instead of waiting for the hour."))(seal)
app.command(help=_("The last signed checkpoint of the sealed log, to be kept elsewhere."))(checkpoint)
app.command(help=_("The proof that a line stands in the sealed log."))(prove)


# --- The way out -----------------------------------------------------------------------------------------


def main() -> int:
    """Runs the command line; gives its exit code. No traceback reaches whoever called."""
    configure(safe_keys=frozenset(), level="ERROR")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no accents shows a question mark instead
    machine = "--json" in sys.argv
    try:
        _require_utf8(sys.argv)
        code = app(standalone_mode=False)
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
    except Exception:
        log.exception("command_failed")
        said = Problem(
            "internal", "Something went wrong on our side.", "The lines above say where; please report them."
        )
        return _ended(said, machine, FAILED)


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
    except OSError:  # the disk is full, the terminal is gone: nobody is left to tell
        return code
