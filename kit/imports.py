"""Importing a program without looking for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Around imports: what they make is there to stay, and is never looked through.

    The collector would go through all of it again and again while it grows: a fourth of the time that a command
    takes to start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
