"""Links that open nothing, or not this: each is refused at the socket in the same words, and leaves a bounded trace."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bootstrap import resolvers
from counter.client.services import Desk
from counter.published import BY_CAPABILITY, published
from desk.keys import replace_link_key
from desk.links import link_of
from domain.actors import OPERATOR, UNKNOWN
from domain.commands import COMMANDS
from domain.errors import Invalid, Problem, Refused
from domain.lifecycle import fold
from domain.parts.base import Command
from domain.parts.capability import IssueCapability, RenewCapability, RevokeCapability
from domain.parts.consent import RecordConsent
from domain.parts.erasure import Erase, ProposeErasure
from domain.parts.intake import Open
from domain.parts.referral import Refer, WithdrawReferral
from domain.parts.restriction import Restrict
from domain.signin.tokens import Kind, new_token
from domain.values import day_of, new_reference
from models import book, denials, journal
from models.journal import Access
from models.keys import JOURNAL, keys_of
from models.links import capability_of, token_of
from tests.counter.serving import served
from tests.desk.scene import PIECE, Clients, Corner, Scene
from tests.people import LILLE
from tests.support.builders import closing as closing_command
from tests.support.builders import complaint, consent, note

LONG_AGO = datetime.now(UTC) - timedelta(days=40)
TODAY = day_of(datetime.now(UTC))
LATER = TODAY + timedelta(days=30)
OF_PERSON = IssueCapability(audience="COMPLAINANT", until=LATER)
OF_PARTNER = IssueCapability(audience="PARTNER", referral="R1", until=LATER)


class CaseOfLinks:
    """A case of its own, opened long ago, and the links to it."""

    def __init__(self, scene: Scene, corner: Corner) -> None:
        self.office, self.corner = scene.office, corner
        self._clients, self.reference = Clients(scene.office), new_reference()
        self.office.keys.mint(self.reference)
        self.do(Open(complaint=complaint(received_at=LONG_AGO, commune=LILLE)), at=LONG_AGO)

    def do(self, *commands: Command, by: str | None = None, at: datetime | None = None) -> None:
        actor = self.corner.holder if by is None else self.office.actor(by)
        for command in commands:
            self._clients.commit(self.reference, command, actor, at)

    def refer(self, at: datetime | None = None) -> None:
        partner = "partenaire-nord"
        agreed: RecordConsent = consent("REFERRAL", day_of(LONG_AGO), partner)
        self.do(agreed, Refer(partner=partner, purpose="Aide juridique"), at=at)

    def token(self, id: str = "K1") -> str:
        return link_of(self.office, self.corner.holder, self.reference, id).token


def expired(case: CaseOfLinks) -> str:
    """The link of a capability whose last day is past, as it was sent while it was good."""
    case.do(IssueCapability(audience="COMPLAINANT", until=TODAY - timedelta(days=10)), at=LONG_AGO)
    with case.office.reading() as tx:
        whole = fold(case.reference, book.history(tx, case.office.keys, case.reference))
    return token_of(case.office.keys, case.reference, whole.capability("K1"))


def revoked(case: CaseOfLinks) -> str:
    case.do(OF_PERSON)
    token = case.token()
    case.do(RevokeCapability(capability="K1", reason="Transmis"))
    return token


def renewed_since(case: CaseOfLinks) -> str:
    case.do(OF_PERSON)
    token = case.token()
    case.do(RenewCapability(capability="K1", until=LATER))
    return token


def of_a_referral_that_is_over(case: CaseOfLinks) -> str:
    case.refer()
    case.do(OF_PARTNER)
    token = case.token()
    case.do(WithdrawReferral(referral="R1", reason="Par erreur"))
    return token


def closed_to_its_organisation(case: CaseOfLinks) -> str:
    case.refer()
    case.do(OF_PARTNER)
    token = case.token()
    case.do(Restrict(organisations=("partenaire-nord",), reason="Il est mis en cause"))
    return token


def of_an_erased_case(case: CaseOfLinks) -> str:
    case.do(OF_PERSON)
    token = case.token()
    case.do(closing_command(outcome="NO_RESULT", reason="WITHDRAWN"), ProposeErasure(reason="PERSON_ASKED"),
            by="supervisor-nord")  # fmt: skip
    case.do(Erase.model_validate({"reason": "PERSON_ASKED"}), by="supervisor-nord-bis")
    case.office.keys.destroy(case.reference)
    return token


def of_another_id(case: CaseOfLinks) -> str:
    case.do(OF_PERSON, OF_PERSON)
    return case.token("K1").replace(".K1.", ".K2.")


def moved_to_another_case(case: CaseOfLinks) -> str:
    case.do(OF_PERSON)
    return case.token().replace(case.reference, case.corner.reference)


def made_up(case: CaseOfLinks) -> str:
    case.do(OF_PERSON)
    return case.token()[:-43] + new_token(Kind.SESSION)[-43:]


def of_no_case(case: CaseOfLinks) -> str:
    case.do(OF_PERSON)
    return case.token().replace(case.reference, "0000-0000-0000")


DEAD: dict[Callable[[CaseOfLinks], str], str] = {
    expired: "link_over",
    revoked: "link_over",
    renewed_since: "link_over",
    of_a_referral_that_is_over: "link_over",
    closed_to_its_organisation: "link_over",
    of_an_erased_case: "no_such_link",
    of_another_id: "no_such_link",
    moved_to_another_case: "no_such_link",
    made_up: "no_such_link",
    of_no_case: "no_such_link",
}
"""Links that open nothing, each with what the journal says of it."""


@asynccontextmanager
async def opened(scene: Scene, folder: Path, token: str) -> AsyncIterator[Desk]:
    """A client with this token, at a socket of its own."""
    async with served(scene.office, folder, resolvers=resolvers()) as place, Desk(place, token, pause=0.01) as desk:
        yield desk


async def _nothing() -> AsyncIterator[bytes]:
    yield b"Bonjour"


async def ask(desk: Desk, name: str, fields: dict[str, Any]) -> str:
    """The code of the refusal that a service answers; "" if it answers."""
    try:
        if published()[name].takes_stream:
            await desk.send(name, dict[str, Any], fields, _nothing())
        elif published()[name].gives_stream:
            async with AsyncExitStack() as stack:
                await desk.receive(stack, name, dict[str, Any], fields)
        else:
            await desk.ask(name, dict[str, Any], fields, again=False)
    except Problem as problem:
        return problem.code
    return ""


def about(reference: str, file: str = "D1") -> dict[str, dict[str, Any]]:
    """A whole request about a case to each service that may be asked by a link."""
    id = str(uuid.uuid4())
    told = {"reference": reference}
    return {
        "attaching.attach_file": told | {"piece": PIECE, "filename": "a.txt", "description": "-", "command_id": id},
        "case.show_agenda": told,
        "case.show_case": told,
        "case.show_history": told,
        "files.list_files": told,
        "giving.give_file": told | {"file_id": file},
        "submitting.submit_command": told | {"command": note().model_dump(mode="json"), "command_id": id},
    }


def refusals(scene: Scene, account: str) -> list[tuple[str | None, str | None]]:
    """What the journal says was refused under a name, the latest first: of which case, by which code."""
    with scene.office.reading() as tx:
        noted = journal.entries(tx, scene.office.keys.of(JOURNAL), account=account, access=Access.DENIED, limit=999)
    return [(entry.reading.reference, entry.reading.why) for entry in noted]


# --- Links that open nothing -----------------------------------------------------------------------------


@pytest.mark.parametrize("dead", DEAD, ids=lambda dead: dead.__name__)
async def test_a_link_that_is_over_or_made_up_opens_no_service(
    scene: Scene, tmp_path: Path, dead: Callable[[CaseOfLinks], str]
) -> None:
    case = CaseOfLinks(scene, scene.corners[0])
    token = dead(case)
    name = f"capability.{case.reference.lower()}.k1" if DEAD[dead] == "link_over" else UNKNOWN.account
    before, lines = refusals(scene, name), scene.versions()
    async with opened(scene, tmp_path, token) as desk:
        for service, request in about(case.reference).items():
            assert await ask(desk, service, request) == "not_signed_in", service
    tried = token.removeprefix("abk_")[:14]
    written = refusals(scene, name)[: len(BY_CAPABILITY)]
    room = denials.WRITTEN - len(before)
    assert written == [(tried, DEAD[dead])] * len(BY_CAPABILITY) or room < len(BY_CAPABILITY)
    assert scene.versions() == lines


def test_every_service_that_is_asked_by_a_link_is_tried_here() -> None:
    assert about("0000-0000-0000").keys() == BY_CAPABILITY


async def test_the_moment_the_key_of_links_is_replaced_no_link_of_before_opens_anything(
    scene: Scene, tmp_path: Path
) -> None:
    """In every process at once: another one still holds the former key in its memory."""
    case = CaseOfLinks(scene, scene.corners[0])
    case.do(OF_PERSON)
    former = case.token()
    with closing(keys_of(scene.office.settings)) as elsewhere, scene.office.reading() as tx:
        assert capability_of(tx, elsewhere, former, datetime.now(UTC)) is not None
        replace_link_key(scene.office, OPERATOR, "Un téléphone volé")
        assert capability_of(tx, elsewhere, former, datetime.now(UTC)) is None
    async with served(scene.office, tmp_path, resolvers=resolvers()) as place:
        async with Desk(place, former, pause=0.01) as desk:
            for service, request in about(case.reference).items():
                assert await ask(desk, service, request) == "not_signed_in", service
        async with Desk(place, case.token(), pause=0.01) as desk:
            assert await ask(desk, "case.show_case", {"reference": case.reference}) == "", "sent again, it is good"
    with scene.office.reading() as tx:
        (told,) = journal.entries(tx, scene.office.keys.of(JOURNAL), access=Access.LINK_KEY)
    assert (told.reading.account, told.reading.why) == (OPERATOR.account, "Un téléphone volé")
    with pytest.raises(Refused):
        replace_link_key(scene.office, case.corner.holder, "Un téléphone volé")
    with pytest.raises(Invalid):
        replace_link_key(scene.office, OPERATOR, " ")


# --- Links that open something else ----------------------------------------------------------------------


async def test_a_link_opens_no_other_case_of_its_team_of_its_metropolis_or_of_the_other(
    scene: Scene, tmp_path: Path
) -> None:
    case, beside = CaseOfLinks(scene, scene.corners[0]), CaseOfLinks(scene, scene.corners[0])
    case.do(OF_PERSON)
    beside.do(OF_PERSON)  # another person has a link of the same name there
    own, other = scene.corners
    lines = scene.versions()
    async with opened(scene, tmp_path, case.token()) as desk:
        for reference in (beside.reference, own.reference, other.reference, own.erased, "0000-0000-0000"):
            for service, request in about(reference, own.file).items():
                assert await ask(desk, service, request) == "no_such_case", (service, reference)
    assert scene.versions() == lines
    tried = refusals(scene, f"capability.{case.reference.lower()}.k1")
    assert len(tried) == denials.WRITTEN, "however often it is tried, so many entries and no more"
    assert {code for _reference, code in tried} == {"no_such_case"}


async def test_a_link_is_good_for_none_of_the_other_services_and_each_try_is_noted(
    scene: Scene, tmp_path: Path
) -> None:
    case = CaseOfLinks(scene, scene.corners[0])
    case.do(OF_PERSON)
    name = f"capability.{case.reference.lower()}.k1"
    async with opened(scene, tmp_path, case.token()) as desk:
        others = [name for name, each in published().items() if not (each.of_nobody or each.by_capability)]
        for service in others:
            assert await ask(desk, service, {}) == "not_by_link", service
    assert len(others) > denials.WRITTEN
    assert refusals(scene, name) == [(None, "not_by_link")] * denials.WRITTEN
    auditor, supervisor = scene.office.actor("auditor-nord"), scene.office.actor("supervisor-nord")
    with scene.office.reading() as tx:
        hour = datetime.now(UTC) - timedelta(hours=1)
        assert name in {each.account for each in denials.many(tx, auditor, hour)}
        told = {each.account for each in denials.many(tx, supervisor, hour)}
    assert name not in told, "it names a case, which may be closed to them"


@pytest.mark.parametrize("allowed", ["add_note", "attach_file", "withdraw_consent", None])
async def test_what_a_link_allows_is_taken_at_the_socket_and_nothing_else(
    scene: Scene, tmp_path: Path, allowed: str | None
) -> None:
    case = CaseOfLinks(scene, scene.corners[0])
    case.refer()
    case.do(OF_PERSON.model_copy(update={"commands": () if allowed is None else (allowed,)}))
    asked = about(case.reference)
    requests = {
        "add_note": ("submitting.submit_command", asked["submitting.submit_command"]),
        "attach_file": ("attaching.attach_file", asked["attaching.attach_file"]),
        "withdraw_consent": (
            "submitting.submit_command",
            {
                "reference": case.reference,
                "command": COMMANDS["withdraw_consent"].model_validate({"consent": "C1"}).model_dump(mode="json"),
                "command_id": str(uuid.uuid4()),
            },
        ),
    }
    async with opened(scene, tmp_path, case.token()) as desk:
        outcomes = {name: await ask(desk, *request) for name, request in requests.items()}
    assert outcomes == {name: "" if name == allowed else "not_permitted" for name in requests}
