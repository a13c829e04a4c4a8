"""Every published service, in each role and state of a case, by the generated client: it reads what was given."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from activities.calendar import french_calendar
from activities.seal import Seal
from audit.restore import restore
from bootstrap import resolvers
from counter.client.services import Desk
from desk.office import Office
from domain.complaint import Source
from domain.events import Entry
from domain.identity import Trait, mark
from domain.parts.intake import ComplaintOpened
from domain.values import reference_from
from kit.storage.database import Database, sqlite_url
from models.links import token_of
from models.migrate import migrate
from tests.counter.recording import Recorded, recording
from tests.counter.serving import desk_of, served
from tests.desk.scene import scene_on
from tests.domain.examples import Story
from tests.domain.outsiders import FOR_PARTNER, FOR_PERSON, MEDICAL, OTHERS, PERSON, TEAM, states
from tests.people import AUDITOR, COMPLAINANT, LEAD, PARTNER, PARTNER_WORKER, STRANGER, SUPERVISOR, WORKER
from tests.support.accounts import open_accounts

SEEING = (WORKER, SUPERVISOR, LEAD, AUDITOR, PARTNER, PARTNER_WORKER)
BLIND = (STRANGER, COMPLAINANT)
REFERENCES = {state: reference_from(number) for number, state in enumerate(states(), start=1)}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A book in which the same case stands in each state."""
    folder = tmp_path_factory.mktemp("states")
    with closing(Database(sqlite_url(folder / "book.db"))) as database:
        migrate(database)
        office = scene_on(database, folder).office
        open_accounts(database, SEEING + BLIND)
        for state, story in states().items():
            reference = REFERENCES[state]
            office.keys.mint(reference)
            restore(database, office.keys, reference, list(_entries_of(state, story)), french_calendar())
            if state == "erased":
                office.keys.destroy(reference)
        Seal(database, office.keys, office.settings.seal_origin, lambda: office.signing_keys).seal()
        yield office


def _entries_of(state: str, story: Story) -> Iterator[Entry]:
    """The lines of a story, under ids and a source of their own."""
    for entry in story.entries:
        changes: dict[str, Any] = {"command_id": f"{state}-{entry.command_id}"}
        if isinstance(entry.event, ComplaintOpened):
            complaint = entry.event.complaint.model_copy(update={"source": Source(system="registre", id=state)})
            changes["event"] = entry.event.model_copy(update={"complaint": complaint})
        yield entry.model_copy(update=changes)


def _of_a_case(reference: str) -> dict[str, dict[str, Any]]:
    case = {"reference": reference}
    return {
        "case.replay_case": case | {"against": "1"},
        "case.show_agenda": case,
        "case.show_case": case,
        "case.show_history": case,
        "certificate.certificate_of": case,
        "checklist.checklist_of": case,
        "dossiers.dossier_view": case,
        "files.list_files": case,
        "files.list_files_with_custody": case | {"why": "Contrôle"},
        "letters.draft_letter": case | {"pieces": ("EV002",)},
        "links.list_capabilities": case,
        "mails.list_mails": case,
        "sealing.prove_line": case | {"version": 1},
    }


OF_ALL: dict[str, dict[str, Any]] = {
    "absences.list_absences": {},
    "accounts.list_accounts": {"every": True},
    "accounts.list_history": {},
    "alerts.list_alerts": {},
    "editions.policy_editions": {},
    "editions.policy_in_force": {},
    "finding.find_cases": {"mark": mark(Trait.NAME, f"{PERSON} {PERSON}"), "why": "Doublon"},
    "journal.read_journal": {"why": "Contrôle"},
    "listing.list_cases": {"limit": 100},
    "policies.preview_policy": {"changes": {"repeat": 12}},
    "preferences.own_preferences": {},
    "sealing.last_checkpoint": {},
    "signin.reading.own_record": {},
    "signin.reading.read_record": {},
}


BY_LINK = ("case.show_agenda", "case.show_case", "case.show_history", "files.list_files")
"""Readings that a link is good for."""
TOLD_TO_PARTNER = {
    "sent": {FOR_PARTNER},
    "seen": {FOR_PARTNER},
    "accepted": {PERSON, FOR_PARTNER},
    "medical": {PERSON, MEDICAL, FOR_PARTNER},
}


@pytest.mark.parametrize("state", REFERENCES)
async def test_by_a_link_each_reading_says_what_is_for_its_audience_and_not_a_word_more(
    office: Office, tmp_path: Path, state: str
) -> None:
    """At the socket, through the client: the partner's link (K1) and the person's (K2), in each state of the case."""
    for id, allowed in (("K1", TOLD_TO_PARTNER.get(state, set())), ("K2", {PERSON, FOR_PERSON} - _gone(state))):
        with recording() as recorded:
            text = await _by_link(office, tmp_path, recorded, state, id)
        assert not recorded.wrong
        assert {word for word in (PERSON, MEDICAL, TEAM, FOR_PARTNER, FOR_PERSON, OTHERS) if word in text} == allowed
        assert set(recorded.answered) == (set(BY_LINK) if allowed else set())
        assert sum(recorded.refused.values()) == (0 if allowed else len(BY_LINK))


def _gone(state: str) -> set[str]:
    return {PERSON, FOR_PERSON} if state == "erased" else set()


async def _by_link(office: Office, folder: Path, recorded: Recorded, state: str, id: str) -> str:
    """All that the bearer of a link is told of the case in this state."""
    capability = states()["sent"].case.capability(id)  # as it was before the case came to this
    token = token_of(office.keys, REFERENCES[state], capability)
    told = []
    async with served(office, folder, resolvers=resolvers()) as place, Desk(place, token, pause=0.01) as desk:
        for name in BY_LINK:
            view = await recorded.ask(desk, name, reference=REFERENCES[state])
            told.append("" if view is None else view.model_dump_json(warnings=False))
    return "".join(told)


async def test_every_reading_is_read_as_it_was_given_whoever_asks_and_however_the_case_stands(
    office: Office, tmp_path: Path
) -> None:
    with recording() as recorded:
        async with served(office, tmp_path) as place:
            for actor in SEEING + BLIND:
                async with desk_of(place, actor.account) as desk:
                    for reference in REFERENCES.values() if actor in SEEING else (REFERENCES["medical"],):
                        for name, fields in _of_a_case(reference).items():
                            await recorded.ask(desk, name, **fields)
                    for name, fields in OF_ALL.items():
                        await recorded.ask(desk, name, **fields)
    print(f"\ncounter: {recorded.answered.total()} readings read as given, {recorded.refused.total()} refused as given")
    assert not recorded.wrong
    asked = {*_of_a_case(""), *OF_ALL}
    assert set(recorded.answered) == asked
