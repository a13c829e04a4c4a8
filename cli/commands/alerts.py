"""The alerts that stand on the cases an account may see."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli import read
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.pages.due import addressed
from cli.pages.words import awaited, held_by, when
from cli.say import _, answering, as_json, console, describe, label, wait_for
from cli.stack.place import find
from desk import alerts
from desk.views.alerts import AlertView, AnsweredMany, CauseView, RefusedAnswer
from domain.parts.alert import AnswerAlert
from domain.vocabulary import AlertDecision, DeadlineKind, Level

KindOption = Annotated[DeadlineKind | None, typer.Option("--kind", help=_("Only alerts of this cause."))]
LevelOption = Annotated[Level | None, typer.Option("--level", help=_("Only alerts of this level."))]


def list_alerts(
    mine: Annotated[
        bool, typer.Option("--mine", help=_("Only those addressed to me, or to somebody I stand in for."))
    ] = False,
    kind: KindOption = None,
    level: LevelOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=_("Alerts on a page."))] = alerts.PAGE,
    offset: Annotated[int, typer.Option("--from", min=0, help=_("The number of alerts to leave out first."))] = 0,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        view = alerts.list_alerts(
            office, office.actor(account), mine=mine, kind=kind, level=level, limit=limit, offset=offset
        )
        if machine:
            as_json(view)
            return
        if len(view.alerts) < view.total:
            _print_causes(view.causes)
        print_alerts(view.alerts, view.total)
        if view.next is not None:
            console.print(Text(_("The next page: --from {offset}", offset=view.next), "dim"))
        if view.undelivered:
            template = "Mails that were not delivered: {count}. See: starter.py mails --state UNDELIVERED"
            console.print(Text(_(template, count=view.undelivered), "bold red"))
        for hour in view.denied:
            template = "{account}: refusals within an hour, from {began}: {count}. See: starter.py journal"
            refused = _(template, account=hour.account, count=hour.count, began=when(hour.began))
            console.print(Text(refused, "bold red"))


def answer_alerts(
    kind: Annotated[DeadlineKind, typer.Argument(metavar="KIND", help=_("The cause: starter.py alerts lists them."))],
    decision: Annotated[AlertDecision, typer.Option("--decision", help=_("The decision on all of them."))],
    reason: Annotated[str, typer.Option("--reason", help=_("The reason, the same for all of them."))],
    until: Annotated[
        str | None, typer.Option("--until", metavar="YYYY-MM-DD", help=_("The end of more time (EXTEND)."))
    ] = None,
    level: LevelOption = None,
    everyones: Annotated[
        bool, typer.Option("--everyones", help=_("All that I may see, and not only those addressed to me."))
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help=_("Alerts at most."))] = 1_000,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        # Read like one answer: the same is refused, before anything is asked.
        said = {"alert": "-", "decision": decision, "reason": reason} | ({"until": until} if until else {})
        read_answer = read.command("answer_alert", None, [f"{name}={value}" for name, value in said.items()])
        assert isinstance(read_answer, AnswerAlert)  # noqa: S101 - that is what was asked for
        office = find(data)
        done = wait_for(
            alerts.answer_alerts(
                office,
                office.actor(account),
                kind=kind,
                decision=read_answer.decision,
                reason=read_answer.reason,
                until=read_answer.until,
                level=level,
                everyones=everyones,
                limit=limit,
            )
        )
        if machine:
            refused = [{"reference": r.reference, "alert": r.key, **describe(r.problem)} for r in done.refusals]
            as_json({"answered": done.answered, "refused": refused, "left": done.left})
        else:
            _print_answered(done)


_NAMED = 5
"""Cases that are named for a reason."""


def _print_answered(done: AnsweredMany) -> None:
    """Prints what came of a decision on many alerts: each reason of refusals once, with some of its cases."""
    console.print(_("Alerts answered: {count}.", count=done.answered))
    by_reason: dict[str, list[RefusedAnswer]] = {}
    for refusal in done.refusals:
        by_reason.setdefault(refusal.problem.code, []).append(refusal)
    for refusals in by_reason.values():
        cases = ", ".join(dict.fromkeys(refusal.reference for refusal in refusals[:_NAMED]))
        problem = refusals[0].problem
        told = _(
            "Refused {count} times ({cases}): {why}",
            count=len(refusals),
            cases=cases + ("…" if len(refusals) > _NAMED else ""),
            why=" ".join(str(describe(problem)[name]) for name in ("message", "remedy")),
        )
        console.print(Text(told, "yellow"))
    if done.left:
        console.print(_("Alerts beyond the limit, which still stand: {count}.", count=done.left))


def _print_causes(by_cause: Sequence[CauseView]) -> None:
    """The number of alerts of each cause: a page shows some of them."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold")
    table.add_column(overflow="fold")
    for cause in by_cause:
        about = f"{label(cause.kind, DeadlineKind)} · {label(cause.level, Level)}"
        table.add_row(str(cause.count), Text.assemble(about, (f"  --kind {cause.kind} --level {cause.level}", "dim")))
    console.print(table)
    console.print(Text(_("Many of one cause: starter.py answer KIND --decision ... --reason ..."), "dim"))


def print_alerts(standing: Sequence[AlertView], total: int | None = None) -> None:
    """Alerts for people: what each is about, at which level, and the key by which it is answered."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for alert in standing:
        about = awaited(alert.kind, alert.part, alert.key)
        style = "bold red" if alert.level != Level.CASE_WORKER else "yellow"
        level = f" · {addressed(alert.level, alert.below)} · {held_by(alert.holder)}"
        if alert.to_nobody:
            level += " · " + _("nobody has this role here: the next level is told")
        key = (f"\n{when(alert.due)}  {alert.key}", "dim")
        table.add_row(alert.reference, Text.assemble((about, style), level, key))
    if standing:
        console.print(table)
    console.print(Text(_("Standing alerts: {count}.", count=len(standing) if total is None else total), "dim"))
    if standing:
        console.print(
            Text(_("Each ends by a decision: submit REF answer_alert --set alert=KEY --set decision=..."), "dim")
        )
