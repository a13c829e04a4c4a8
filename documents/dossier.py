"""The file for the Defender of Rights as a PDF: what `domain.dossier` holds, said in French."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

from documents.french import in_figures, in_full, spaced
from domain.case import Case
from domain.complaint import Complainant
from domain.counting import Words
from domain.dossier import Answer, Dossier, Exhibit, Step
from domain.errors import fill
from domain.law.limitation import LimitationClock
from domain.law.proof import Line
from domain.law.situation import sides
from domain.parts.consent import Consent
from domain.parts.piece import Piece
from domain.reference import Criterion, criteria, evidence, levers, territories
from domain.values import day_of
from domain.vocabulary import (
    Capacity,
    ConsentForm,
    ConsentScope,
    Domain,
    FilingChannel,
    Leg,
    Party,
    PieceStatus,
    PriorStepKind,
    RespondentKind,
    Term,
)
from kit.formats.typeset import Data, typeset
from kit.i18n import translate

TEMPLATE = Path(__file__).resolve().with_name("dossier.typ")
_LANGUAGES = {"fr": "français", "en": "anglais", "ar": "arabe", "es": "espagnol", "pt": "portugais", "it": "italien"}


def as_pdf(file: Dossier) -> bytes:
    """The file as an accessible PDF, PDF/UA-1 and PDF/A-2a. The same version of a case gives the same bytes."""
    return typeset(TEMPLATE, _data(file), stamp(file))


def stamp(file: Dossier) -> datetime:
    """The moment that the file and all its parts are dated: the day of the version."""
    return datetime.combine(file.day, time(), UTC)


def title(file: Dossier) -> str:
    """What the document is called."""
    return f"Saisine du Défenseur des droits – dossier {file.case.reference}"


def _data(file: Dossier) -> dict[str, Data]:
    case = file.case
    return {
        "title": title(file),
        "reference": case.reference,
        "version": case.version,
        "day": in_full(file.day),
        "team": case.organisation,
        "way": list(_way(case)),
        "fictitious": case.complaint.fictitious,
        "blocked": [sentence(gap.what) for gap in file.blocked],
        "author": list(_author(case)),
        "concerned": list(_concerned(case)),
        "respondent": list(_respondent(case)),
        "matter": list(_matter(case)),
        "grounds": [_ground(criteria()[code], case) for code in case.complaint.criteria],
        "narrative": case.complaint.facts.narrative,
        "chronology": list(_chronology(case)),
        "expectations": case.complaint.expectations or "",
        "prior": list(_prior_steps(case)),
        "steps": [_step(step, case) for step in file.steps],
        "exhibits": [_exhibit(exhibit) for exhibit in file.exhibits],
        "legs": list(_legs(file)),
        "vain": [_in_vain(line) for line in file.in_vain],
        "consents": [_consent(scope, consent) for scope, consent in file.consents],
        "limits": [_limit(limit, file.day) for limit in file.limits],
        "signatory": _name(case.complaint.complainant) if case.complaint.complainant else "",
    }


# --- Words -----------------------------------------------------------------------------------------------


def french(code: str, kind: type[Term]) -> str:
    """What a code is called in French."""
    return translate(kind(code).label, "fr")  # type: ignore[call-arg]


def sentence(words: Words) -> str:
    """A sentence of the catalogue in French, with its dates as they are written there."""
    return fill(translate(words.template, "fr"), {name: _param(value) for name, value in words.params.items()})


def _param(value: object) -> object:
    return in_figures(value) if isinstance(value, date) else translate(value, "fr") if isinstance(value, str) else value


def _row(name: str, value: str | None) -> Iterator[dict[str, Data]]:
    if value:
        yield {"name": name, "value": value}


def _name(person: Complainant) -> str:
    return f"{person.given_name} {person.family_name}"


_WAYS = {
    FilingChannel.POST: "À adresser sans affranchir, avec des copies des pièces\u00a0: Défenseur des droits, "
    "Libre réponse 71120, 75342 Paris CEDEX\u00a007",
    FilingChannel.DELEGATE: "À remettre à la déléguée ou au délégué du Défenseur des droits",
    FilingChannel.ONLINE_FORM: "À joindre au formulaire en ligne du Défenseur des droits",
}


def _way(case: Case) -> Iterator[str]:
    """How the file is to be sent, once that is decided."""
    if case.open_filings:
        yield _WAYS[case.open_filings[-1].channel]


# --- Parties ---------------------------------------------------------------------------------------------


def _author(case: Case) -> Iterator[dict[str, Data]]:
    person = case.complaint.complainant
    if person is None:
        yield from _row("Identité", "signalement anonyme")
        return
    yield from _person(person)
    capacity = case.complaint.capacity
    if capacity is not Capacity.SELF:
        yield from _row("Agit en qualité de", french(capacity, Capacity).lower())


def _concerned(case: Case) -> Iterator[dict[str, Data]]:
    if case.complaint.concerned_person is not None:
        yield from _person(case.complaint.concerned_person)


def _person(person: Complainant) -> Iterator[dict[str, Data]]:
    yield from _row("Prénom et nom", _name(person) + (" (mineur·e)" if person.is_minor else ""))
    yield from _row("Adresse", person.address)
    yield from _row("Courriel", person.email)
    yield from _row("Téléphone", person.phone)
    if person.language != "fr":
        yield from _row("Langue", _LANGUAGES.get(person.language, person.language))
    yield from _row("Besoins d’accessibilité", person.accessibility)


def _respondent(case: Case) -> Iterator[dict[str, Data]]:
    respondent = case.complaint.respondent
    yield from _row("Nom", respondent.name or "non connu à ce jour")
    yield from _row("Nature", french(respondent.kind, RespondentKind))
    yield from _row("Adresse", respondent.address)


# --- The matter ------------------------------------------------------------------------------------------


def _matter(case: Case) -> Iterator[dict[str, Data]]:
    complaint = case.complaint
    yield from _row("Domaine", _with_basis(complaint.domain))
    yield from _row("Lieu", place_of(case))
    for act in complaint.acts:
        yield from _row("Agissement", _with_basis(act))


def _with_basis(term: Term) -> str:
    name = translate(term.label, "fr")
    return f"{name} ({spaced(term.basis)})" if term.basis else name


def _ground(criterion: Criterion, case: Case) -> dict[str, Data]:
    domain, criminal = case.complaint.domain, sides(case.complaint).criminal
    texts = [
        ("loi n°\u00a02008-496 du 27\u00a0mai 2008, art.\u00a01", criterion.in_civil_law),
        ("C.\u00a0trav. L1132-1", criterion.in_labour_code and domain is Domain.EMPLOI_PRIVE),
        ("CGFP L131-1", criterion.in_civil_service_code and domain is Domain.EMPLOI_PUBLIC),
        ("C.\u00a0pén. 225-1", criterion.in_criminal_code and criminal),
    ]
    held = [name for name, holds in texts if holds]
    return {"name": spaced(criterion.label_fr), "texts": f"{chr(0x202F)}; ".join(held) or "à préciser"}


def _chronology(case: Case) -> Iterator[dict[str, Data]]:
    complaint, facts = case.complaint, case.complaint.facts
    dated: list[tuple[date, str]] = []
    if facts.occurred_on is not None:
        dated.append((facts.occurred_on, "Faits (premier jour)" if _lasted(case) else "Faits"))
    if facts.ended_on is not None and facts.ended_on != facts.occurred_on:
        dated.append((facts.ended_on, "Faits (dernier jour connu)"))
    if facts.revealed_on is not None:
        dated.append((facts.revealed_on, "La personne comprend qu’elle a pu être traitée différemment (révélation)"))
    dated += [
        (step.taken_on, _prior_step_name(step.kind, step.to_whom)) for step in complaint.prior_steps if step.taken_on
    ]
    dated.append((day_of(complaint.received_at), f"Réclamation reçue par {case.organisation}"))
    for day, what in sorted(dated, key=lambda one: one[0]):
        yield {"day": in_figures(day), "what": what}
    if facts.ongoing:
        yield {"day": "à ce jour", "what": "Les faits se poursuivent"}


def _lasted(case: Case) -> bool:
    facts = case.complaint.facts
    return facts.ongoing or facts.ended_on not in (None, facts.occurred_on)


def place_of(case: Case) -> str:
    """Where it happened, by name."""
    place = case.complaint.facts.place
    codes = [code for code in (place.neighbourhood, place.commune) if code]
    return ", ".join(filter(None, [place.detail, *(territories()[code].name for code in codes)]))


# --- Steps taken -----------------------------------------------------------------------------------------


def _prior_step_name(kind: PriorStepKind, to_whom: str | None) -> str:
    name = french(kind, PriorStepKind)
    return f"{name}, {to_whom}" if to_whom else name


def _prior_steps(case: Case) -> Iterator[dict[str, Data]]:
    for step in case.complaint.prior_steps:
        yield {
            "day": in_figures(step.taken_on) if step.taken_on else "non datée",
            "what": _prior_step_name(step.kind, step.to_whom),
            "answer": step.answer or "aucune réponse enregistrée",
        }


def _step(step: Step, case: Case) -> dict[str, Data]:
    lever = levers().get(step.lever)
    how = f"{spaced(lever.label_fr)} ({spaced(lever.basis)})" if lever else step.lever
    return {
        "day": in_figures(step.day),
        "what": f"{how}, auprès de\u00a0: {french(step.asked_of, Party).lower()}",
        "answers": [f"{_piece_name(case.piece(a.piece))}\u00a0: {_answer(a)}" for a in step.answers],
    }


def _answer(answer: Answer) -> str:
    day = in_figures(answer.day)
    if answer.status is PieceStatus.RECEIVED:
        return f"reçu le {day}"
    if answer.status is PieceStatus.REFUSED:
        return f"silence constaté le {day}" if answer.silent else f"refusé le {day} ({answer.said})"
    return f"aucune réponse au {day}, date à laquelle elle était due" if answer.silent else f"réponse attendue le {day}"


# --- Pieces ----------------------------------------------------------------------------------------------


def _piece_name(piece: Piece) -> str:
    return piece.label if piece.label is not None else spaced(evidence()[piece.id].label_fr)


def _exhibit(exhibit: Exhibit) -> dict[str, Data]:
    digests = [copy.file.sha256 for copy in exhibit.copies] or ([exhibit.piece.sha256] if exhibit.piece.sha256 else [])
    return {
        "number": str(exhibit.number),
        "name": _piece_name(exhibit.piece),
        "shows": exhibit.piece.said or "",
        "legs": ", ".join(french(leg, Leg).lower() for leg in exhibit.legs),
        "day": in_figures(exhibit.received_on),
        "copies": [copy.name for copy in exhibit.copies],
        "digests": [_in_fours(digest) for digest in digests],
    }


def _in_fours(digest: str) -> str:
    """A digest that can be read out and compared: eight groups of eight."""
    return " ".join(digest[n : n + 8] for n in range(0, len(digest), 8))


def _legs(file: Dossier) -> Iterator[dict[str, Data]]:
    for leg in Leg:
        numbers = [str(exhibit.number) for exhibit in file.exhibits if leg in exhibit.legs]
        vain = [_piece_name(line.piece) for line in file.in_vain if leg in line.legs]
        yield {
            "name": french(leg, Leg),
            "exhibits": ", ".join(numbers) or "aucune à ce jour",
            "vain": f"{chr(0x202F)}; ".join(vain) or "–",
        }


def _in_vain(line: Line) -> dict[str, Data]:
    piece = line.piece
    if line.silent_since is not None or piece.silent:
        day = line.silent_since or (day_of(piece.answered.happened_at) if piece.answered else None)
        since = "depuis" if line.silent_since else "constaté"
        what = f"silence {since} le {in_figures(day)}" if day else "silence"
    else:
        what = "refus"
    whom = french(piece.from_whom, Party).lower() if piece.from_whom else ""
    return {"name": _piece_name(piece), "what": what, "whom": whom, "said": piece.said or ""}


# --- Consents, time limits -------------------------------------------------------------------------------

_ASKED = {
    ConsentScope.DEFENDER: "Saisine du Défenseur des droits et transmission du dossier (LO\u00a02011-333 art.\u00a08)",
    ConsentScope.RESPONDENT: "Communication de l’identité et des griefs au mis en cause",
    ConsentScope.MEDICAL: "Levée du secret médical, demandée expressément (LO\u00a02011-333 art.\u00a020 al.\u00a03)",
}


def _consent(scope: ConsentScope, consent: Consent | None) -> dict[str, Data]:
    if consent is None:
        said = "non donné"
    else:
        form = french(consent.given.form, ConsentForm).lower()
        said = f"donné le {in_figures(consent.given.given_on)}, {form}"
        if consent.withdrawn_at is not None:
            said = f"retiré le {in_figures(day_of(consent.withdrawn_at))} ({said})"
    return {"name": _ASKED[scope], "said": said}


def _limit(limit: LimitationClock, day: date) -> dict[str, Data]:
    prudent, legal = limit.deadline_prudent, limit.deadline_legal
    if prudent is None:
        until = "non calculable"
    elif prudent < day:
        until = f"{in_figures(prudent)} (passé au {in_figures(day)})"
    else:
        until = in_figures(prudent)
    return {
        "action": spaced(limit.action),
        "body": spaced(limit.body),
        "until": until,
        "legal": in_figures(legal) if legal and legal != prudent else "",
        "basis": spaced(limit.basis),
        "verify": limit.to_be_verified,
    }
