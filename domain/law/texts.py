"""The texts of law that the grounds and the acts of a complaint rest on: those that apply where it lies, and no other.

A pupil has no employer, and a shop no civil servants: what stands in a code of work is cited in a case of work only.
"""

from collections.abc import Iterator

from domain.complaint import Complaint
from domain.law.situation import Situation
from domain.reference import Criterion
from domain.vocabulary import Domain, Term

_SEPARATOR = "; "


def texts_of_term(term: Term, complaint: Complaint) -> tuple[str, ...]:
    """The texts of a domain or an act, as they are cited in French; none if nothing of it applies here."""
    situation = Situation(complaint)
    texts = term.basis.split(_SEPARATOR) if term.basis else []
    return tuple(text for text in texts if _applies(text, situation))


def texts_of_ground(criterion: Criterion, complaint: Complaint) -> tuple[str, ...]:
    """The texts of a ground: the general lists that it stands in, and those of its own."""
    situation = Situation(complaint)
    return tuple(text for text in (*_lists(criterion), *_own(criterion)) if _applies(text, situation))


def _lists(criterion: Criterion) -> Iterator[str]:
    if criterion.in_civil_law:
        yield "loi 2008-496 art. 1"
    if criterion.in_labour_code:
        yield "C. trav. L1132-1"
    if criterion.in_civil_service_code:
        yield "CGFP L131-2" if criterion.code == "SEXE" else "CGFP L131-1"
    if criterion.in_criminal_code and not criterion.texts:
        yield "C. pén. 225-1"


def _own(criterion: Criterion) -> list[str]:
    return criterion.texts.split(_SEPARATOR) if criterion.texts else []


def _applies(text: str, situation: Situation) -> bool:
    """Tells if a text can apply: that of a code of work in a case of work, that of a school at school."""
    if text.startswith("C. trav."):
        return situation.labour
    if text.startswith("CGFP"):
        return situation.public_agent
    if text.startswith("C. éduc."):
        return situation.domain is Domain.EDUCATION_FORMATION
    return situation.offence or not text.startswith("C. pén.")
