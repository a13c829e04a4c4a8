"""A list of cases, and the shorter one that a search gives."""

from datetime import datetime
from typing import TYPE_CHECKING

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
    progress_at: datetime
    stalled: bool
    next_due: datetime | None
    next_kind: DeadlineKind | None
    outcome: Outcome | None
    closure_reason: ClosureReason | None
    fictitious: bool

    @classmethod
    def of(cls, case: "ListedCase") -> "ListedCaseView":
        """The view of this case."""
        return cls.model_validate({name: getattr(case, name) for name in cls.model_fields})


class CasesView(Value):
    """A page of a list of cases, newest first."""

    total: int
    """Number of cases on all pages."""
    cases: tuple[ListedCaseView, ...]
    next: str | None
    """The last reference of this page, to ask for the page after it; None on the last page."""

    @classmethod
    def of(cls, page: "Page") -> "CasesView":
        """The view of this page."""
        return cls(total=page.total, cases=tuple(map(ListedCaseView.of, page.cases)), next=page.next)


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
