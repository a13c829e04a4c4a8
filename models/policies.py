"""The policy as data: each version with who made it, when and why. The last one is in force."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection, insert, select

from domain.time.policy import DEFAULT_POLICY, Policy
from models.tables import PolicyRow, policies


@dataclass(frozen=True)
class Edition:
    """A version of the policy. Version 0 is the one in the code, in force until somebody makes another."""

    version: int
    policy: Policy
    reason: str = ""
    account: str = ""
    made_at: datetime | None = None


BEGINNING = Edition(0, DEFAULT_POLICY)


def in_force(tx: Connection) -> Edition:
    """The policy under which agendas are computed now."""
    row = tx.execute(select(policies).order_by(policies.c.version.desc()).limit(1)).first()
    if row is None:
        return BEGINNING
    return Edition(row.version, Policy.model_validate_json(row.policy), row.reason, row.account, row.made_at)


def in_force_at(tx: Connection, instant: datetime) -> Edition:
    """The policy under which agendas were computed then."""
    return next((e for e in editions(tx) if e.made_at is not None and e.made_at <= instant), BEGINNING)


def editions(tx: Connection) -> list[Edition]:
    """Every version that was made, the last first."""
    rows = tx.execute(select(policies).order_by(policies.c.version.desc()))
    return [
        Edition(row.version, Policy.model_validate_json(row.policy), row.reason, row.account, row.made_at)
        for row in rows
    ]


def readable(tx: Connection) -> dict[int, Policy]:
    """Every version by its number, the one in the code included. A version that no longer parses is left out."""
    policy_of = {BEGINNING.version: BEGINNING.policy}
    for row in tx.execute(select(policies.c.version, policies.c.policy)):
        with suppress(ValidationError):
            policy_of[row.version] = Policy.model_validate_json(row.policy)
    return policy_of


def put_in_force(tx: Connection, policy: Policy, *, after: int, reason: str, account: str, made_at: datetime) -> int:
    """Makes the version that follows `after`, the one its author has seen; gives its number.

    Raises IntegrityError when somebody else made it first.
    """
    version = after + 1
    row = PolicyRow(version=version, policy=policy.model_dump_json(), reason=reason, account=account, made_at=made_at)
    tx.execute(insert(policies), [row.model_dump()])
    return version
