"""Rolling out the policy in force: every running case counts its deadlines anew under it."""

from desk.following import Tell, follow
from desk.office import Office
from domain.actors import Actor
from domain.exchange.rollout import Rollout
from domain.permissions import require_policy_maker
from models import policies
from workflows.rollout import PolicyRollout, workflow_id


async def roll_out(office: Office, actor: Actor, per_second: float, tell: Tell | None = None) -> Rollout:
    """Rolls the policy in force out, at this rate at most, or follows the rollout that is under way.

    Raises Refused for whoever may not change the policy.
    """
    with office.reading_as(actor) as (tx, actor):
        require_policy_maker(actor)
        version = policies.in_force(tx).version
    rollout: Rollout = await follow(
        office,
        PolicyRollout.run,
        Rollout(version=version, per_second=per_second),
        id=workflow_id(version),
        query=PolicyRollout.progress,
        done_so_far=lambda progress: int(progress.done),
        tell=tell,
    )
    return rollout
