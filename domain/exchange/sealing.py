"""The messages between the workflows that seal the book and keep histories, and their activities."""

from domain.values import Value


class Sealed(Value):
    """The state of the log after a seal."""

    size: int
    added: int
    """The number of lines that became leaves."""


class Kept(Value):
    """The progress of a pass through the engine's histories."""

    token: str = ""
    """The place where the engine's list goes on, in base 64; empty at the beginning."""
    runs: int = 0
    """The number of runs looked at."""
    kept: int = 0
    """The number of runs of which something new was kept."""
    missed: tuple[str, ...] = ()
    """Cases whose history could not be had: for whoever runs the service, and for the next pass."""
    finished: bool = False
