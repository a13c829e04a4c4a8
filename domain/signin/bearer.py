"""Bearers: who a token stands for, by which door, and until when. It is made by resolving a token, and never kept."""

from datetime import datetime, timedelta

from domain.actors import Actor
from domain.errors import Refused
from domain.signin.lifetime import ASKED_WITHIN, require_asked_again
from domain.values import Value
from domain.vocabulary import Door, Means


class Bearer(Value):
    """Whoever brought a token that is good."""

    door: Door
    actor: Actor | None = None
    """The account it acts for, as it stands now. None for a client of the API, which is no account."""
    until: datetime
    """When the token ends, if it is not used before."""
    session: str | None = None
    """The id of the session, by which its person knows it. It opens nothing."""
    means: Means | None = None
    """How the session was signed in."""
    asked_again_at: datetime | None = None
    """When its person last showed that it was them. None for whoever cannot be asked."""
    client: str | None = None
    """The id of a client of the API."""
    organisation: str | None = None
    """The organisation of such a client."""
    metropolis: str | None = None
    scopes: frozenset[str] = frozenset()
    """What such a client may do."""

    def require_asked_again(self, at: datetime, within: timedelta = ASKED_WITHIN) -> None:
        """Refuses what cannot be undone, unless this session's person was asked again shortly before."""
        if self.door is not Door.SESSION:
            raise Refused("session_needed", "This is done by somebody who has signed in.", "Sign in, then do it again.")
        require_asked_again(self.asked_again_at, at, within)


def not_signed_in() -> Refused:
    """The one refusal of a token: unknown, ended, revoked, or of an account that was closed. It tells no reason."""
    return Refused("not_signed_in", "You are not signed in, or no longer.", "Sign in, then do it again.")
