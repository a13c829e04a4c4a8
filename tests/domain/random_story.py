"""Cases drawn at random."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from domain.parts.contact import RecordContact
from domain.parts.filing import AcknowledgeFiling, File, RecordFilingRequest
from domain.parts.letter import SendLetter
from domain.parts.pause import Pause
from domain.parts.piece import AddPiece, RequestPiece
from domain.values import day_of
from domain.vocabulary import Domain
from tests.domain.examples import Story
from tests.people import LILLE, THIRD_ORG


def random_story(seed: int) -> Story:
    """A case drawn at random, the same for the same seed: up to six things are done in it."""
    dice = Random(seed)  # noqa: S311 - dice
    received = date(2026, 3, 2) - timedelta(days=dice.choice([0, 1, 30, 400]))
    facts = {"narrative": "Refused at the door", "place": {"commune": LILLE}}
    if dice.random() < 0.8:
        facts["occurred_on"] = (received - timedelta(days=dice.choice([0, 5, 40, 300, 900]))).isoformat()
    story = Story(
        received_at=received.isoformat(),
        domain=dice.choice([d.value for d in Domain]),
        facts=facts,
        acts=dice.choice([["DIRECTE"], ["PROPOS"], ["HARCELEMENT_MORAL"], ["CONTROLE_FACIES"]]),
        respondent={"kind": dice.choice(["COMPANY", "PUBLIC_BODY", "UNKNOWN"])},
    )
    story.wait(days=dice.randint(0, 9))
    steps: list[Callable[[], object]] = [
        lambda: story.do(RecordContact(medium="PHONE", summary="Spoke")),
        lambda: story.referred(answer_due=dice.choice([None, day_of(story.at) + timedelta(days=20)])),
        lambda: (
            story.referred(THIRD_ORG, handover=True)
            if "C1" not in {k.id for k in story.case.consents}
            else story.do(RecordContact(medium="PHONE", summary="Spoke"))
        ),
        lambda: story.do(
            RequestPiece(piece=f"EV00{dice.randint(1, 3)}", from_whom="COMPLAINANT", lever="-", due=day_of(story.at))
        ),
        lambda: story.do(
            AddPiece(label="A film", held_by="RESPONDENT", perishes_on=day_of(story.at) + timedelta(days=25))
        ),
        lambda: story.do(SendLetter(pieces=("EV002", "EV005"), lever="ATTESTATION")),
        lambda: story.prepared().do(File(filing=story.case.filings[-1].id)),
        lambda: story.do(RecordFilingRequest(filing="F1", asked="-", due=day_of(story.at) + timedelta(days=9))),
        lambda: story.do(AcknowledgeFiling(filing="F1", register_number="26-0001")),
        lambda: story.do(
            Pause(reason="HEALTH", until=day_of(story.at) + timedelta(days=dice.randint(1, 180)), comment="-")
        ),
    ]
    for step in sorted(dice.sample(range(len(steps)), dice.randint(0, 6))):
        try:
            steps[step]()
        except Exception as refused:  # noqa: BLE001 - what the rules refuse is not what this is about
            assert type(refused).__name__ == "Refused", refused
        story.wait(days=dice.randint(0, 9), hours=dice.randint(0, 5))
    return story
