"""Time limits of a connection to PostgreSQL: nobody waits for ever for a server, and no server for somebody frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kit.settings import Settings

_PROBES = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds after which PostgreSQL, or the network, is no longer waited for."""

    statement: float = 20
    lock: float = 10
    idle: float = 60
    """Time that a transaction may stand still between two statements: then the server rolls it back and hangs up, and
    whatever it had locked is free."""
    silence: float = 25
    """Time for which either side of a connection may be unreachable before the other gives it up."""

    @property
    def options(self) -> str:
        """The same for the server, as it is told when a connection is made."""
        limits = {
            "statement_timeout": _ms(self.statement),
            "lock_timeout": _ms(self.lock),
            "idle_in_transaction_session_timeout": _ms(self.idle),
            # The server's side of what `keepalives` says: a client that lost its power would hold its locks for hours.
            "tcp_keepalives_idle": self._idle,
            "tcp_keepalives_interval": self._interval,
            "tcp_keepalives_count": _PROBES,
            "tcp_user_timeout": _ms(self.silence),
        }
        return " ".join(f"-c {name}={value}" for name, value in limits.items())

    @property
    def keepalives(self) -> dict[str, int]:
        """The client's side, as libpq names it. A server that vanished says nothing: a thread would wait for hours."""
        return {
            "keepalives_idle": self._idle,
            "keepalives_interval": self._interval,
            "keepalives_count": _PROBES,
            "tcp_user_timeout": _ms(self.silence),
        }

    @property
    def _idle(self) -> int:
        return max(1, int(self.silence * 0.4))

    @property
    def _interval(self) -> int:
        return max(1, int(self.silence * 0.2))


def patience_of(settings: Settings) -> Patience:
    """The time limits that the settings name."""
    return Patience(
        settings.database_statement_seconds,
        settings.database_lock_seconds,
        settings.database_idle_seconds,
        settings.database_silence_seconds,
    )


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
