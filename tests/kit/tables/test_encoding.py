"""The encodings of offices are told apart, and what is in none of them is refused rather than garbled."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.tables import TableError, read_table
from tests.kit.tables.reading import refused, rows, values, write

FRENCH = "Prénom;Motif;Coût\r\nFrançoise;refusée à l’école, cœur brisé;12 €\r\nNoël;« où ça ? » — ÉVRY;0,5 €\r\n"
CODECS = ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso8859-15", "cp850", "mac-roman"]
LATIN_9 = FRENCH.replace("’", "'").replace("—", "-")  # it has neither


@pytest.mark.parametrize(
    ("codec", "text", "seen"),
    [
        ("utf-8", FRENCH, "utf-8"),
        ("utf-8-sig", FRENCH, "utf-8-sig"),
        ("utf-16", FRENCH, "utf-16"),
        ("cp1252", FRENCH, "cp1252"),
        ("iso8859-15", LATIN_9, "iso8859-15"),
        ("mac-roman", FRENCH, "mac-roman"),
    ],
)
def test_the_encodings_of_french_offices_are_told_apart(tmp_path: Path, codec: str, text: str, seen: str) -> None:
    table = read_table(write(tmp_path, text, codec))
    assert table.encoding == seen
    assert table.columns == ["Prénom", "Motif", "Coût"]
    assert [row.values["Motif"] for row in table] == [line.split(";")[1] for line in text.splitlines()[1:]]


def test_excel_unicode_text_reads_in_both_byte_orders(tmp_path: Path) -> None:
    text = "Prénom\tVille\r\nZoé\tBesançon\r\n"
    little = write(tmp_path, b"\xff\xfe" + text.encode("utf-16-le"), name="little.txt")
    big = write(tmp_path, b"\xfe\xff" + text.encode("utf-16-be"), name="big.txt")
    assert values(little) == values(big) == [["Zoé", "Besançon"]]


@pytest.mark.parametrize("codec", ["cp1252", "iso8859-15", "mac-roman"])
@pytest.mark.parametrize("word", ["René", "Lefèvre", "Besançon", "Orléans à côté", "ÉTAT", "œuf", "Müller", "12 €"])
def test_one_word_is_enough_to_tell_a_one_byte_encoding_or_it_is_asked_for(
    tmp_path: Path, codec: str, word: str
) -> None:
    assert read_or_asked(write(tmp_path, f"nom;n\n{word};1\n", codec)) in ([[word, "1"]], ASKED)


ASKED = "table-encoding-unsure"


def read_or_asked(file: Path) -> list[list[str]] | str:
    try:
        return values(file)
    except TableError as error:
        return error.code


MSDOS = (
    "Fiche;Date;Texte\r\n"
    "F-1;10/03/2025;Refus d'accès à la crèche\r\n"
    "F-2;11/03/2025;La mère de l'enfant a appelé : même réponse à l'accueil\r\n"
)


@pytest.mark.met("code page 850")
def test_what_excel_calls_ms_dos_is_told(tmp_path: Path) -> None:
    file = write(tmp_path, MSDOS, "cp850")
    assert read_table(file).encoding == "cp850"
    assert [row[2] for row in values(file)] == [line.split(";")[2] for line in MSDOS.splitlines()[1:]]


@pytest.mark.met("code page 850")
def test_a_single_letter_that_reads_well_in_two_encodings_is_asked_for(tmp_path: Path) -> None:
    file = write(tmp_path, "nom;n\nRefus à la porte;1\n", "cp850")  # an ellipsis in Windows
    error = refused(file)
    assert (error.code, error.field) == (ASKED, "encoding")
    assert {"cp1252", "cp850"} <= set(str(error.params["encodings"]).split(", "))
    assert values(file, encoding="cp850") == [["Refus à la porte", "1"]]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_without_its_mark(tmp_path: Path, codec: str) -> None:
    assert values(write(tmp_path, "Prénom;Ville\r\nZoé;Besançon\r\n", codec)) == [["Zoé", "Besançon"]]


IN_FRENCH = (
    "été hôpital où déjà là à ça reçu reçue élève ÉCOLE École Évry À Être cœur sœur œuvre Noël naïve maïs août dû "
    "goût sûr île âge forêt tâche « » l’accueil d’école “oui” – — … 12 € n° 1er m² père mère refusé répété évoqué "
    "Besançon François Zoé Chloé CHLOÉ REÇU Loïc ambiguë capharnaüm L’Haÿ et le la de refus 2025 ,"
)
WORDS = st.sampled_from(IN_FRENCH.split())


@settings(max_examples=150)
@given(words=st.lists(WORDS, min_size=1, max_size=12), codec=st.sampled_from(CODECS))
def test_french_is_read_as_it_was_written_or_its_encoding_is_asked_for(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], codec: str
) -> None:
    try:
        text = " ".join(words).encode(codec).decode(codec)
    except UnicodeEncodeError:
        return
    file = write(tmp_path_factory.mktemp("fr"), f"nom;n\n{text};1\n", codec)
    assert read_or_asked(file) in ([[text.strip(), "1"]], ASKED)


def test_the_bytes_are_those_of_the_standards(tmp_path: Path) -> None:
    """Written by hand, so that the test does not rest on Python's codecs both ways."""
    assert values(write(tmp_path, b"a;b\nd\x92Yqu\xe9;12 \x80\n")) == [["d’Yqué", "12 €"]]  # Windows
    assert values(write(tmp_path, b"a;b\rd\xd5Yqu\x8e;12 \xdb\r")) == [["d’Yqué", "12 €"]]  # Macintosh
    assert values(write(tmp_path, b"a;b\ns\xbdur \xe9;12 \xa4\n")) == [["sœur é", "12 €"]]  # ISO 8859-15


