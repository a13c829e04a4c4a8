"""One deadline of a case: what is due, when, for whom, and how the date was counted."""

from pydantic import AwareDatetime

from domain.time.clock_id import alert_key
from domain.values import Value
from domain.vocabulary import DeadlineKind, Level


class Deadline(Value):
    """A moment at which something must be looked at, if nothing changes before."""

    kind: DeadlineKind
    clock: str
    """The id of its clock, in the round in which it runs. See `domain.time.clock_id`."""
    level: Level
    due: AwareDatetime
    part: str | None = None
    """The referral, piece or filing it is about, if any."""
    counted: str
    """The way in which the date was counted: an English template, a key of the message catalogue."""
    days: int | None = None
    """The number in that template: working days, unless it says otherwise."""
    times: int = 1
    """1, or more for a repetition: the highest level is told again until somebody decides."""

    @property
    def key(self) -> str:
        """The key of its alert, which is raised once, whatever restarts."""
        return alert_key(self.clock, self.level, self.times)
