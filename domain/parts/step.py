"""The step at which a case stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from domain.parts.base import Event
from domain.parts.registry import applies
from domain.vocabulary import Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class StepEntered(Event):
    progress = True
    tag: Literal["step_entered.1"] = "step_entered.1"
    step: Step


@applies(StepEntered)
def step_entered(case: Case, event: StepEntered, entry: Entry) -> dict[str, Any]:
    return {"step": event.step}
