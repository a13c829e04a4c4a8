"""A checkpoint that somebody kept of a mail is known again after what mail programs do to it, and nothing else is."""

import quopri
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.log.checkpoint import Checkpoint, NotACheckpoint, PublicKey, opened, recovered, signed
from kit.crypto.signing import SigningKey, verify
from kit.mail.mailbox import Attachment, Mail
from kit.mail.saved import texts_in

KEY = SigningKey(bytes(32))
PUBLIC = PublicKey("aboutir.example.org/a-city-with-a-long-name", KEY.public)
SAID = Checkpoint(PUBLIC.name, 1_234_567, bytes(range(32)), 1_234_000, datetime(2026, 3, 2, 2, 30, 0, 1, UTC))
NOTE = signed(SAID.text(), PUBLIC, KEY.sign)

Damage = Callable[[str], str]
DAMAGES: dict[str, Damage] = {
    "other ends of lines": lambda text: text.replace("\n", "\r\n"),
    "trailing blanks": lambda text: text.replace("\n", "  \t\n"),
    "quoted": lambda text: "".join(f"> {line}\n" for line in text.split("\n")),
    "quoted twice": lambda text: "".join(f">> {line}\n" for line in text.split("\n")),
    "indented": lambda text: "".join(f"    {line}\n" for line in text.split("\n")),
    "blank lines doubled": lambda text: text.replace("\n", "\n\n"),
    "blank lines lost": lambda text: text.replace("\n\n", "\n"),
    "wrapped at blanks": lambda text: text.replace(f"{PUBLIC.name} ", f"{PUBLIC.name}\n"),
    "hard blanks": lambda text: text.replace(" ", "\u00a0"),
    "a plain dash": lambda text: text.replace("\u2014", "-"),
    "two dashes": lambda text: text.replace("\u2014", "--"),
    "no such letter": lambda text: text.replace("\u2014", "?"),
    "read in other letters": lambda text: text.encode().decode("cp1252", errors="replace"),
    "words around it": lambda text: f"Bonjour,\nvoici :\n\n{text}\n-- \nLa mairie\n",
    "no last newline": lambda text: text.rstrip("\n"),
    "the mark of UTF-8": lambda text: "\ufeff" + text,
}


def said_by(saved: bytes) -> Checkpoint:
    """The text of a saved file, if we signed it."""
    for text in texts_in(saved):
        try:
            return Checkpoint.parse(opened(recovered(text), [PUBLIC], verify))
        except NotACheckpoint:
            continue
    raise NotACheckpoint


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_mail_programs_do_to_a_note_can_be_undone(damage: Damage) -> None:
    assert said_by(damage(NOTE).encode()) == SAID


@given(st.lists(st.sampled_from(sorted(DAMAGES)), max_size=4, unique=True))
def test_one_thing_after_the_other(names: list[str]) -> None:
    text = NOTE
    for name in names:
        text = DAMAGES[name](text)
    assert said_by(text.encode()) == SAID


def test_a_note_as_it_was_is_given_back_to_the_letter() -> None:
    assert recovered(NOTE) == NOTE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_of_other_programs_are_read(encoding: str) -> None:
    assert said_by(NOTE.encode(encoding)) == SAID


def test_a_whole_mail_and_its_text_as_it_travelled_are_read() -> None:
    mail = Mail("id", "a@b.test", "é", f"{NOTE}\n-- \nGardez ce mél.\n", datetime(2026, 3, 2, tzinfo=UTC),
                Attachment("checkpoint-000001234567.txt", NOTE))  # fmt: skip
    whole = mail.message("us@b.test").as_bytes()
    assert said_by(whole) == SAID
    body, attached = mail.message("us@b.test").iter_parts()
    assert attached.get_payload(decode=True) == NOTE.encode()
    assert recovered(body.get_content()) == NOTE, "and the text alone is enough"
    assert said_by(b"> Subject: forwarded\n> \n" + b"".join(b"> " + line for line in whole.splitlines(True))) == SAID
    assert said_by(quopri.encodestring(NOTE.encode())) == SAID


@given(st.data())
def test_no_repair_makes_another_note_of_it(data: st.DataObject) -> None:
    """One character of what was signed is changed: it is refused, or says just the same."""
    at = data.draw(st.integers(0, len(NOTE) - 1))
    text = NOTE[:at] + data.draw(st.sampled_from("aB3+/= \n>-")) + NOTE[at + 1 :]
    try:
        assert said_by(text.encode()) == SAID
    except NotACheckpoint:
        assert text != NOTE


NO_NOTES = [b"", b"\x00\xff" * 50, b"Bonjour", SAID.text().encode(), b"=" * 10_000, b"A " * 5_000]


@pytest.mark.parametrize("saved", NO_NOTES)
def test_what_is_no_note_is_refused(saved: bytes) -> None:
    with pytest.raises(NotACheckpoint):
        said_by(saved)


def test_a_note_of_somebody_else_is_refused() -> None:
    other = SigningKey(b"x" * 32)
    note = signed(SAID.text(), PublicKey(PUBLIC.name, other.public), other.sign)
    with pytest.raises(NotACheckpoint):
        said_by(note.encode())
