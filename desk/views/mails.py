"""The mails that were sent, that wait, and that did not arrive."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.values import Value
from domain.vocabulary import MailKind, MailReason, MailState

if TYPE_CHECKING:
    from models.mails import MailRecord


class MailView(Value):
    """A mail: to whom, about which case or day, and what became of it. It holds neither the address nor the text."""

    id: str
    kind: MailKind
    account: str
    instead_of: str | None
    reference: str | None
    day: date | None
    state: MailState
    reason: MailReason | None
    tries: int
    not_before: datetime
    tried_at: datetime | None
    settled_at: datetime | None
    alerts: tuple[str, ...]
    """The keys of the alerts that it is about."""

    @classmethod
    def of(cls, mail: "MailRecord") -> "MailView":
        """The view of this mail."""
        return cls.model_validate({name: getattr(mail, name) for name in cls.model_fields})


class MailsView(Value):
    """Mails, the latest first."""

    mails: tuple[MailView, ...]
