"""What passes between the workflows that keep the records safe and the hands that do it."""

from domain.values import Value


class Sealed(Value):
    """How far the log reaches after a seal."""

    size: int
    added: int
    """How many lines became leaves."""


class Kept(Value):
    """How far a sweep through the engine's histories is."""

    token: str = ""
    """Where the engine goes on with its list, in base 64; empty at the beginning."""
    runs: int = 0
    """How many runs were looked at."""
    kept: int = 0
    """Of how many something new was put away."""
    missed: tuple[str, ...] = ()
    """Cases of which a history could not be had: for whoever runs the service, and for the next sweep."""
    finished: bool = False
