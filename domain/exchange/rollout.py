"""The messages between the rollout of a policy and its activities."""

from datetime import timedelta

from domain.values import Value

BATCH = 50
"""The most cases that one activity asks: each may take ten seconds to answer, and all together ten minutes."""


class Rollout(Value):
    """The progress of a rollout: all that the next run of its workflow needs to go on."""

    version: int
    per_second: float = 20.0
    """The most cases asked each second, so that people's commands come through."""
    after: str = ""
    """The last reference that was asked."""
    done: int = 0
    missing: tuple[str, ...] = ()
    """Cases that have no running workflow or did not answer: for whoever runs the service, and for the next rollout."""
    finished: bool = False

    @property
    def at_once(self) -> int:
        """The number of cases that one activity asks: about a minute's worth, when they answer."""
        return max(1, min(BATCH, int(self.per_second * 60)))


class Batch(Value):
    """The cases that one activity is to ask."""

    version: int
    references: tuple[str, ...]
    pause: timedelta


class Reviewed(Value):
    """The result of a batch."""

    done: int
    missing: tuple[str, ...]