def test_an_encoding_that_is_given_is_obeyed(tmp_path: Path) -> None:
    assert values(write(tmp_path, b"a;b\n\xa4;1\n"), encoding="cp1252") == [["¤", "1"]]
    assert values(write(tmp_path, "\ufeffa;b\né;1\n"), encoding="utf-8") == [["é", "1"]]
    assert read_table(write(tmp_path, '\ufeff"a;a";b\n1;2\n'), encoding="utf-8").columns == ["a;a", "b"]


def test_text_in_no_known_encoding_is_refused_rather_than_garbled(tmp_path: Path) -> None:
    half_and_half = b"nom;n\n" + "Élève\n".encode() * 3 + "é\n".encode("cp1252")
    assert refused(write(tmp_path, half_and_half)).code == "table-undecodable"
    assert refused(write(tmp_path, "nom\nŁódź, Gdańsk\n", "cp1250")).code in ("table-undecodable", ASKED)
    assert refused(write(tmp_path, b"a;b\n\xe9;1\n"), encoding="utf-8").code == "table-undecodable"
    cut_in_a_letter = "a;b\né;1\n".encode("utf-16")[:-1]
    assert refused(write(tmp_path, cut_in_a_letter)).code == "table-undecodable"


@pytest.mark.parametrize("name", ["klingon", "base64", "a\0b", "undefined"])
def test_an_unknown_encoding_is_named(tmp_path: Path, name: str) -> None:
    error = refused(write(tmp_path, "a;b\n"), encoding=name)
    assert (error.code, error.params) == ("table-unknown-encoding", {"encoding": name})


@pytest.mark.parametrize("content", [b"a;\0b\n1;2\n", b"\xff\xfea\0;\0\0\0"])
def test_nul_bytes_in_the_header_show_that_it_is_no_text(tmp_path: Path, content: bytes) -> None:
    assert refused(write(tmp_path, content)).code == "table-nul-bytes"


@pytest.mark.parametrize("encoding", [None, "utf-8"])
def test_a_nul_byte_in_a_row_is_a_problem_of_that_row(tmp_path: Path, encoding: str | None) -> None:
    first, bad, last = rows(write(tmp_path, "a;b\n1;é\n3;x\0y\n5;6\n"), encoding=encoding)
    assert (first.problem, last.problem) == (None, None) and first.values["b"] == "é"
    assert bad.problem is not None and bad.problem.code == "table-nul-in-cell"
    assert (bad.problem.field, bad.problem.params) == ("b", {"line": 3, "column": "b"})
    assert bad.values == {"a": "3", "b": "x�y"}
    assert str(bad.problem)
