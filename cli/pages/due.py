"""Deadlines of a case on the terminal: our own and the law's time limits, each with how it was counted."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.pages.words import awaited, in_french, limit_body, limit_name, on, when
from cli.say import _, console, label, words
from domain.counting import Words as Sentence
from domain.law.limitation import LimitationClock, Nature
from domain.parts.alert import Alert
from domain.time.deadline import Deadline
from domain.vocabulary import Level


def said(sentence: Sentence) -> str:
    """A sentence in the reader's language, with its dates as people here write them."""
    return words().sentence(sentence)


def due_json(reference: str, deadlines: Sequence[Deadline], limits: Sequence[LimitationClock]) -> dict[str, Any]:
    """The deadlines of a case, for machines."""
    return {
        "reference": reference,
        "deadlines": [deadline_json(deadline) for deadline in deadlines],
        "time_limits": [_limit_json(limit) for limit in limits],
    }


def deadline_json(deadline: Deadline) -> dict[str, Any]:
    """One of our own deadlines, for machines; how it was counted is said in the reader's language."""
    return deadline.model_dump(mode="json") | {"key": deadline.key, "counted": _counted(deadline)}


def _counted(deadline: Deadline) -> str:
    return _(deadline.counted, days="" if deadline.days is None else deadline.days)


def _limit_json(limit: LimitationClock) -> dict[str, Any]:
    return {
        "code": limit.code,
        "action": limit_name(limit.code),
        "body": limit_body(limit.code),
        "nature": limit.nature,
        "start": limit.start,
        "assumed": said(limit.assumed) if limit.assumed else None,
        "deadline_legal": limit.deadline_legal,
        "deadline_prudent": limit.deadline_prudent,
        "worst_case": limit.worst_case,
        "counted": [said(sentence) for sentence in limit.counted],
        "basis": limit.basis,
        "to_be_verified": limit.to_be_verified,
        "table_version": limit.table_version,
    }


def print_deadlines(deadlines: Sequence[Deadline]) -> None:
    """Our own deadlines, soonest first."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for deadline in deadlines:
        about = awaited(deadline.kind, deadline.part, deadline.clock)
        table.add_row(
            when(deadline.due),
            Text.assemble(f"{about} · {label(deadline.level, Level)}", (f"  {_counted(deadline)}", "dim")),
        )
    console.print(Text(_("What comes next"), "bold"))
    console.print(table)


def print_alerts(alerts: Sequence[Alert]) -> None:
    """The alerts that stand on a case, each with the key by which it is answered."""
    console.print(Text(_("Standing alerts: {count}.", count=len(alerts)), "bold red"))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for alert in alerts:
        about = awaited(alert.kind, alert.part, alert.clock)
        table.add_row("!", Text.assemble((about, "red"), f" · {label(alert.level, Level)}", (f"\n{alert.key}", "dim")))
    console.print(table)


def running_json(limits: Sequence[LimitationClock]) -> list[dict[str, Any]]:
    """The same reminder for machines."""
    return [
        {
            "code": limit.code,
            "action": limit_name(limit.code),
            "deadline_prudent": limit.deadline_prudent,
            "deadline_legal": limit.deadline_legal,
        }
        for limit in limits
    ]


def _print_reminder() -> None:
    console.print(Text(_("Time limits of the law"), "bold"))
    console.print(
        Text(_("Filing with the Defender of Rights stops none of them by itself (LO 2011-333 art. 6)."), "italic")
    )


def print_running(limits: Sequence[LimitationClock]) -> None:
    """A reminder at a filing: the time limits that keep running, each with its prudent date."""
    _print_reminder()
    for limit in limits:
        day = on(limit.deadline_prudent) if limit.deadline_prudent else _("no date")
        action, body = limit_name(limit.code), limit_body(limit.code)
        console.print(Text.assemble("  ", (day, "bold"), f"  {action}  ", (body, "dim")))


def print_limits(limits: Sequence[LimitationClock]) -> None:
    """The law's time limits: the prudent date first, because alerts and people should go by it."""
    _print_reminder()
    for limit in limits:
        line = Table.grid(padding=(0, 2))
        line.add_column(width=12)
        line.add_column(overflow="fold")
        day = on(limit.deadline_prudent) if limit.deadline_prudent else _("no date")
        style = "bold red" if limit.nature is Nature.PERISHABLE or limit.start_unknown else "bold"
        line.add_row(Text(day, style), Text.assemble((limit_name(limit.code), "bold"), f"  {limit_body(limit.code)}"))
        if limit.deadline_legal and limit.deadline_legal != limit.deadline_prudent:
            line.add_row("", _("At the latest, if it is argued: {day}.", day=on(limit.deadline_legal)))
        if limit.assumed:
            line.add_row("", Text(said(limit.assumed), "yellow"))
        line.add_row("", Text(" ".join(said(sentence) for sentence in limit.counted), "dim"))
        checked = " " + _("To be verified by a jurist.") if limit.to_be_verified else ""
        line.add_row("", Text(in_french(limit.basis) + checked, "dim"))
        console.print(line)
