"""Whoever comes by a link: what the desk's process shows and takes of one case, and of everything else nothing."""

import uuid
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bootstrap import resolvers
from counter.client.services import Desk
from counter.published import BY_CAPABILITY, KINDS
from desk.case import show_case
from desk.links import link_of
from desk.office import Office
from desk.signin.resolving import resolve
from desk.views.case import CaseView
from domain.case import Case
from domain.errors import NotFound, Problem, Refused
from domain.events import Entry
from domain.lifecycle import fold
from domain.parts.capability import IssueCapability, RevokeCapability
from domain.parts.referral import AnswerReferral, Refer
from domain.values import day_of
from domain.vocabulary import Audience, Door
from models import book, journal
from models.journal import Access
from models.keys import JOURNAL
from tests.counter.serving import served
from tests.desk.scene import Corner, Scene
from tests.support.builders import note
from words import Words

LATER = day_of(datetime.now(UTC)) + timedelta(days=30)


async def issued(scene: Scene, corner: Corner, **content: object) -> tuple[str, str]:
    """The id and the token of a capability that the team of a corner has just issued."""
    command = IssueCapability.model_validate({"audience": "COMPLAINANT", "until": LATER, **content})
    await submitted(scene.office, corner, command)
    id = case_of(scene, corner).capabilities[-1].id
    return id, link_of(scene.office, corner.holder, corner.reference, id).token


def lines_of(scene: Scene, corner: Corner) -> list[Entry]:
    with scene.office.reading() as tx:
        return book.history(tx, scene.office.keys, corner.reference)


def case_of(scene: Scene, corner: Corner) -> Case:
    return fold(corner.reference, lines_of(scene, corner))


def shown(scene: Scene, token: str, corner: Corner) -> CaseView:
    """The case as whoever bears the token sees it."""
    actor = resolve(scene.office, token).actor
    assert actor is not None
    return show_case(scene.office, actor, corner.reference, Words("fr"))


async def submitted(office: Office, corner: Corner, command: object) -> None:
    async with office.cases() as cases:
        await cases.submit(corner.reference, command, corner.holder)  # type: ignore[arg-type]


async def test_the_person_reads_and_writes_what_is_theirs_and_nothing_else(scene: Scene, tmp_path: Path) -> None:
    own, other = scene.corners
    id, token = await issued(scene, own)
    async with served(scene.office, tmp_path, resolvers=resolvers()) as place, Desk(place, token, pause=0.01) as desk:
        case = shown(scene, token, own)
        assert case.audience is Audience.COMPLAINANT
        assert set(case.offered) <= {"add_note", "attach_file", "withdraw_consent"} and "add_note" in case.offered
        await desk.submit_command(reference=own.reference, command=note("Bonjour"), command_id=str(uuid.uuid4()))
        for ask in (desk.show_case, desk.show_history, desk.list_files, desk.show_agenda):
            with pytest.raises(NotFound):
                await ask(reference=other.reference)  # type: ignore[operator]
        with pytest.raises(NotFound):
            await desk.submit_command(reference=other.reference, command=note(), command_id=str(uuid.uuid4()))
        for asked in (desk.list_cases(limit=10), desk.list_alerts(), desk.own_sessions(), desk.own_preferences()):
            with pytest.raises(Problem) as refused:
                await asked
            assert refused.value.code == "not_by_link"
        last = lines_of(scene, own)[-1]
        assert (last.door, last.actor.account) == (Door.CAPABILITY, f"capability.{own.reference.lower()}.{id.lower()}")
        await submitted(scene.office, own, RevokeCapability(capability=id, reason="Transmis"))
        with pytest.raises(Refused) as ended:
            await desk.show_case(reference=own.reference)
        assert ended.value.code == "not_signed_in"


async def test_a_partner_answers_by_its_link(scene: Scene, tmp_path: Path) -> None:
    corner = scene.corners[0]
    partner = case_of(scene, corner).referral("R1").partner
    await submitted(scene.office, corner, Refer(partner=partner, purpose="Aide juridique"))
    _, token = await issued(scene, corner, audience="PARTNER", referral="R2")
    async with served(scene.office, tmp_path, resolvers=resolvers()) as place, Desk(place, token, pause=0.01) as desk:
        before = shown(scene, token, corner)
        assert before.audience is Audience.ADDRESSEE and corner.name.split()[1] not in before.model_dump_json(
            warnings=False
        )
        answer = AnswerReferral(referral="R2", accept=True)
        await desk.submit_command(reference=corner.reference, command=answer, command_id=str(uuid.uuid4()))
        after = shown(scene, token, corner)
        assert after.audience is Audience.PARTNER and corner.name.split()[1] in after.model_dump_json(warnings=False)


async def test_who_makes_a_link_and_who_reads_by_it_stand_in_the_journal(scene: Scene) -> None:
    corner = scene.corners[1]
    id, token = await issued(scene, corner)
    shown(scene, token, corner)
    with scene.office.reading() as tx:
        noted = [n.reading for n in journal.entries(tx, scene.office.keys.of(JOURNAL), limit=2)]
    assert {(reading.account, reading.access) for reading in noted} == {
        (corner.holder.account, Access.LINK),
        (f"capability.{corner.reference.lower()}.{id.lower()}", Access.SHOW),
    }


def test_what_is_asked_by_a_link_is_published() -> None:
    assert set(KINDS) >= BY_CAPABILITY


async def test_a_partner_is_given_a_file_once_it_has_accepted_and_the_person_none(scene: Scene, tmp_path: Path) -> None:
    corner = scene.corners[1]
    partner = case_of(scene, corner).referral("R1").partner
    await submitted(scene.office, corner, Refer(partner=partner, purpose="Aide juridique"))
    referral = case_of(scene, corner).referrals[-1].id
    id, token = await issued(scene, corner, audience="PARTNER", referral=referral)
    _, blind = await issued(scene, corner, audience="PARTNER", referral=referral, commands=("add_note",))
    _, person = await issued(scene, corner)
    async with served(scene.office, tmp_path, resolvers=resolvers()) as place:
        assert await given(place, token, corner) == "not_permitted", "it has not answered"
        await submitted(scene.office, corner, AnswerReferral(referral=referral, accept=True))
        assert await given(place, token, corner) == f"{corner.words[0]}.txt"
        assert await given(place, token, corner, original=True) == "not_permitted"
        assert await given(place, blind, corner) == "not_permitted", "it is not in what that link allows"
        assert await given(place, person, corner) == "not_permitted"
        assert await given(place, token, scene.corners[0]) == "no_such_case"
        await submitted(scene.office, corner, RevokeCapability(capability=id, reason="Transmis"))
        assert await given(place, token, corner) == "not_signed_in"
    with scene.office.reading() as tx:
        noted = journal.entries(tx, scene.office.keys.of(JOURNAL), access=Access.FILE)
    names = [(entry.reading.account, entry.reading.file) for entry in noted]
    assert names == [(f"capability.{corner.reference.lower()}.{id.lower()}", corner.file)]


async def given(place: Path, token: str, corner: Corner, *, original: bool = False) -> str:
    """The name of the file of a corner that is given whole to the bearer of a token, or the code of the refusal."""
    why = "Pour l'avocate" if original else None
    try:
        async with Desk(place, token, pause=0.01) as desk, AsyncExitStack() as stack:
            file = await desk.give_file(
                stack, reference=corner.reference, file_id=corner.file, original=original, why=why
            )
            assert sum([len(piece) async for piece in file.content]) == file.view.file.size
            return file.view.file.name
    except Problem as problem:
        return problem.code
