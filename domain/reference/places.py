"""Places as people name them, and what lies in them: the metropolises, their communes and neighbourhoods. Pure."""

from functools import cache

from domain.folding import words
from domain.reference import METROPOLISES, Territory, territories

_METROPOLIS, _NEIGHBOURHOOD = "epci", "qpv"


def code_of(territory: Territory) -> str:
    """The code of a place: MEL or AMP for a metropolis, else its own."""
    return territory.metropolis if territory.level == _METROPOLIS else territory.code


def places_named(text: str) -> tuple[str, ...]:
    """The codes of the places that a text may mean: by its code one; by its name one, none, or those to choose from.

    Case, accents, dashes and apostrophes do not count. Whoever writes less than the whole name of a place means that
    place only if no other is called just so: "Saint-André" is a neighbourhood of Marseille and a town near Lille.
    """
    code = text.strip().upper()
    if code in METROPOLISES:
        return (code,)
    if code in territories():
        return (code_of(territories()[code]),)
    called = _by_name().get(tuple(words(text)), ())
    inside = {code for one in called for code in (one, *_inside(one))}
    return (*called, *(code for code in beginning_with(text) if called and code not in inside))


def beginning_with(text: str) -> tuple[str, ...]:
    """The codes of the places whose names begin with these words."""
    wanted = tuple(words(text))
    found = (codes for name, codes in _by_name().items() if wanted and name[: len(wanted)] == wanted)
    return tuple(code for codes in found for code in codes)


def communes_in(code: str) -> frozenset[str]:
    """A commune and its parts (arrondissements, associated communes): a complaint may name either."""
    return frozenset({code, *(part for part in _inside(code) if not is_neighbourhood(part))})


def neighbourhoods_in(code: str) -> frozenset[str]:
    """The priority neighbourhoods of a commune; one that straddles communes is listed under each of them."""
    return frozenset(filter(is_neighbourhood, _inside(code)))


def is_neighbourhood(code: str) -> bool:
    """True if it is the code of a priority neighbourhood."""
    return territories()[code].level == _NEIGHBOURHOOD


def _inside(code: str) -> list[str]:
    return [one.code for one in territories().values() if code in one.parents or code == _metropolis_around(one)]


def _metropolis_around(territory: Territory) -> str | None:
    return None if territory.level == _METROPOLIS else territory.metropolis


@cache
def _by_name() -> dict[tuple[str, ...], tuple[str, ...]]:
    """The codes of the places that are called so: one, as a rule."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for territory in territories().values():
        name = tuple(words(territory.name))
        found[name] = (*found.get(name, ()), code_of(territory))
    return found
