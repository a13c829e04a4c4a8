"""Passwords with a second factor: set, used, refused in the same words and at the same cost, changed."""

import asyncio
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import text

from desk.office import Office
from desk.signin.asking_again import ask_again_by_password
from desk.signin.common import key_of
from desk.signin.means import own_means, remove_password
from desk.signin.passwords import add_password, begin_second_factor
from desk.signin.reading import own_record, read_record
from desk.signin.resolving import resolve
from desk.signin.signing_in import sign_in_by_password
from domain.errors import Invalid, Problem, Refused
from domain.vocabulary import Means, SignInAct
from kit.crypto.passwords import PasswordHasher
from kit.settings import Settings
from models.signin.passwords import of_account
from tests.people import AUDITOR, WORKER
from tests.support.signing_in import ELSEWHERE, HERE, PASSWORD, Person, later

SIX_MINUTES = timedelta(minutes=6)


def forget_tries(office: Office) -> None:
    with office.writing() as tx:
        tx.execute(text("delete from signin_tries"))


async def test_a_password_and_a_code_sign_in(either: Office) -> None:
    person = await Person(either, WORKER).with_password()
    signed_in = await person.sign_in_by_password()
    bearer = resolve(either, signed_in.token)
    assert (bearer.actor, bearer.means) == (WORKER, Means.PASSWORD)


async def test_letters_that_a_keyboard_composes_otherwise_are_the_same_password(office: Office) -> None:
    person = await Person(office, WORKER).with_password("un \u00e9t\u00e9 sans fin ni vent")
    assert await person.sign_in_by_password("un e\u0301te\u0301 sans fin ni vent")


async def test_every_way_of_failing_has_the_same_words(office: Office) -> None:
    person = await Person(office, WORKER).with_password()
    used = person.code()
    await person.sign_in_by_password(code=used)
    nobody = Person(office, WORKER.model_copy(update={"account": "nobody"}), secret=person.secret)
    wrong: list[tuple[Person, dict[str, Any]]] = [
        (person, {"password": "une autre phrase longue"}),
        (person, {"code": "000000"}),
        (person, {"code": "\ud800\0"}),
        (person, {"code": used}),
        (person, {"password": "", "code": ""}),
        (nobody, {}),
    ]
    said = set()
    for who, how in wrong:
        with pytest.raises(Problem) as refused:
            await who.sign_in_by_password(**how)
        said.add(str(refused.value.as_dict()))
        forget_tries(office)
    assert len(said) == 1
    for odd in ("\0", "\ud800", "x" * 5_000, "CAMILLE; --"):
        with pytest.raises(Problem) as refused:
            await sign_in_by_password(office, HERE, odd, PASSWORD, "123456")
        assert {str(refused.value.as_dict())} == said
        forget_tries(office)


async def test_an_account_that_is_not_there_costs_what_a_wrong_password_costs(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await Person(office, WORKER).with_password()
    costs: list[str] = []
    verify = PasswordHasher.verify

    async def counted(self: PasswordHasher, password: str, hash: str | None) -> tuple[bool, str | None]:
        costs.append((hash or self.nobodys).rsplit("$", 2)[0])
        return await verify(self, password, hash)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for account in ("camille", "nobody", "sacha"):
        with pytest.raises(Refused):
            await sign_in_by_password(office, HERE, account, "une autre phrase longue", person.code()[:5])
    assert len(costs) == 3 and set(costs) == {"$argon2id$v=19$m=19456,t=2,p=4"}


async def test_the_hash_costs_what_the_settings_say_and_no_less_than_is_recommended() -> None:
    usual = Settings(argon2_mb=64, argon2_rounds=3)
    hash = await PasswordHasher(usual.argon2_mb, usual.argon2_rounds).hash(PASSWORD)
    assert hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    defaults = {name: Settings.model_fields[name].default for name in ("argon2_mb", "argon2_rounds")}
    assert defaults == {"argon2_mb": 64, "argon2_rounds": 3}
    with pytest.raises(ValueError, match="19"):
        Settings(argon2_mb=8)


async def test_a_hash_of_another_cost_is_made_anew_at_the_next_sign_in(office: Office) -> None:
    person = await Person(office, WORKER).with_password()
    dearer = Office(office.database, office.settings.model_copy(update={"argon2_rounds": 3}), engine=None)
    person.office = dearer
    await person.sign_in_by_password()
    with office.reading() as tx:
        kept = of_account(tx, key_of(office), "camille")
    assert kept is not None and ",t=3," in kept.hash
    later(office.database, timedelta(minutes=2))
    person.codes_used = 0
    assert await person.sign_in_by_password()


async def test_a_code_is_taken_once_and_never_an_earlier_one(either: Office) -> None:
    person = await Person(either, WORKER).with_password()
    setting_up, first = pyotp.TOTP(person.secret), person.code()
    assert await person.sign_in_by_password(code=first)
    for used in (first, setting_up.now()):
        with pytest.raises(Refused):
            await person.sign_in_by_password(code=used)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("court", "password_short"),
        ("x" * 201, "password_long"),
        ("camille aime la mer", "password_names_account"),
        ("Motdepasse2026!", "password_common"),
    ],
)
async def test_a_password_that_would_be_guessed_is_refused(office: Office, password: str, code: str) -> None:
    person = Person(office, WORKER).enrol()
    secret = begin_second_factor(office, WORKER, person.session).secret
    with pytest.raises(Invalid) as refused:
        await add_password(office, WORKER, person.session, password, pyotp.TOTP(secret).now())
    assert (refused.value.code, refused.value.field) == (code, "password")
    assert password not in str(refused.value.as_dict())


