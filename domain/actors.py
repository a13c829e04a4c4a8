"""Actors: the accounts in whose name things are done."""

from domain.values import AccountId, OrganisationId, Value
from domain.vocabulary import Role


class Actor(Value):
    """An account that acts, with what it is at that moment."""

    account: AccountId
    role: Role
    organisation: OrganisationId
    metropolis: str | None = None
    """MEL or AMP; none for an account that works for both."""


CLOCK = Actor(account="horloge", role=Role.SYSTEM, organisation="aboutir")
"""The actor of everything that time does by itself."""
SCANNER = Actor(account="analyse", role=Role.SYSTEM, organisation="aboutir")
"""The actor of every scan for malware."""
OPERATOR = Actor(account="exploitation", role=Role.SYSTEM, organisation="aboutir")
"""Whoever runs the service, at the machine that holds the keys: the command line acts as them where it names nobody."""

CODE_ACTORS = {actor.account: actor for actor in (CLOCK, SCANNER, OPERATOR)}
"""The actors that are the code's own, by name: no account can be called so."""
