"""Opaque tokens and visitors: what can be read of them, and what cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.signin.names import account_typed
from domain.signin.tokens import CapabilityToken, Kind, capability_in, digest_of, kind_of, new_token
from domain.signin.visitor import visitor_of


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CAPABILITY])
def test_a_token_tells_its_kind_and_never_comes_twice(kind: Kind) -> None:
    tokens = {new_token(kind) for _ in range(200)}
    assert len(tokens) == 200
    assert {kind_of(token) for token in tokens} == {kind}
    assert {len(token.partition("_")[2]) for token in tokens} == {43}  # 256 bits in base 64
    assert len({digest_of(token) for token in tokens}) == 200


def test_the_token_of_a_capability_tells_where_to_look_for_it() -> None:
    token = CapabilityToken("7K3M-9Q2R-X8WD", "K12", 3, "s" * 43)
    assert (kind_of(str(token)), capability_in(str(token))) == (Kind.CAPABILITY, token)
    for changed in (f"{token}x", str(token)[:-1], f" {token}", str(token).lower(), str(token).replace("K12", "R12")):
        assert capability_in(changed) is None and kind_of(changed) is None
    assert kind_of(f"abk_{'s' * 43}") is None, "one that names no case is none"


@given(st.text(max_size=60))
def test_what_is_no_token_has_no_kind_and_no_text_fails(text: str) -> None:
    assert kind_of(text) is None
    assert len(digest_of(text)) == 64


def test_a_token_with_something_around_it_is_none() -> None:
    token = new_token(Kind.SESSION)
    for changed in (f" {token}", f"{token}\n", token[:-1], f"{token}x", token.upper()):
        assert kind_of(changed) is None
    assert len(digest_of("\ud800")) == 64


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.17", "192.0.2.0/24"),
        ("::ffff:192.0.2.200", "192.0.2.0/24"),
        (" 2001:db8:1:2:3::4%eth0", "2001:db8:1::/48"),
        ("", "elsewhere"),
        ("unix:/run/desk.sock", "elsewhere"),
    ],
)
def test_of_an_address_its_beginning_is_left(address: str, place: str) -> None:
    assert visitor_of(address).place == place


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0", ""),
        ("<script>\n" * 50, ""),
    ],
)
def test_of_what_a_browser_says_two_words_are_left(said: str, device: str) -> None:
    assert visitor_of("192.0.2.17", said).device == device


@pytest.mark.parametrize(
    ("typed", "account"),
    [(" Camille ", "camille"), ("j.dupont", "j.dupont"), ("mon mot de passe", None), ("", None), ("\0\ud800", None)],
)
def test_what_is_typed_as_a_name_is_one_or_none(typed: str, account: str | None) -> None:
    assert account_typed(typed) == account
