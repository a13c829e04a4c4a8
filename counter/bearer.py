"""Who asks: whoever brings a token that is good, or a visitor who is nobody yet. Sign-in tells which."""

from collections.abc import Callable
from dataclasses import dataclass

from desk.office import Office
from domain.signin.bearer import Bearer

Resolver = Callable[[Office, str], Bearer]
"""Tells who a token stands for, at each request anew. Raises Refused for a token that is not good."""


@dataclass(frozen=True)
class Resolvers:
    """The two ways in which a token is good."""

    full: Resolver
    enrolling: Resolver
    """For those who have yet to add a first means of sign-in: they may do that, and nothing else."""
