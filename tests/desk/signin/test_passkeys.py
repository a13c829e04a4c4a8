"""Passkeys, with a software authenticator: what is taken, and every way in which a ceremony does not hold."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.office import Office
from desk.signin.asking_again import ask_again_by_passkey, begin_asking_again
from desk.signin.means import own_means, remove_passkey
from desk.signin.passkeys import add_passkey, begin_passkey
from desk.signin.reading import own_record
from desk.signin.resolving import resolve
from desk.signin.signing_in import begin_sign_in, sign_in_by_passkey
from domain.errors import Invalid, NotFound, Refused
from domain.vocabulary import SignInAct
from tests.people import COLLEAGUE, WORKER
from tests.support.authenticator import Authenticator, encoded
from tests.support.signing_in import ELSEWHERE, HERE, ORIGIN, Person, later, signin_office

TAMPERED: list[dict[str, Any]] = [
    {"tampered": True},
    {"origin": "https://aboutir.exemple.fr.ailleurs.example"},
    {"origin": "http://aboutir.exemple.fr"},
    {"rp_id": "ailleurs.example"},
    {"unverified": True},
    {"challenge": encoded(b"x" * 32)},
    {"kind": "webauthn.create"},
    {"handle": b"somebody else's handle"},
]


def acts(office: Office) -> list[SignInAct]:
    return [line.act for line in own_record(office, WORKER).lines]


def test_a_passkey_is_made_and_signs_in(either: Office) -> None:
    person = Person(either, WORKER).with_passkey()
    signed_in = person.sign_in_by_passkey()
    assert resolve(either, signed_in.token).actor == WORKER
    assert signed_in.enrols is False
    expected = [SignInAct.SIGNED_IN, SignInAct.CREDENTIAL_ADDED, SignInAct.INVITATION_USED, SignInAct.INVITED]
    assert acts(either) == expected


def test_the_browser_is_asked_to_verify_its_person_and_to_find_the_key_by_itself(office: Office) -> None:
    person = Person(office, WORKER).enrol()
    options = begin_passkey(office, WORKER, person.session).options
    assert options["rp"]["id"] == "aboutir.exemple.fr"
    chosen = options["authenticatorSelection"]
    assert (chosen["userVerification"], chosen["residentKey"]) == ("required", "required")
    shown = begin_sign_in(office, HERE).options
    assert shown["userVerification"] == "required" and not shown.get("allowCredentials")
    assert "camille" not in str(options["user"]["id"])


@pytest.mark.parametrize("wrong", TAMPERED, ids=lambda wrong: next(iter(wrong)))
def test_what_does_not_hold_signs_nobody_in_and_leaves_a_trace(office: Office, wrong: dict[str, Any]) -> None:
    person = Person(office, WORKER).with_passkey()
    with pytest.raises(Refused) as refused:
        person.sign_in_by_passkey(**wrong)
    assert refused.value.code == "cannot_sign_in"
    assert acts(office)[0] is SignInAct.REFUSED
    assert person.sign_in_by_passkey()


@pytest.mark.parametrize("wrong", TAMPERED[1:-1], ids=lambda wrong: next(iter(wrong)))
def test_what_does_not_hold_is_not_added(office: Office, wrong: dict[str, Any]) -> None:
    person = Person(office, WORKER).enrol()
    options = begin_passkey(office, WORKER, person.session).options
    wrong = wrong | ({"kind": "webauthn.get"} if "kind" in wrong else {})
    with pytest.raises(Invalid):
        add_passkey(office, WORKER, person.session, "Clé", person.device.make(options, **wrong))
    with pytest.raises(Invalid):  # its challenge is used up, unless it was another one's
        used = person.device.make(options, **({"challenge": encoded(b"y" * 32)} if "challenge" in wrong else {}))
        add_passkey(office, WORKER, person.session, "Clé", used)


def test_another_key_with_the_name_of_this_one_signs_nobody_in(office: Office) -> None:
    person = Person(office, WORKER).with_passkey()
    copy = Authenticator(ORIGIN, credential=person.device.credential, handle=person.device.handle)
    copy.rp_id = person.device.rp_id
    with pytest.raises(Refused):
        sign_in_by_passkey(office, HERE, copy.show(begin_sign_in(office, HERE).options))


def test_a_count_that_does_not_go_up_is_refused_and_noted(either: Office) -> None:
    person = Person(either, WORKER).with_passkey()
    person.sign_in_by_passkey()
    for regressed in (1, 0):
        with pytest.raises(Refused):
            person.sign_in_by_passkey(sign_count=regressed)
        assert acts(either)[0] is SignInAct.COUNTER_REGRESSED
    assert person.sign_in_by_passkey()


def test_a_passkey_that_does_not_count_signs_in_again_and_again(office: Office) -> None:
    person = Person(office, WORKER, device=Authenticator(ORIGIN, counts=False)).with_passkey()
    assert person.sign_in_by_passkey() and person.sign_in_by_passkey()


def test_a_challenge_is_good_once_and_not_for_long(office: Office) -> None:
    person = Person(office, WORKER).with_passkey()
    options = begin_sign_in(office, HERE).options
    assert sign_in_by_passkey(office, HERE, person.device.show(options))
    with pytest.raises(Refused):
        sign_in_by_passkey(office, HERE, person.device.show(options))
    late = begin_sign_in(office, HERE).options
    later(office.database, timedelta(minutes=6))
    with pytest.raises(Refused):
        sign_in_by_passkey(office, HERE, person.device.show(late))


def test_a_challenge_is_good_for_its_purpose_and_its_session_only(office: Office) -> None:
    person, other = Person(office, WORKER).with_passkey(), Person(office, COLLEAGUE).with_passkey()
    again = begin_asking_again(office, WORKER, person.session).options
    with pytest.raises(Refused):
        sign_in_by_passkey(office, HERE, person.device.show(again))
    signing_in = begin_sign_in(office, HERE).options
    with pytest.raises(Refused):
        ask_again_by_passkey(office, WORKER, person.session, HERE, person.device.show(signing_in))
    second = person.sign_in_by_passkey()
    again = begin_asking_again(office, WORKER, person.session).options
    with pytest.raises(Refused):
        ask_again_by_passkey(office, WORKER, second.session, HERE, person.device.show(again))
    theirs = begin_asking_again(office, COLLEAGUE, other.session).options
    with pytest.raises(Refused):
        ask_again_by_passkey(office, COLLEAGUE, other.session, HERE, person.device.show(theirs))


def test_asked_again_by_a_passkey(office: Office) -> None:
    person = Person(office, WORKER).with_passkey()
    later(office.database, timedelta(minutes=6))
    with pytest.raises(Refused) as refused:
        begin_passkey(office, WORKER, person.session)
    assert refused.value.code == "ask_again"
    options = begin_asking_again(office, WORKER, person.session).options
    assert [key["id"] for key in options["allowCredentials"]] == [encoded(person.device.credential)]
    ask_again_by_passkey(office, WORKER, person.session, HERE, person.device.show(options))
    assert acts(office)[0] is SignInAct.ASKED_AGAIN
    assert begin_passkey(office, WORKER, person.session)
    options = begin_asking_again(office, WORKER, person.session).options
    with pytest.raises(Refused):
        ask_again_by_passkey(office, WORKER, person.session, HERE, person.device.show(options, tampered=True))
    assert acts(office)[0] is SignInAct.NOT_CONFIRMED


def test_several_passkeys_are_named_listed_and_removed_but_never_the_last(office: Office) -> None:
    person = Person(office, WORKER).with_passkey("Téléphone")
    first, person.device = person.device, Authenticator(ORIGIN)
    person.with_passkey("Clé de bureau")
    phone, key = own_means(office, WORKER, person.session).passkeys
    assert (phone.name, key.name) == ("Téléphone", "Clé de bureau")
    with pytest.raises(NotFound):
        remove_passkey(office, WORKER, person.session, "none\0")
    left = remove_passkey(office, WORKER, person.session, phone.id)
    assert [passkey.name for passkey in left.passkeys] == ["Clé de bureau"]
    with pytest.raises(Refused):
        sign_in_by_passkey(office, HERE, first.show(begin_sign_in(office, HERE).options))
    with pytest.raises(Refused) as refused:
        remove_passkey(office, WORKER, person.session, key.id)
    assert refused.value.code == "last_means"
    later(office.database, timedelta(minutes=6))
    with pytest.raises(Refused) as refused:
        remove_passkey(office, WORKER, person.session, key.id)
    assert refused.value.code == "ask_again"


def test_a_passkey_that_is_known_is_not_added_twice_whoever_has_it(office: Office) -> None:
    person, other = Person(office, WORKER).with_passkey(), Person(office, COLLEAGUE).enrol()
    options = begin_passkey(office, COLLEAGUE, other.session).options
    with pytest.raises(Invalid):
        add_passkey(office, COLLEAGUE, other.session, "Clé", person.device.make(options))
    options = begin_passkey(office, WORKER, person.session).options
    assert [key["id"] for key in options["excludeCredentials"]] == [encoded(person.device.credential)]


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "two\nlines", "\ud800"])
def test_a_name_is_one_short_line(office: Office, name: str) -> None:
    person = Person(office, WORKER).enrol()
    made = person.device.make(begin_passkey(office, WORKER, person.session).options)
    with pytest.raises(Invalid) as refused:
        add_passkey(office, WORKER, person.session, name, made)
    assert refused.value.field == "name"
    assert add_passkey(office, WORKER, person.session, "Clé", made).signed_in


def test_without_an_address_of_the_pages_there_are_no_passkeys(sqlite_database: Any) -> None:
    with pytest.raises(Refused) as refused:
        begin_sign_in(signin_office(sqlite_database, public_url=""), HERE)
    assert refused.value.code == "no_address_of_pages"


_JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=40).map(encoded),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PARTS = ("id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "userHandle")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from(_PARTS), value=_JSON)
def test_whatever_an_answer_holds_it_is_a_refusal(office: Office, part: str, value: Any) -> None:
    people = getattr(office, "_people_of_this_test", None) or Person(office, WORKER).with_passkey()
    object.__setattr__(office, "_people_of_this_test", people)
    answer = people.device.show(begin_sign_in(office, ELSEWHERE).options)
    (answer if part in answer else answer["response"])[part] = value
    try:
        sign_in_by_passkey(office, ELSEWHERE, answer)
    except Refused as refused:
        assert refused.code in ("cannot_sign_in", "sign_in_waits")
    else:
        assert part in ("userHandle", "id", "type") and not value
