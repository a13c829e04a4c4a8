"""Texts that people read: every message is in the catalogue, in French that this project would sign."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from domain.vocabulary import Term
from kit.i18n import catalogue, language, read, translate
from locales import extract
from tests.support.french import NOT_FRENCH

SAME_IN_BOTH = frozenset({"Administration", "Association", "Commune", "Organisation", "Pause", "Version {version}"})
"""The words that are written alike in English and in French."""

FORBIDDEN = re.compile(r"\b(victime|coupable|plaignant|accusé·)", re.IGNORECASE)
"""A complaint is unproven: nobody is a victim, guilty, a plaintiff or accused here."""


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    with extract.po("fr").open("rb") as file:
        return [message for message in read_po(file) if message.id]


@pytest.fixture(scope="module")
def french(messages: list[Message]) -> dict[str, str]:
    """Each template in French; of one that counts something, singular and plural."""
    texts: dict[str, str] = {}
    for message in messages:
        if isinstance(message.id, str):
            texts[message.id] = str(message.string)
        else:
            texts |= zip(message.id, message.string, strict=True)
    return texts


@pytest.fixture(scope="module")
def plurals(messages: list[Message]) -> dict[str, tuple[str, ...]]:
    """The forms of each template that counts something, under its singular and under its plural."""
    counting = [message for message in messages if not isinstance(message.id, str)]
    return {template: tuple(message.string) for message in counting for template in message.id}


# --- The catalogue ---------------------------------------------------------------------------------------


def test_the_catalogue_is_complete_and_up_to_date() -> None:
    assert extract.check() == []


def test_both_sides_of_a_message_have_the_same_parameters(french: Mapping[str, str]) -> None:
    assert [en for en, fr in french.items() if extract.parameters(en) != extract.parameters(fr)] == []


def test_every_message_that_is_not_the_same_word_is_said_otherwise_in_french(french: Mapping[str, str]) -> None:
    assert {en for en, fr in french.items() if en == fr} == SAME_IN_BOTH


@pytest.mark.parametrize("kind", extract.terms(), ids=lambda kind: kind.__name__)
def test_every_label_is_said_in_french(kind: type[Term]) -> None:
    left = [term.name for term in kind if translate(term.label, "fr") == term.label]
    assert [name for name in left if kind[name].label not in SAME_IN_BOTH] == []


@pytest.mark.parametrize("kind", extract.terms(), ids=lambda kind: kind.__name__)
def test_two_codes_of_a_list_never_have_the_same_label(kind: type[Term]) -> None:
    labels = [translate(term.label, "fr") for term in kind]
    assert len(set(labels)) == len(labels)


def test_no_word_of_the_catalogue_takes_a_complaint_for_proven(french: Mapping[str, str]) -> None:
    assert [fr for fr in french.values() if FORBIDDEN.search(fr)] == []


def test_a_complaint_is_called_plainte_only_where_it_is_one_in_criminal_law(french: Mapping[str, str]) -> None:
    assert [en for en, fr in french.items() if re.search(r"\bplaintes?\b", fr, re.IGNORECASE)] == ["Criminal complaint"]


def test_punctuation_is_french(french: Mapping[str, str]) -> None:
    assert [fr for fr in french.values() if NOT_FRENCH.search(fr)] == []


@pytest.mark.parametrize("sign", [";", "?", "!", ":"])
@pytest.mark.parametrize("space", ["", " ", "\u00a0", "\u202f", " \u00a0", " \u202f"])
def test_a_sign_with_the_wrong_space_before_it_is_seen(sign: str, space: str) -> None:
    right = "\u00a0" if sign == ":" else "\u202f"
    for said in (f"Oui{space}{sign} - non", f"Oui {{count}}{space}{sign}"):
        assert bool(NOT_FRENCH.search(said)) is (space != right)


@pytest.mark.parametrize("space", ["", " ", "\u00a0", "\u202f", "\u00a0 "])
def test_quotation_marks_with_the_wrong_space_inside_are_seen(space: str) -> None:
    assert bool(NOT_FRENCH.search(f"Dit «{space}oui\u00a0».")) is (space != "\u00a0")
    assert bool(NOT_FRENCH.search(f"Dit «\u00a0oui{space[::-1]}».")) is (space != "\u00a0")


COUNTED = re.compile(r"^\{\w+\} (?:sur \{\w+\} )?(?:[\w’]+[sx]|ont|sont)\b")
"""A number before a plural. Nothing else at the head of a message, a field or a file, is followed by such a word."""


def test_no_message_begins_with_a_number_and_a_plural_that_does_not_agree_with_it(
    french: Mapping[str, str], plurals: Mapping[str, tuple[str, ...]]
) -> None:
    # "0 dossiers trouvés", "1 dossiers trouvés": either there is a form for one, or what is counted comes first.
    assert [fr for en, fr in french.items() if COUNTED.search(fr) and en not in plurals] == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("{count} dossiers trouvés.", True),
        ("{days} jours ouvrés après la saisine.", True),
        ("{done} dossiers sur {count} examinés.", True),
        ("{count} sur {seen} ont été supprimés.", True),
        ("Dossiers trouvés\u00a0: {count}.", False),
        ("{count} o", False),
        ("{file} dépasse 4 Mo.", False),
    ],
)
def test_a_number_and_a_plural_are_told_from_a_name_and_its_verb(said: str, wrong: bool) -> None:
    assert bool(COUNTED.search(said)) is wrong


def test_names_of_fields_commands_and_options_are_left_as_they_are(french: Mapping[str, str]) -> None:
    named = re.compile(r"(?<!\{)\b[a-z]+_[a-z_]+\b|--[a-z]+|\b[A-Z]+_[A-Z_]+\b|starter\.py(?: [a-z]+)?")
    lost = {en: missing for en, fr in french.items() if (missing := set(named.findall(en)) - set(named.findall(fr)))}
    assert lost == {}


def test_references_to_the_law_are_left_as_they_are(french: Mapping[str, str]) -> None:
    cited = re.compile(r"\((?:LO|loi|C\.)[^)]*\)")
    assert [en for en, fr in french.items() if cited.findall(en) != cited.findall(fr)] == []


# --- The reader's language -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "fr"),
        ({"LANG": ""}, "fr"),
        ({"LANG": "C.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en"}, "en"),
        ({"LANG": "EN_US"}, "en"),
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "en_GB.UTF-8"}, "fr"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_ALL": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "fr"),
    ],
)
def test_french_is_spoken_unless_english_is_asked_for(environment: dict[str, str], code: str) -> None:
    assert language(environment) == code


def test_what_is_not_in_the_catalogue_is_said_as_it_is() -> None:
    assert translate("No message of ours.", "fr") == "No message of ours."
    assert translate("", "fr") == ""  # and not the header of the catalogue
    assert translate("Intake", "en") == "Intake"
    assert catalogue("fr").texts["Intake"] == "Recueil"


def test_the_catalogue_is_read_as_babel_reads_it(
    french: Mapping[str, str], plurals: Mapping[str, tuple[str, ...]]
) -> None:
    assert catalogue("fr").texts == {en: fr for en, fr in french.items() if en not in plurals}
    assert catalogue("fr").plurals == plurals


def test_what_is_not_translated_or_only_guessed_is_said_as_it_is() -> None:
    text = (
        'msgid ""\nmsgstr ""\n"Language: fr\\n"\n\n'
        '#: a.py\nmsgid "Tab\\t, \\"quoted\\", back\\\\slash."\nmsgstr "Ici\\n"\n"et là."\n\n'
        '#, fuzzy\nmsgid "Guessed."\nmsgstr "Deviné."\n\nmsgid "Empty."\nmsgstr ""\n\n'
        '#: a.py\n#, python-format, fuzzy\n#| msgid "Once."\nmsgid "Twice."\nmsgstr "Une fois."\n\n'
        'msgid "One day."\nmsgid_plural "{count} days."\nmsgstr[0] "Un jour."\nmsgstr[1] "{count} "\n"jours."\n\n'
        'msgid "One hour."\nmsgid_plural "{count} hours."\nmsgstr[0] "Une heure."\nmsgstr[1] ""\n\n'
        '#~ msgid "Gone."\n#~ msgstr "Parti."\n\nmsgid "Last."\nmsgstr "Fin."'
    )
    texts, plurals = read(text)
    assert texts == {'Tab\t, "quoted", back\\slash.': "Ici\net là.", "Last.": "Fin."}
    assert plurals == {"One day.": ("Un jour.", "{count} jours."), "{count} days.": ("Un jour.", "{count} jours.")}


# --- The extraction --------------------------------------------------------------------------------------

SOURCE = """
_AGAIN = "Send it again."

