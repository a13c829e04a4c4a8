"""Deadlines of a case on the terminal: our own and the law's time limits, each with how it was counted."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.pages.words import awaited, in_french, limit_body, limit_name, on, when
from cli.say import _, console, label, words
from desk.views.case import DeadlineView, LimitView, RunningLimitView
from domain.counting import Sentence
from domain.law.limitation import LimitationClock, Nature
from domain.parts.alert import Alert
from domain.time.lines import one_line_each
from domain.vocabulary import Level


def said(sentence: Sentence) -> str:
    """A sentence in the reader's language, with its dates as people here write them."""
    return words().sentence(sentence)


def print_deadlines(deadlines: Sequence[DeadlineView]) -> None:
    """Our own deadlines, soonest first."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for deadline in deadlines:
        about = awaited(deadline.kind, deadline.part, deadline.clock)
        table.add_row(
            when(deadline.due),
            Text.assemble(f"{about} · {label(deadline.level, Level)}", (f"  {deadline.counted}", "dim")),
        )
    console.print(Text(_("What comes next"), "bold"))
    console.print(table)


def print_alerts(alerts: Sequence[Alert]) -> None:
    """The alerts that stand on a case, one for each thing that is awaited, with the key by which it is answered."""
    lines = one_line_each(alerts)
    console.print(Text(_("Standing alerts: {count}.", count=len(lines)), "bold red"))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for told in lines:
        alert = told.alert
        about = awaited(alert.kind, alert.part, alert.clock)
        level = addressed(alert.level, told.below)
        table.add_row("!", Text.assemble((about, "red"), f" · {level}", (f"\n{alert.key}", "dim")))
    console.print(table)


def addressed(level: Level, below: Sequence[Level]) -> str:
    """The level that an alert has reached, and those below that were told the same."""
    told = ", ".join(label(lower, Level).lower() for lower in below)
    return _("{level} (told before: {below})", level=label(level, Level), below=told) if below else label(level, Level)


def running_json(limits: Sequence[LimitationClock]) -> list[dict[str, Any]]:
    """The time limits that keep running, for machines."""
    return [RunningLimitView.of(limit, words()).model_dump(mode="json") for limit in limits]


def _print_reminder() -> None:
    console.print(Text(_("Time limits of the law"), "bold"))
    console.print(
        Text(_("Filing with the Defender of Rights stops none of them by itself (LO 2011-333 art. 6)."), "italic")
    )


def print_running(limits: Sequence[LimitationClock | RunningLimitView]) -> None:
    """A reminder at a filing: the time limits that keep running, each with its prudent date."""
    _print_reminder()
    for limit in limits:
        day = on(limit.deadline_prudent) if limit.deadline_prudent else _("no date")
        action, body = limit_name(limit.code), limit_body(limit.code)
        doubt = "  " + _("(texts to be verified: see the agenda)") if limit.texts else ""
        console.print(Text.assemble("  ", (day, "bold"), f"  {action}  ", (body + doubt, "dim")))


def _checked(limit: LimitView) -> Sequence[str]:
    """Remarks on the texts of a time limit: a row may be doubtful although its texts were read."""
    return limit.texts or ([_("To be verified by a jurist.")] if limit.to_be_verified else [])


def _over(limit: LimitView) -> str:
    if limit.nature is Nature.PERISHABLE:
        return _("That day has passed: it is probably gone. Ask, if it may have been kept.")
    return _("The prudent date has passed: a jurist says if something can still be argued.")


def print_limits(limits: Sequence[LimitView], today: date) -> None:
    """The law's time limits: the prudent date first, because alerts and people should go by it.

    One that is over is told so, and cries for nobody.
    """
    _print_reminder()
    for limit in limits:
        line = Table.grid(padding=(0, 2))
        line.add_column(width=12)
        line.add_column(overflow="fold")
        day = on(limit.deadline_prudent) if limit.deadline_prudent else _("no date")
        is_over = limit.deadline_prudent is not None and limit.deadline_prudent < today
        style = "bold red" if limit.nature is Nature.PERISHABLE or limit.start_unknown else "bold"
        line.add_row(Text(day, "dim" if is_over else style), Text.assemble((limit.action, "bold"), f"  {limit.body}"))
        if is_over:
            line.add_row("", _over(limit))
        if limit.deadline_legal and limit.deadline_legal != limit.deadline_prudent:
            line.add_row("", _("At the latest, if it is argued: {day}.", day=on(limit.deadline_legal)))
        if limit.assumed:
            line.add_row("", Text(limit.assumed, "yellow"))
        line.add_row("", Text(" ".join(limit.counted), "dim"))
        line.add_row("", Text(" ".join([in_french(limit.basis), *_checked(limit)]), "dim"))
        if limit.route:
            unread = "" if limit.route_read else " " + _("(not read here)")
            line.add_row("", Text(_("Route: {source}", source=in_french(limit.route)) + unread, "dim"))
        console.print(line)
