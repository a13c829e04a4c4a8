"""Invitations and links: who makes them, what they open, and that each opens it once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from desk.office import Office
from desk.signin.invitations import invite, look_at_invitation, sign_in_by_link, sign_in_link, use_invitation
from desk.signin.reading import own_record
from desk.signin.resolving import resolve
from desk.signin.sessions import end_sessions
from domain.actors import OPERATOR, Actor
from domain.errors import NotFound, Refused
from domain.vocabulary import Means, Role, SignInAct
from models.signin.leaving import take_back
from tests.people import AUDITOR, COLLEAGUE, SUPERVISOR, SUPERVISOR_AMP, WORKER, person
from tests.support.accounts import close, open_accounts
from tests.support.signing_in import HERE, ORIGIN, Person, later


def is_good(office: Office, token: str) -> bool:
    try:
        return bool(look_at_invitation(office, HERE, token))
    except NotFound:
        with pytest.raises(NotFound):
            use_invitation(office, HERE, token)
        return False


def test_to_look_at_an_invitation_uses_nothing_up_and_to_use_it_does(either: Office) -> None:
    invited = invite(either, OPERATOR, "camille")
    assert invited.address == f"{ORIGIN}/invitation/{invited.token}"
    assert invited.token not in repr(invited)
    for _ in range(3):
        view = look_at_invitation(either, HERE, invited.token)
        assert (view.account, view.made_by) == ("camille", OPERATOR.account)
    assert use_invitation(either, HERE, invited.token).enrols
    assert not is_good(either, invited.token)


def test_an_invitation_lasts_three_days_and_a_newer_one_takes_its_place(either: Office) -> None:
    first = invite(either, OPERATOR, "camille")
    other = invite(either, OPERATOR, "dominique")
    second = invite(either, OPERATOR, "camille")
    assert [is_good(either, each.token) for each in (first, second, other)] == [False, True, True]
    later(either.database, timedelta(hours=71))
    assert is_good(either, second.token)
    later(either.database, timedelta(hours=2))
    assert not is_good(either, second.token)


def test_an_invitation_of_a_closed_account_or_before_a_compromise_is_not_good(office: Office) -> None:
    closed, ended = invite(office, OPERATOR, "camille"), invite(office, OPERATOR, "dominique")
    with office.writing() as tx:
        tx.execute(text("update accounts set active = false where id = 'camille'"))
    with pytest.raises(Refused) as refused:
        invite(office, OPERATOR, "camille")
    assert refused.value.code == "account_closed"
    end_sessions(office, OPERATOR)
    assert not is_good(office, closed.token) and not is_good(office, ended.token)


def test_whoever_has_lost_their_means_is_invited_by_a_second_person_and_told(office: Office) -> None:
    person = Person(office, WORKER).with_passkey()
    invited = invite(office, SUPERVISOR, "camille")
    assert invited.recovers
    resolve(office, person.token)
    use_invitation(office, HERE, invited.token)
    with pytest.raises(Refused):
        resolve(office, person.token)
    recovered = next(line for line in own_record(office, WORKER).lines if line.act is SignInAct.RECOVERED)
    assert recovered.by == SUPERVISOR.account


@pytest.mark.parametrize(
    ("by", "account", "has_means"),
    [
        (SUPERVISOR, "camille", False),  # a first one is made by an administrator
        (SUPERVISOR_AMP, "camille", True),  # of another metropolis
        (SUPERVISOR, "morgan", True),  # to whom more is shown
        (SUPERVISOR, "sacha", True),  # themselves
        (WORKER, "dominique", True),
        (AUDITOR, "camille", True),
    ],
)
def test_nobody_else_invites(office: Office, by: Actor, account: str, has_means: bool) -> None:
    if has_means:
        actor = next(a for a in (WORKER, COLLEAGUE, SUPERVISOR, AUDITOR) if a.account == account)
        Person(office, actor).with_passkey()
    with pytest.raises(Refused) as refused:
        invite(office, by, account)
    assert refused.value.code == "not_inviter"


BOSS, SECOND = (person(name, Role.ADMINISTRATOR, "metropole") for name in ("admin-mel", "admin-mel-2"))
OF_AMP = person("admin-amp", Role.ADMINISTRATOR, "metropole-amp", "AMP")


def test_an_administrator_invites_accounts_of_its_metropolis_and_not_itself(office: Office) -> None:
    open_accounts(office.database, [BOSS, OF_AMP])
    assert is_good(office, invite(office, BOSS, "camille").token)
    Person(office, WORKER).with_passkey()
    assert invite(office, BOSS, "camille").recovers
    for by, account in ((OF_AMP, "camille"), (BOSS, "maxime"), (BOSS, BOSS.account)):
        with pytest.raises(Refused) as refused:
            invite(office, by, account)
        assert refused.value.code == "not_inviter"


def test_one_administrator_alone_gets_into_no_account_that_watches_over_others(either: Office) -> None:
    open_accounts(either.database, [BOSS, SECOND])
    for account in (SUPERVISOR.account, AUDITOR.account):  # with means of sign-in or without
        first, again = invite(either, BOSS, account), invite(either, BOSS, account)
        assert first.is_half and again.is_half
        for token, other in ((again.token, None), (again.token, first.token), (again.token, again.token)):
            with pytest.raises(NotFound):
                use_invitation(either, HERE, token, other)
        later(either.database, timedelta(minutes=30))  # tries that failed are waited for
        second = invite(either, SECOND, account)
        view = look_at_invitation(either, HERE, second.token)
        assert (view.made_by, view.completed_by, view.is_halved) == (BOSS.account, SECOND.account, True)
        assert second.expires_at <= again.expires_at, "a half makes no invitation last longer"
        with pytest.raises(NotFound):
            use_invitation(either, HERE, second.token)
        assert use_invitation(either, HERE, second.token, again.token).account == account
        with pytest.raises(NotFound):
            use_invitation(either, HERE, again.token, second.token)
        Person(either, AUDITOR).with_passkey()


def test_half_an_invitation_goes_with_whoever_made_it_and_where_there_is_no_second_it_is_whole(office: Office) -> None:
    open_accounts(office.database, [BOSS, SECOND, OF_AMP])
    first = invite(office, BOSS, SUPERVISOR.account)
    with office.writing() as tx:
        take_back(tx, BOSS.account, OPERATOR.account, datetime.now(UTC))
    assert not is_good(office, first.token)
    second = invite(office, SECOND, SUPERVISOR.account)
    assert second.is_half and look_at_invitation(office, HERE, second.token).made_by == SECOND.account
    close(office.database, BOSS)
    alone = invite(office, SECOND, SUPERVISOR.account)
    assert not alone.is_half and use_invitation(office, HERE, alone.token).enrols
    assert not invite(office, OPERATOR, SUPERVISOR.account).is_half, "whoever runs the service has every key"


def test_a_link_signs_in_once_and_only_in_the_embedded_stack(office: Office, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        sign_in_link(office, OPERATOR, "camille")
    assert refused.value.code == "link_embedded_only"
    embedded = replace(office, folder=tmp_path)
    link = sign_in_link(embedded, OPERATOR, "camille")
    assert link.address == f"{ORIGIN}/link/{link.token}"
    with pytest.raises(Refused):
        sign_in_by_link(office, HERE, link.token)
    signed_in = sign_in_by_link(embedded, HERE, link.token)
    bearer = resolve(embedded, signed_in.token)
    assert (bearer.actor, bearer.means) == (WORKER, Means.LINK)
    with pytest.raises(Refused):
        sign_in_by_link(embedded, HERE, link.token)
    with pytest.raises(Refused) as refused:
        sign_in_link(embedded, WORKER.model_copy(update={"role": Role.SUPERVISOR}), "camille")
    assert refused.value.code == "operator_only"


def test_a_token_of_one_kind_is_none_of_another(office: Office, tmp_path: Path) -> None:
    embedded = replace(office, folder=tmp_path)
    link, invited = sign_in_link(embedded, OPERATOR, "camille"), invite(office, OPERATOR, "camille")
    with pytest.raises(Refused):
        sign_in_by_link(embedded, HERE, invited.token)
    with pytest.raises(NotFound):
        use_invitation(embedded, HERE, link.token)
    for token in (link.token, invited.token):
        with pytest.raises(Refused):
            resolve(embedded, token)
