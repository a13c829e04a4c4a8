"""A history as far as somebody wants to look back: to a version, a date, an instant or an event. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from domain.errors import NoMoment, Refused, one_or_many
from domain.events import EVENTS, Entry
from domain.values import PARIS, day_of

_EVENT = re.compile(r"(?P<name>[a-z]+(_[a-z]+)+(\.[1-9][0-9]*)?)(:(?P<number>[1-9][0-9]{0,3}))?")
_LONGEST = 40
"""Characters of an unknown event's name that are repeated."""


def until(entries: Sequence[Entry], at: str | None, field: str = "at") -> list[Entry]:
    """The lines up to a version or an event, or those recorded by the end of a day (or by an instant); all for None.

    Raises NoMoment for a text that names no moment, Refused for a moment that this history does not have. `field` is
    what named it.
    """
    if at is None:
        return list(entries)
    if at.isascii() and at.isdigit():
        return _to_version(entries, at, field)
    if event := _EVENT.fullmatch(at):
        return _to_event(entries, event["name"], int(event["number"] or 0), field)
    limit = _instant(at, field)
    kept = [entry for entry in entries if entry.recorded_at <= limit]
    if not kept:
        raise Refused(
            "not_yet_open",
            "The case was not open yet.",
            "It was opened on {day}.",
            field=field,
            day=day_of(entries[0].recorded_at).isoformat(),
        )
    return kept


def _to_version(entries: Sequence[Entry], at: str, field: str) -> list[Entry]:
    last = entries[-1].version
    if len(at) > 9 or not 1 <= int(at) <= last:
        raise Refused(
            "no_such_version",
            "The case has no such version.",
            "Give one from 1 to {last}, or a date.",
            field=field,
            last=last,
        )
    return list(entries[: int(at)])


def _to_event(entries: Sequence[Entry], name: str, number: int, field: str) -> list[Entry]:
    """Up to an event of that name, counted from 1; 0 stands for the last one.

    The name may hold the version of its form (note_added.1).
    """
    if name not in {*EVENTS, *map(_without_version, EVENTS)}:
        raise NoMoment(
            "unknown_event",
            "{event} is not the name of an event.",
            "For example: referral_sent, or referral_sent:2 for the second one.",
            field=field,
            event=name[:_LONGEST],
        )
    ends = [end for end, entry in enumerate(entries, start=1) if name in (entry.what, _without_version(entry.what))]
    if not ends or number > len(ends):
        raise Refused(
            "no_such_event",
            one_or_many(
                "The case has {count} event of the name {event}.",
                "The case has {count} events of the name {event}.",
                len(ends),
            ),
            "See its history.",
            field=field,
            count=len(ends),
            event=name,
        )
    return list(entries[: ends[number - 1]])


def _without_version(tag: str) -> str:
    return tag.partition(".")[0]


def _instant(text: str, field: str) -> datetime:
    try:
        if len(text) == len("2026-03-31"):
            next_day = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), PARIS)
            return next_day.astimezone(UTC) - timedelta(microseconds=1)
        instant = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise NoMoment(
            "bad_at",
            "{field} takes a version, a date, a date and time, or an event.",
            "For example: 4, 2026-03-31 or referral_sent.",
            field=field,
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=PARIS)
