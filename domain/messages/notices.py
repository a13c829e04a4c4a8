"""Who is written to about a case, when, and in what words. Pure.

A mail says a reference, a step, what is awaited, how many working days, and where to look. It names nobody and tells
nothing of what happened: a mail lies open on screens and in other people's systems for years.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.time.clocks import OF_LIMITS, Awaited
from domain.vocabulary import DeadlineKind, Level, MailReason, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.dates import WorkingCalendar
    from domain.messages.people import People, Person
    from domain.parts.alert import Alert

Say = Callable[..., str]
"""A template in the reader's language, with its parameters."""

LONGEST_DIGEST = 60
"""Cases and alerts that a digest spells out: beyond that nobody reads."""


# --- Who, and when ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Notice:
    """A mail about one case to one person, before it is written."""

    id: str
    """What it is called for ever: the same notice, made again, has the same name."""
    account: str
    """Who reads it."""
    instead_of: str | None
    """Whose place they take, if they answer for it only while somebody is away."""
    alerts: tuple[str, ...]
    not_before: datetime


def name_of(*parts: object) -> str:
    """A name that follows from what it names, and tells nothing of it."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:40]


def answers_for(people: People, alert: Alert, holder: str, metropolis: str | None) -> list[Person]:
    """Who has to know of an alert: those of its level and, of a time limit of the law, whoever holds the case too."""
    found = people.answerable(alert.level, holder, metropolis)
    if alert.kind in OF_LIMITS and (person := people.named(holder)) and person not in found:
        found.append(person)
    return found


def notices(before: Case | None, after: Case, people: People, at: datetime) -> list[Notice]:
    """The mails that what just happened to a case calls for, each alert once for each of its readers.

    New alerts are for whoever answers for them: at once for a time limit of the law, whatever they prefer; for the rest
    if they want each by itself, after their grace. A new holder is told of the law's time limits that stand.
    """
    known = {alert.key for alert in before.alerts} if before else set()
    new = [
        (alert, person) for alert in after.alerts if alert.key not in known for person in _told(alert, after, people)
    ]
    if before is not None and after.holder != before.holder and (holder := people.named(after.holder)):
        new += [(alert, holder) for alert in after.standing_alerts if alert.kind in OF_LIMITS and alert.key in known]

    of_law: dict[str, list[tuple[str, str | None]]] = {}
    others: dict[str, list[tuple[str, str | None]]] = {}
    for alert, person in new:
        for reader in people.readers(person):
            if alert.kind in OF_LIMITS:
                kept = of_law
            elif reader.preferences.wants_all_at_once:
                kept = others
            else:
                continue
            kept.setdefault(reader.account, []).append((alert.key, None if reader is person else person.account))
    return [*_grouped(of_law, after, people, at, law=True), *_grouped(others, after, people, at, law=False)]


def _told(alert: Alert, case: Case, people: People) -> list[Person]:
    return answers_for(people, alert, case.holder, case.metropolis)


def _grouped(
    by_reader: dict[str, list[tuple[str, str | None]]], case: Case, people: People, at: datetime, *, law: bool
) -> Iterator[Notice]:
    """One mail for each reader and each person they read for: what came at the same moment comes in one mail."""
    for account, pairs in by_reader.items():
        reader = people.named(account)
        own = {key for key, instead_of in pairs if instead_of is None}
        grouped: dict[str | None, list[str]] = {}
        told: set[str] = set()
        for key, instead_of in pairs:
            if key in told or (instead_of is not None and key in own):
                continue  # once for each reader, in their own right if they have one
            told.add(key)
            grouped.setdefault(instead_of, []).append(key)
        for instead_of, keys in grouped.items():
            patience = reader.preferences.patience if reader and not law else None
            yield Notice(
                id=name_of(case.reference, case.version, account, instead_of, law),
                account=account,
                instead_of=instead_of,
                alerts=tuple(keys),
                not_before=at + patience if patience else at,
            )


# --- What a line says ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """What a mail says of one alert."""

    reference: str
    step: Step
    kind: DeadlineKind
    level: Level
    part: str | None
    days: int
    """Working days: left, of a time limit; passed, of everything else."""
    is_limit: bool
    is_new: bool = True


def line_of(case: Case, alert: Alert, awaited: Awaited, today: date, calendar: WorkingCalendar) -> Line:
    """The line for an alert that is still awaited."""
    first, last = (today, awaited.day) if awaited.is_limit else (awaited.day, today)
    return Line(
        reference=case.reference,
        step=case.step,
        kind=alert.kind,
        level=alert.level,
        part=alert.part,
        days=max(0, calendar.between(first, last) - calendar.is_working(first)),
        is_limit=awaited.is_limit,
    )


def is_ripe(alert: Alert, person: Person, at: datetime, progress_at: datetime) -> bool:
    """Whether the grace is over: somebody may be about to answer, or may have acted on this case just now.

    Never asked of a time limit of the law.
    """
    if alert.kind in OF_LIMITS:
        return True
    patience = person.preferences.patience
    just_acted = alert.level is Level.CASE_WORKER and progress_at + patience > at
    return alert.raised_at + patience <= at and not just_acted


# --- The words -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Letter:
    """What a mail says."""

    subject: str
    body: str


@dataclass(frozen=True)
class Failed:
    """A mail that did not arrive, as a supervisor is told of it: on which case (none for a digest), and why."""

    reference: str | None
    reason: MailReason | None


Link = Callable[[str | None], str]
"""Where to look at a case or, without a reference, at what asks for attention."""


def notice_letter(lines: Sequence[Line], link: Link, _: Say, *, standing_in: bool) -> Letter:
    """A mail about one case. `lines` holds at least one."""
    first = lines[0]
    if len(lines) == 1:
        subject = _("{reference}: {what}", reference=first.reference, what=_(first.kind.label))
    else:
        subject = _("{reference}: {count} alerts", reference=first.reference, count=len(lines))
    said = [_about(line, _) for line in lines]
    if standing_in:
        said.append(_("You read this because somebody who is away named you as their delegate."))
    said += [link(first.reference), _foot(_)]
    return Letter(f"[Aboutir] {subject}", "\n\n".join(said) + "\n")


def digest_letter(
    lines: Sequence[Line], unreadable: Sequence[str], failed: Sequence[Failed], link: Link, _: Say
) -> Letter:
    """The mail of the day: the law's time limits first, then what is new, then what still waits, then what failed.

    `unreadable` are the references of cases that have alerts for this reader and cannot be read.
    """
    parts = (
        (_("Time limits of the law"), [line for line in lines if line.is_limit]),
        (_("New"), [line for line in lines if line.is_new and not line.is_limit]),
        (_("Still waiting"), [line for line in lines if not line.is_new and not line.is_limit]),
    )
    said, room = [], LONGEST_DIGEST
    for title, of_part in parts:
        if of_part:
            said.append(f"{title} ({len(of_part)})\n{'-' * len(title)}")
            said += [f"{_about(line, _)}\n{link(line.reference)}" for line in of_part[:room]]
            room = max(0, room - len(of_part))
    if len(lines) > LONGEST_DIGEST:
        said.append(_("And {count} more.", count=len(lines) - LONGEST_DIGEST))
    if unreadable:
        title = _("Cases that cannot be read")
        said.append(f"{title} ({len(unreadable)})\n{'-' * len(title)}")
        said += [_unreadable(reference, _) for reference in unreadable[:LONGEST_DIGEST]]
    if failed:
        title = _("Mails that were not delivered")
        said.append(f"{title} ({len(failed)})\n{'-' * len(title)}")
        said += [_failure(one, _) for one in failed[:LONGEST_DIGEST]]
    said += [link(None), _foot(_)]
    subject = _("Alerts that ask for a decision: {count}", count=len(lines))
    if not lines and unreadable:
        subject = _("Cases that cannot be read: {count}", count=len(unreadable))
    elif not lines:
        subject = _("Mails that were not delivered: {count}", count=len(failed))
    return Letter(f"[Aboutir] {subject}", "\n\n".join(said) + "\n")


def _about(line: Line, _: Say) -> str:
    what = " ".join(filter(None, [_(line.kind.label), line.part]))
    days = (
        _("Working days left: {days}", days=line.days) if line.is_limit else _("Working days: {days}", days=line.days)
    )
    return f"{line.reference} · {_(line.step.label)}\n{what} · {_(line.level.label)}\n{days}"


def _unreadable(reference: str, _: Say) -> str:
    return _(
        "{reference}: alerts of this case may ask for a decision, and it cannot be read. "
        "Tell whoever runs this service; starter.py verify {reference} says what is wrong.",
        reference=reference,
    )


def _failure(failed: Failed, _: Say) -> str:
    about = failed.reference or _("Daily digest")
    return _("{about}: {reason}", about=about, reason=_(failed.reason.label) if failed.reason else _("not yet"))


def _foot(_: Say) -> str:
    return _("This mail names nobody, on purpose. It is sent by a machine: nobody reads the answers.")
