"""Sessions: how long they last, how they end, and that they die with their account."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from desk.office import Office
from desk.signin.resolving import resolve, resolve_enrolling
from desk.signin.sessions import end_own_sessions, end_session, end_sessions, list_sessions, own_sessions
from domain.actors import OPERATOR
from domain.errors import NotFound, Refused
from domain.vocabulary import Door, Means
from models.signin.sessions import end_all_of
from tests.people import COLLEAGUE, SUPERVISOR, WORKER
from tests.support.signing_in import HERE, Person, later

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def is_good(office: Office, token: str) -> bool:
    try:
        resolve(office, token)
    except Refused as refused:
        assert refused.code == "not_signed_in"
        return False
    return True


def set_active(office: Office, account: str, active: bool) -> None:
    with office.writing() as tx:
        tx.execute(text("update accounts set active = :active where id = :id"), {"active": active, "id": account})


def test_a_session_stands_for_its_account_as_it_is_now(either: Office) -> None:
    person = Person(either, WORKER).with_passkey()
    bearer = resolve(either, person.token)
    assert (bearer.door, bearer.actor, bearer.means) == (Door.SESSION, WORKER, Means.PASSKEY)
    assert bearer.session == person.session
    assert bearer.asked_again_at is not None and datetime.now(UTC) - bearer.asked_again_at < MINUTE
    with either.writing() as tx:
        tx.execute(text("update accounts set role = 'AUDITOR' where id = 'camille'"))
    changed = resolve(either, person.token).actor
    assert changed is not None and changed.role == "AUDITOR"


def test_a_closed_account_has_no_session_from_that_instant_on(either: Office) -> None:
    person, other = Person(either, WORKER).with_passkey(), Person(either, COLLEAGUE).with_passkey()
    set_active(either, "camille", False)
    assert not is_good(either, person.token)
    assert is_good(either, other.token)
    with pytest.raises(Refused):
        own_sessions(either, WORKER, person.session)
    with pytest.raises(Refused):
        person.sign_in_by_passkey()
    with either.writing() as tx:
        assert end_all_of(tx, "camille") == 1
    set_active(either, "camille", True)
    assert not is_good(either, person.token), "what was closed does not come back with the account"


def test_a_session_that_rests_ends_and_one_that_is_used_goes_on(either: Office) -> None:
    resting, used = Person(either, WORKER).with_passkey(), Person(either, COLLEAGUE).with_passkey()
    for _ in range(2):
        later(either.database, 20 * MINUTE)
        assert is_good(either, used.token)
    assert not is_good(either, resting.token)


def test_no_session_lasts_longer_than_its_absolute_limit(office: Office) -> None:
    person = Person(office, WORKER).with_passkey()
    for _ in range(28):
        assert is_good(office, person.token)
        later(office.database, 25 * MINUTE)
    assert resolve(office, person.token).until - datetime.now(UTC) < 25 * MINUTE
    later(office.database, 25 * MINUTE)
    assert not is_good(office, person.token)


def test_a_use_is_noted_once_a_minute_and_no_more(office: Office) -> None:
    person = Person(office, WORKER).with_passkey()

    def noted() -> datetime:
        return own_sessions(office, WORKER, person.session).sessions[0].used_at

    begun = noted()
    resolve(office, person.token)
    assert noted() == begun
    later(office.database, 2 * MINUTE)
    before = noted()
    resolve(office, person.token)
    after = noted()
    assert after - before >= 2 * MINUTE
    resolve(office, person.token)
    assert noted() == after


def test_ones_own_sessions_are_listed_and_ended(office: Office) -> None:
    person = Person(office, WORKER).with_passkey()
    first, second = person.signed_in, person.sign_in_by_passkey()
    stranger = Person(office, COLLEAGUE).with_passkey()
    assert first is not None
    listed = own_sessions(office, WORKER, second.session).sessions
    assert {(view.id, view.is_this, view.device) for view in listed} == {
        (first.session, False, "Firefox, Windows"),
        (second.session, True, "Firefox, Windows"),
    }
    for theirs in (stranger.session, "no session", "\0"):
        with pytest.raises(NotFound):
            end_session(office, WORKER, second.session, theirs)
    assert end_session(office, WORKER, second.session, first.session).ended == 1
    assert not is_good(office, first.token) and is_good(office, second.token)
    assert end_session(office, WORKER, second.session, second.session).ended == 1
    assert end_session(office, WORKER, second.session, second.session).ended == 0
    assert not is_good(office, second.token) and is_good(office, stranger.token)


def test_all_but_this_one_are_ended_or_all(office: Office) -> None:
    person = Person(office, WORKER).with_passkey()
    tokens = [person.token, person.sign_in_by_passkey().token]
    last = person.sign_in_by_passkey()
    assert end_own_sessions(office, WORKER, last.session).ended == 2
    assert [is_good(office, token) for token in (*tokens, last.token)] == [False, False, True]
    assert end_own_sessions(office, WORKER, last.session, but_this=False).ended == 1
    assert not is_good(office, last.token)


def test_nobody_asks_with_the_session_of_somebody_else(office: Office) -> None:
    person = Person(office, WORKER).with_passkey()
    with pytest.raises(Refused) as refused:
        own_sessions(office, COLLEAGUE, person.session)
    assert refused.value.code == "not_signed_in"


def test_after_a_compromise_every_session_and_invitation_is_ended(either: Office) -> None:
    people = [Person(either, actor).with_passkey() for actor in (WORKER, COLLEAGUE)]
    assert {view.account for view in list_sessions(either, OPERATOR).sessions} == {"camille", "dominique"}
    assert end_sessions(either, OPERATOR, "camille").ended == 1
    assert [is_good(either, person.token) for person in people] == [False, True]
    assert end_sessions(either, OPERATOR).ended == 1
    assert not any(is_good(either, person.token) for person in people)
    for service in (list_sessions, end_sessions):
        with pytest.raises(Refused) as refused:
            service(either, SUPERVISOR)
        assert refused.value.code == "operator_only"
    with pytest.raises(NotFound):
        end_sessions(either, OPERATOR, "nobody")


def test_whoever_enrols_can_add_a_means_and_nothing_else(office: Office) -> None:
    person = Person(office, WORKER, visitor=HERE).enrol()
    assert not is_good(office, person.token)
    assert resolve_enrolling(office, person.token).actor == WORKER
    with pytest.raises(Refused):
        own_sessions(office, WORKER, person.session)
    enrolling = person.token
    person.with_passkey()
    assert is_good(office, person.token)
    assert person.token != enrolling
    for token in (enrolling, person.token):
        with pytest.raises(Refused):
            resolve_enrolling(office, token)


@pytest.mark.parametrize("token", ["", "abs_", "abs_" + "x" * 43, "abk_" + "x" * 43, "abz_" + "x" * 43, "\0\ud800"])
def test_what_is_no_token_is_refused_as_one_that_ended(office: Office, token: str) -> None:
    assert not is_good(office, token)
