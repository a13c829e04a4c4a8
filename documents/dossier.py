"""The file for the Defender of Rights as a PDF: what `domain.dossier` holds, said in French."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from documents.letterhead import NO_LETTERHEADS, Letterheads, letterhead
from domain.complaint import Complainant, Facts
from domain.law.limitation import LimitationClock
from domain.law.proof import Line
from domain.law.situation import Situation
from domain.law.texts import texts_of_ground, texts_of_term
from domain.parts.consent import Consent
from domain.parts.piece import Piece
from domain.reference import Criterion, criteria, levers, territories
from domain.reference.citations import remarks
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
    ReferralStatus,
    RespondentKind,
    Term,
)
from kit.formats.typeset import Data, typeset
from words import FRENCH, Words
from words.french import NARROW, spaced

if TYPE_CHECKING:
    from domain.case import Case
    from domain.dossier import Answer, Dossier, Exhibit, Step

TEMPLATE = Path(__file__).resolve().with_name("dossier.typ")

Row = dict[str, Data]
"""A line of a table: what the template calls each cell, and what is in it."""


def as_pdf(file: Dossier, words: Words = FRENCH, letterheads: Letterheads = NO_LETTERHEADS) -> bytes:
    """The file as an accessible PDF, PDF/UA-1 and PDF/A-2a. The same version of a case gives the same bytes.

    Its sentences are French, as the Defender reads them; dates and names follow `words`.
    """
    return typeset(TEMPLATE, _Contents(file, words, letterheads).data(), stamp(file))


def stamp(file: Dossier) -> datetime:
    """The moment that the file and all its parts are dated: the day of the version."""
    return datetime.combine(file.day, time(), UTC)


def title(file: Dossier) -> str:
    """The title of the document."""
    return f"Saisine du Défenseur des droits – dossier {file.case.reference}"


def place_of(case: Case) -> str:
    """The place where it happened, by name."""
    place = case.complaint.facts.place
    codes = [code for code in (place.neighbourhood, place.commune) if code]
    return ", ".join(filter(None, [place.detail, *(territories()[code].name for code in codes)]))


_WAYS = {
    FilingChannel.POST: "À adresser sans affranchir, avec des copies des pièces\u00a0: Défenseur des droits, "
    "Libre réponse 71120, 75342 Paris CEDEX\u00a007",
    FilingChannel.DELEGATE: "À remettre à la déléguée ou au délégué du Défenseur des droits",
    FilingChannel.ONLINE_FORM: "À joindre au formulaire en ligne du Défenseur des droits",
}

_CONSENTED = {
    ConsentScope.DEFENDER: "Saisine du Défenseur des droits et transmission du dossier (LO\u00a02011-333 art.\u00a08)",
    ConsentScope.RESPONDENT: "Communication de l’identité et des griefs au mis en cause",
    ConsentScope.MEDICAL: "Levée du secret médical, demandée expressément (LO\u00a02011-333 art.\u00a020 al.\u00a03)",
}


_CONDUCT_OF_POLICE = "la déontologie des personnes qui exercent la sécurité (LO\u00a02011-333 art.\u00a04)"
_LONGEST_ROW = 1_200
"""Characters of a text above which rows of tables may go on over a page: a row that no page holds would be cut off."""
_STATED = "LO 2011-333 art. 6, 8, 20; loi 2008-496 art. 4"
"""The texts that the template itself cites before the signature."""


@dataclass(frozen=True)
class _Contents:
    """The texts that the template prints of a file."""

    file: Dossier
    words: Words
    letterheads: Letterheads

    @property
    def case(self) -> Case:
        return self.file.case

    def data(self) -> dict[str, Data]:
        """Everything, by the names that the template knows."""
        file, case, complaint = self.file, self.case, self.case.complaint
        return {
            "title": title(file),
            "reference": case.reference,
            "version": case.version,
            "day": self.words.day_in_full(file.day),
            "team": ", ".join(letterhead(case.organisation, self.letterheads)),
            "long_rows": max(map(len, self._written_in_rows()), default=0) > _LONGEST_ROW,
            "way": [_WAYS[filing.channel] for filing in case.open_filings[-1:]],
            "fictitious": complaint.fictitious,
            "blocked": [self.words.sentence(gap.what) for gap in file.blocked],
            "author": list(self._author()),
            "concerned": list(_person(complaint.concerned_person)) if complaint.concerned_person else [],
            "respondent": list(self._respondent()),
            "matter": list(self._matter()),
            "grounds": [self._ground(criteria()[code]) for code in complaint.criteria],
            "narrative": complaint.facts.narrative,
            "chronology": self._chronology(),
            "expectations": complaint.expectations or "",
            "prior": list(self._prior_steps()),
            "partners": list(self._partners()),
            "steps": [self._step(step) for step in file.steps],
            "exhibits": [self._exhibit(exhibit) for exhibit in file.exhibits],
            "legs": [self._support(leg) for leg in Leg],
            "vain": [self._in_vain(line) for line in file.in_vain],
            "consents": [self._consent(scope, consent) for scope, consent in file.consents],
            "limits": [self._limit(limit) for limit in file.limits],
            "minor": self._minority(),
            "texts": self._remarks(),
            "signatory": _name(complaint.complainant) if complaint.complainant else "",
        }

    def _remarks(self) -> list[Data]:
        """The remarks on the texts that the referral cites; the sheet makes those on time limits itself."""
        complaint = self.case.complaint
        cited = [_STATED, *texts_of_term(complaint.domain, complaint)]
        cited += [text for act in complaint.acts for text in texts_of_term(act, complaint)]
        cited += [text for code in complaint.criteria for text in texts_of_ground(criteria()[code], complaint)]
        cited += [levers()[step.lever].basis for step in self.file.steps if step.lever in levers()]
        if complaint.domain is Domain.POLICE_JUSTICE:
            cited.append(_CONDUCT_OF_POLICE)
        found = remarks("; ".join(cited), complaint.facts.occurred_on, self.file.day)
        return [self.words.sentence(remark) for remark in found]

    # --- Parties ---

    def _author(self) -> Iterator[Row]:
        person, capacity = self.case.complaint.complainant, self.case.complaint.capacity
        if person is None:
            yield from _row("Identité", "signalement anonyme")
            return
        yield from _person(person)
        if capacity is not Capacity.SELF:
            yield from _row("Agit en qualité de", self.words.label(capacity, Capacity).lower())

    def _respondent(self) -> Iterator[Row]:
        respondent = self.case.complaint.respondent
        yield from _row("Nom", respondent.name or "non connu à ce jour")
        yield from _row("Nature", self.words.label(respondent.kind, RespondentKind))
        yield from _row("Adresse", respondent.address)

    # --- The matter ---

    def _matter(self) -> Iterator[Row]:
        complaint = self.case.complaint
        yield from _row("Domaine", self._with_basis(complaint.domain))
        yield from _row("Lieu", place_of(self.case))
        for act in complaint.acts:
            yield from _row("Agissement", self._with_basis(act))
        if complaint.domain is Domain.POLICE_JUSTICE:
            yield from _row("Relève aussi, s’il y a lieu, de", _CONDUCT_OF_POLICE)

    def _with_basis(self, term: Term) -> str:
        name = self.words.say(term.label)
        texts = texts_of_term(term, self.case.complaint)
        return f"{name} ({_cited(texts)})" if texts else name

    def _ground(self, criterion: Criterion) -> Row:
        texts = texts_of_ground(criterion, self.case.complaint)
        return {"name": self.words.criterion(criterion.code), "texts": _cited(texts) or "à préciser"}

    def _chronology(self) -> list[Data]:
        dated = sorted(self._events(), key=lambda event: event[0])
        rows: list[Data] = [{"day": self.words.day(day), "what": what} for day, what in dated]
        if self.case.complaint.facts.ongoing:
            rows.append({"day": "à ce jour", "what": "Les faits se poursuivent"})
        return rows

    def _events(self) -> Iterator[tuple[date, str]]:
        complaint = self.case.complaint
        yield from _facts(complaint.facts)
        for step in complaint.prior_steps:
            if step.taken_on:
                yield step.taken_on, self._prior_step_name(step.kind, step.to_whom)
        receiver = letterhead(self.case.organisation, self.letterheads)[0]
        yield day_of(complaint.received_at), f"Réclamation reçue par {receiver}"

    # --- Steps taken ---

    def _prior_step_name(self, kind: PriorStepKind, to_whom: str | None) -> str:
        name = self.words.label(kind, PriorStepKind)
        return f"{name}, {to_whom}" if to_whom else name

    def _prior_steps(self) -> Iterator[Row]:
        for step in self.case.complaint.prior_steps:
            yield {
                "day": self.words.day(step.taken_on) if step.taken_on else "non datée",
                "what": self._prior_step_name(step.kind, step.to_whom),
                "answer": step.answer or "aucune réponse enregistrée",
            }

    def _partners(self) -> Iterator[Row]:
        """The work of partners that was done, to whom the person had agreed."""
        for referral in self.case.referrals:
            if referral.status is ReferralStatus.DONE:
                yield {
                    "day": self.words.day(day_of(referral.sent.happened_at)),
                    "what": f"{letterhead(referral.partner, self.letterheads)[0]}\u00a0: {referral.purpose}",
                    "answer": referral.result or "",
                }

    def _written_in_rows(self) -> Iterator[str]:
        """What people wrote that stands in rows of tables."""
        yield from (step.answer or "" for step in self.case.complaint.prior_steps)
        yield from (referral.result or "" for referral in self.case.referrals)
        yield from (piece.said or "" for piece in self.case.pieces)

    def _step(self, step: Step) -> Row:
        lever = levers().get(step.lever)
        how = self.words.lever(step.lever) + (f" ({spaced(lever.basis)})" if lever else "")
        answers = [(self._piece_name(self.case.piece(answer.piece)), self._answer(answer)) for answer in step.answers]
        return {
            "day": self.words.day(step.day),
            "what": f"{how}, auprès de\u00a0: {self._party(step.asked_of)}",
            "answers": [f"{name}\u00a0: {answer}" for name, answer in answers],
        }

    def _answer(self, answer: Answer) -> str:
        day = self.words.day(answer.day)
        if answer.status is PieceStatus.RECEIVED:
            return f"reçu le {day}"
        if answer.status is PieceStatus.REFUSED:
            return f"silence constaté le {day}" if answer.silent else f"refusé le {day} ({answer.said})"
        if answer.silent:
            return f"aucune réponse au {day}, date à laquelle elle était due"
        return f"réponse attendue le {day}"

    def _party(self, party: Party) -> str:
        return self.words.label(party, Party).lower()

    # --- Pieces ---

    def _piece_name(self, piece: Piece) -> str:
        return self.words.piece(piece.id, piece.label)

    def _exhibit(self, exhibit: Exhibit) -> Row:
        piece = exhibit.piece
        return {
            "number": str(exhibit.number),
            "name": piece.said or self._piece_name(piece),
            "legs": ", ".join(map(self._leg, exhibit.legs)),
            "day": self.words.day(exhibit.received_on),
            "copies": [copy.name for copy in exhibit.copies],
            "digests": list(map(_in_groups, _digests(exhibit))),
        }

    def _leg(self, leg: Leg) -> str:
        return self.words.label(leg, Leg).lower()

    def _support(self, leg: Leg) -> Row:
        in_vain = [self._piece_name(line.piece) for line in self.file.in_vain if leg in line.legs]
        return {
            "name": self.words.label(leg, Leg),
            "exhibits": self._numbers(leg) or "aucune à ce jour",
            "vain": f"{NARROW}; ".join(in_vain) or "–",
        }

    def _numbers(self, leg: Leg) -> str:
        return ", ".join(str(exhibit.number) for exhibit in self.file.exhibits if leg in exhibit.legs)

    def _in_vain(self, line: Line) -> Row:
        piece = line.piece
        return {
            "name": self._piece_name(piece),
            "what": self._silence(line) if line.silent_since is not None or piece.silent else "refus",
            "whom": self._party(piece.from_whom) if piece.from_whom else "",
            "said": piece.said or "",
        }

    def _silence(self, line: Line) -> str:
        if line.silent_since:
            return f"silence depuis le {self.words.day(line.silent_since)}"
        if line.piece.answered:
            return f"silence constaté le {self.words.day(day_of(line.piece.answered.happened_at))}"
        return "silence"

    # --- Consents, time limits ---

    def _consent(self, scope: ConsentScope, consent: Consent | None) -> Row:
        return {"name": _CONSENTED[scope], "said": self._given(consent) if consent else "non donné"}

    def _given(self, consent: Consent) -> str:
        form = self.words.label(consent.given.form, ConsentForm).lower()
        start = f"donné le {self.words.day(consent.given.given_on)}, {form}"
        if consent.withdrawn_at is None:
            return start
        return f"retiré le {self.words.day(day_of(consent.withdrawn_at))} ({start})"

    def _limit(self, limit: LimitationClock) -> Row:
        prudent, legal = limit.deadline_prudent, limit.deadline_legal
        return {
            "action": spaced(limit.action),
            "body": spaced(limit.body),
            "until": self.words.day(prudent) if prudent else "non calculable",
            "passed": bool(prudent and prudent < self.file.day),
            "legal": self.words.day(legal) if legal and legal != prudent else "",
            "basis": spaced(limit.basis),
            "texts": [self.words.sentence(remark) for remark in limit.texts] or _doubtful(limit),
        }

    def _minority(self) -> str:
        """The warning for a minor, whose civil periods do not run yet."""
        situation = Situation(self.case.complaint)
        if not situation.minor:
            return ""
        majority = situation.majority
        day = f"le {self.words.day_in_full(majority)}" if majority else "à une date que nous ne connaissons pas"
        return (
            "La personne est mineure, ou l’était au moment des faits\u00a0: les délais civils ne courent pas avant sa "
            f"majorité, {day} (C.\u00a0civ. 2235). Les dates prudentes n’en tiennent pas compte, et cette suspension "
            "ne joue ni pour les délais de recours ni devant les juridictions pénales."
        )


def _doubtful(limit: LimitationClock) -> list[Data]:
    return ["À vérifier par un juriste."] if limit.to_be_verified else []


def _cited(texts: tuple[str, ...]) -> str:
    """Texts of law in a row, as French sets them; the law on discrimination under its full name."""
    named = [text.replace("loi 2008-496 ", "loi n°\u00a02008-496 du 27\u00a0mai 2008, ") for text in texts]
    return f"{NARROW}; ".join(spaced(text).replace("art. ", "art.\u00a0") for text in named)


def _row(name: str, value: str | None) -> Iterator[Row]:
    if value:
        yield {"name": name, "value": value}


def _name(person: Complainant) -> str:
    return f"{person.given_name} {person.family_name}"


def _person(person: Complainant) -> Iterator[Row]:
    yield from _row("Prénom et nom", _name(person) + (" (mineur·e)" if person.is_minor else ""))
    yield from _row("Adresse", person.address)
    yield from _row("Courriel", person.email)
    yield from _row("Téléphone", person.phone)
    if person.language != "fr":
        yield from _row("Langue", FRENCH.language_name(person.language))
    yield from _row("Besoins d’accessibilité", person.accessibility)


def _facts(facts: Facts) -> Iterator[tuple[date, str]]:
    is_over_on = facts.ended_on if facts.ended_on != facts.occurred_on else None
    if facts.occurred_on is not None:
        yield facts.occurred_on, "Faits (premier jour)" if facts.ongoing or is_over_on else "Faits"
    if is_over_on is not None:
        yield is_over_on, "Faits (dernier jour connu)"
    if facts.revealed_on is not None:
        yield facts.revealed_on, "La personne comprend qu’elle a pu être traitée différemment (révélation)"


def _digests(exhibit: Exhibit) -> list[str]:
    """The digests of its copies, or the one that was noted when the piece was received."""
    return [copy.file.sha256 for copy in exhibit.copies] or list(filter(None, [exhibit.piece.sha256]))


def _in_groups(digest: str) -> str:
    """A digest that can be read out and compared: eight groups of eight."""
    return " ".join(digest[n : n + 8] for n in range(0, len(digest), 8))
