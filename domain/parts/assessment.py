"""The assessment of the proof: which of its three legs stand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from domain.actors import Actor
from domain.parts.base import Command, Event
from domain.parts.registry import applies, decides
from domain.values import Text, Value
from domain.vocabulary import Standing

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class Assessment(Value):
    """Which of the three legs of the proof stand."""

    treatment: Standing
    ground: Standing
    link: Standing
    reasoning: str

    @property
    def all_stand(self) -> bool:
        """Whether there is nothing left to prove."""
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
    treatment: Standing
    ground: Standing
    link: Standing
    reasoning: str


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
