"""Listing cases."""

from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from desk.office import Office
from desk.views.listing import CasesView
from domain.actors import Actor
from domain.choice import Filter as Filter
from domain.errors import Invalid
from domain.folding import close_to
from domain.permissions import no_such_case
from domain.reference import METROPOLISES, territories
from models import accounts, cases


def list_cases(
    office: Office, actor: Actor, chosen: Filter | None = None, limit: int = 50, after: str | None = None
) -> CasesView:
    """A page of the cases that this account may see, newest first; only those of the filter, if one is given.

    `after` is the last reference of the page before. Raises NotFound when it is no case that this account may see, and
    for a holder who is neither an account nor named by a case.
    """
    chosen = chosen or Filter()
    _require_known_territory(chosen.territory)
    with office.reading_as(actor) as (tx, actor):
        if chosen.holder is not None:
            _require_known_holder(tx, actor, chosen.holder)
        if after is not None and cases.find_case(tx, actor, after) is None:
            raise no_such_case("after")
        page = cases.list_cases(tx, actor, chosen, limit, after, now=datetime.now(UTC))
    return CasesView.of(page, partial(cases.is_of_team, actor))


def _require_known_territory(territory: str | None) -> None:
    if territory is not None and territory not in METROPOLISES and territory not in territories():
        raise Invalid(
            "unknown_code",
            "{field} is not one of the known codes.",
            "It is one of: {expected}.",
            field="territory",
            expected=", ".join(METROPOLISES),
        )


def _require_known_holder(tx: Connection, actor: Actor, holder: str) -> None:
    """Refuses an unknown holder: an empty list would say that they hold nothing.

    Accounts that have left count, as they may still hold cases. So do names that are in cases only, as in a book that
    comes from another installation. An account that no list shows to this one is as unknown as none.
    """
    names = accounts.names_shown_to(tx, actor)
    if holder in names:
        return
    names |= cases.holders(tx, actor)
    if holder not in names:
        raise accounts.no_such_account(holder, "holder", close_to(holder, {name: name for name in sorted(names)}))
