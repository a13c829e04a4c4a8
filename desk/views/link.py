"""Views of the capabilities of a case, and of their links."""

from datetime import date, datetime
from typing import Self

from domain.capabilities import in_force
from domain.case import Case
from domain.parts.capability import Capability
from domain.values import Value
from domain.vocabulary import Audience


class LinkView(Value):
    """The token that a link carries, as it is sent to whoever it is for."""

    reference: str
    capability: str
    until: date
    """The last day on which it opens anything."""
    token: str
    """It opens what it is for: to be sent, and kept nowhere."""
    address: str | None
    """The page that it opens; None where no address of the pages is set."""


class LinkSent(Value):
    """A link that was handed to the mail server. To whom is not told, and is kept nowhere."""

    reference: str
    capability: str
    until: date


class CapabilityView(Value):
    """A capability of a case, without its secret: nothing of it opens anything."""

    id: str
    audience: Audience
    referral: str | None
    """The referral whose partner it is for; None for the person."""
    organisation: str
    commands: tuple[str, ...]
    """What it allows to be asked: names of commands, and read_file."""
    until: date
    """The last day on which it opens anything."""
    opens: bool
    """True if its link opens something now."""
    generation: int
    """The number of the link that is good."""
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None

    @classmethod
    def of(cls, capability: Capability, case: Case, at: datetime) -> Self:
        """The view of this capability of the case, as it is at this instant."""
        return cls(
            id=capability.id,
            audience=capability.audience,
            referral=capability.referral,
            organisation=capability.organisation,
            commands=capability.commands,
            until=capability.until,
            opens=in_force(case, capability.id, at) is not None,
            generation=capability.generation,
            issued_at=capability.issued.recorded_at,
            issued_by=capability.issued_by,
            revoked_at=capability.revoked_at,
        )


class CapabilitiesView(Value):
    """The capabilities of a case, the first issued first."""

    capabilities: tuple[CapabilityView, ...]
