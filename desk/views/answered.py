"""Answers to what was done in one go: a case was opened, a command submitted, a file attached, a document typeset."""

from typing import TYPE_CHECKING, Self

from desk.views.case import LimitView
from desk.views.file import FileAttachedView
from domain.errors import Problem
from domain.exchange.cases import Receipt
from domain.parts.files import remarked
from domain.values import Value
from domain.vocabulary import Step
from words import Words

if TYPE_CHECKING:
    from desk.views.recorded import Opened, Submitted
    from kit.errors import StackError


class Warned(Value):
    """Something that could not be done after what was asked was recorded, in the reader's language."""

    code: str
    message: str
    remedy: str

    @classmethod
    def of(cls, problem: "Problem | StackError | None", words: Words) -> Self | None:
        """The view of this problem; None for none."""
        if problem is None:
            return None
        wording = words.problem(problem)
        return cls(code=wording.code, message=wording.message, remedy=wording.remedy)


class ConflictView(Value):
    """An organisation with accounts here that the respondent may be."""

    organisation: str
    refused: Warned | None
    """The reason for which the case cannot be closed to it as things stand; None where it can."""


class OpenedView(Value):
    """A case that was opened."""

    reference: str
    step: Step
    possible_duplicates: tuple[str, ...] | None
    """Other cases that may be about the same; None when they could not be looked up."""
    warning: Warned | None
    conflicts: tuple[ConflictView, ...] = ()
    """Those to whom closing the case is proposed."""

    @classmethod
    def of(cls, opened: "Opened", words: Words) -> Self:
        """The view of this opening."""
        others = opened.possible_duplicates
        conflicts = (
            ConflictView(organisation=each.organisation, refused=Warned.of(each.refused, words))
            for each in opened.conflicts
        )
        return cls(
            reference=opened.reference,
            step=opened.step,
            possible_duplicates=None if others is None else tuple(others),
            warning=Warned.of(opened.warning, words),
            conflicts=tuple(conflicts),
        )


class SubmittedView(Value):
    """A command that was recorded."""

    receipt: Receipt
    time_limits: tuple[LimitView, ...] | None
    """The time limits that a filing has not stopped; None for other commands, or when they could not be looked up."""
    warning: Warned | None

    @classmethod
    def of(cls, submitted: "Submitted", words: Words) -> Self:
        """The view of this answer."""
        limits = submitted.time_limits
        return cls(
            receipt=submitted.receipt,
            time_limits=None if limits is None else tuple(LimitView.of(limit, words) for limit in limits),
            warning=Warned.of(submitted.warning, words),
        )


class AttachedView(Value):
    """A file that a case holds now."""

    file: FileAttachedView
    not_scanned: Warned | None
    """The failure of its scan: the file is attached all the same, and given to nobody until it is scanned."""
    remarked: Warned | None
    """Remark that has to be known before anybody opens it."""

    @classmethod
    def of(cls, file: FileAttachedView, not_scanned: "Problem | StackError | None", words: Words) -> Self:
        """The view of this file."""
        return cls(
            file=file,
            not_scanned=Warned.of(not_scanned, words),
            remarked=Warned.of(remarked(file.id, file.remark), words),
        )


class TypesetView(Value):
    """A document that was typeset."""

    reference: str
    size: int
