"""No mail, no file and no row of mails says anything of a person: marked words in every personal field of a case."""

from datetime import timedelta
from pathlib import Path

from domain.parts.intake import AmendComplaint
from domain.parts.piece import AddPiece
from domain.values import day_of
from domain.vocabulary import Party
from kit.mail.mailbox import OutboxFolder
from tests.people import STAFF, WORKER, address_of
from tests.support.builders import journey
from tests.support.canaries import PERSONAL, Canaries, a_full_complaint
from tests.support.correspondents import preferences, settle_in
from tests.support.lives import MONDAY
from tests.support.mailroom import Mailroom, at_eight


async def test_no_word_of_a_person_is_in_any_mail(small_room: Mailroom, tmp_path: Path) -> None:
    room, canaries = small_room, Canaries()
    settle_in(room.database)
    for actor in STAFF:
        preferences(room.database, actor, when="BOTH", grace=0, language="en" if actor is WORKER else "fr")
    outbox = OutboxFolder(tmp_path / "outbox", "aboutir@aboutir.test")
    post = room.with_mailbox(outbox)

    # Cases that stop at every step of a whole journey, each with a piece that perishes under a telling name.
    steps = journey(day_of(MONDAY))
    for stop in range(0, len(steps), 2):
        full = a_full_complaint()
        facts = full.facts.model_copy(update={"occurred_on": day_of(MONDAY)})
        said, planted = canaries.in_all(full.model_copy(update={"received_at": MONDAY, "facts": facts}))
        assert planted == PERSONAL
        reference = room.lives.open()
        amended = said.model_copy(update={"source": None})
        assert room.lives.ask(reference, AmendComplaint(complaint=amended, reason=canaries.one()), WORKER)
        on = day_of(MONDAY) + timedelta(days=40)
        piece = AddPiece(label=canaries.one(), held_by=Party.RESPONDENT, perishes_on=on)
        assert room.lives.ask(reference, piece, WORKER)
        for command, who, _ in steps[:stop]:
            marked, _ = canaries.in_all(command)
            room.lives.ask(reference, marked, who)
        for days in (30, 8, 40):
            room.pass_time(reference, timedelta(days=days))
            at = room.time_of(reference)
            for row in room.rows(reference=reference, state="WAITING"):
                await room.deliver(row.id, max(at, row.not_before), post)
            await room.round(at_eight(at), post)

    files = sorted((tmp_path / "outbox").iterdir())
    texts = [file.read_bytes().decode() for file in files]
    decoded = [_decoded(file) for file in files]
    kept = "\n".join(str(tuple(row)) for row in room.rows())
    assert len(files) > 30
    escaped = [
        word
        for word in canaries.let_out
        if any(word.lower() in text.lower() for text in (*texts, *decoded, kept, *(file.name for file in files)))
    ]
    print(f"{len(canaries.let_out)} marked words, {len(files)} mails, {len(escaped)} found in them")
    assert escaped == []
    # Nor anything of the staff, but the address on the envelope.
    names = [actor.account for actor in STAFF] + [actor.organisation for actor in STAFF]
    bodies = "\n".join(text.partition("\n\n")[2] for text in decoded)
    assert [name for name in names if name in bodies] == []
    assert "@" not in kept
    assert all(address_of(actor).partition("@")[0] not in bodies for actor in STAFF)


def _decoded(file: Path) -> str:
    from email import message_from_bytes
    from email.policy import default

    mail = message_from_bytes(file.read_bytes(), policy=default)
    return f"{mail['Subject']}\n\n{mail.get_content()}"
