"""Finding cases by the person or the respondent they are about."""

from desk.office import Office
from desk.views.listing import FoundCasesView, FoundCaseView
from domain.access import Access
from domain.actors import Actor
from domain.identity import Mark
from models import journal
from models.finding import cases_marked
from models.keys import JOURNAL


def find_cases(office: Office, actor: Actor, mark: Mark, why: str | None = None) -> FoundCasesView:
    """The cases that this account may see and that bear this name, address or number, newest first.

    The journal notes that somebody searched, and how many cases were found, but not what was searched for.
    """
    with office.writing_as(actor) as (tx, actor):
        cases = cases_marked(tx, actor, office.keys.digest, mark)
        journal.note(tx, office.keys.of(JOURNAL), actor, Access.FIND, why=why, found=len(cases))
    return FoundCasesView(total=len(cases), cases=tuple(map(FoundCaseView.of, cases)))
