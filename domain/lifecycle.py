"""The one door of a case: `decide` turns a command into events or a refusal, `evolve` folds an event into the case.

`offered` says beforehand what `decide` would let in."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain import permissions
from domain.actors import Actor
from domain.capabilities import is_over
from domain.case import Case
from domain.commands import COMMANDS
from domain.errors import Refused
from domain.events import Entry
from domain.parts.base import Command, Event, Occurrence
from domain.parts.intake import ComplaintOpened, Open, open_case
from domain.parts.registry import CLOCK_SKEW, DECISIONS, EFFECTS, POSSIBLE
from domain.values import day_of, written_in_paris
from domain.vocabulary import Door, Step


def decide(case: Case | None, command: Command, actor: Actor, at: datetime) -> list[Event]:
    """Gives the events that happen when `actor` asks `command` of `case` at the instant `at`.

    Raises Refused, with what to do about it, when the rules say no. Pure: same arguments, same answer.
    """
    permissions.require(actor, type(command), case)
    if case is not None and is_over(case, actor, at):
        raise permissions.no_such_case()
    happened_at = when(command, case, at)
    if isinstance(command, Open):
        if case is not None:
            raise Refused("already_open", "This case is open already.", "Submit another command to it.")
        return open_case(command, actor, at)
    if case is None:
        raise Refused("not_open", "There is no such case yet.", "Open it first.")
    if case.step not in command.steps:
        raise Refused(
            "wrong_step",
            "{command} cannot be asked of a case at the step {step}.",
            "It can be asked at: {steps}.",
            command=command.name(),
            step=case.step,
            steps=", ".join(sorted(command.steps)),
        )
    return DECISIONS[type(command)](case, command, actor, happened_at)


def offered(actor: Actor, case: Case, at: datetime) -> list[str]:
    """Names what this actor can ask of this case at the instant `at`: commands, in their usual order.

    A command is offered when `decide` would accept it with some content or other; the refusals that are left are for
    what is said in it. Pure, as `decide` is.
    """
    if not permissions.may_see(actor, case) or is_over(case, actor, at):
        return []
    return [
        name
        for name, command in COMMANDS.items()
        if case.step in command.steps and permissions.may(actor, command, case) and POSSIBLE[command](case, actor, at)
    ]


def when(command: Command, case: Case | None, at: datetime) -> datetime:
    """When it happened: what was said, or now. Never in the future, never before the complaint was received."""
    if isinstance(command, Open):
        return min(command.complaint.received_at, at)
    if command.happened_at is None:
        return at
    if command.happened_at > at + CLOCK_SKEW:
        raise Refused(
            "date_future",
            "{field} is {day}, in the future.",
            "Give the day on which it happened.",
            field="happened_at",
            day=written_in_paris(command.happened_at),
        )
    if case is not None and day_of(command.happened_at) < day_of(case.complaint.received_at):
        raise Refused(
            "before_reception",
            "{field} is {day}, before the complaint was received ({received}).",
            "Give a later date, or amend the date of reception.",
            field="happened_at",
            day=day_of(command.happened_at).isoformat(),
            received=day_of(case.complaint.received_at).isoformat(),
        )
    return min(command.happened_at, at)


def record(
    events: Iterable[Event],
    *,
    after: int,
    command_id: str,
    actor: Actor,
    happened_at: datetime,
    recorded_at: datetime,
    door: Door = Door.LOCAL,
) -> list[Entry]:
    """Events as the next lines of a history whose last version is `after`."""
    return [
        Entry.model_construct(
            version=version,
            command_id=command_id,
            actor=actor,
            happened_at=happened_at,
            recorded_at=recorded_at,
            event=event,
            door=door,
        )
        for version, event in enumerate(events, start=after + 1)
    ]


def evolve(case: Case | None, entry: Entry, reference: str = "") -> Case:
    """The case after one more line of its history. `reference` is needed for the first line only."""
    event = entry.event
    if case is None:
        if not isinstance(event, ComplaintOpened):
            raise ValueError(f"a history starts with complaint_opened, not {event.tag}")
        return _first_state(reference, event, entry)
    if entry.version != case.version + 1:
        raise ValueError(f"version {entry.version} does not follow version {case.version}")
    if isinstance(event, ComplaintOpened):
        raise ValueError(f"version {entry.version} opens a case that is open")
    changes = EFFECTS[type(event)](case, event, entry)
    changes["version"] = entry.version
    if (
        event.progress and entry.happened_at >= case.progress.happened_at
    ):  # an old letter found today is no new progress
        changes["progress"] = Occurrence.of(entry)
    return case.model_copy(update=changes)


def _first_state(reference: str, event: ComplaintOpened, entry: Entry) -> Case:
    """The case that the first event makes."""
    return Case(
        reference=reference,
        version=entry.version,
        step=Step.INTAKE,
        complaint=event.complaint,
        metropolis=event.metropolis,
        holder=event.holder,
        organisation=event.organisation,
        opened_at=entry.recorded_at,
        progress=Occurrence.of(entry),
        last_contact_at=entry.happened_at,
    )


def fold(reference: str, entries: Sequence[Entry], case: Case | None = None) -> Case:
    """The case that a history tells. Raises ValueError for an empty or broken one."""
    for entry in entries:
        case = evolve(case, entry, reference)
    if case is None:
        raise ValueError("an empty history tells no case")
    return case