class Lost(StackError):
    message = "It is lost."
    def __init__(self):
        self.remedy = "Look." if True else "Search. " + _AGAIN

class Late(Refused): ...

class Early(Refused):
    def __init__(self):
        super().__init__("code", "It is early.", "Wait.")

def f(x):
    word = "one" if x else "two"
    _(word, name="no message")
    raise Late("code", "It is late.", remedy="Hurry.")
    words.plural("{count} day", "{count} days", x)
    Option("--x", help="Helpful.")
"""


def test_messages_are_found_where_they_are_written() -> None:
    tree = ast.parse(SOURCE)
    reader = extract.Reader(tree, frozenset({"Refused", "Late", "Early"}), frozenset({"StackError", "Lost"}))
    assert reader.found == {
        "It is lost.", "Look.", "Search. Send it again.", "one", "two", "It is late.", "Hurry.", "It is early.",
        "Wait.", ("{count} day", "{count} days"), "Helpful.",
    }  # fmt: skip
    assert extract.subclasses([tree], "Refused") == {"Refused", "Late", "Early"}


def test_extracting_twice_gives_the_same_files() -> None:
    found = extract.messages()
    once, again = (extract.written(extract.merged("fr", found), "fr") for _ in range(2))
    assert once == again


def test_the_check_names_what_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    monkeypatch.setattr(extract, "po", lambda code: tmp_path / code / "aboutir.po")
    days = "{count} day before {end}.", "{count} days before {end}."
    weeks = "One week before {end}.", "{count} weeks before {end}."
    texts = ("New.", "Told {day}.", "Empty.", "Guessed.", days, weeks)
    found: extract.Messages = {text: {"a.py"} for text in texts}
    (tmp_path / "fr" / "aboutir.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Told {day}."\nmsgstr "Dit."\n\nmsgid "Empty."\nmsgstr ""\n\n'
        '#, fuzzy\nmsgid "Guessed."\nmsgstr "Deviné."\n\nmsgid "Gone."\nmsgstr "Parti."\n\n'
        f'msgid "{days[0]}"\nmsgid_plural "{days[1]}"\nmsgstr[0] "Un jour avant {{end}}."\n'
        'msgstr[1] "{count} jours."\n\n'
        f'msgid "{weeks[0]}"\nmsgid_plural "{weeks[1]}"\nmsgstr[0] "La semaine avant {{end}}."\n'
        'msgstr[1] "{count} semaines avant {end}."\n',
        encoding="utf-8",
    )
    assert [fault.partition(":")[0].partition(" (")[0] for fault in extract.faults("fr", found)] == [
        "not in it",
        "obsolete",
        "parameters [] instead of ['{day}']",
        "not translated",
        "fuzzy",
        "parameters ['{end}'] instead of ['{count}', '{end}']",
        "parameters ['{count}'] instead of ['{count}', '{end}']",
        "not as the extraction writes it",
    ]
