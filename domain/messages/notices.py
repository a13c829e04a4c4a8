"""The mails about a case: who gets one, when, and in what words. Pure.

A mail says a reference, a step, what is awaited, how many working days, and where to look. It names nobody and tells
nothing of what happened: a mail lies open on screens and in other people's systems for years.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.levels import HEARD_BY_BOTH, LOWEST
from domain.time.clocks import Awaited
from domain.time.limits import OF_LIMITS, was_over
from domain.values import day_of
from domain.vocabulary import DeadlineKind, Level, MailReason, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.dates import WorkingCalendar
    from domain.messages.people import People, Person
    from domain.parts.alert import Alert

Say = Callable[..., str]
"""A template in the reader's language, with its parameters."""

LONGEST_DIGEST = 60
"""The number of cases and alerts that a digest spells out: beyond that nobody reads."""


# --- Who, and when ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Notice:
    """A mail about one case to one person, before it is written."""

    id: str
    """Derived from its content: the same notice, made again, has the same id."""
    account: str
    """The reader."""
    instead_of: str | None
    """The account whose place the reader takes, if they read it only while somebody is away."""
    alerts: tuple[str, ...]
    not_before: datetime


def name_of(*parts: object) -> str:
    """An id derived from these parts, which tells nothing of them."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:40]


def answers_for(people: People, alert: Alert, case: Case) -> list[Person]:
    """The people who have to know of an alert: those of its level and, for a time limit of the law, the holder too.

    Those of a metropolis that is asked to take the case over have to know of that.
    """
    answering = people.answerable(alert.level, case)
    if alert.kind in HEARD_BY_BOTH and alert.level is not LOWEST and (transfer := case.pending_transfer):
        there = case.model_copy(update={"metropolis": transfer.metropolis})
        answering += [person for person in people.answerable(alert.level, there) if person not in answering]
    if alert.kind in OF_LIMITS and (person := people.named(case.holder)) and person not in answering:
        answering.append(person)
    return answering


_Addressed = tuple[str, str | None]
"""The key of an alert, and the account in whose place it is read, if any."""


def notices(before: Case | None, after: Case, people: People, at: datetime) -> list[Notice]:
    """The mails that what just happened to a case calls for, each alert once for each of its readers.

    New alerts are for whoever answers for them: at once for a time limit of the law, whatever they prefer; for the rest
    if they want each by itself, after their grace. A new holder is told of the law's time limits that stand.
    """
    of_law: dict[str, list[_Addressed]] = {}
    others: dict[str, list[_Addressed]] = {}
    for alert, person in _to_be_told(before, after, people):
        is_law = alert.kind in OF_LIMITS
        for reader in people.readers(person, after):
            if is_law or reader.preferences.wants_all_at_once:
                by_reader = of_law if is_law else others
                instead_of = None if reader is person else person.account
                by_reader.setdefault(reader.account, []).append((alert.key, instead_of))
    return [*_grouped(of_law, after, people, at, law=True), *_grouped(others, after, people, at, law=False)]


def _to_be_told(before: Case | None, after: Case, people: People) -> Iterator[tuple[Alert, Person]]:
    """The new alerts with those who answer for them, then the law's time limits that a new holder takes over."""
    earlier = {alert.key for alert in before.alerts} if before else set()
    for alert in after.alerts:
        if alert.key not in earlier and not _was_over(alert, after):
            yield from ((alert, person) for person in answers_for(people, alert, after))
    if before is not None and after.holder != before.holder and (holder := people.named(after.holder)):
        of_law = (alert for alert in after.standing_alerts if alert.kind in OF_LIMITS)
        yield from ((alert, holder) for alert in of_law if alert.key in earlier)
    if before is not None and (after.restriction, after.metropolis) != (before.restriction, before.metropolis):
        yield from _taken_over(before, after, people)


def _was_over(alert: Alert, case: Case) -> bool:
    return was_over(alert.kind, alert.clock, day_of(case.opened_at))


def _taken_over(before: Case, after: Case, people: People) -> Iterator[tuple[Alert, Person]]:
    """The standing alerts that others answer for, now that the case is closed to somebody or lies elsewhere."""
    for alert in after.standing_alerts:
        if _was_over(alert, after):
            continue
        answered = {person.account for person in answers_for(people, alert, before)}
        yield from ((alert, person) for person in answers_for(people, alert, after) if person.account not in answered)


def _grouped(
    by_reader: dict[str, list[_Addressed]], case: Case, people: People, at: datetime, *, law: bool
) -> Iterator[Notice]:
    """One mail for each reader and each person they read for: what came at the same moment comes in one mail."""
    for account, addressed in by_reader.items():
        reader = people.named(account)
        patience = reader.preferences.patience if reader and not law else None
        for instead_of, keys in _by_place(addressed).items():
            yield Notice(
                id=name_of(case.reference, case.version, account, instead_of, law),
                account=account,
                instead_of=instead_of,
                alerts=tuple(keys),
                not_before=at + patience if patience else at,
            )


def _by_place(addressed: list[_Addressed]) -> dict[str | None, list[str]]:
    """The keys for one reader, each once: in the reader's own right if they have it, else for the first absentee."""
    own = {key for key, instead_of in addressed if instead_of is None}
    places: dict[str, str | None] = {}
    for key, instead_of in addressed:
        if instead_of is None or key not in own:
            places.setdefault(key, instead_of)
    by_place: dict[str | None, list[str]] = {}
    for key, instead_of in places.items():
        by_place.setdefault(instead_of, []).append(key)
    return by_place


