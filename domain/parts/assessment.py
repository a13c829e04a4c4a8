"""The assessment of the proof: which of its three legs stand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from domain.actors import Actor
from domain.parts.base import Chapter, Command, Event, Part, PartLine
from domain.parts.registry import applies, decides
from domain.telling import Heading, Says, Within, phrase
from domain.values import Text, Written
from domain.vocabulary import Standing

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class Assessment(Part):
    """The three legs of the proof, and how far each stands."""

    noun = "Proof"
    chapter = Chapter.PROOF

    treatment: Annotated[Standing, Heading("treatment")]
    ground: Annotated[Standing, Heading("ground")]
    link: Annotated[Standing, Heading("link")]
    reasoning: Annotated[Written, Heading("reasoning")]

    def line(self) -> PartLine:
        legs = ("treatment", self.treatment), ("ground", self.ground), ("link", self.link)
        about = tuple(phrase("{leg}: {standing}", leg=phrase(leg), standing=Within(stands)) for leg, stands in legs)
        return PartLine("", self.noun, about)

    @property
    def all_stand(self) -> bool:
        """True when nothing is left to prove."""
        return {self.treatment, self.ground, self.link} == {Standing.STANDS}


class Assess(Command):
    """Say which of the three legs of the proof stand: unfavourable treatment, ground, and the link between them."""

    kind: Literal["assess"] = "assess"
    treatment: Standing
    ground: Standing
    link: Standing
    reasoning: Text


class ProofAssessed(Event):
    progress = True
    tag: Literal["proof_assessed.1"] = "proof_assessed.1"
    treatment: Annotated[Standing, Says("treatment: {value}")]
    ground: Annotated[Standing, Says("ground: {value}")]
    link: Annotated[Standing, Says("link: {value}")]
    reasoning: Written


@decides(Assess)
def assess(case: Case, command: Assess, actor: Actor, at: datetime) -> list[Event]:
    return [
        ProofAssessed(
            treatment=command.treatment, ground=command.ground, link=command.link, reasoning=command.reasoning
        )
    ]


@applies(ProofAssessed)
def proof_assessed(case: Case, event: ProofAssessed, entry: Entry) -> dict[str, Any]:
    return {
        "assessment": Assessment(
            treatment=event.treatment, ground=event.ground, link=event.link, reasoning=event.reasoning
        )
    }
