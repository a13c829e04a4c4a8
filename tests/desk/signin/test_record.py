"""The record of sign-in: what stands in it, who reads it, and that nobody changes it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from desk.office import Office
from desk.signin.clients import issue_client, revoke_client
from desk.signin.invitations import invite
from desk.signin.reading import own_record, read_record
from desk.signin.sessions import end_session, end_sessions
from desk.signin.signing_in import sign_in_by_password
from domain.actors import OPERATOR
from domain.errors import Refused
from domain.vocabulary import Means, SignInAct
from tests.people import AUDITOR, COLLEAGUE, SUPERVISOR, WORKER
from tests.support.signing_in import HERE, PASSWORD, Person


async def test_every_act_leaves_a_line_and_the_line_says_by_what_and_by_whom(either: Office) -> None:
    person = Person(either, WORKER).with_passkey("Téléphone")
    await person.with_password()
    again = person.sign_in_by_passkey()
    end_session(either, WORKER, person.session, again.session)
    with pytest.raises(Refused):
        await sign_in_by_password(either, HERE, "camille", PASSWORD, "000000")
    with pytest.raises(Refused):
        await sign_in_by_password(either, HERE, PASSWORD, "camille", "000000")
    invite(either, SUPERVISOR, "camille")
    revoke_client(either, OPERATOR, issue_client(either, OPERATOR, "Guichet", "asso", scopes=["cases:read"]).client.id)
    end_sessions(either, OPERATOR)
    lines = [(line.act, line.account, line.by, line.means, line.about) for line in read_record(either, AUDITOR).lines]
    windows, operator = "Firefox, Windows", OPERATOR.account
    assert lines[::-1] == [
        (SignInAct.INVITED, "camille", operator, None, None),
        (SignInAct.INVITATION_USED, "camille", None, None, windows),
        (SignInAct.CREDENTIAL_ADDED, "camille", None, Means.PASSKEY, "Téléphone"),
        (SignInAct.CREDENTIAL_ADDED, "camille", None, Means.PASSWORD, None),
        (SignInAct.SIGNED_IN, "camille", None, Means.PASSKEY, windows),
        (SignInAct.SESSION_ENDED, "camille", None, Means.PASSKEY, windows),
        (SignInAct.REFUSED, "camille", None, Means.PASSWORD, None),
        (SignInAct.REFUSED, None, None, Means.PASSWORD, None),  # what was typed as a name was a password
        (SignInAct.RECOVERED, "camille", SUPERVISOR.account, None, None),
        (SignInAct.CLIENT_ISSUED, None, operator, None, "Guichet"),
        (SignInAct.CLIENT_REVOKED, None, operator, None, "Guichet"),
        (SignInAct.SESSIONS_ENDED, None, operator, None, None),
    ]


def test_auditors_read_all_of_it_and_others_their_own_lines(office: Office) -> None:
    for actor in (WORKER, COLLEAGUE):
        Person(office, actor).with_passkey()
    assert {line.account for line in read_record(office, AUDITOR).lines} == {"camille", "dominique"}
    assert {line.account for line in read_record(office, AUDITOR, "camille", limit=2).lines} == {"camille"}
    assert {line.account for line in own_record(office, WORKER).lines} == {"camille"}
    assert own_record(office, SUPERVISOR).lines == ()
    for actor in (WORKER, SUPERVISOR, OPERATOR):
        with pytest.raises(Refused) as refused:
            read_record(office, actor)
        assert refused.value.code == "signins_for_auditors"


@pytest.mark.parametrize("statement", ["update signin_record set account = 'x'", "delete from signin_record"])
def test_nobody_changes_it(either: Office, statement: str) -> None:
    invite(either, OPERATOR, "camille")
    with pytest.raises(DBAPIError, match="append-only"), either.writing() as tx:
        tx.execute(text(statement))
    assert len(read_record(either, AUDITOR).lines) == 1
