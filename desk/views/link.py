"""View of the link of a capability."""

from datetime import date

from domain.values import Value


class LinkView(Value):
    """The token that a link carries, as it is sent to whoever it is for."""

    reference: str
    capability: str
    until: date
    """The last day on which it opens anything."""
    token: str
    """It opens what it is for: to be sent, and kept nowhere."""
