"""Typesetting: whatever somebody typed is text, can be printed, and comes out the same every time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.formats.typeset import LONGEST_WORD, drawable, typeset
from tests.support import reader
from tests.support.hostile_texts import HOSTILE

AT = datetime(2026, 3, 2, tzinfo=UTC)
TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: [Essai], author: "Essai")
#set text(lang: "fr", region: "FR")
= #data.text
#data.text
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "template.typ"
    path.write_text(TEMPLATE)
    return path


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_somebody_typed_is_printed_and_never_obeyed(template: Path, typed: str) -> None:
    pdf = typeset(template, {"text": typed}, AT)
    assert reader.faults(pdf, "Essai") == []
    ascii_words = [word for word in typed.split() if word.isascii() and len(word) < LONGEST_WORD]
    said = reader.text(pdf)
    assert all(word in said for word in ascii_words)


def test_markup_is_read_back_as_it_was_typed(template: Path) -> None:
    assert HOSTILE[0] in reader.text(typeset(template, {"text": HOSTILE[0]}, AT))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Zoé œuvre à 5 € – « oui »", "Zoé œuvre à 5 € – « oui »"),
        ("Привет Ωμέγα", "Привет Ωμέγα"),
        ("oui 😀", "oui [U+1F600]"),
        ("漢", "[U+6F22]"),
        ("a\x00b\x1b[31m", "a[U+0000]b[U+001B][31m"),
        ("\ud800", "[U+D800]"),
    ],
)
def test_a_sign_that_no_font_has_stands_there_by_its_code(typed: str, printed: str) -> None:
    assert drawable(typed) == printed


@pytest.mark.parametrize(("longest", "word"), [(28, "x" * 57), (64, "a@" + "x" * 130), (64, "https://" + "x" * 130)])
def test_a_long_word_may_be_broken_and_an_address_only_when_it_must(longest: int, word: str) -> None:
    parts = drawable(f"voir {word} là").split(" ")[1].split("\u200b")
    assert "".join(parts) == word
    assert [len(part) for part in parts[:-1]] == [longest] * (len(word) // longest)


def test_no_word_runs_off_the_page(template: Path) -> None:
    pdf = typeset(template, {"text": "x" * 3_000}, AT)
    assert reader.text(pdf).count("x") == 6_000
    with reader.opened(pdf) as document:
        assert len(document.pages) >= 1
    from pypdfium2 import PdfDocument

    for page in PdfDocument(pdf):
        text = page.get_textpage()
        boxes = [text.get_charbox(n) for n in range(text.count_chars())]
        assert max(right for _left, _bottom, right, _top in boxes) < page.get_width() - 20


def test_the_same_text_and_day_give_the_same_bytes_and_another_day_does_not(template: Path) -> None:
    assert typeset(template, {"text": "é"}, AT) == typeset(template, {"text": "é"}, AT)
    assert typeset(template, {"text": "é"}, AT) != typeset(template, {"text": "é"}, AT.replace(day=3))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_at_all_can_be_printed(typed: str) -> None:
    path = Path(__file__).with_name("plain.typ")
    assert typeset(path, {"text": typed}, AT).startswith(b"%PDF")
