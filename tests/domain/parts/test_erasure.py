"""The rest of an erased case: an allow-list, and nothing that anybody told, wrote or did with it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from domain.actors import CLOCK
from domain.case import Case
from domain.commands import COMMANDS
from domain.complaint import Complaint
from domain.lifecycle import evolve
from domain.parts.assignment import Assign
from domain.parts.closure import Closure
from domain.parts.contact import AddNote
from domain.parts.erasure import (
    GONE,
    KEPT,
    KEPT_OF_CLOSURE,
    KEPT_OF_COMPLAINT,
    CaseErased,
    Erase,
    ProposeErasure,
    SetArchiveEnd,
)
from domain.parts.files import AttachFile
from domain.parts.hold import Hold, ReleaseHold
from domain.parts.letter import SendLetter
from domain.parts.notice import RecordUndelivered, Undelivered
from domain.parts.pause import Pause, Resume
from domain.parts.piece import StartEvidence
from domain.parts.restriction import Restrict
from domain.parts.time_limits import RecordStart, RecordToll
from domain.permissions import may_see
from domain.shown import part_kinds
from domain.time.clocks import agenda
from domain.time.policy import DEFAULT_POLICY
from domain.values import is_personal
from domain.vocabulary import MailReason, Role, Step
from tests.domain.examples import A_FILE, CALENDAR, Story, closing, complaint_data
from tests.domain.samples import MEDIATION, NOTIFIED
from tests.people import SUPERVISOR, SUPERVISOR_2, person

WORDS = "Kanari"
PERSON = {
    "given_name": WORDS,
    "family_name": WORDS,
    "email": f"{WORDS}@example.org",
    "phone": "+33612345678",
    "address": WORDS,
    "language": "ar",
    "accessibility": WORDS,
    "is_minor": True,
    "residence": "OVERSEAS",
}
TOLD: dict[str, Any] = complaint_data(
    acts=["DIRECTE"],
    capacity="ASSOCIATION",
    relation="TENANT",
    complainant=PERSON,
    concerned_person=PERSON,
    respondent={"kind": "COMPANY", "name": WORDS, "address": WORDS},
    prior_steps=[{"kind": "OTHER", "taken_on": "2026-02-25", "to_whom": WORDS, "answer": WORDS}],
    expectations=WORDS,
    consents=[{"scope": "REFERRAL", "recipient": "asso-nord", "given_on": "2026-03-02"}],
    source={"system": "registre", "id": WORDS},
    facts={
        "narrative": WORDS,
        "occurred_on": "2026-02-20",
        "ended_on": "2026-02-21",
        "ongoing": True,
        "revealed_on": "2026-02-21",
        "place": {"commune": "59350", "detail": WORDS},
    },
)


@pytest.fixture(scope="module")
def told() -> Story:
    """A whole life of a case, closed and proposed for erasure."""
    story = Story(**{name: value for name, value in TOLD.items() if name != "received_at"})
    given = Assign(holder="somebody", organisation=story.case.organisation, reason=WORDS)
    story.do(
        given,
        RecordToll.model_validate({"toll": MEDIATION | {"reason": WORDS}}),
        RecordStart.model_validate({"start": NOTIFIED | {"reason": WORDS}}),
        AddNote(text=WORDS),
        Restrict(accounts=("autre-compte",), reason=WORDS),
        Pause(reason="HEALTH", until=date(2026, 3, 10), comment=WORDS),
        Resume(comment=WORDS),
        AttachFile.model_validate(A_FILE | {"filename": WORDS, "description": WORDS}),
        StartEvidence(),
        SendLetter(pieces=("EV002",), lever="ATTESTATION", addressee=WORDS),
    )
    story.referred().prepared().do(
        RecordUndelivered(
            notices=(Undelivered(mail="m1", account="camille", alerts=("a/b",), reason=MailReason.NO_ADDRESS),)
        ),
        by=CLOCK,
    )
    story.until("2026-06-01").pass_deadlines().exhausted()
    for part in (*story.case.open_referrals, *story.case.open_filings):
        kind = "referral" if part.id.startswith("R") else "filing"
        story.do(COMMANDS[f"withdraw_{kind}"].model_validate({kind: part.id, "reason": WORDS}))
    story.do(closing(last_known_fact=WORDS, not_told_because=WORDS), by=SUPERVISOR)
    story.wait(days=1).do(Hold(reason=WORDS, review_on=date(2027, 1, 4)), by=SUPERVISOR)
    story.do(ReleaseHold(reason=WORDS), by=SUPERVISOR_2)
    story.do(SetArchiveEnd(until=date(2035, 1, 3), reason=WORDS), by=SUPERVISOR)
    return story.do(ProposeErasure(reason=WORDS), by=SUPERVISOR)


@pytest.fixture(scope="module")
def before(told: Story) -> Case:
    """The case on the eve, with something in every field, those too that no case has all at once."""
    case = told.case
    return case.model_copy(
        update={name: _something(name) for name in Case.model_fields if _is_blank(case, name) and name not in KEPT}
    )


def _something(name: str) -> Any:
    """A value of a part that this life does not have, with words in all that is personal."""
    kind = part_kinds()[name]
    fields = {field: WORDS for field, info in kind.model_fields.items() if is_personal(info)}
    part = kind.model_construct(**fields)
    return (part,) if Case.model_fields[name].default == () else part


@pytest.fixture(scope="module")
def after(told: Story, before: Case) -> Case:
    """The same, erased."""
    erased = (
        Story()
        .closed()
        .do(ProposeErasure(reason="-"), by=SUPERVISOR)
        .do(Erase.model_validate({"reason": "PERSON_ASKED"}), by=SUPERVISOR_2)
    )
    last = erased.entries[-1]
    assert isinstance(last.event, CaseErased)
    return evolve(before, last.model_copy(update={"version": before.version + 1}))


def _is_blank(value: BaseModel, name: str) -> bool:
    """True if a field holds what it holds where nobody has filled it in: a dash where a text is required."""
    field = type(value).model_fields[name]
    if field.is_required():
        return getattr(value, name) in (GONE, None)
    return bool(getattr(value, name) == field.get_default(call_default_factory=True))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from (str(name), *_texts(part))
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    else:
        yield str(value)


@pytest.mark.parametrize("name", Case.model_fields)
def test_each_field_of_a_case_is_kept_on_purpose_or_blank(before: Case, after: Case, name: str) -> None:
    assert name in KEPT | {"complaint", "closures", "step", "version", "restriction"} or not _is_blank(before, name), (
        "fill it in above"
    )
    if name in KEPT:
        assert getattr(after, name) == getattr(before, name)
    elif name not in ("complaint", "closures", "step", "version", "restriction"):
        assert _is_blank(after, name)


@pytest.mark.parametrize("name", Complaint.model_fields)
def test_each_field_of_a_complaint_is_kept_on_purpose_or_blank(before: Case, after: Case, name: str) -> None:
    assert name in KEPT_OF_COMPLAINT or not _is_blank(before.complaint, name), "fill it in above"
    if name in KEPT_OF_COMPLAINT:
        assert getattr(after.complaint, name) == getattr(before.complaint, name)
    elif name != "facts":
        assert _is_blank(after.complaint, name)


@pytest.mark.parametrize("name", Closure.model_fields)
def test_each_field_of_a_closure_is_kept_on_purpose_or_blank(before: Case, after: Case, name: str) -> None:
    (closure,), (kept,) = before.closures, after.closures
    if name in KEPT_OF_CLOSURE:
        assert getattr(kept, name) == getattr(closure, name)
    else:
        assert _is_blank(kept, name)


def test_of_the_facts_only_the_codes_of_their_place_are_left(before: Case, after: Case) -> None:
    facts = before.complaint.facts
    assert all(not _is_blank(facts, name) for name in type(facts).model_fields)
    left = after.complaint.facts.model_dump(exclude_defaults=True)
    assert left == {"narrative": GONE, "place": {"commune": "59350"}}


def test_no_word_and_no_name_of_a_part_is_left(before: Case, after: Case) -> None:
    was, now = set(_texts(before.model_dump(mode="json"))), set(_texts(after.model_dump(mode="json")))
    assert any(WORDS in text for text in was)
    assert [text for text in now if WORDS in text] == []
    assert now & {part.id for part in (*before.pieces, *before.files, *before.letters, *before.tolls)} == set()
    assert now & {alert.key for alert in before.alerts} == set()


def test_an_erased_case_still_is_one(after: Case) -> None:
    assert Case.model_validate_json(after.model_dump_json()) == after
    assert after.step is Step.ERASED
    assert after.parties == {after.organisation}
    assert agenda(after, DEFAULT_POLICY, CALENDAR) == ()


def test_no_field_in_which_somebody_wrote_is_on_a_list_of_what_is_kept() -> None:
    lists = ((Case, KEPT), (Complaint, KEPT_OF_COMPLAINT), (Closure, KEPT_OF_CLOSURE))
    assert [name for kind, kept in lists for name in kept if is_personal(kind.model_fields[name])] == []


def test_an_erased_case_stays_closed_to_those_it_was_closed_to_and_nobody_reads_why() -> None:
    story = Story().do(Restrict(accounts=("sacha",), reason=WORDS)).closed()
    story.do(ProposeErasure(reason="-"), by=SUPERVISOR_2)
    claude = person("claude", Role.SUPERVISOR)
    story.do(Erase.model_validate({"reason": "PERSON_ASKED"}), by=claude)
    assert not may_see(SUPERVISOR, story.case) and may_see(SUPERVISOR_2, story.case)
    assert story.entries[-1].event.model_dump()["closed_to"] == ("a:sacha",)
    assert WORDS not in story.case.model_dump_json()
