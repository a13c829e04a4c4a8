"""Looking back: a case as it stood after any line of its history, and what changed since another."""

from collections.abc import Iterator, Sequence

from desk.histories import case_history
from desk.office import Office
from desk.views.lookback import ChangedView, LookBackView, MomentView, PointView
from domain.access import Access
from domain.actors import Actor
from domain.case import Case
from domain.changes import changes
from domain.events import Entry
from domain.hindsight import until
from domain.lifecycle import fold
from domain.shown import part_lines
from domain.values import Version
from models import policies
from words import Words


def look_back(
    office: Office,
    actor: Actor,
    reference: str,
    words: Words,
    *,
    at: Version | None = None,
    against: Version | None = None,
    why: str | None = None,
) -> LookBackView:
    """A case as it stood after line `at` of its history (the last), and what differs from `against` (the line before).

    Raises NotFound for a case that this account may not see, Refused for one that was erased, for a line that is not
    there, and for whoever sees a part of the case only.
    """
    entries = case_history(office, actor, reference, Access.REPLAY, why)
    at = until(entries, None if at is None else str(at), "at")[-1].version
    against = at - 1 if against is None else until(entries, str(against), "against")[-1].version
    first, second = sorted((against, at))
    then = fold(reference, entries[:second])
    with office.reading() as tx:
        edition = policies.in_force_at(tx, entries[second - 1].recorded_at)
    return LookBackView(
        reference=reference,
        at=second,
        against=first,
        last=entries[-1].version,
        policy_version=edition.version,
        points=tuple(_points(then, words)),
        changes=_changes(reference, entries, first, then, words),
        moments=tuple(_moment(entry, words) for entry in entries),
    )


def _changes(reference: str, entries: Sequence[Entry], first: int, then: Case, words: Words) -> tuple[ChangedView, ...]:
    if first == 0:  # there was no case before its first line
        return ()
    return tuple(
        ChangedView(
            name=" ".join(words.fact(name) for name in change.names),
            before=words.held(change.told[0]),
            after=words.held(change.told[1]),
        )
        for change in changes(fold(reference, entries[:first]), then)
    )


def _points(case: Case, words: Words) -> Iterator[PointView]:
    yield PointView(name=words.say("Step"), text=words.fact(case.step))
    yield PointView(name=words.say("Holder"), text=f"{case.holder or words.say('nobody')} ({case.organisation})")
    for line in part_lines(case):
        name = " ".join(filter(None, (words.say(line.noun), line.id)))
        facts = filter(None, (words.fact(line.about), words.fact(line.state)))
        yield PointView(name=name, text=", ".join(facts))


def _moment(entry: Entry, words: Words) -> MomentView:
    told, written = words.told(entry.event)
    return MomentView(
        version=entry.version,
        what=words.event(entry.what),
        facts=tuple(filter(None, (*told, *written))),
        actor=entry.who,
        organisation=entry.actor.organisation,
        happened_at=entry.happened_at,
        recorded_at=entry.recorded_at,
    )
