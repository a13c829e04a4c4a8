"""Problems: their message, and the remedy."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from domain.errors import Action, Invalid, Problem
from kit.errors import ChildNotReady, ChildNotStarted, StackError
from kit.formats.one_line import one_line
from kit.validation import faults
from words.speech import Speech

_MOST_FAULTS = 6
"""Further faults of the same content that are named."""
_MORE, _OTHERS = "more_faults", "other_fields"
"""Parameters of a problem that is the first of several: how many more there are, and where."""


class Wording(NamedTuple):
    """A problem, worded."""

    code: str
    message: str
    field: str | None
    remedy: str


_UNWORDED: Mapping[Action, str] = {}


class Problems(Speech):
    """Words problems. Text that somebody typed stays on one line in them, and loses its control characters."""

    def problem(self, problem: Problem | StackError, actions: Mapping[Action, str] = _UNWORDED) -> Wording:
        """A problem with its parameters filled in. `actions` words what can be done, as a door has it done."""
        field = one_line(problem.field) if problem.field else None
        params = self._parameters(problem)
        params.setdefault("field", field or self.say("This"))
        action = Action.named(problem.action)
        way = self.say(actions.get(action, ""), **params) if action else ""
        sentences = (self.say(problem.remedy, **params), way, self._more_faults(params))
        remedy = " ".join(filter(None, sentences))
        return Wording(problem.code.replace("-", "_"), self.say(problem.message, **params), field, remedy)

    def _more_faults(self, params: Mapping[str, object]) -> str:
        more = params.get(_MORE)
        if not isinstance(more, int):
            return ""
        return self.plural("One more fault: {others}.", "{count} more faults: {others}.", more, others=params[_OTHERS])

    def _parameters(self, problem: Problem | StackError) -> dict[str, object]:
        params: dict[str, object] = {
            name: value if isinstance(value, int) else one_line(value) for name, value in problem.params.items()
        }
        if isinstance(problem, ChildNotStarted | ChildNotReady):
            params["name"] = self.say(str(params["name"]))  # the parts of the stack have names in every language
        if "reason" in params:
            params["reason"] = self.say(str(params["reason"]))  # what the system says: kit/refusals.py
        return params


def invalid(error: ValidationError, within: str = "", model: type[BaseModel] | None = None) -> Invalid:
    """The first fault of a validation as a problem, which knows how many more there are.

    `within` is the field in which what was validated stands, if it is part of something larger; `model`, where it is
    known, says what a code that is missing may be.
    """
    first, *others = faults(error, model)
    where = ".".join(part for part in (within, first.where) if part) or None
    problem = Invalid(first.code, first.message, first.remedy, field=where, action=Action.named(first.action))
    problem.params |= first.params  # not as keywords: a fault may have a parameter called code
    if others:
        problem.params |= {_MORE: len(others), _OTHERS: ", ".join(fault.where for fault in others[:_MOST_FAULTS])}
    return problem
