"""A place is known by its code and by its name, however it is typed, as long as it can be one place only."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reference import METROPOLISES, Territory, territories
from domain.reference.places import (
    beginning_with,
    code_of,
    communes_in,
    is_neighbourhood,
    neighbourhoods_in,
    places_named,
)

LILLE, LOMME, MARSEILLE, THIRD = "59350", "59355", "13055", "13203"
BESIDE_LILLE, IN_MARSEILLE = "59527", "QN01364I"
"""Saint-André-lez-Lille, a town; Saint André, a neighbourhood of Marseille."""

Spelt = Callable[[str], str]
PLACES = st.sampled_from(list(territories().values()))
SPELT = st.sampled_from(
    [
        str.upper,
        str.lower,
        lambda name: unicodedata.normalize("NFD", name),
        lambda name: "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c)),
        lambda name: name.replace("-", " "),
        lambda name: name.replace("'", "\u2019"),
        lambda name: name.replace("œ", "oe"),
        lambda name: f"  {name} ",
    ]
)


@given(PLACES, SPELT, SPELT)
def test_a_place_is_found_by_its_name_however_it_is_typed(place: Territory, spelt: Spelt, then: Spelt) -> None:
    assert places_named(then(spelt(place.name))) == places_named(place.name)
    assert code_of(place) in places_named(place.name)


def test_a_place_is_found_by_its_code() -> None:
    for code, place in territories().items():
        assert places_named(code.lower()) == (code_of(place),)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("mel", ("MEL",)),
        ("Métropole européenne de Lille", ("MEL",)),
        ("200093201", ("MEL",)),  # its SIREN: no case is listed under that
        ("lille", (LILLE,)),
        ("Marcq-en-Baroeul", ("59378",)),
        ("Marseille", (MARSEILLE,)),  # its arrondissements lie in it
        ("saint andre", (IN_MARSEILLE, BESIDE_LILLE)),
        ("Saint-André-lez-Lille", (BESIDE_LILLE,)),
        ("Paris", ()),
        ("Mons", ()),
        ("", ()),
        ("-", ()),
    ],
)
def test_what_a_text_may_mean(text: str, codes: tuple[str, ...]) -> None:
    assert places_named(text) == codes


def test_almost_every_name_is_that_of_one_place() -> None:
    several = [place.name for place in territories().values() if len(places_named(place.name)) > 1]
    assert several == ["Secteur Nord", "Centre ville", "Saint André"]


def test_the_beginning_of_a_name_is_not_the_name_but_tells_what_may_be_meant() -> None:
    assert beginning_with("mons") == ("59410",)
    assert beginning_with("") == ()


def test_a_commune_is_found_with_its_parts() -> None:
    assert communes_in(LILLE) == {LILLE, "59298", LOMME}
    assert communes_in(LOMME) == {LOMME}
    assert THIRD in communes_in(MARSEILLE)
    assert len(communes_in(MARSEILLE)) == 17
    assert IN_MARSEILLE in neighbourhoods_in(MARSEILLE)
    assert {code for code in communes_in(MARSEILLE) | neighbourhoods_in(MARSEILLE) if code in METROPOLISES} == set()
    assert all(map(is_neighbourhood, neighbourhoods_in(LILLE)))
    assert "QN05972M" in neighbourhoods_in(LILLE) & neighbourhoods_in("59346"), "one that straddles communes"
