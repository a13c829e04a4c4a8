"""A list of cases, and the shorter one that a search gives."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from domain.audience import commune_for_all
from domain.values import Value
from domain.vocabulary import ClosureReason, DeadlineKind, Domain, Outcome, Step

if TYPE_CHECKING:
    from models.cases import ListedCase, Page


class ListedCaseView(Value):
    """A case on a list: where it stands, who holds it, and what comes next."""

    reference: str
    version: int
    step: Step
    domain: Domain
    metropolis: str | None
    commune: str | None
    neighbourhood: str | None
    holder: str
    organisation: str
    received_at: datetime
    opened_at: datetime
    progress_at: datetime | None
    stalled: bool
    next_due: datetime | None
    next_kind: DeadlineKind | None
    outcome: Outcome | None
    closure_reason: ClosureReason | None
    fictitious: bool

    @classmethod
    def of(cls, case: "ListedCase", *, is_whole: bool) -> "ListedCaseView":
        """The view of this case; without what a summary leaves out, for whoever does not see the whole."""
        shown = {name: getattr(case, name) for name in cls.model_fields}
        return cls.model_validate(shown if is_whole else shown | _LEFT_OUT | {"commune": commune_for_all(case.commune)})


_LEFT_OUT = {
    "neighbourhood": None,
    "progress_at": None,
    "stalled": False,
    "next_due": None,
    "next_kind": None,
    "outcome": None,
    "closure_reason": None,
}


class CasesView(Value):
    """A page of a list of cases, newest first."""

    total: int
    """Number of cases on all pages."""
    cases: tuple[ListedCaseView, ...]
    next: str | None
    """The last reference of this page, to ask for the page after it; None on the last page."""

    @classmethod
    def of(cls, page: "Page", sees_whole: "Callable[[ListedCase], bool]") -> "CasesView":
        """The view of this page; `sees_whole` tells the cases of which its reader sees more than a summary."""
        listed = tuple(ListedCaseView.of(case, is_whole=sees_whole(case)) for case in page.cases)
        return cls(total=page.total, cases=listed, next=page.next)


class TableView(Value):
    """A list of cases that is given as a table."""

    cases: int
    """Number of cases that it had when it was asked for."""


class FoundCaseView(Value):
    """A case that a search found."""

    reference: str
    step: Step
    domain: Domain
    holder: str
    organisation: str
    received_at: datetime

    @classmethod
    def of(cls, case: "ListedCase") -> "FoundCaseView":
        """The view of this case."""
        return cls.model_validate({name: getattr(case, name) for name in cls.model_fields})


class FoundCasesView(Value):
    """The cases that a search found, newest first."""

    total: int
    cases: tuple[FoundCaseView, ...]
