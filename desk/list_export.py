"""The list of cases as a table for a spreadsheet. That it was taken out is noted before its first line is given."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desk.listing import list_cases
from desk.office import Office
from desk.views.listing import CasesView, ListedCaseView, TableView
from domain.actors import Actor
from domain.choice import Filter
from domain.vocabulary import ClosureReason, DeadlineKind, Domain, Outcome, Step
from models import journal
from models.journal import Access
from models.keys import JOURNAL
from words import Words

PAGE = 500
"""Cases that are read at once: a long list is never held whole."""
_MARK = "\ufeff"
"""Spreadsheets take a file for UTF-8 that begins with this."""


@dataclass(frozen=True)
class CasesTable:
    """A list on its way out: how many cases it had when it was asked for, and its lines, which can be read once."""

    view: TableView
    content: Iterator[bytes]


def export_cases(
    office: Office, actor: Actor, words: Words, chosen: Filter | None = None, *, why: str | None = None
) -> CasesTable:
    """Gives the cases that this account may see, newest first, as CSV: semicolons between cells, UTF-8.

    It holds what the list shows, codes worded in the language of whoever asks, and nothing that somebody typed. Raises
    what `list_cases` raises; while it is read, too, should the account be closed meanwhile.
    """
    first = list_cases(office, actor, chosen, PAGE)
    with office.writing_as(actor) as (tx, current):
        journal.note(tx, office.keys.of(JOURNAL), current, Access.EXPORT, why=why, found=first.total)
    return CasesTable(TableView(cases=first.total), _pieces(office, actor, words, chosen, first))


def _pieces(office: Office, actor: Actor, words: Words, chosen: Filter | None, page: CasesView) -> Iterator[bytes]:
    yield (_MARK + _lines([_headings(words)])).encode()
    while True:
        yield _lines(_cells(words, case) for case in page.cases).encode()
        if page.next is None:
            return
        page = list_cases(office, actor, chosen, PAGE, page.next)


def _lines(rows: "Iterator[Sequence[str]] | list[Sequence[str]]") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _headings(words: Words) -> Sequence[str]:
    return (
        words.say("Case"),
        words.say("Step"),
        words.say("Domain"),
        words.say("Metropolis"),
        words.say("Commune"),
        words.say("Holder"),
        words.say("Organisation"),
        words.say("Received"),
        words.say("Opened"),
        words.say("Next date"),
        words.say("What is due"),
        words.say("Stalled"),
        words.say("Outcome"),
        words.say("Reason of closure"),
        words.say("Fictitious"),
    )


def _cells(words: Words, case: ListedCaseView) -> Sequence[str]:
    def said(is_so: bool) -> str:
        return words.say("yes") if is_so else words.say("no")

    return (
        case.reference,
        words.label(case.step, Step),
        words.label(case.domain, Domain),
        case.metropolis or "",
        case.commune or "",
        case.holder,
        case.organisation,
        case.received_at.date().isoformat(),
        case.opened_at.date().isoformat(),
        case.next_due.date().isoformat() if case.next_due else "",
        words.label(case.next_kind, DeadlineKind) if case.next_kind else "",
        said(case.stalled),
        words.label(case.outcome, Outcome) if case.outcome else "",
        words.label(case.closure_reason, ClosureReason) if case.closure_reason else "",
        said(case.fictitious),
    )
