"""The messages between the round of digests and the activities that send them."""

from datetime import date, datetime

from domain.values import Value


class DigestsDue(Value):
    """The accounts whose digest of a day is to be sent now."""

    day: date
    accounts: tuple[str, ...] = ()


class Digest(Value):
    """One person's digest of a day."""

    account: str
    day: date
    at: datetime
    """The time of the round: the digest tells the alerts that stand then."""


class DigestRoundDone(Value):
    """The result of a round."""

    sent: int = 0
    nothing_to_say: int = 0
    failed: int = 0
    """Those that the next round tries again, or that were given up."""
    taken_up: int = 0
    """Cases that were reminded of a notice they did not know of."""
