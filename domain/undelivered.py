"""A mail that did not reach whoever it was for."""

from domain.values import AccountId, Value
from domain.vocabulary import MailReason


class Undelivered(Value):
    """A notice that was given up: what it was about, for whom, and why it did not arrive."""

    mail: str
    """What the mail is called: the left part of its Message-ID."""
    account: AccountId
    alerts: tuple[str, ...]
    """The keys of the alerts it told of."""
    reason: MailReason
