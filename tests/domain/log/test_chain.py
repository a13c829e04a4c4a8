"""What a line of the book is hashed from: lines of every version hash as they did on the day they were written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.log.chain import FIRST, Line
from domain.vocabulary import Door

LINE = Line(
    reference="MEL-ABCDE-FGHJ",
    version=3,
    command_id="c-1",
    position=0,
    tag="note_added.1",
    account="accueil",
    role="CASE_WORKER",
    organisation="acces-droit-mel",
    metropolis="MEL",
    door=None,
    happened_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
    recorded_at=datetime(2026, 3, 2, 8, 0, 0, 1, tzinfo=UTC),
    event=b'{"tag":"note_added.1"}',
)


def test_a_line_without_a_door_hashes_as_it_did_before_there_were_doors() -> None:
    assert LINE.hash(FIRST).hex() == "b7b976af774cc6c220ad7c36257635f591f5688c075fdbb53edff5af2d1f6dd2"


@pytest.mark.parametrize("door", [door for door in Door if door is not Door.LOCAL])
def test_no_door_can_be_put_into_a_line_or_taken_out_of_it(door: Door) -> None:
    others = {replace(LINE, door=other.value).hash(FIRST) for other in Door if other is not door}
    through = replace(LINE, door=door.value)
    assert through.hash(FIRST) not in others | {LINE.hash(FIRST)}
    assert through.content() != LINE.content()
