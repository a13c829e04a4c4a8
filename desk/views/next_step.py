"""A step that is recommended on a case, in the reader's language."""

from datetime import date

from domain.next_steps import NextStep, Rank
from domain.values import Value
from words import Words


class NextStepView(Value):
    """A next step: why, the command that does it, and by when; or the day before which there is nothing to do."""

    why: str
    command: str | None
    """The name of the command, which the case would accept now; None when there is only a day to wait for."""
    given: dict[str, str]
    """The fields of the command that are known."""
    day: date | None
    """The last day for it or, without a command, the day before which there is nothing to do."""
    is_lost_after: bool
    """True if a right or a proof is lost after that day."""

    @classmethod
    def of(cls, step: NextStep, words: Words) -> "NextStepView":
        """The view of this step."""
        return cls(
            why=words.fact(step.why),
            command=step.command,
            given=dict(step.given),
            day=step.day,
            is_lost_after=step.rank is Rank.LOST,
        )
