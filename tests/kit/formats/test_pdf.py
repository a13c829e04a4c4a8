"""The copy of a PDF that is shown acts no more, and says what it said."""

import io
import re

import pikepdf
import pytest

from kit.formats.pdf import NotCleaned, Trait, clean, look
from tests.support.pdfs import HOW, SAYS, kept_from_printing, laid_open, pdf


def cleaned(data: bytes) -> bytes:
    return b"".join(clean([data[at : at + 1000] for at in range(0, len(data), 1000)]))


@pytest.mark.parametrize("how", HOW)
def test_nothing_that_acts_is_left(how: str) -> None:
    given = pdf(how)
    assert b"canari" in laid_open(given)
    text = laid_open(cleaned(given))
    assert b"canari" not in text
    assert not re.search(rb"/(JavaScript|JS|Launch|SubmitForm|OpenAction|AA|URI|EmbeddedFile|RichMedia|XFA)\b", text)
    with pikepdf.open(io.BytesIO(text)) as read:
        assert [page.Contents.read_bytes() for page in read.pages] == [SAYS]


def test_everything_at_once_and_again() -> None:
    once = cleaned(pdf(*HOW))
    assert b"canari" not in laid_open(once)
    assert cleaned(once) == cleaned(once)


def test_a_jump_to_a_page_and_what_was_plain_stay() -> None:
    text = laid_open(cleaned(pdf("next_of_a_jump")))
    assert b"/GoTo" in text
    assert b"Bonjour" in text


def test_an_incremental_update_that_puts_a_script_back_is_taken_out_too() -> None:
    given = pdf()
    with pikepdf.open(io.BytesIO(given)) as read:
        number, size = read.Root.objgen[0], int(read.trailer.Size)
        pages = read.Root.Pages.objgen[0]
    at, first = len(given), int(re.findall(rb"startxref\s+(\d+)", given)[-1])
    acts = "/OpenAction << /S /JavaScript /JS (canari) >>"
    more = f"\n{number} 0 obj\n<< /Type /Catalog /Pages {pages} 0 R {acts} >>\nendobj\n".encode()
    tail = (
        f"xref\n{number} 1\n{at + 1:010} 00000 n \ntrailer\n<< /Size {size} /Root {number} 0 R /Prev {first} >>\n"
        f"startxref\n{at + len(more)}\n%%EOF\n"
    ).encode()
    assert b"canari" in laid_open(given + more + tail)
    assert b"canari" not in laid_open(cleaned(given + more + tail))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (pdf(password="secret"), "locked"),  # noqa: S106
        (b"%PDF-1.7\n%%EOF\n", "broken"),
        (b"", "broken"),
    ],
)
def test_what_cannot_be_cleaned_is_told(data: bytes, why: str) -> None:
    with pytest.raises(NotCleaned) as told:
        cleaned(data)
    assert told.value.why == why


@pytest.mark.met("a PDF with a password")
@pytest.mark.parametrize(
    ("data", "trait"),
    [
        (pdf(), None),
        (pdf("open_action"), None),
        (kept_from_printing(), None),
        (pdf(password="secret"), Trait.LOCKED),  # noqa: S106
        (pdf("embedded_file"), Trait.HOLDS_FILES),
        (pdf("attachment"), Trait.HOLDS_FILES),
        (b"%PDF-1.7\n%%EOF\n", Trait.UNREAD),
    ],
    ids=["plain", "a script", "not to be printed", "a password", "a file inside", "a file on a page", "damaged"],
)
def test_what_is_to_be_known_before_it_is_opened(data: bytes, trait: Trait | None) -> None:
    assert look([data]) is trait


def test_a_pdf_beyond_the_limit_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.formats.pdf.LARGEST", 100)
    with pytest.raises(NotCleaned) as told:
        cleaned(pdf())
    assert told.value.why == "too_large"


def test_a_look_at_a_pdf_beyond_the_limit_says_that_nothing_is_known_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.formats.pdf.LARGEST", 100)
    assert look([pdf()]) is Trait.UNREAD
