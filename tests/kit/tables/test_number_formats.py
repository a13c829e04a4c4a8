"""Figures come as the sheet shows them: postcodes, telephone numbers, amounts, shares, signs, conditions."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.tables.number_formats import NotShown, shown

PHONE = '0#" "##" "##" "##" "##'
SOCIAL_SECURITY = '[>=3000000000000]#" "##" "##" "##" "###" "###" | "##;#" "##" "##" "##" "###" "###'


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1000, "00000", "01000"),
        (12, "00000", "00012"),
        (75001, "00000", "75001"),
        (300000001, PHONE, "03 00 00 00 01"),
        (300000001, r"0#\ ##\ ##\ ##\ ##", "03 00 00 00 01"),
        (33300000001, r"\+00\ 0\ 00\ 00\ 00\ 00", "+33 3 00 00 00 01"),
        (2690199999999, SOCIAL_SECURITY, "2 69 01 99 999 999"),
        (1, "0.0", "1,0"),
        (1, "0", "1"),
        (75001, "General", "75001"),
        (1.5, "General", "1,5"),
        (12345678901234, "General", "12345678901234"),
        (1e-7, "General", "0,0000001"),
        (1234.5, "#,##0.00", "1\u202f234,50"),
        (1234567, "#,##0", "1\u202f234\u202f567"),
        (12, "#,##0", "12"),
        (0, "#,##0", "0"),
        (1234567, "#,##0,", "1\u202f235"),
        (0.45, "0%", "45%"),
        (0.4567, "0.0%", "45,7%"),
        (12.5, '#,##0.00\\ "€"', "12,50 €"),
        (12.5, "#,##0.00\\ [$€-40C]", "12,50 €"),
        (-3, "0", "-3"),
        (-3, "0;(0)", "(3)"),
        (-0.2, "0", "0"),
        (0, '0;-0;"néant"', "néant"),
        (0, "#", ""),
        (0.5, "0", "1"),
        (2.5, "0.##", "2,5"),
        (2, "0.##", "2,"),
        (7, '"Dossier n° "000', "Dossier n° 007"),
        (12, '0" ans"', "12 ans"),
        (7, "[Red]0", "7"),
        (1200000, "0.00E+00", "1200000"),
        (0.5, "# ?/?", "0,5"),
        (3, "@", "3"),
        (3, 'General" pièces"', "3 pièces"),
    ],
)
def test_a_number_is_shown_by_its_format(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


@pytest.mark.parametrize("code", [";;;", "yyyy", "[<1]0;[>5]0"])
def test_what_the_sheet_hides_or_nobody_can_tell_is_not_guessed(code: str) -> None:
    with pytest.raises(NotShown):
        shown(3, code)


@given(st.integers(0, 10**15 - 1), st.integers(1, 15))
def test_noughts_fill_a_number_from_the_left(value: int, width: int) -> None:
    assert shown(float(value), "0" * width) == f"{value:0{width}}"


@given(st.integers(-(10**9), 10**9), st.integers(0, 4), st.booleans())
def test_an_amount_reads_back_as_it_was_rounded(cents: int, places: int, grouped: bool) -> None:
    value = cents / 100
    code = ("#,##0" if grouped else "0") + ("." + "0" * places if places else "")
    text = shown(value, code).replace("\u202f", "").replace(",", ".")
    exact = (Decimal(cents) / 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert Decimal(text) == exact
    assert len(text.partition(".")[2]) == places


@given(st.integers(-(10**14), 10**14))
def test_a_whole_number_without_a_format_is_its_figures(value: int) -> None:
    assert shown(float(value)) == str(value)
