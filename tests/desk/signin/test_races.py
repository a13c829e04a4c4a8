"""Two at once: of everything that is good once, exactly one gets it, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from desk.office import Office
from desk.signin.invitations import invite, look_at_invitation, use_invitation
from desk.signin.means import own_means, remove_passkey
from desk.signin.passkeys import add_passkey, begin_passkey
from desk.signin.signing_in import begin_sign_in, sign_in_by_passkey, sign_in_by_password
from domain.actors import OPERATOR
from domain.errors import Problem
from tests.people import WORKER
from tests.support.authenticator import Authenticator
from tests.support.signing_in import HERE, ORIGIN, PASSWORD, Person


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """The answers of calls that begin in the same instant; of those that were refused, the code of the refusal."""
    start = Barrier(len(calls))

    def called(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        except Problem as problem:
            return problem.code

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(called, calls))


def won(answers: list[Any], refusal: str) -> int:
    assert {answer for answer in answers if isinstance(answer, str)} <= {refusal}
    return sum(not isinstance(answer, str) for answer in answers)


def test_an_invitation_is_used_by_one(either: Office) -> None:
    token = invite(either, OPERATOR, "camille").token
    assert won(at_once([lambda: use_invitation(either, HERE, token)] * 6), "invitation_not_good") == 1


def test_a_code_signs_in_once(either: Office) -> None:
    person = asyncio.run(Person(either, WORKER).with_password())
    code = person.code()

    def sign_in() -> object:
        return asyncio.run(sign_in_by_password(either, HERE, "camille", PASSWORD, code))

    assert won(at_once([sign_in] * 4), "cannot_sign_in") == 1


def test_a_challenge_is_answered_once(either: Office) -> None:
    person = Person(either, WORKER, device=Authenticator(ORIGIN, counts=False)).with_passkey()
    answer = person.device.show(begin_sign_in(either, HERE).options)
    assert won(at_once([lambda: sign_in_by_passkey(either, HERE, answer)] * 6), "cannot_sign_in") == 1


def test_of_two_copies_of_a_passkey_one_signs_in(either: Office) -> None:
    person = Person(either, WORKER).with_passkey()
    challenges = [begin_sign_in(either, HERE).options for _ in range(4)]
    answers = [person.device.show(options, sign_count=7) for options in challenges]

    def calls(answer: dict[str, Any]) -> Callable[[], Any]:
        return lambda: sign_in_by_passkey(either, HERE, answer)

    assert won(at_once([calls(answer) for answer in answers]), "cannot_sign_in") == 1


def test_whoever_enrols_twice_at_once_gets_one_session(either: Office) -> None:
    person = Person(either, WORKER).enrol()
    made = [
        Authenticator(ORIGIN).make(begin_passkey(either, WORKER, person.session).options),
        Authenticator(ORIGIN).make(begin_passkey(either, WORKER, person.session).options),
    ]

    def calls(answer: dict[str, Any]) -> Callable[[], Any]:
        return lambda: add_passkey(either, WORKER, person.session, "Clé", answer)

    added = at_once([calls(answer) for answer in made])
    assert won(added, "not_signed_in") == 1
    (session,) = [one.signed_in.session for one in added if not isinstance(one, str)]
    assert len(own_means(either, WORKER, session).passkeys) == 1


def test_two_removals_at_once_leave_a_way_in(either: Office) -> None:
    person = Person(either, WORKER).with_passkey()
    person.device = Authenticator(ORIGIN)
    person.with_passkey()
    ids = [passkey.id for passkey in own_means(either, WORKER, person.session).passkeys]

    def calls(id: str) -> Callable[[], Any]:
        return lambda: remove_passkey(either, WORKER, person.session, id)

    assert won(at_once([calls(id) for id in ids]), "last_means") == 1


def test_of_invitations_made_at_once_the_last_one_is_good(either: Office) -> None:
    made = at_once([lambda: invite(either, OPERATOR, "camille")] * 4)

    def is_good(token: str) -> bool:
        try:
            return bool(look_at_invitation(either, HERE, token))
        except Problem:
            return False

    assert sum(is_good(invited.token) for invited in made) == 1


def test_tries_at_once_are_all_counted(either: Office) -> None:
    async def guess() -> object:
        return await sign_in_by_password(either, HERE, "camille", "une autre phrase longue", "000000")

    answers = at_once([lambda: asyncio.run(guess())] * 8)
    assert sorted(answers) == ["cannot_sign_in"] * 5 + ["sign_in_waits"] * 3
