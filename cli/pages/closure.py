"""A closure that is proposed, on the terminal: what its countersigner has to know before deciding."""

from rich.table import Table
from rich.text import Text

from cli.pages.words import on, when
from cli.say import _, console, label
from desk.views.case import ClosureReviewView, RemainingLimitView
from domain.law.remaining import Chance
from domain.vocabulary import ClosureReason, Outcome


def print_closure_review(review: ClosureReviewView) -> None:
    """What is proposed, by whom, and what could still be claimed."""
    title = _("A closure is proposed: {reason}", reason=label(review.reason, ClosureReason))
    console.print(Text(title, "bold yellow"))
    by = _("by {account}, {instant}", account=review.proposed_by or "", instant=when(review.proposed_at))
    console.print(Text(f"  {label(review.outcome, Outcome)} · {by}\n  {review.last_known_fact}"))
    _print_remaining(review)
    _print_unsought(review)


def _print_remaining(review: ClosureReviewView) -> None:
    if not review.remaining:
        console.print(Text("  " + _("Every time limit that is known is over.")))
        return
    console.print(Text("  " + _("What could still be done if it is not closed:")))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for limit in review.remaining:
        table.add_row("  " + _chance(limit), Text.assemble((limit.action, "bold"), f"  {limit.body}"))
    console.print(table)


def _print_unsought(review: ClosureReviewView) -> None:
    """The pieces that nobody asked for, under the reason that was given."""
    if not review.unsought:
        return
    console.print(Text("  " + _("What was never asked for:")))
    for group in review.unsought:
        reason = group.reason or _("nobody said why")
        style = "" if group.reason else "bold yellow"
        console.print(Text.assemble("    ", (reason, style), ": ", "; ".join(group.pieces)))


def _chance(limit: RemainingLimitView) -> str:
    if limit.chance is Chance.UNDATED:
        return _("at any time")
    day = limit.deadline_prudent if limit.chance is Chance.RUNNING else limit.deadline_legal
    if limit.chance is Chance.RUNNING:
        return _("until {day}", day=on(day)) if day else _("stands still")
    return _("in doubt, {day} at the latest", day=on(day)) if day else _("in doubt, no date")
