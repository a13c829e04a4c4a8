"""Absences, and the policy that says when something asks for attention."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import IntegrityError

from cli import read
from cli.commands.policies import show_policy
from cli.lazy import group
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.say import Usage, _, answering, as_json, console, invalid, wait_for
from cli.stack.place import find
from desk.office import Office
from domain.actors import Actor
from domain.errors import Refused
from domain.levels import POLICY_MAKERS, rank
from domain.time.policy import Policy
from domain.time.preview import Preview, preview
from domain.values import day_of
from models import policies
from models.alerts import add_absence

app = group()


# --- Absences --------------------------------------------------------------------------------------------


def absent(
    delegate: Annotated[str, typer.Option("--delegate", metavar="ACCOUNT", help=_("Who stands in."))],
    first_day: Annotated[str, typer.Option("--from", metavar="DAY", help=_("First day, as 2026-03-31."))],
    last_day: Annotated[str, typer.Option("--to", metavar="DAY", help=_("Last day."))],
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        actor, other = office.actor(account), office.actor(delegate, "delegate")
        first, last = _day(first_day, "from"), _day(last_day, "to")
        if last < first:
            raise Refused("absence_order", "The last day is before the first.", "Check both days.", field="to")
        if last < day_of(datetime.now(UTC)):
            raise Usage("absence_past", "This absence is over: nothing would be passed on.", "Check the last day.",
                        field="to")  # fmt: skip
        unfit = other.account == actor.account or other.organisation != actor.organisation
        if unfit or rank(other.role) < rank(actor.role):
            raise Refused(
                "delegate_unfit",
                "{delegate} cannot stand in for {account}.",
                "Name somebody else of the same organisation and of the same role or above.",
                field="delegate",
                delegate=other.account,
                account=actor.account,
            )
        with office.writing() as tx:
            add_absence(tx, actor.account, first, last, other.account)
        if machine:
            as_json({"account": actor.account, "from": first, "to": last, "delegate": other.account})
        else:
            console.print(_("Noted."))


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(text: str, field: str) -> date:
    if not _ISO_DAY.fullmatch(text):
        raise Usage("bad_day", "{field} is not a date.", "Write it as 2026-03-31.", field=field)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Usage("bad_day", "{field} is not a date that exists.", "Write it as 2026-03-31.", field=field) from None


# --- The policy ------------------------------------------------------------------------------------------


app.command("show", help=_("The policy in force, or every version with who made it and why."))(show_policy)

PolicyArgument = Annotated[
    str, typer.Argument(metavar="FILE|-", help=_("The policy as JSON; what it leaves out stays as it is."))
]


@app.command("preview", help=_("What a policy would change, before it is put in force."))
def preview_policy(file: PolicyArgument, data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        office = find(data)
        with office.reading() as tx:
            now = policies.in_force(tx).policy
        found = _preview(office, now, _proposed(now, file))
        if machine:
            as_json(found.model_dump())
        else:
            _print_preview(found)


@app.command("set", help=_("Put a policy in force, with a reason. Then: policy rollout."))
def set_policy(
    file: PolicyArgument,
    reason: Annotated[str, typer.Option("--reason", help=_("Why the delays change."))],
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        actor = office.actor(account)
        _require_policy_maker(actor)
        if not reason.strip():
            raise Usage("no_reason", "A change of policy has a reason.", "Give one with --reason.", field="reason")
        with office.reading() as tx:
            seen = policies.in_force(tx)
        policy = _proposed(seen.policy, file)
        found = _preview(office, seen.policy, policy)
        try:
            with office.writing() as tx:
                version = policies.put_in_force(
                    tx,
                    policy,
                    after=seen.version,
                    reason=reason.strip(),
                    account=actor.account,
                    made_at=datetime.now(UTC),
                )
        except IntegrityError:
            raise Refused(
                "policy_changed",
                "Somebody else has put a policy in force meanwhile.",
                "Look at it with: policy show. Then decide again.",
            ) from None
        if machine:
            as_json({"version": version, "preview": found.model_dump()})
        else:
            _print_preview(found)
            console.print(
                _("Version {version} is in force. Running cases follow with: policy rollout", version=version)
            )


@app.command("rollout", help=_("Have every running case look at its deadlines under the policy in force."))
def roll_out(
    per_second: Annotated[float, typer.Option("--rate", min=0.1, max=500, help=_("Cases a second at most."))] = 20.0,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from cli.commands.rollout import follow

    with answering(machine):
        office = find(data)
        _require_policy_maker(office.actor(account))
        with office.reading() as tx:
            version = policies.in_force(tx).version
        done = wait_for(follow(office, version, per_second, quiet=machine))
        if machine:
            as_json(done.model_dump(mode="json"))
        else:
            console.print(_("Cases under version {version}: {done}.", done=done.done, version=version))
            if done.missing:
                console.print(Text(_("Not reached: {cases}", cases=", ".join(done.missing)), "bold red"))


def _require_policy_maker(actor: Actor) -> None:
    if actor.role not in POLICY_MAKERS:
        raise Refused(
            "not_policy_maker",
            "The account {account} may not change the policy.",
            "Ask somebody with one of these roles: {roles}.",
            account=actor.account,
            roles=", ".join(sorted(POLICY_MAKERS)),
        )


def _proposed(now: Policy, file: str) -> Policy:
    try:
        return Policy.model_validate(now.model_dump(mode="json") | read.json_object(file, see="starter.py policy show"))
    except ValidationError as error:
        raise invalid(error) from None


def _preview(office: Office, now: Policy, then: Policy) -> Preview:
    from activities.calendar import french_calendar
    from models.reading import every_open_case

    with office.reading() as tx:
        running = every_open_case(tx, office.keys)
        return preview(running, now, then, french_calendar(), datetime.now(UTC))


def _print_preview(found: Preview) -> None:
    table = Table.grid(padding=(0, 2))
    for said, count in (
        (_("open cases"), found.cases),
        (_("would become stalled at once"), found.would_stall),
        (_("alerts would be raised at once"), found.alerts_at_once),
        (_("would be looked at sooner"), found.sooner),
        (_("would be looked at later"), found.later),
    ):
        table.add_row(Text(str(count), "bold"), said)
    console.print(table)
