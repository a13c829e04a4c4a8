"""Each part of a case says once what it is, and each event what is told of it: nothing is listed by hand elsewhere."""

from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from domain.actors import CLOCK
from domain.case import Case
from domain.events import EVENTS
from domain.parts.contact import AddNote, ContactRecorded
from domain.parts.filing import FilingSent
from domain.parts.notice import RecordUndelivered, Undelivered
from domain.parts.pause import Pause, Resume
from domain.parts.time_limits import RecordToll
from domain.shown import facts, part_kinds, part_lines
from domain.telling import phrase
from domain.values import is_personal
from domain.vocabulary import MailReason, Medium
from tests.domain.examples import Story
from tests.domain.samples import MEDIATION, cases

CODES = {
    *("id", "key", "clock", "part", "piece", "partner", "lever", "alerts", "mail", "account", "stored", "sha256"),
    *("media_type", "command_id", "scanner", "criteria", "commune", "neighbourhood"),
    *("metropolis", "holder", "organisation", "placed_by", "proposed_by", "sent_by", "sent_by_organisation"),
    *("organisations", "accounts", "closed_to", "commands", "issued_by"),
    *("referral", "written_by"),
    *("answered_by", "attached_by", "to", "pieces", "ids", "letter", "consent", "request", "clocks", "reference"),
    *("erasure_proposed_by", "language", "system", "duplicate_of"),
}
"""Fields of text in which there are codes, digests and names of accounts: nothing that somebody wrote."""


def models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A kind of value, and every kind that is inside it."""
    yield kind
    for field in kind.model_fields.values():
        for inside in _inside(field.annotation):
            yield from models(inside)


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _inside(argument)


def _holds_text(annotation: Any) -> bool:
    return annotation is str or any(map(_holds_text, get_args(annotation)))


KINDS = sorted(
    {*models(Case), *(kind for event in EVENTS.values() for kind in models(event))}, key=lambda k: k.__name__
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_text_is_a_code_or_is_marked_as_personal(kind: type[BaseModel]) -> None:
    texts = {name for name, field in kind.model_fields.items() if _holds_text(field.annotation)}
    assert {name for name in texts - CODES if not is_personal(kind.model_fields[name])} == set()


def test_everything_that_a_case_has_several_of_is_a_part_with_a_noun() -> None:
    several = {name for name, field in Case.model_fields.items() if next(_inside(field.annotation), None)}
    assert set(part_kinds()) == several - {"complaint", "progress", "unheld", "reassigned"}
    nouns = [kind.noun for kind in part_kinds().values()]
    assert len(set(nouns)) == len(nouns)


def test_a_list_has_every_kind_of_part_but_those_that_say_they_have_no_line() -> None:
    notice = Undelivered(mail="m1", account="camille", alerts=("a/b",), reason=MailReason.NO_ADDRESS)
    warned = (
        Story()
        .do(AddNote(text="Hello", audience="COMPLAINANT"))
        .do(RecordUndelivered(notices=(notice,)), by=CLOCK)
        .case
    )
    listed = {line.noun for case in (*cases().values(), warned) if case is not None for line in part_lines(case)}
    kinds = {kind.noun for kind in part_kinds().values()}
    assert kinds - listed == {"Alert", "Legal hold", "Proposed closure"}
    assert listed - kinds == {"Pieces", "The Defender awaits an answer"}


def test_parts_are_listed_chapter_by_chapter() -> None:
    chapters = [kind.chapter for kind in part_kinds().values()]
    assert chapters == sorted(chapters)
    assert [*part_kinds()][:4] == ["consents", "transfers", "capabilities", "referrals"]


def test_only_the_parts_that_await_something_have_their_date() -> None:
    story = Story().do(Pause(reason="HEALTH", until=date(2026, 3, 20), comment="In hospital"))
    assert [line.state for line in part_lines(story.case) if line.noun == "Pause"] == [
        phrase("until {value}", value=date(2026, 3, 20))
    ]
    story.do(Resume(comment="Back home"))
    assert [line.state for line in part_lines(story.case) if line.noun == "Pause"] == [
        phrase("ended: {days} days from {first}", days=0, first=date(2026, 3, 2))
    ]


# --- Events ----------------------------------------------------------------------------------------------


def test_a_yes_or_no_is_told_only_where_it_is_worth_a_word() -> None:
    usual = ContactRecorded(medium=Medium.PHONE, by_complainant=False, reached=True, summary="Called")
    assert list(facts(usual)) == [Medium.PHONE, "Called"]
    in_vain = usual.model_copy(update={"by_complainant": True, "reached": False})
    assert list(facts(in_vain)) == [
        Medium.PHONE,
        phrase("by the person", value=True),
        phrase("not reached", value=False),
        "Called",
    ]


def test_a_text_of_several_words_speaks_for_itself() -> None:
    sent = FilingSent(id="F1", register_number="26-0001")
    assert list(facts(sent)) == ["F1", phrase("number {value}", value="26-0001")]
    assert list(facts(sent.model_copy(update={"register_number": "26 0001"}))) == ["F1", "26 0001"]


def test_the_facts_of_a_value_inside_an_event_are_told_in_its_place() -> None:
    story = Story().do(RecordToll.model_validate({"toll": MEDIATION}))
    told = list(facts(story.entries[-1].event))
    assert told[0] == "T1"
    assert phrase("from {value}", value=date(2026, 3, 1)) in told
    assert told[-1] == MEDIATION["reason"]
