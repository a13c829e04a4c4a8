"""The history of a case, for the services that work from it: as its reader sees it, or whole for the team."""

from collections.abc import Sequence
from dataclasses import dataclass

from desk.office import Office
from domain.actors import Actor
from domain.audience import seen, seen_entries
from domain.case import Case
from domain.errors import Refused
from domain.events import Entry
from domain.hindsight import until
from domain.lifecycle import fold
from domain.permissions import no_such_case
from domain.sight import Sight, sight_of
from models.journal import Access
from models.reading import read_case


@dataclass(frozen=True)
class Look:
    """A case and its lines as somebody sees them, and whole for what is derived from them."""

    actor: Actor
    """Whoever looks, as their account stands now."""
    case: Case
    entries: Sequence[Entry]
    whole: Case
    """The case with nothing left out. Nothing of it is shown but what its sight allows."""
    sight: Sight


def look_at(
    office: Office, actor: Actor, reference: str, access: Access, why: str | None = None, at: str | None = None
) -> Look:
    """A case as somebody may see it, now or as it stood `at` a moment; the access is noted in the journal first.

    Raises NotFound for a case that is not there or that this account may not see, Refused for one that was erased,
    NoMoment or Refused for a moment that its history does not have.
    """
    actor, entries = _read(office, actor, reference, access, why)
    sight = _sight(actor, fold(reference, entries))
    entries = until(entries, at)
    whole = fold(reference, entries)
    return Look(actor, seen(whole, sight), tuple(seen_entries(entries, sight)), whole, sight)


def case_history(office: Office, actor: Actor, reference: str, access: Access, why: str | None = None) -> list[Entry]:
    """The lines of a case, with nothing left out, for its team; the access is noted in the journal first.

    Raises NotFound for a case that is not there or that this account may not see, Refused for one that was erased and
    for whoever sees a part of it only.
    """
    actor, entries = _read(office, actor, reference, access, why)
    if not _sight(actor, fold(reference, entries)).is_whole:
        raise Refused(
            "for_the_team",
            "This is for the team that holds the case: the account {account} sees a part of it.",
            "Ask the team.",
            field="reference",
            account=actor.account,
        )
    return entries


def _read(office: Office, actor: Actor, reference: str, access: Access, why: str | None) -> tuple[Actor, list[Entry]]:
    """The actor as their account stands now, and the lines that they asked for."""
    if actor.by_capability:  # nobody with an account: the case says what they may
        with office.noting_denials(actor, reference), office.writing() as tx:
            return actor, read_case(tx, office.keys, actor, reference, access, why)
    with office.writing_as(actor, reference) as (tx, current):
        return current, read_case(tx, office.keys, current, reference, access, why)


def _sight(actor: Actor, case: Case) -> Sight:
    sight = sight_of(actor, case)
    if sight is None:
        raise no_such_case()
    return sight