# --- What a line says ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One alert, as a mail tells it."""

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
    """True if the grace is over: somebody may be about to answer, or may have acted on this case just now.

    A time limit of the law is always ripe.
    """
    if alert.kind in OF_LIMITS:
        return True
    patience = person.preferences.patience
    just_acted = alert.level is Level.CASE_WORKER and progress_at + patience > at
    return alert.raised_at + patience <= at and not just_acted


# --- The words -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Letter:
    """The subject and the text of a mail."""

    subject: str
    body: str


@dataclass(frozen=True)
class Failed:
    """A mail that did not arrive, as a supervisor is told of it: its case (none for a digest), and the reason."""

    reference: str | None
    reason: MailReason | None


@dataclass(frozen=True)
class Refusals:
    """An account that was refused often within an hour, as auditors and supervisors are told of it."""

    account: str
    count: int


Link = Callable[[str | None], str]
"""The address of a case's page or, without a reference, of the page of standing alerts."""


def notice_letter(lines: Sequence[Line], link: Link, _: Say, *, standing_in: bool) -> Letter:
    """A mail about one case. `lines` holds at least one."""
    paragraphs = [_about(line, _) for line in lines]
    if standing_in:
        paragraphs.append(_("You read this because somebody who is away named you as their delegate."))
    return _letter([*paragraphs, link(lines[0].reference), _foot(_)], _)


Counts = Mapping[DeadlineKind, int]
"""Numbers of alerts by what they are about."""


@dataclass(frozen=True)
class Rest:
    """The alerts of a digest that are counted and not spelled out."""

    over: Counts = field(default_factory=dict)
    """Over when their cases were opened, and not told yet."""
    others: Counts = field(default_factory=dict)
    """Beyond those of which there are lines."""

    def __bool__(self) -> bool:
        return any(self.over.values()) or any(self.others.values())


NOTHING_ELSE = Rest()


def digest_letter(
    lines: Sequence[Line],
    unreadable: Sequence[str],
    failed: Sequence[Failed],
    link: Link,
    _: Say,
    refusals: Sequence[Refusals] = (),
    rest: Rest = NOTHING_ELSE,
) -> Letter:
    """The mail of the day: what is new, the law's time limits first; then what still waits; then what failed.

    `unreadable` are the references of cases that have alerts for this reader and cannot be read.
    """
    paragraphs = [*_alerts(lines, rest, link, _)]
    if unreadable:
        paragraphs.append(_heading(_("Cases that cannot be read"), len(unreadable)))
        paragraphs += [_unreadable(reference, _) for reference in unreadable[:LONGEST_DIGEST]]
    if failed:
        paragraphs.append(_heading(_("Mails that were not delivered"), len(failed)))
        paragraphs += [_failure(mail, _) for mail in failed[:LONGEST_DIGEST]]
    if refusals:
        paragraphs.append(_heading(_("Accounts that were refused often"), len(refusals)))
        paragraphs += [_refused(hour, _) for hour in refusals[:LONGEST_DIGEST]]
    return _letter([*paragraphs, link(None), _foot(_)], _)


def link_letter(address: str, until: str, _: Say) -> Letter:
    """The mail that brings somebody without an account the link to what is theirs. It is good until a day, in words."""
    paragraphs = [
        _("This link is yours: by it you see and answer what waits for you."),
        address,
        _("It is good until {until}. Whoever has it is taken for you: give it to nobody.", until=until),
        _foot(_),
    ]
    return _letter(paragraphs, _)


def refusals_letter(hour: Refusals, link: Link, _: Say) -> Letter:
    """The mail that an account was refused often within an hour: it may be somebody else who uses it."""
    return _letter([_refused(hour, _), link(None), _foot(_)], _)


def _alerts(lines: Sequence[Line], rest: Rest, link: Link, _: Say) -> Iterator[str]:
    sections = (
        (_("Time limits of the law"), [line for line in lines if line.is_limit and line.is_new]),
        (_("New"), [line for line in lines if line.is_new and not line.is_limit]),
        (_("Time limits of the law, told before"), [line for line in lines if line.is_limit and not line.is_new]),
        (_("Still waiting"), [line for line in lines if not line.is_new and not line.is_limit]),
    )
    room, others = LONGEST_DIGEST, Counter(rest.others)
    for title, in_section in sections:
        if in_section:
            yield _heading(title, len(in_section))
            yield from (f"{_about(line, _)}\n{link(line.reference)}" for line in in_section[:room])
            others.update(line.kind for line in in_section[room:])
            room = max(0, room - len(in_section))
    if others.total():
        yield "\n".join([_("And {count} more.", count=others.total()), *_by_cause(others, _)])
    if over := Counter(rest.over).total():
        yield "\n".join([_heading(_("Over when we learned of it"), over), *_by_cause(rest.over, _)])


def _by_cause(counts: Counts, _: Say) -> Iterator[str]:
    """One line for each cause, the most frequent first."""
    for kind, count in Counter(counts).most_common():
        yield f"{_(kind.label)}: {count}"


def _heading(title: str, count: int) -> str:
    return f"{title} ({count})\n{'-' * len(title)}"


def _letter(paragraphs: Sequence[str], _: Say) -> Letter:
    # Subjects are read on locked screens, over shoulders and by every server on the way: one for all mails.
    return Letter(f"[Aboutir] {_('Something waits for you')}", "\n\n".join(paragraphs) + "\n")


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


def _refused(hour: Refusals, _: Say) -> str:
    return _(
        "{account}: refusals within an hour: {count}. The access journal says what was tried.",
        account=hour.account,
        count=hour.count,
    )


def _foot(_: Say) -> str:
    return _("This mail names nobody, on purpose. It is sent by a machine: nobody reads the answers.")
