"""Two teams in two metropolises, each with a case full of words that nobody of the other may ever read."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.exceptions import ApplicationError

from activities.book import Book
from activities.calendar import french_calendar
from activities.seal import Seal
from desk.office import Office
from domain.actors import CLOCK, OPERATOR, Actor
from domain.commands import COMMANDS
from domain.complaint import Complaint
from domain.errors import Problem
from domain.exchange.cases import Ask, CommitRequest, Receipt
from domain.exchange.sweep import Finding
from domain.lifecycle import decide, fold
from domain.messages.notices import Notice
from domain.parts.alert import PassDeadlines
from domain.parts.base import Command
from domain.parts.erasure import Erase, ProposeErasure
from domain.parts.files import AttachFile
from domain.parts.intake import Open
from domain.parts.restriction import OPEN_TO_ALL, ClosedTo
from domain.permissions import may_read
from domain.values import day_of, new_reference
from domain.vocabulary import Disagreement, Role
from kit.crypto.signing import make_signing_key
from kit.crypto.vault import KeyFile
from kit.settings import Settings
from kit.storage.database import Database, sqlite_url
from models import book as lines
from models import seals, sweeps
from models.accounts import add_account
from models.mails import post
from models.migrate import VAULT
from tests.people import LILLE, MARSEILLE, person
from tests.support.accounts import open_accounts
from tests.support.builders import closing, complaint, consent, note
from tests.support.intakes import attaching

LONG_AGO = timedelta(days=90)
PIECE = "EV001"


class Clients:
    """A client of the cases that asks the book itself: its rules and its permissions, without an engine."""

    def __init__(self, office: Office) -> None:
        self._book = Book(office.database, office.keys, french_calendar())
        self._keys, self._door = office.keys, office.door

    async def __aenter__(self) -> "Clients":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def open(
        self,
        complaint: Complaint,
        actor: Actor,
        *,
        reference: str | None = None,
        command_id: str | None = None,
        closed_to: ClosedTo = OPEN_TO_ALL,
    ) -> Receipt:
        command = Open(complaint=complaint, closed_to=closed_to.organisations, closed_to_accounts=closed_to.accounts)
        reference = reference or new_reference()
        decide(None, command, actor, datetime.now(UTC))
        self._keys.mint(reference)
        return self.commit(reference, command, actor, command_id=command_id)

    async def submit(
        self,
        reference: str,
        command: Command,
        actor: Actor,
        *,
        command_id: str | None = None,
        expected_version: int | None = None,
    ) -> Receipt:
        return self.commit(reference, command, actor, command_id=command_id, expected=expected_version)

    def commit(
        self,
        reference: str,
        command: Command,
        actor: Actor,
        at: datetime | None = None,
        *,
        command_id: str | None = None,
        expected: int | None = None,
    ) -> Receipt:
        """Commits a command as the workflow of the case does. Raises what the rules refuse."""
        ask = Ask.model_validate(
            {
                "command": command,
                "command_id": command_id or str(uuid.uuid4()),
                "actor": actor,
                "expected_version": expected,
                "door": self._door,
            }
        )
        try:
            request = CommitRequest(reference=reference, known_version=0, ask=ask, at=at or datetime.now(UTC))
            return self._book.commit(request).receipt
        except ApplicationError as error:
            if error.type == "Refused":
                raise Problem.from_dict(error.details[0]) from None
            raise


class BookOffice(Office):
    """An office whose way to the cases is the book itself."""

    def cases(self) -> Any:
        return Clients(self)


@dataclass(frozen=True)
class Corner:
    """A team and its cases: what services are asked about."""

    metropolis: str
    holder: Actor
    colleague: Actor
    """A colleague of the holder, who may stand in for them."""
    parties: frozenset[str]
    """The organisations that have its living case before them."""
    name: str
    """The name of the complainant of both cases."""
    reference: str
    erased: str
    file: str
    alert: str
    words: tuple[str, ...]
    """Words that stand in its cases and nowhere else."""

    def shown_in(self, text: str) -> list[str]:
        """The words and references of this corner that stand in a text."""
        return [word for word in (*self.words, self.reference, self.erased) if word in text]


@dataclass(frozen=True)
class Scene:
    """Both teams, and everybody who might ask."""

    office: Office
    corners: tuple[Corner, Corner]

    def checkpoint(self) -> str:
        """The last checkpoint of the sealed log, as somebody may have kept it."""
        with self.office.reading() as tx:
            last = seals.last_checkpoint(tx)
        assert last is not None
        return last.note

    def versions(self) -> dict[str, int]:
        """Every case, with how many lines the book has of it."""
        with self.office.reading() as tx:
            references = [reference for corner in self.corners for reference in (corner.reference, corner.erased)]
            return {reference: len(lines.rows(tx, reference)) for reference in references}

    def may_see(self, actor: Actor, corner: Corner) -> bool:
        """Tells whether the case of a corner is this actor's own to see."""
        named = actor.account.startswith("ecarte")
        return may_read(actor, corner.parties, corner.metropolis) and not named

    def sees_words(self, actor: Actor, corner: Corner) -> bool:
        """Tells whether this actor may read what was told and written in it: a partner who has not answered may not."""
        if actor.role is Role.PARTNER or actor.organisation.startswith("partenaire"):
            return False
        return self.may_see(actor, corner)


def everybody() -> tuple[Actor, ...]:
    """An account of each role on either side, one of another organisation, and the operator."""
    return (
        *_people("MEL", "nord"),
        *_people("AMP", "sud"),
        person("ailleurs", Role.CASE_WORKER, "autre-equipe"),
        OPERATOR,
    )


