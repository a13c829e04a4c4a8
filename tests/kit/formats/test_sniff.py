"""What surrounds a PDF does no harm; what follows it does. Every kind that is taken has its ending in a dossier."""

import pytest

from domain.media import SUFFIXES
from kit.formats.sniff import KINDS, Inspection, Unacceptable
from tests.support.pdfs import pdf


def looked_at(name: str, *pieces: bytes) -> str:
    inspection = Inspection(name)
    for piece in pieces:
        inspection.look(piece)
    return inspection.end().media_type


@pytest.mark.met("a padded PDF")
@pytest.mark.parametrize("before", [b"", b"\n", b"\0" * 100, b"\xef\xbb\xbf", b"\r\n \t"])
@pytest.mark.parametrize("after", [b"", b"\0" * 4096, b"\0" * 200_000, b"\r\n" * 3000, b" " * 5000, b"\x1a"])
def test_padding_around_a_pdf_is_nothing(before: bytes, after: bytes) -> None:
    assert looked_at("bail.pdf", before + pdf(), after) == "application/pdf"


def test_what_follows_a_pdf_is_refused_for_what_it_is() -> None:
    with pytest.raises(Unacceptable) as caught:
        looked_at("bail.pdf", pdf() + b"another file" * 400)
    assert caught.value.code == "file_something_after"


def test_a_pdf_that_is_cut_short_is_said_to_be() -> None:
    with pytest.raises(Unacceptable) as caught:
        looked_at("bail.pdf", pdf()[:-40] + b"\0" * 4096)
    assert caught.value.code == "file_truncated"


@pytest.mark.met("endings of copies")
def test_every_kind_keeps_its_ending() -> None:
    assert {kind.media_type: kind.suffixes[0].lstrip(".") for kind in KINDS} == SUFFIXES
