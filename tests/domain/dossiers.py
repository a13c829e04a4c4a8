"""A complaint with everything that a file for the Defender of Rights asks for."""

from typing import Any

from domain.parts.letter import SendLetter
from domain.parts.piece import ReceivePiece, WaivePieces
from tests.domain.examples import Story, consent, explained, to_defender
from tests.people import AGENCY, LOU_BY_POST

FACTS = {"narrative": "Refusée à la porte.", "occurred_on": "2026-02-20", "place": {"commune": "59350"}}
COMPLETE: dict[str, Any] = {
    "acts": ["DIRECTE"],
    "complainant": LOU_BY_POST,
    "respondent": AGENCY,
    "facts": FACTS,
    "expectations": "Être traitée comme les autres.",
}
REASONS = SendLetter(pieces=("EV011",), lever="REASONS_PRIVATE")
RECEIVE = ReceivePiece(piece="EV033", description="Les messages du 20 février")


def complete() -> Story:
    """A case whose file lacks nothing."""
    story = Story(**COMPLETE).do(to_defender(), consent("RESPONDENT"), RECEIVE)
    story.do(ReceivePiece(piece="EV002", description="Une amie atteste"))
    return story.do(*explained(story.case, WaivePieces, "Sans objet"))
