"""The rule for passwords: length, and nothing that is tried first; no composition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.signin.passwords import LONGEST, SHORTEST, normalised, require_strong


def refusal(password: str, account: str = "camille") -> str | None:
    try:
        require_strong(password, account)
    except Invalid as invalid:
        assert invalid.field == "password"
        return invalid.code
    return None


@pytest.mark.parametrize(
    "password",
    [
        "quatre chevaux lisent dehors",
        "ceciestassezlong",
        "plpk zr bnd xuq m",
        "7316 4409 2285 1907",
        "été à la plage, enfin",
        "x7#" * 3 + "kw9!",
    ],
)
def test_what_is_long_and_not_common_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert refusal(password) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"),
        ("onze lettre", "password_short"),
        ("x" * 201, "password_long"),
        ("Camille-2026-Lille", "password_names_account"),
        ("CAMILLE et son chien", "password_names_account"),
        ("MotDePasse2026!", "password_common"),
        ("m.o.t.d.e.p.a.s.s.e", "password_common"),
        ("azertyuiop1234", "password_common"),
        ("Password12345!", "password_common"),
        ("2026-2026-bonjour-2026", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("abcabcabcabc", "password_common"),
        ("123456789012", "password_common"),
        ("987654321098", "password_common"),
        ("abcdefghijkl", "password_common"),
        ("1qaz2wsx3edc", "password_common"),
        ("chickenwing101", "password_common"),
        ("Dragon-1984-1984", "password_common"),
        ("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11\uff12\uff13\uff14", "password_common"),
    ],
)
def test_what_is_short_or_tried_first_is_refused(password: str, code: str) -> None:
    assert refusal(password) == code


@pytest.mark.parametrize(
    "password",
    ["Aboutir-2026-2026", "discrimination59", "Défenseur des droits", "métropole de Lille 2026", "AccesDroitMel!1"],
)
def test_a_password_made_of_the_words_of_this_place_is_refused(password: str) -> None:
    assert refusal(password) == "password_common"
    assert refusal(f"{password} et trois tortues") is None


def test_a_part_of_a_name_counts_and_a_short_one_does_not() -> None:
    assert refusal("la mer et dupont ensemble", "j.dupont") == "password_names_account"
    assert refusal("la mer et le jour", "j.le") is None


@given(st.text(max_size=LONGEST + 20), st.sampled_from(["camille", "a.b-c"]))
def test_every_text_is_decided_and_never_repeated_in_the_refusal(password: str, account: str) -> None:
    code = refusal(password, account)
    if code is None:
        assert SHORTEST <= len(normalised(password)) <= LONGEST
    assert normalised(normalised(password)) == normalised(password)
    normalised(password).encode()


def test_half_a_character_does_not_fail() -> None:
    assert refusal("\ud800" * 3) == "password_short"
