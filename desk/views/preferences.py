"""The preferences of an account, as they are shown to itself."""

from typing import Literal, Self

from domain.messages.people import Preferences
from domain.values import Value
from domain.vocabulary import MailWhen


class PreferencesView(Value):
    """The choices of an account for its mails: the address, the time and the language."""

    account: str
    address: str | None
    when: MailWhen
    hour: int
    language: Literal["fr", "en"]
    grace: int

    @classmethod
    def of(cls, account: str, preferences: Preferences) -> Self:
        """The view of these preferences."""
        return cls(account=account, **preferences.model_dump())
