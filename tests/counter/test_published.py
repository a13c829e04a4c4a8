"""Every service is published or stays on the machine; what is published answers through the socket as beside it."""

import inspect
import json
import uuid
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import TypeAdapter

from bootstrap import resolvers
from counter import schema
from counter.client import generate
from counter.client.services import Desk
from counter.protocol import JSON, path_of
from counter.published import COMPOSED, KINDS, LOCAL, Kind, Published, published
from desk.signin.invitations import invite
from desk.views.schema import services
from domain.actors import OPERATOR
from domain.errors import NotFound, Problem, Refused
from domain.events import Entry
from domain.identity import Trait, mark
from domain.vocabulary import Door
from models import book
from tests.counter.serving import desk_of, served, token_of
from tests.desk.asked import NOT_SERVICES
from tests.desk.scene import Corner, Scene
from tests.support.builders import complaint, note

ONLY_HERE = {"letters.typeset_letter"}
"""Published in a second form, under a name of its own."""


def test_every_service_is_published_or_local_with_a_reason_and_none_by_omission() -> None:
    known = set(services()) - set(NOT_SERVICES)
    assert set(KINDS) & set(LOCAL) == set()
    assert (set(KINDS) | set(LOCAL)) - ONLY_HERE == known, "a new service is published, or says why it is not"
    assert set(COMPOSED) <= set(KINDS)
    assert all(reason.strip() for reason in LOCAL.values())


def test_requests_take_what_their_service_takes_and_refuse_the_rest() -> None:
    for service in published().values():
        assert service.request.model_config["extra"] == "forbid"
        assert not {"office", "actor", "words", "chunks", "session", "visitor"} & set(service.request.model_fields), (
            service.name
        )
        has_id = "command_id" in service.request.model_fields
        assert has_id is (service.kind in (Kind.COMMAND, Kind.OPENING)), f"{service.name} can be sent again, or not"


def test_the_schema_and_the_client_are_those_that_are_kept() -> None:
    assert schema.schema() == schema.FILE.read_text(encoding="utf-8"), "run python -m counter.schema"
    for service in published().values():
        assert set(schema.described(service)) == {"request", "answer"}, service.name
    assert generate.source() == generate.FILE.read_text(encoding="utf-8"), "run python -m counter.client.generate"


def _readings(corner: Corner) -> dict[str, dict[str, Any]]:
    case = {"reference": corner.reference}
    return {
        "absences.list_absences": {},
        "accounts.list_accounts": {},
        "accounts.list_history": {},
        "alerts.list_alerts": {"mine": True},
        "case.replay_case": case | {"against": "1"},
        "case.show_agenda": case,
        "case.show_case": case,
        "case.show_history": case,
        "certificate.certificate_of": {"reference": corner.erased},
        "checklist.checklist_of": case,
        "dossiers.dossier_view": case,
        "editions.policy_editions": {},
        "editions.policy_in_force": {},
        "files.list_files": case,
        "files.list_files_with_custody": case | {"why": "Contrôle"},
        "finding.find_cases": {"mark": mark(Trait.NAME, corner.name)},
        "accounts.own_account": {},
        "day.show_day": {},
        "drafts.list_drafts": {},
        "journal.read_journal": {"limit": 5},
        "letters.draft_letter": case | {"pieces": ["EV009"]},
        "links.list_capabilities": case,
        "listing.list_cases": {"limit": 10},
        "lookback.look_back": case,
        "mails.list_failing": {},
        "mails.list_mails": case,
        "policies.preview_policy": {"changes": {"repeat": 12}},
        "preferences.own_preferences": {},
        "signin.reading.own_record": {},
        "signin.reading.read_record": {},
        "sealing.last_checkpoint": {},
        "sealing.prove_line": case | {"version": 1},
        "team.show_team": {},
        "verifying.verify_case": case | {"left_out": ("engine",)},
        "verifying.verify_some": {"left_out": ("engine",)},
    }


def test_every_reading_that_is_no_stream_is_asked_below() -> None:
    asked = {name for name, each in published().items() if _is_plain_reading(each)}
    assert set(_readings(Corner("", *[None] * 2, frozenset(), "A B", *[""] * 4, ()))) == asked  # type: ignore[arg-type]


def _is_plain_reading(each: Published) -> bool:
    needs_more = each.of_nobody or each.takes_session() or each.name in ("signin.clients.list_clients", "drafts.draft")
    return each.kind is Kind.READING and not each.gives_stream and not needs_more


