"""The history of a case, as far as somebody wants to look: by a version, a date, an instant or an event."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer

from cli import read
from cli.say import Usage, _
from desk.office import Office
from domain.actors import Actor
from domain.errors import Refused, one_or_many
from domain.events import EVENTS, Entry
from domain.time.policy import Policy
from domain.values import PARIS
from models import policies
from models.journal import Access
from models.reading import read_case

ReferenceArgument = Annotated[str, typer.Argument(metavar="REF", help=_("The reference of a case."))]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="VERSION|DATE|EVENT", help=_("As it stood then; now, if nothing is said.")),
]

_EVENT = re.compile(r"(?P<name>[a-z]+(_[a-z]+)+(\.[1-9][0-9]*)?)(:(?P<number>[1-9][0-9]{0,3}))?")


def policy_of(office: Office) -> Policy:
    """The policy in force."""
    with office.reading() as tx:
        return policies.in_force(tx).policy


def history_of(
    office: Office, account: str, ref: str, access: str, why: str | None = None
) -> tuple[Actor, str, list[Entry]]:
    """Who asks, and the history of a case that they may read: that they did is noted, under the name of the access."""
    reference = read.reference(ref)
    actor = office.actor(account)
    with office.writing() as tx:  # what is read is noted
        return actor, reference, read_case(tx, office.keys, actor, reference, Access(access), why)


def cut_at(at: str | None, option: str = "at") -> Callable[[list[Entry]], list[Entry]] | None:
    """Keeps the lines of a history up to that moment, as `until` does; None where no moment is named."""
    return None if at is None else lambda entries: until(entries, at, option)


def until(entries: list[Entry], at: str | None, option: str = "at") -> list[Entry]:
    """The lines up to a version or an event, or those recorded by the end of a day (or by an instant); all for None.

    `option` is the one that says it: errors name it.
    """
    if at is None:
        return entries
    if at.isascii() and at.isdigit():
        return _to_version(entries, at, option)
    if event := _EVENT.fullmatch(at):
        return _to_event(entries, event["name"], int(event["number"] or 0), option)
    limit = _instant(at, option)
    kept = [entry for entry in entries if entry.recorded_at <= limit]
    if not kept:
        raise Refused(
            "not_yet_open",
            "The case was not open yet.",
            "It was opened on {day}.",
            field=option,
            day=entries[0].recorded_at.astimezone(PARIS).date().isoformat(),
        )
    return kept


def _to_version(entries: list[Entry], at: str, option: str) -> list[Entry]:
    last = entries[-1].version
    if len(at) > 9 or not 1 <= int(at) <= last:
        raise Refused(
            "no_such_version",
            "The case has no such version.",
            "Give one from 1 to {last}, or a date.",
            field=option,
            last=last,
        )
    return entries[: int(at)]


def _to_event(entries: list[Entry], name: str, number: int, option: str) -> list[Entry]:
    """Up to the how-manieth event of that name, with the number of its form (note_added.1) or without; 0: the last."""
    if name not in {*EVENTS, *(tag.partition(".")[0] for tag in EVENTS)}:
        raise Usage(
            "unknown_event",
            "{event} is not the name of an event.",
            "For example: referral_sent, or referral_sent:2 for the second one.",
            field=option,
            event=name[:40],
        )
    found = [n for n, entry in enumerate(entries, start=1) if name in (entry.what, entry.what.partition(".")[0])]
    if not found or number > len(found):
        raise Refused(
            "no_such_event",
            one_or_many(
                "The case has {count} event of the name {event}.",
                "The case has {count} events of the name {event}.",
                len(found),
            ),
            "See its history.",
            field=option,
            count=len(found),
            event=name,
        )
    return entries[: found[number - 1]]


def _instant(text: str, option: str) -> datetime:
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime.combine(day + timedelta(days=1), time(), PARIS).astimezone(UTC) - timedelta(microseconds=1)
        instant = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Usage(
            "bad_at",
            "--{field} takes a version, a date, a date and time, or an event.",
            "For example: --{field} 4, --{field} 2026-03-31, --{field} referral_sent.",
            field=option,
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=PARIS)