def _people(metropolis: str, side: str) -> Iterator[Actor]:
    organisations = {Role.CASE_WORKER: f"equipe-{side}", Role.PARTNER: f"partenaire-{side}"}
    for role in Role:
        if role is not Role.SYSTEM:
            account = f"{role.value.lower().replace('_', '-')}-{side}"
            yield person(account, role, organisations.get(role, f"metropole-{side}"), metropolis)
    yield person(f"ecarte-{side}", Role.SUPERVISOR, f"metropole-{side}", metropolis)
    yield person(f"intervenant-{side}", Role.CASE_WORKER, f"partenaire-{side}", metropolis)


def scene_on(database: Database, folder: Path) -> Scene:
    """Opens the cases of both teams."""
    office = _office(database, folder)
    with office.writing() as tx:
        for actor in everybody():
            if actor.role is not Role.SYSTEM:
                add_account(tx, actor)
    scene = Scene(office, (_corner(office, "MEL", "nord", LILLE), _corner(office, "AMP", "sud", MARSEILLE)))
    with office.writing() as tx:
        sweeps.begin(tx, "last", datetime.now(UTC))
        for corner in scene.corners:
            sweeps.note(tx, "last", _behind(corner.reference))
        sweeps.end(tx, "last", datetime.now(UTC), cases=2, workflows=2)
    Seal(office.database, office.keys, office.settings.seal_origin, lambda: office.signing_keys).seal()
    return scene


def _office(database: Database, folder: Path) -> Office:
    """An office with a store of keys of its own: some services change it."""
    settings = Settings(
        database_url=database.url.render_as_string(hide_password=False),
        vault_url=sqlite_url(folder / "keys.db"),
        master_key_file=folder / "master.key",
        data=folder,
        public_url="https://aboutir.exemple.fr",
        argon2_mb=19,
        argon2_rounds=2,
    )
    KeyFile.made_if_missing(folder / "master.key")
    make_signing_key(settings.seal_key_file)
    office = BookOffice(database, settings, engine=None)
    VAULT.migrate(office.keys.store)
    return office


def _behind(reference: str) -> Finding:
    return Finding(reference=reference, kind=Disagreement.BEHIND, found_at=datetime.now(UTC))


def _corner(office: Office, metropolis: str, side: str, commune: str) -> Corner:
    people = {actor.role: actor for actor in reversed([*_people(metropolis, side)])}
    worker, partner = people[Role.CASE_WORKER], people[Role.PARTNER].organisation
    colleague = worker.model_copy(update={"account": f"{worker.account}-bis"})
    name, word = f"Camille Canari{side}", f"secret-de-{side}"
    clients, opened = Clients(office), datetime.now(UTC) - LONG_AGO
    living, erased = (_open(office, clients, worker, name, word, commune, opened) for _ in range(2))
    clients.commit(living, note(f"{word} noté"), worker, opened)
    clients.commit(living, consent("REFERRAL", day_of(opened), partner), worker, opened)
    clients.commit(living, COMMANDS["refer"](partner=partner, purpose="Aide juridique"), worker, opened)
    clients.commit(living, _attached(office, living, f"{word}.txt"), worker, opened)
    for reference in (living, erased):
        closed = COMMANDS["restrict"](accounts=(f"ecarte-{side}",), reason="Réclamation contre elle")
        clients.commit(reference, closed, worker, opened)
    clients.commit(living, PassDeadlines(), CLOCK, opened + timedelta(days=60))
    _erase(office, clients, erased, people[Role.SUPERVISOR], opened)
    with office.writing() as tx:
        case = fold(living, lines.history(tx, office.keys, living))
        alerts = tuple(alert.key for alert in case.standing_alerts)
        add_account(tx, colleague)
        post(tx, living, [Notice(f"mail-{side}", people[Role.SUPERVISOR].account, None, alerts, opened)])
    return Corner(
        metropolis=metropolis,
        holder=worker,
        colleague=colleague,
        parties=case.parties,
        name=name,
        reference=living,
        erased=erased,
        file=case.files[0].id,
        alert=alerts[0],
        words=(word, f"Canari{side}"),
    )


def _open(office: Office, clients: Clients, worker: Actor, name: str, word: str, commune: str, opened: datetime) -> str:
    reference = new_reference()
    given_name, family = name.split()
    content = complaint(
        received_at=opened,
        commune=commune,
        complainant={"given_name": given_name, "family_name": family},
        expectations=f"{word} attendu",
    )
    office.keys.mint(reference)
    clients.commit(reference, Open(complaint=content), worker, opened)
    return reference


def _attached(office: Office, reference: str, filename: str) -> AttachFile:
    taken = office.evidence.take_in(reference, filename, [f"{filename} contenu\n".encode()])
    return attaching(office.database, reference, taken, piece=PIECE, description=f"{filename} reçu", keys=office.keys)


def _erase(office: Office, clients: Clients, reference: str, supervisor: Actor, at: datetime) -> None:
    second = supervisor.model_copy(update={"account": f"{supervisor.account}-bis"})
    open_accounts(office.database, [second])
    clients.commit(reference, closing(outcome="NO_RESULT", reason="WITHDRAWN"), supervisor, at)
    clients.commit(reference, ProposeErasure(reason="PERSON_ASKED"), supervisor, at)
    clients.commit(reference, Erase.model_validate({"reason": "PERSON_ASKED"}), second, at)
    office.keys.destroy(reference)
