"""Visits that no browser makes, and addresses that browsers read in their own way."""

from typing import Any

import pytest

from tests.desk.scene import Scene
from tests.web.visiting import Pages
from web.pages.account import local


@pytest.mark.parametrize(
    "address", ["/\t/evil.example", "/\r/evil.example", "/\n/evil.example", "//evil.example", "/\\evil.example", "x"]
)
def test_the_way_back_leads_to_our_pages_as_a_browser_reads_it(address: str) -> None:
    assert local(address) == "/"
    assert local("/dossiers?etape=INTAKE") == "/dossiers?etape=INTAKE"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/compte", {"Cookie": b"session=\xc3\xa9"}, 303),
        ("/compte", {"Cookie": b'session="a\\012b"'}, 303),
        ("/dossiers", {"User-Agent": b"\xc3\xa9"}, 200),
        ("/dossiers/", {}, 404),
        ("/dossiers?etape=x&domaine=y", {}, 200),
        ("/dossiers?territoire=x", {}, 422),
    ],
)
async def test_what_makes_no_sense_is_no_fault_of_ours(
    scene: Scene, pages: Pages, path: str, headers: dict[str, Any], status: int
) -> None:
    account = None if "Cookie" in headers else scene.corners[0].holder.account
    async with pages.visitor(account) as visitor:
        assert (await visitor.get(path, headers=headers)).status_code == status
