"""An opening whose respondent works here: closing the case to it is proposed, or done in the same act."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.office import Office
from desk.opening import open_case, opened_case
from domain.complaint import Complaint
from domain.conflicts import may_be
from domain.errors import Invalid, Refused
from domain.exchange.cases import Receipt
from domain.parts.intake import Open
from domain.values import new_reference
from domain.vocabulary import Role, Step
from kit.storage.database import Database
from models import cases
from tests.desk.offices import office_on
from tests.people import COLLEAGUE, HOME, METROPOLIS, SUPERVISOR, WORKER, person
from tests.support.accounts import open_accounts
from tests.support.builders import complaint
from tests.support.clerk import Clerk

CITY = complaint(respondent={"kind": "PUBLIC_BODY", "name": "Métropole de la Ville Exemple (fictive)"})
TEAM = complaint(respondent={"kind": "ASSOCIATION", "name": "La Maison du Droit"})
OTHER = complaint(respondent={"kind": "COMPANY", "name": "Agence Exemple (fictive)"})
RECEIPT = Receipt(reference=new_reference(), version=2, step=Step.INTAKE, events=("complaint_opened.1",))
LEAD_ELSEWHERE = person("lea", Role.PLAN_LEAD, "defenseur")


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return office_on(sqlite_database, tmp_path)


def proposed(office: Office, told: Complaint, closed_to: tuple[str, ...] = ()) -> dict[str, str | None]:
    """The organisations that are named, each with the reason for which the case cannot be closed to it."""
    opened = opened_case(office, WORKER, told, RECEIPT, closed_to=closed_to)
    return {each.organisation: each.refused and each.refused.code for each in opened.conflicts}


def test_closing_is_proposed_where_the_respondent_has_accounts_and_says_what_stands_in_the_way(office: Office) -> None:
    assert proposed(office, OTHER) == {}
    assert proposed(office, CITY) == {METROPOLIS: "nobody_left"}
    assert proposed(office, TEAM) == {HOME: "holder_restricted"}
    open_accounts(office.database, [LEAD_ELSEWHERE])
    assert proposed(office, CITY) == {METROPOLIS: None}
    assert proposed(office, CITY, closed_to=(METROPOLIS,)) == {}, "it was done already"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Métropole Européenne de Lille", ("metropole-mel",)),
        ("Aix-Marseille-Provence Métropole", ("metropole-amp",)),
        ("LOGEMENT pour tous (fictif)", ("logement-pour-tous",)),
        ("Logement social", ()),
        (None, ()),
    ],
)
def test_a_respondent_is_known_by_all_the_words_of_an_organisation(name: str | None, expected: tuple[str, ...]) -> None:
    known = ("metropole-mel", "metropole-amp", "logement-pour-tous", "audit")
    assert may_be(complaint(respondent={"kind": "PUBLIC_BODY", "name": name}).respondent, known) == expected


def test_what_cannot_be_closed_is_refused_before_a_key_is_made(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    minted: list[str] = []  # and not all that the store has: other tests open cases meanwhile
    monkeypatch.setattr(office.keys, "mint", minted.append)
    for names, code in (
        ((METROPOLIS,), "nobody_left"),
        ((HOME,), "holder_restricted"),
        (("metropol",), "nobody_so_named"),
    ):
        with pytest.raises((Refused, Invalid)) as refused:
            asyncio.run(open_case(office, WORKER, CITY, closed_to=names))
        assert refused.value.code == code
    assert refused.value.params["close"] == METROPOLIS
    assert minted == []


def test_it_is_closed_from_its_first_line_to_organisations_and_accounts(clerk: Clerk) -> None:
    open_accounts(clerk.database, [LEAD_ELSEWHERE])
    reference = new_reference()
    clerk.at = datetime.now(UTC)
    clerk.ask(reference, Open(complaint=CITY, closed_to=(METROPOLIS,), closed_to_accounts=(COLLEAGUE.account,)), WORKER)
    restriction = clerk.case(reference).restriction
    assert restriction is not None and restriction.names == (f"o:{METROPOLIS}", f"a:{COLLEAGUE.account}")
    with clerk.database.read() as tx:
        seen = {actor.account for actor in (WORKER, COLLEAGUE, SUPERVISOR, LEAD_ELSEWHERE)
                if cases.find_case(tx, actor, reference)}  # fmt: skip
    assert seen == {WORKER.account, LEAD_ELSEWHERE.account}
