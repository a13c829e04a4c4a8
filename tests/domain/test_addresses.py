"""An address is refused as it is entered if no mail can go there; a domain with accents travels in ASCII."""

import pytest

from domain.addresses import deliverable, require_deliverable
from domain.errors import Refused


@pytest.mark.met("an address with accents")
@pytest.mark.parametrize(
    ("address", "travels"),
    [
        ("camille@example.org", "camille@example.org"),
        ("Camille.Exemple+suivi@Example.ORG", "Camille.Exemple+suivi@example.org"),
        ("juriste@école-exemple.fr", "juriste@xn--cole-exemple-9db.fr"),
        ("juriste@e\u0301cole-exemple.fr", "juriste@xn--cole-exemple-9db.fr"),
        ("pilote@bücher.example", "pilote@xn--bcher-kva.example"),
        ("pilote@xn--bcher-kva.example", "pilote@xn--bcher-kva.example"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_an_address_travels_in_ascii(address: str, travels: str) -> None:
    assert deliverable(address) == travels
    require_deliverable(address, "address")


@pytest.mark.met("an address with accents")
@pytest.mark.parametrize(
    "address",
    [
        *("a..b@x.org", ".a@x.org", "a.@x.org", "a@example..org", "été@example.org", "a@org", "a@-x.org", "a@x-.org"),
        *("a@x.1", "a@192.168.1.1", "a@exa_mple.org", "@x.org", "a@", "a@stra\u00dfe.example", "a@b@x.org"),
        *("a" * 65 + "@x.org", "a@" + "é" * 80 + ".fr", "a b@x.org", "a@x\u2024org"),
    ],
)
def test_an_address_to_which_nothing_can_go_is_refused(address: str) -> None:
    assert deliverable(address) is None
    with pytest.raises(Refused) as caught:
        require_deliverable(address, "complainant.email")
    assert (caught.value.code, caught.value.field) == ("address_impossible", "complainant.email")


def test_no_address_is_no_fault() -> None:
    require_deliverable(None, "address")
