"""The history of a case, for the services that work from it."""

from desk.office import Office
from domain.actors import Actor
from domain.events import Entry
from models.journal import Access
from models.reading import read_case


def case_history(office: Office, actor: Actor, reference: str, access: Access, why: str | None = None) -> list[Entry]:
    """The lines of a case for somebody who may see it; the access is noted in the journal first.

    Raises NotFound for a case that is not there or that this account may not see, Refused for one that was erased.
    """
    with office.writing() as tx:
        return read_case(tx, office.keys, actor, reference, access, why)
