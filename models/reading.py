"""Reading a case, for every page, command and export.

Nobody reads without the right to (`visible_cases`), nor without an entry in the journal: it is written in the same
transaction, before anything is told.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection

from domain.actors import Actor
from domain.capabilities import is_over
from domain.events import Entry
from domain.lifecycle import fold
from domain.permissions import VERIFIES_ALL, may_see, no_such_case, require_verify_all
from models import book, cases, journal
from models.accounts import resolved
from models.journal import Access
from models.keys import JOURNAL, CaseErased, CaseKeys


def read_case(
    tx: Connection, keys: CaseKeys, actor: Actor, reference: str, access: Access, why: str | None = None
) -> list[Entry]:
    """The history of a case for somebody who may see it, and a line in the journal that they did. `tx` writes.

    Raises NotFound for a case that is not there or that they may not see, Refused for one that was erased.
    """
    if actor.by_capability:
        entries = opened_by_capability(tx, keys, actor, reference)
    else:
        actor = resolved(tx, actor)
        if cases.find_case(tx, actor, reference) is None:
            raise no_such_case()
        entries = book.history(tx, keys, reference)
    journal.note(tx, keys.of(JOURNAL), actor, access, reference=reference, why=why)
    return entries


def opened_by_capability(tx: Connection, keys: CaseKeys, actor: Actor, reference: str) -> list[Entry]:
    """The history of a case for whoever has a capability of it, which is in the history itself.

    Raises NotFound, whatever is wrong: no case, another one's capability, one that is over, a case that was erased.
    """
    if cases.row_of(tx, reference) is None:
        raise no_such_case()
    try:
        entries = book.history(tx, keys, reference)
    except CaseErased:
        raise no_such_case() from None
    case = fold(reference, entries)
    if not may_see(actor, case) or is_over(case, actor, datetime.now(UTC)):
        raise no_such_case()
    return entries


def read_due(
    tx: Connection, keys: CaseKeys, actor: Actor, holders: Collection[str], limit: int
) -> tuple[int, dict[str, list[Entry]]]:
    """The histories of the open cases of these holders that are due first, and how many they hold in all. `tx` writes.

    Only of cases that the actor sees whole. The journal has one line for all of them.
    """
    actor = resolved(tx, actor)
    held, listed = cases.due_first(tx, actor, holders, limit)
    histories = {case.reference: book.history(tx, keys, case.reference) for case in listed}
    journal.note(tx, keys.of(JOURNAL), actor, Access.DAY, found=len(histories))
    return held, histories


def look_into(tx: Connection, keys: CaseKeys, actor: Actor, access: Access, reference: str | None = None) -> None:
    """Notes that somebody has the records of a case verified, or those of every case if none is named.

    Verification tells nothing of what a case says: the case may be erased, or damaged. One that lists do not show is
    only for those who may verify every case. `tx` writes. Raises NotFound for a case that they may not see, Refused
    when they may not verify all.
    """
    actor = resolved(tx, actor)
    if reference is None:
        require_verify_all(actor)
    elif (case := cases.find_case(tx, actor, reference)) is None or not cases.is_of_team(actor, case):
        is_listed = cases.row_of(tx, reference) is not None
        if is_listed or actor.role not in VERIFIES_ALL:
            raise no_such_case()
    journal.note(tx, keys.of(JOURNAL), actor, access, reference=reference)
