"""Showing the policy in force and its earlier versions. Changing it is in `desk.policies`."""

from desk.office import Office
from desk.views.edition import EditionsView, EditionView
from domain.actors import Actor
from models import policies


def policy_in_force(office: Office, actor: Actor) -> EditionView:
    """The policy under which deadlines are computed now. Open to every account: it tells of no case."""
    with office.reading_as(actor) as (tx, _):
        return EditionView.of(policies.in_force(tx))


def policy_editions(office: Office, actor: Actor) -> EditionsView:
    """Every version of the policy, the last first. Open to every account: it tells of no case."""
    with office.reading_as(actor) as (tx, _):
        return EditionsView(editions=tuple(map(EditionView.of, policies.editions(tx))))
