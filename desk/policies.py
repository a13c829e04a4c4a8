"""Changing the policy, the delays of our own deadlines. Rolling a change out is in `desk.rollouts`."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError

from desk.office import Office
from desk.views.policy import PolicyChanged
from domain.actors import Actor
from domain.errors import Action, Invalid, Refused
from domain.merging import merged
from domain.permissions import may_see, require_policy_maker
from domain.time.policy import Policy
from domain.time.preview import Preview, preview
from domain.vocabulary import Role
from models import policies
from models.care import every_open_case


def preview_policy(office: Office, actor: Actor, changes: Mapping[str, object]) -> Preview:
    """Counts the open cases that a change of the policy would touch, of those that this account may see.

    Raises Refused for whoever may not change it: every open case is read for the count. Raises ValidationError for
    changes that make no valid policy.
    """
    if actor.role is not Role.SYSTEM:  # the operator may, on the machine itself
        with office.noting_denials(actor):
            actor = office.current(actor)
            require_policy_maker(actor)
    with office.reading() as tx:
        current = policies.in_force(tx).policy
    return _preview(office, actor, current, _changed(current, changes))


def put_in_force(office: Office, actor: Actor, changes: Mapping[str, object], reason: str) -> PolicyChanged:
    """Puts a changed policy in force; what is not named stays as it is. Running cases follow when it is rolled out.

    Raises Refused for whoever may not change it, and when somebody else has changed it meanwhile; Invalid without a
    reason; ValidationError for changes that make no valid policy.
    """
    with office.noting_denials(actor):
        actor = office.current(actor)
        require_policy_maker(actor)
    if not reason.strip():
        raise Invalid(
            "no_reason", "A change of policy has a reason.", "Give one.", field="reason", action=Action.REASON_POLICY
        )
    with office.reading() as tx:
        current = policies.in_force(tx)
    policy = _changed(current.policy, changes)
    effect = _preview(office, actor, current.policy, policy)
    version = _put_in_force(office, actor, policy, current.version, reason.strip())
    return PolicyChanged(version=version, preview=effect)


def _put_in_force(office: Office, actor: Actor, policy: Policy, after: int, reason: str) -> int:
    now = datetime.now(UTC)
    try:
        with office.writing_as(actor) as (tx, actor):
            require_policy_maker(actor)
            return policies.put_in_force(tx, policy, after=after, reason=reason, account=actor.account, made_at=now)
    except IntegrityError:
        raise Refused(
            "policy_changed",
            "Somebody else has put a policy in force meanwhile.",
            "Look at it with: policy show. Then decide again.",
        ) from None


def _changed(current: Policy, changes: Mapping[str, object]) -> Policy:
    return Policy.model_validate(merged(current.model_dump(mode="json"), dict(changes)))  # type: ignore[arg-type]


def _preview(office: Office, actor: Actor, current: Policy, changed: Policy) -> Preview:
    """Foretells what a change does to the open cases that this account may see. Of others, no number tells anything."""
    from activities.calendar import french_calendar

    with office.reading() as tx:
        seen = (case for case in every_open_case(tx, office.keys) if may_see(actor, case))
        return preview(seen, current, changed, french_calendar(), datetime.now(UTC))
