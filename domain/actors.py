"""Actors: the accounts in whose name things are done."""

import re

from domain.values import AccountId, OrganisationId, Value
from domain.vocabulary import Role


class Actor(Value):
    """An account that acts, with what it is at that moment."""

    account: AccountId
    role: Role
    organisation: OrganisationId
    metropolis: str | None = None
    """MEL or AMP; none for an account that works for both."""

    @property
    def by_capability(self) -> bool:
        """True for somebody without an account, who acts by a capability of a case."""
        return is_reserved(self.account)


RESERVED = "capability."
"""The beginning of the name of whoever acts by a capability."""


def is_reserved(name: str) -> bool:
    """True for a name that no account may have: whoever acts by a capability is called so."""
    return name.startswith(RESERVED)


def name_by_capability(reference: str, id: str) -> str:
    """The name of whoever acts by a capability of a case: lines of the book name the capability by it."""
    return f"{RESERVED}{reference.lower()}.{id.lower()}"


_NAME = re.compile(rf"{re.escape(RESERVED)}([0-9a-z]{{4}}-[0-9a-z]{{4}}-[0-9a-z]{{4}})\.(k[0-9]{{1,4}})")


def capability_in(name: str) -> tuple[str, str] | None:
    """The case and the id of the capability that such a name tells; None for every other name."""
    match = _NAME.fullmatch(name)
    return (match[1].upper(), match[2].upper()) if match else None


CLOCK = Actor(account="horloge", role=Role.SYSTEM, organisation="aboutir")
"""The actor of everything that time does by itself."""
SCANNER = Actor(account="analyse", role=Role.SYSTEM, organisation="aboutir")
"""The actor of every scan for malware."""
OPERATOR = Actor(account="exploitation", role=Role.SYSTEM, organisation="aboutir")
"""Whoever runs the service, at the machine that holds the keys: the command line acts as them where it names nobody."""

THE_PERSON = "personne"
"""Stands for an organisation where the person who complains acts."""
UNKNOWN = Actor(account=f"{RESERVED}unknown", role=Role.COMPLAINANT, organisation=THE_PERSON)
"""The bearer of a link that names nobody we know: the journal notes under this name what they tried."""

CODE_ACTORS = {actor.account: actor for actor in (CLOCK, SCANNER, OPERATOR)}
"""The actors that are the code's own, by name: no account can be called so."""
