"""The policy on the terminal: each delay with what it is for, in words."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from cli.say import _, console, label
from domain.levels import Ladder, role_of
from domain.time.policy import Policy
from domain.vocabulary import DeadlineKind, Domain, Role, Step


def print_policy(policy: Policy) -> None:
    """Every delay of a policy. Its fields are named as a change names them."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for field, what, delay in _rows(policy):
        table.add_row(field, what, Text(delay, "bold"))
    console.print(table)


def _rows(policy: Policy) -> Iterator[tuple[str, str, str]]:
    stalls: list[tuple[str, dict[Step, Ladder]]] = [("", policy.stall), *policy.stall_by_domain.items()]
    for domain, ladders in stalls:
        field = "stall_by_domain" if domain else "stall"
        for step in Step:
            if step in ladders:
                parts = (label(DeadlineKind.STALL, DeadlineKind), label(step, Step), label(domain or None, Domain))
                yield field, " · ".join(filter(None, parts)), _climb(ladders[step])
    for field, kind in _LADDERS.items():
        yield field, label(kind, DeadlineKind), _climb(getattr(policy, field))
    yield "referral_reminder", label(DeadlineKind.REFERRAL_ANSWER, DeadlineKind), _days(policy.referral_reminder)
    yield "referral_expiry", label(DeadlineKind.REFERRAL_EXPIRY, DeadlineKind), _days(policy.referral_expiry)
    yield "repeat", _("The highest level again, until somebody decides"), _days(policy.repeat)
    yield "grace", _("For what was late already when it was recorded"), _days(policy.grace)
    yield "pause_alone", _("Longest pause that one person decides"), _calendar_days(str(policy.pause_alone))
    for field, what in (
        ("limitation_notice", _("Before a time limit of the law")),
        ("short_limitation_notice", _("Before a short one, or proof that perishes")),
    ):
        yield field, what, _calendar_days(", ".join(map(str, getattr(policy, field))))
    years = policy.retention_years
    yield "retention_years", label(DeadlineKind.RETENTION, DeadlineKind), _("Calendar years: {years}", years=years)


_LADDERS = {
    "no_contact": DeadlineKind.NO_CONTACT,
    "piece_overdue": DeadlineKind.PIECE_DUE,
    "filing_acknowledgement": DeadlineKind.FILING_ACKNOWLEDGEMENT,
    "filing_news": DeadlineKind.FILING_NEWS,
    "filing_request": DeadlineKind.FILING_REQUEST,
    "filing_unsent": DeadlineKind.FILING_UNSENT,
    "filing_ended": DeadlineKind.FILING_ENDED,
}


def _climb(ladder: Ladder) -> str:
    rungs = " · ".join(f"{label(role_of(level), Role)} {days}" for level, days in ladder.rungs())
    return _("{rungs} (working days)", rungs=rungs)


def _days(days: int) -> str:
    return _("Working days: {days}", days=days)


def _calendar_days(days: str) -> str:
    return _("Calendar days: {days}", days=days)
