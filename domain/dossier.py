"""The file for the Defender of Rights: what it holds, what it leaves out, and what is missing from it.

Pure: a history, a calendar and the files that were received give the file; nothing of the day on which it is asked
for enters, so that the file of a version can be made again. What blocks a filing is what the rules refuse to file;
all else only weakens it: no prior step is required for a discrimination (LO 2011-333 art. 6 al. 2).

Left out: notes, contacts, alerts and assessments, which are the house's own; pieces that were waived; and, without a
standing consent to the lifting of medical secrecy, whatever is medical (LO art. 20 al. 3).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.case import Case
from domain.complaint import Complainant
from domain.counting import Sentence, in_words
from domain.dates import WorkingCalendar
from domain.errors import Action, Problem
from domain.events import Entry
from domain.law.limitation import LimitationClock, time_bars
from domain.law.proof import Line, checklist
from domain.lifecycle import fold
from domain.media import SUFFIXES
from domain.parts.consent import Consent
from domain.parts.filing import hindrances
from domain.parts.letter import LetterSent
from domain.parts.piece import Piece, PieceReceived, PieceRefused, PieceRequested
from domain.reference import evidence
from domain.values import Value, day_of
from domain.vocabulary import (
    Act,
    ConsentScope,
    Domain,
    FileRemark,
    Leg,
    Party,
    PieceStatus,
    PriorStepKind,
    ScanState,
)

_HEALTH = frozenset({"ETAT_SANTE", "HANDICAP", "GROSSESSE", "PERTE_AUTONOMIE", "CARACT_GENETIQUES"})


class Attached(Value):
    """A file that was received for a piece. Its own name stays in the house: it may itself be telling."""

    id: str
    sha256: str
    size: int
    media_type: str


class Copy(Value):
    """A file as it goes out: under a number, and with the digest that it must still have."""

    name: str
    file: Attached


@dataclass(frozen=True)
class Exhibit:
    """A numbered piece, with what it shows."""

    number: int
    piece: Piece
    legs: tuple[Leg, ...]
    received_on: date
    copies: tuple[Copy, ...]


@dataclass(frozen=True)
class Step:
    """Something that was done to obtain proof, and what came of it."""

    day: date
    pieces: tuple[str, ...]
    lever: str
    """The code of a lever, or what somebody wrote."""
    asked_of: Party
    answers: tuple["Answer", ...]


@dataclass(frozen=True)
class Answer:
    """The answer to a request, for one piece."""

    piece: str
    status: PieceStatus
    """RECEIVED, REFUSED, or REQUESTED while the answer is awaited."""
    day: date
    """When it came; while it is awaited, when it is due."""
    silent: bool = False
    said: str | None = None


@dataclass(frozen=True)
class Gap:
    """Something that is missing, and what to do about it."""

    code: str
    blocks: bool
    """It cannot be filed like this; otherwise it is only weaker."""
    what: Sentence
    remedy: Sentence
    action: Action | None = None


@dataclass(frozen=True)
class Dossier:
    """The file for the Defender of Rights, as of a version of the case."""

    case: Case
    day: date
    """The day on which this version was recorded."""
    gaps: tuple[Gap, ...]
    steps: tuple[Step, ...]
    exhibits: tuple[Exhibit, ...]
    in_vain: tuple[Line, ...]
    """Requests refused or met with silence: facts of the bundle of indications."""
    consents: tuple[tuple[ConsentScope, Consent | None], ...]
    """For each scope that matters here, the last consent, standing or withdrawn."""
    limits: tuple[LimitationClock, ...]
    """The time limits that filing does not stop."""

    @property
    def blocked(self) -> tuple[Gap, ...]:
        """Gaps that keep it from being filed."""
        return tuple(gap for gap in self.gaps if gap.blocks)

    @property
    def copies(self) -> tuple[Copy, ...]:
        """Every file that goes with it, in the order of the exhibits."""
        return tuple(copy for exhibit in self.exhibits for copy in exhibit.copies)


def not_scanned(file: Dossier) -> tuple[str, ...]:
    """The names of the copies of which no scan has said that they are clean."""
    return tuple(copy.name for copy in file.copies if file.case.file(copy.file.id).scan is not ScanState.CLEAN)


def alike(file: Dossier) -> tuple[str, ...]:
    """The names of the copies that have the same content as another."""
    times = Counter(copy.file.sha256 for copy in file.copies)
    return tuple(copy.name for copy in file.copies if times[copy.file.sha256] > 1)


def dossier(
    reference: str,
    entries: Sequence[Entry],
    calendar: WorkingCalendar,
    attached: Mapping[str, Sequence[Attached]] | None = None,
) -> Dossier:
    """The file that this history makes, with the files received for its pieces: its own, unless others are given."""
    case = fold(reference, entries)
    day = day_of(entries[-1].recorded_at)
    shown = frozenset(piece.id for piece in case.pieces if may_leave(piece, case))
    lines = checklist(case, calendar, day).lines
    return Dossier(
        case=case,
        day=day,
        gaps=tuple(_gaps(case, lines)),
        steps=tuple(_steps(entries, shown, day)),
        exhibits=tuple(_exhibits(case, lines, shown, _held(case) if attached is None else attached)),
        in_vain=tuple(line for line in lines if line.is_indication and _not_here(line) and line.id in shown),
        consents=tuple((scope, _last_consent(case, scope)) for scope in _SCOPES),
        limits=time_bars(case, calendar),
    )


_SCOPES = (ConsentScope.DEFENDER, ConsentScope.RESPONDENT, ConsentScope.MEDICAL)


def may_leave(piece: Piece, case: Case) -> bool:
    """True if a piece may go into the file: a medical one takes a consent of its own."""
    return not is_medical(piece) or case.consent_for(ConsentScope.MEDICAL) is not None


def is_medical(piece: Piece) -> bool:
    """True if a piece of the checklist is under medical secrecy. Of pieces that somebody added it is not known."""
    return piece.label is None and evidence()[piece.id].medical


def _not_here(line: Line) -> bool:
    return line.piece.status is not PieceStatus.RECEIVED


def _last_consent(case: Case, scope: ConsentScope) -> Consent | None:
    given = [consent for consent in case.consents if consent.given.scope is scope]
    standing = [consent for consent in given if consent.withdrawn_at is None]
    return next(iter([*reversed(standing), *reversed(given)]), None)


# --- Exhibits --------------------------------------------------------------------------------------------


def _held(case: Case) -> dict[str, list[Attached]]:
    """The files of a case that may go out, by piece. One that waits for its scan is listed, and refused when copied."""
    found: dict[str, list[Attached]] = {}
    for file in case.files:
        if file.is_held and file.scan is not ScanState.INFECTED:
            one = Attached(id=file.id, sha256=file.sha256, size=file.size, media_type=file.media_type)
            found.setdefault(file.piece, []).append(one)
    return found


def _exhibits(
    case: Case, lines: Sequence[Line], shown: frozenset[str], attached: Mapping[str, Sequence[Attached]]
) -> Iterator[Exhibit]:
    """Numbered in the order in which they were received, so that a later version only adds numbers."""
    received = [line for line in lines if line.piece.status is PieceStatus.RECEIVED and line.id in shown]
    received.sort(key=lambda line: line.piece.answered.version if line.piece.answered else 0)
    for number, line in enumerate(received, start=1):
        mark = line.piece.answered
        yield Exhibit(
            number=number,
            piece=line.piece,
            legs=line.legs,
            received_on=day_of(mark.happened_at if mark else case.opened_at),
            copies=tuple(
                Copy(name=f"piece-{number:02}-{n}.{SUFFIXES.get(file.media_type, 'bin')}", file=file)
                for n, file in enumerate(attached.get(line.id, ()), start=1)
            ),
        )


# --- Steps taken -----------------------------------------------------------------------------------------


def _steps(entries: Sequence[Entry], shown: frozenset[str], day: date) -> Iterator[Step]:
    """Every request to somebody else than the person, with the answer that came before the next one for that piece."""
    asked = [entry for entry in entries if isinstance(entry.event, LetterSent | PieceRequested)]
    for entry in sorted(asked, key=lambda e: (e.happened_at, e.version)):
        event = entry.event
        if isinstance(event, LetterSent):
            named = event.pieces
        elif isinstance(event, PieceRequested):
            named = (event.id,)
        else:
            continue
        pieces = tuple(id for id in named if id in shown)
        if pieces and event.from_whom is not Party.COMPLAINANT:
            answers = tuple(_answer(id, entry, entries, event.due, day) for id in pieces)
            yield Step(day_of(entry.happened_at), pieces, event.lever, event.from_whom, answers)


def _answer(piece: str, request: Entry, entries: Sequence[Entry], due: date, day: date) -> Answer:
    for entry in entries[request.version :]:  # versions count from 1: these are the lines after the request
        event = entry.event
        if isinstance(event, PieceReceived) and event.id == piece:
            return Answer(piece, PieceStatus.RECEIVED, day_of(entry.happened_at), said=event.description)
        if isinstance(event, PieceRefused) and event.id == piece:
            return Answer(piece, PieceStatus.REFUSED, day_of(entry.happened_at), event.silent, event.explanation)
        if isinstance(event, PieceRequested) and event.id == piece:
            break
        if isinstance(event, LetterSent) and piece in event.pieces:
            break
    return Answer(piece, PieceStatus.REQUESTED, due, silent=due < day)


# --- What is missing -------------------------------------------------------------------------------------


_AMEND = "Complete the complaint: amend_complaint."


def _gaps(case: Case, lines: Sequence[Line]) -> Iterator[Gap]:
    for problem in hindrances(case):
        yield _blocking(problem)
    complaint = case.complaint
    person = complaint.complainant
    if person is not None and not (person.address or person.email or person.phone):
        yield _gap("no_way_to_reach", "The Defender has no way to reach the person.", _AMEND)
    yield from _gaps_of_the_facts(case)
    yield from _gaps_of_consent(case, person)
    yield from _gaps_of_proof(lines)
    yield from _gaps_of_files(case)


def _gaps_of_the_facts(case: Case) -> Iterator[Gap]:
    complaint, facts = case.complaint, case.complaint.facts
    if complaint.respondent.name is None:
        yield _gap("respondent_unknown", "Who is complained of is not named.", _AMEND)
    elif complaint.respondent.address is None:
        yield _gap("respondent_address", "The respondent's address is not known.", _AMEND)
    if facts.occurred_on is None:
        yield _gap("day_unknown", "The facts are not dated.", _AMEND)
    if not (facts.place.commune or facts.place.detail):
        yield _gap("place_unknown", "The place of the facts is not known.", _AMEND)
    if "AUTRE_INDETERMINE" in complaint.criteria:
        yield _gap("ground_unknown", "No ground is identified yet.", "Characterise the complaint: qualify.")
    if complaint.acts == (Act.AUTRE_INDETERMINE,):
        yield _gap("act_unknown", "The act is not characterised yet.", "Characterise the complaint: qualify.")
    if complaint.domain is Domain.AUTRE:
        yield _gap("domain_unknown", "The domain is not one of those that the law names.", "Qualify it if it can be.")
    if complaint.expectations is None:
        yield _gap("no_expectations", "What the person expects is not recorded.", _AMEND)
    if any(step.kind is PriorStepKind.COURT_ACTION for step in complaint.prior_steps):
        yield _gap(
            "court_seized",
            "A court is seized: the Defender needs its agreement to inquire, and cannot question its decision "
            "(LO 2011-333 art. 23, 33).",
            "Say which court, and join what it decided.",
        )


def _gaps_of_consent(case: Case, person: Complainant | None) -> Iterator[Gap]:
    if case.consent_for(ConsentScope.RESPONDENT) is None:
        yield _gap(
            "no_consent_respondent",
            "The person has not agreed that the respondent be told: the Defender cannot hear both sides in their name.",
            "Ask the person, and record it: record_consent with scope RESPONDENT.",
        )
    if case.consent_for(ConsentScope.MEDICAL) is None:
        kept = [piece.id for piece in case.pieces if piece.status is PieceStatus.RECEIVED and is_medical(piece)]
        if kept:
            yield _gap(
                "medical_left_out",
                "Medical pieces are left out: {pieces}.",
                "They go with the person's own consent: record_consent with scope MEDICAL.",
                pieces=", ".join(kept),
            )
        elif person is not None and not _HEALTH.isdisjoint(case.complaint.criteria):
            yield _gap(
                "no_consent_medical",
                "The person has not asked that medical secrecy be lifted: the Defender cannot ask doctors anything.",
                "Ask the person, without insisting: record_consent with scope MEDICAL.",
            )


def _gaps_of_proof(lines: Sequence[Line]) -> Iterator[Gap]:
    bare = [leg for leg in Leg if not any(leg in line.legs and _carries(line) for line in lines)]
    for leg in bare:
        yield _gap(
            "leg_bare",
            "Nothing supports this leg of the proof yet: {leg}.",
            "The checklist says what to look for.",
            Action.CHECKLIST,
            leg=leg.label,
        )
    perishing = [line.id for line in lines if line.perishable and line.is_open]
    if perishing:
        yield _gap(
            "perishing",
            "Proof that perishes was neither received nor explained: {pieces}.",
            "Ask for it at once, or say why not.",
            pieces=", ".join(perishing),
        )
    awaited = [line.id for line in lines if line.piece.status is PieceStatus.REQUESTED and not line.silent_since]
    if awaited:
        yield _gap(
            "awaited",
            "Answers are still awaited: {pieces}.",
            "They can be sent on later, with the register number.",
            pieces=", ".join(awaited),
        )


def _gaps_of_files(case: Case) -> Iterator[Gap]:
    """Files that whoever receives them cannot open, or can open on what nobody has looked at."""
    held = [file for file in case.files if file.is_held]
    if locked := [file.id for file in held if file.remark is FileRemark.LOCKED]:
        yield _gap(
            "files_locked",
            "Files are closed with a password, and cannot be opened by whoever receives them: {files}.",
            "Ask for them without their password, attach those, and remove these.",
            files=", ".join(locked),
        )
    if doubtful := [file.id for file in held if file.remark in (FileRemark.HOLDS_FILES, FileRemark.UNREAD)]:
        yield _gap(
            "files_not_looked_into",
            "Files hold other files, or could not be looked into: {files}.",
            "Take out those that matter, and attach them one by one; print the others as PDF again.",
            files=", ".join(doubtful),
        )


def _carries(line: Line) -> bool:
    return line.piece.status is PieceStatus.RECEIVED or line.is_indication


def _gap(code: str, what: str, remedy: str, action: Action | None = None, **params: str) -> Gap:
    return Gap(code, False, in_words(what, **params), in_words(remedy), action)


def _blocking(problem: Problem) -> Gap:
    what = in_words(problem.message, **problem.params)
    return Gap(problem.code, True, what, in_words(problem.remedy), problem.action)
