"""What ends when an account is closed: everything that it came in by, and all that it had let others in by."""

from collections.abc import Callable

from desk.accounts import close_account, reopen_account
from desk.office import Office
from desk.signin.clients import issue_client
from desk.signin.invitations import invite, look_at_invitation
from desk.signin.reading import own_record
from desk.signin.resolving import resolve
from domain.actors import OPERATOR
from domain.errors import Problem
from domain.vocabulary import Role, SignInAct
from tests.people import COLLEAGUE, SUPERVISOR, WORKER, person
from tests.support.accounts import open_accounts
from tests.support.signing_in import HERE, Person

BOSS = person("admin-mel", Role.ADMINISTRATOR, "metropole")


def opens(ask: Callable[[], object]) -> bool:
    """True if what somebody brings is good."""
    try:
        ask()
    except Problem:
        return False
    return True


async def test_what_an_account_came_in_by_and_gave_ends_with_it_and_does_not_come_back_with_it(either: Office) -> None:
    open_accounts(either.database, [BOSS])
    session = Person(either, BOSS).with_passkey().token
    program = issue_client(either, BOSS, "Guichet", "asso-nord", scopes=["cases:read"], metropolis="MEL").token
    own, given = invite(either, OPERATOR, BOSS.account), invite(either, BOSS, COLLEAGUE.account)
    of_others = invite(either, OPERATOR, WORKER.account), Person(either, SUPERVISOR).with_passkey()

    def good() -> list[bool]:
        invited = [opens(lambda each=each: look_at_invitation(either, HERE, each.token)) for each in (own, given)]
        return [opens(lambda: resolve(either, session)), opens(lambda: resolve(either, program)), *invited]

    assert good() == [True] * 4
    closed = await close_account(either, OPERATOR, BOSS.account, "Est partie")
    assert closed.programs == ("Guichet",)
    assert good() == [False] * 4
    reopen_account(either, OPERATOR, BOSS.account, "Est revenue")
    assert good() == [False] * 4
    assert look_at_invitation(either, HERE, of_others[0].token).account == WORKER.account
    assert resolve(either, of_others[1].token).actor == SUPERVISOR
    ended = next(line for line in own_record(either, BOSS).lines if line.act is SignInAct.SESSIONS_ENDED)
    assert ended.by == OPERATOR.account
