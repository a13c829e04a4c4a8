"""What passes between the rollout of a policy and the hands that carry it out."""

from datetime import timedelta

from domain.values import Value

BATCH = 50
"""How many cases one activity asks at most: each may take ten seconds to answer, and all together ten minutes."""


class Rollout(Value):
    """Where a rollout stands: what the next run of its workflow needs to go on."""

    version: int
    per_second: float = 20.0
    """How many cases are asked each second at most, so that people's commands come through."""
    after: str = ""
    """The last reference that was asked."""
    done: int = 0
    missing: tuple[str, ...] = ()
    """Cases that have no running workflow or did not answer: for whoever runs the service, and for the next rollout."""
    finished: bool = False

    @property
    def at_once(self) -> int:
        """How many cases are asked by one activity: about a minute's worth, when they answer."""
        return max(1, min(BATCH, int(self.per_second * 60)))


class Batch(Value):
    """Some cases to ask."""

    version: int
    references: tuple[str, ...]
    pause: timedelta


class Reviewed(Value):
    """What came of a batch."""

    done: int
    missing: tuple[str, ...]