async def test_each_reading_comes_back_as_the_view_that_the_service_gives(scene: Scene, place: Path) -> None:
    corner, answered = scene.corners[0], 0
    for name, fields in _readings(corner).items():
        account = {
            "accounts.list_history": "auditor-nord",
            "journal.read_journal": "auditor-nord",
            "signin.reading.read_record": "auditor-nord",
            "mails.list_failing": "supervisor-nord",
            "policies.preview_policy": "plan-lead-nord",
            "team.show_team": "supervisor-nord",
            "verifying.verify_some": "auditor-nord",
        }.get(name, corner.holder.account)
        async with desk_of(place, account) as desk:
            method = getattr(desk, name.rpartition(".")[2])
            try:
                view = await method(**fields)
            except Problem as problem:
                raise AssertionError(f"{name}: {problem}, {problem.field}") from None
            answer = published()[name].answer
            assert isinstance(view, answer), name
            again = await method(**fields)
            plain = TypeAdapter(answer).dump_python(view, mode="json")
            if name not in ("journal.read_journal", "files.list_files_with_custody"):  # they show the look before
                assert TypeAdapter(answer).dump_python(again, mode="json") == plain
            answered += 1
    print(f"\ncounter: {answered} readings came back as views")


async def test_a_case_of_another_team_is_not_there(scene: Scene, place: Path) -> None:
    own, other = scene.corners
    async with desk_of(place, own.holder.account) as desk:
        for ask in (desk.show_case, desk.show_history, desk.list_files, desk.checklist_of, desk.certificate_of):
            with pytest.raises(NotFound):
                await ask(reference=other.reference)  # type: ignore[operator]


async def test_commands_count_once_and_their_lines_say_by_which_door_they_came(scene: Scene, place: Path) -> None:
    corner, id = scene.corners[0], str(uuid.uuid4())
    async with desk_of(place, corner.holder.account, "en") as desk:
        answers = [
            await desk.submit_command(reference=corner.reference, command=note("Rappeler"), command_id=id)
            for _ in range(3)
        ]
        assert len({answer.receipt.version for answer in answers}) == 1
        opened = await desk.open_case(complaint=complaint(), command_id=str(uuid.uuid4()))
    lines = _lines(scene, corner.reference)
    assert [entry.door for entry in lines if entry.command_id == id] == [Door.SESSION]
    assert lines[0].door is Door.LOCAL
    assert _lines(scene, opened.reference)[0].door is Door.SESSION


def _lines(scene: Scene, reference: str) -> list[Entry]:
    with scene.office.reading() as tx:
        return book.history(tx, scene.office.keys, reference)


async def test_problems_are_documents_in_the_language_of_the_request(place: Path) -> None:
    transport = httpx2.AsyncHTTPTransport(uds=str(place))
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
        headers = {"Content-Type": JSON, "Authorization": f"Bearer {token_of('case-worker-nord')}"}
        told = {}
        for language in ("fr", "en"):
            answer = await client.post(
                path_of("case.show_case"),
                content=b'{"reference": "0000-0000-0000"}',
                headers=headers | {"Accept-Language": language},
            )
            assert answer.headers["content-type"] == "application/problem+json"
            told[language] = json.loads(answer.content)
            assert {"type", "title", "status", "detail", "code", "field", "action"} <= set(told[language])
            assert told[language]["status"] == answer.status_code >= 400
    assert told["fr"]["title"] != told["en"]["title"] and told["fr"]["code"] == told["en"]["code"]


async def test_somebody_who_was_invited_enrols_and_does_nothing_else_before(scene: Scene, tmp_path: Path) -> None:
    account = scene.corners[0].holder.account
    invited = invite(scene.office, OPERATOR, account)
    async with served(scene.office, tmp_path, resolvers=resolvers()) as place:
        async with Desk(place, address="192.0.2.7", device="Firefox, Windows") as visitor:
            assert (await visitor.look_at_invitation(token=invited.token)).account == account
            enrolling = (await visitor.use_invitation(token=invited.token)).token
            with pytest.raises(Refused):
                await visitor.list_cases()
        async with Desk(place, enrolling) as desk:
            assert (await desk.begin_second_factor()).secret
            for ask in (desk.list_cases, desk.own_sessions, desk.own_record):
                with pytest.raises(Refused) as refused:
                    await ask()
                assert refused.value.code == "not_signed_in"


def test_what_is_left_out_of_an_answer_has_a_default_so_that_clients_can_read_it() -> None:
    views = [each.answer for each in published().values() if inspect.isclass(each.answer)]
    for view in views:
        for name, field in getattr(view, "model_fields", {}).items():
            assert not (field.exclude and field.is_required()), f"{view.__name__}.{name}"
