"""Programs that ask in the name of an organisation: issued, resolved, revoked."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from desk.office import Office
from desk.signin.clients import issue_client, list_clients, revoke_client
from desk.signin.resolving import resolve
from domain.actors import OPERATOR
from domain.errors import Invalid, NotFound, Refused
from domain.vocabulary import Door, Role
from tests.people import SUPERVISOR, person
from tests.support.accounts import open_accounts
from tests.support.signing_in import later

SCOPES = ("cases:open", "cases:read")


def test_a_program_bears_its_token_until_it_is_revoked(either: Office) -> None:
    issued = issue_client(either, OPERATOR, "Guichet", "asso-nord", scopes=SCOPES, metropolis="MEL")
    assert issued.token not in repr(issued)
    bearer = resolve(either, issued.token)
    assert (bearer.door, bearer.actor, bearer.client) == (Door.CLIENT, None, issued.client.id)
    assert (bearer.organisation, bearer.metropolis, bearer.scopes) == ("asso-nord", "MEL", frozenset(SCOPES))
    with pytest.raises(Refused) as refused:
        bearer.require_asked_again(bearer.until)
    assert refused.value.code == "session_needed"
    revoked = revoke_client(either, OPERATOR, issued.client.id)
    assert revoked.revoked_at and revoke_client(either, OPERATOR, issued.client.id) == revoked
    with pytest.raises(Refused):
        resolve(either, issued.token)
    assert list_clients(either, OPERATOR).clients == (revoked,)


def test_access_runs_out(office: Office) -> None:
    issued = issue_client(office, OPERATOR, "Guichet", "asso-nord", scopes=SCOPES, days=1)
    later(office.database, timedelta(hours=25))
    with pytest.raises(Refused):
        resolve(office, issued.token)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"scopes": ()}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": [f"cases:{letter}{letter}" for letter in "abcdefghijk"]}, "scopes"),
        ({"metropolis": "PARIS"}, "metropolis"),
        ({"days": 0}, "days"),
        ({"days": 400}, "days"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(office: Office, wrong: dict[str, Any], field: str) -> None:
    wanted: dict[str, Any] = {"name": "Guichet", "organisation": "asso-nord", "scopes": SCOPES} | wrong
    with pytest.raises(Invalid) as refused:
        issue_client(office, OPERATOR, **wanted)
    assert refused.value.field == field
    with pytest.raises(ValidationError):
        issue_client(office, OPERATOR, "Guichet", "Une Asso", scopes=SCOPES)
    assert list_clients(office, OPERATOR).clients == ()


def test_administrators_alone_care_for_them(office: Office) -> None:
    issued = issue_client(office, OPERATOR, "Guichet", "asso-nord", scopes=SCOPES)
    for ask in (
        lambda: issue_client(office, SUPERVISOR, "Guichet", "asso-nord", scopes=SCOPES),
        lambda: list_clients(office, SUPERVISOR),
        lambda: revoke_client(office, SUPERVISOR, issued.client.id),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == "administrator_only"
    with pytest.raises(NotFound):
        revoke_client(office, OPERATOR, "none\0")


def test_an_administrator_cares_for_those_of_its_metropolis(office: Office) -> None:
    boss = person("admin-mel", Role.ADMINISTRATOR, "metropole")
    open_accounts(office.database, [boss])
    everywhere = issue_client(office, OPERATOR, "Guichet", "asso-nord", scopes=SCOPES)
    own = issue_client(office, boss, "Guichet", "asso-nord", scopes=SCOPES, metropolis="MEL")
    assert list_clients(office, boss).clients == (own.client,)
    with pytest.raises(NotFound):
        revoke_client(office, boss, everywhere.client.id)
    with pytest.raises(Refused):
        issue_client(office, boss, "Guichet", "asso-nord", scopes=SCOPES)