async def test_the_second_factor_is_set_up_with_a_picture_and_proves_itself(office: Office) -> None:
    person = Person(office, WORKER).enrol()
    factor = begin_second_factor(office, WORKER, person.session)
    assert factor.address.startswith("otpauth://totp/Aboutir:camille?secret=")
    assert factor.picture.startswith("<svg") and "style" not in factor.picture and "script" not in factor.picture
    assert factor.secret not in repr(factor)
    for wrong in ("000000", "", "not a code"):
        with pytest.raises(Invalid) as refused:
            await add_password(office, WORKER, person.session, PASSWORD, wrong)
        assert refused.value.field == "code"
    again = begin_second_factor(office, WORKER, person.session)
    with pytest.raises(Invalid):
        await add_password(office, WORKER, person.session, PASSWORD, pyotp.TOTP(factor.secret).now())
    added = await add_password(office, WORKER, person.session, PASSWORD, pyotp.TOTP(again.secret).now())
    assert added.means.password_set_at and added.signed_in


async def test_a_secret_that_waits_too_long_is_forgotten(office: Office) -> None:
    person = Person(office, WORKER).enrol()
    factor = begin_second_factor(office, WORKER, person.session)
    later(office.database, timedelta(minutes=16))
    with pytest.raises(Invalid):
        await add_password(office, WORKER, person.session, PASSWORD, pyotp.TOTP(factor.secret).now())


async def test_asked_again_by_a_password_and_a_code(office: Office) -> None:
    person = await Person(office, WORKER).with_password()
    later(office.database, SIX_MINUTES)
    person.codes_used = 0
    with pytest.raises(Refused) as refused:
        begin_second_factor(office, WORKER, person.session)
    assert refused.value.code == "ask_again"
    with pytest.raises(Refused):
        await ask_again_by_password(office, WORKER, person.session, HERE, "une autre phrase longue", person.code())
    assert own_record(office, WORKER).lines[0].act is SignInAct.NOT_CONFIRMED
    await ask_again_by_password(office, WORKER, person.session, HERE, PASSWORD, person.code())
    assert own_record(office, WORKER).lines[0].act is SignInAct.ASKED_AGAIN
    assert begin_second_factor(office, WORKER, person.session)


async def test_a_password_that_was_changed_takes_the_place_of_the_one_before(office: Office) -> None:
    person = await Person(office, WORKER).with_password()
    await person.with_password("cinq chevaux dorment dedans")
    code = person.code()
    with pytest.raises(Refused):
        await person.sign_in_by_password(code=code)
    assert await person.sign_in_by_password("cinq chevaux dorment dedans", code)


async def test_a_password_is_removed_where_there_is_another_way_in(office: Office) -> None:
    person = await Person(office, WORKER).with_password()
    with pytest.raises(Refused) as refused:
        remove_password(office, WORKER, person.session)
    assert refused.value.code == "last_means"
    person.with_passkey()
    assert remove_password(office, WORKER, person.session).password_set_at is None
    assert own_means(office, WORKER, person.session).password_set_at is None
    with pytest.raises(Refused):
        await person.sign_in_by_password()


async def test_guesses_make_their_own_place_wait_and_not_the_usual_one(either: Office) -> None:
    person = await Person(either, WORKER).with_password()
    await person.sign_in_by_password()
    refusals = []
    for _ in range(8):
        with pytest.raises(Refused) as refused:
            await sign_in_by_password(either, ELSEWHERE, "camille", "une autre phrase longue", "000000")
        refusals.append(refused.value.code)
    assert refusals == ["cannot_sign_in"] * 5 + ["sign_in_waits"] * 3
    assert refused.value.params["seconds"] == 1
    later(either.database, timedelta(minutes=2))
    person.codes_used = 0
    assert await person.sign_in_by_password(visitor=HERE)
    noted = [line for line in read_record(either, AUDITOR).lines if line.act is SignInAct.REFUSED]
    assert len(noted) == 5, "a try that has to wait was none, and fills no record"


async def test_hashing_never_holds_up_the_loop() -> None:
    hashing = asyncio.create_task(PasswordHasher(64, 3).hash(PASSWORD))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
    assert (await hashing).startswith("$argon2id$")
