"""The checklist of a case: the state of its proof on one day."""

from datetime import UTC, date, datetime

from activities.calendar import french_calendar
from desk.histories import case_history
from desk.office import Office
from desk.views.checklist import ChecklistView, LegView, LeverView, PieceView, StandardView
from domain.access import Access
from domain.actors import Actor
from domain.hindsight import until
from domain.law.proof import Checklist, LegState, Line, checklist
from domain.lifecycle import fold
from domain.reference.citations import remarks
from domain.values import day_of
from words import Words


def checklist_of(
    office: Office, actor: Actor, reference: str, words: Words, *, at: str | None = None, why: str | None = None
) -> ChecklistView:
    """The checklist of a case that this account may see, with names in the language of `words`; the journal notes it.

    As the case stands today or, with `at`, as it stood on the day of the last line up to that moment.
    Raises NotFound for any other case, NoMoment or Refused for a moment that its history does not have.
    """
    entries = until(case_history(office, actor, reference, Access.SHOW, why), at)
    day = day_of(datetime.now(UTC) if at is None else entries[-1].recorded_at)
    case = fold(reference, entries)
    return _view(checklist(case, french_calendar(), day), case.complaint.facts.occurred_on, words)


def _view(proof: Checklist, facts: date | None, words: Words) -> ChecklistView:
    cited = dict.fromkeys(lever.basis for line in proof.lines for lever in line.levers)
    cited |= dict.fromkeys(state.standard.basis for state in proof.standards)
    return ChecklistView(
        reference=proof.reference,
        version=proof.version,
        day=proof.day,
        open=tuple(line.id for line in proof.open),
        legs=tuple(_leg(leg) for leg in proof.legs),
        standards=tuple(
            StandardView(standard=state.standard, open=state.is_open, unmet=state.unmet, basis=state.standard.basis)
            for state in proof.standards
        ),
        pieces=tuple(_piece(line, words) for line in proof.lines),
        texts=tuple(words.sentence(remark) for remark in remarks("; ".join(cited), facts, proof.day)),
    )


def _leg(state: LegState) -> LegView:
    return LegView(
        leg=state.leg,
        pieces=tuple(line.id for line in state.lines),
        weight=state.weight,
        indications=tuple(line.id for line in state.indications),
        assessed=state.assessed,
    )


def _piece(line: Line, words: Words) -> PieceView:
    piece, item = line.piece, line.item
    return PieceView(
        id=line.id,
        label=words.piece(line.id, piece.label),
        status=piece.status,
        open=line.is_open,
        legs=line.legs,
        strength=line.strength,
        usual=line.usual,
        perishable=line.perishable,
        perishes_on=line.perishes_on,
        why=item.why if item else None,
        held_by=item.held_by if item else piece.held_by,
        delay=item.delay if item else None,
        caution=item.caution if item else None,
        levers=tuple(
            LeverView(code=lever.code, label=words.lever(lever.code), basis=lever.basis, letter=bool(lever.signed_by))
            for lever in line.levers
        ),
        from_whom=piece.from_whom,
        lever=piece.lever,
        letter=piece.letter,
        due=piece.due,
        silent_since=line.silent_since,
        refused=piece.was_refused,
        silent=piece.silent,
        said=piece.said,
    )
