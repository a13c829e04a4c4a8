"""Preferences: how an account wants to be written to. Its address is shown to itself alone."""

from collections.abc import Mapping

from desk.office import Office
from desk.views.preferences import PreferencesView
from domain.actors import Actor
from domain.addresses import require_deliverable
from domain.messages.people import Preferences, require_told
from models import preferences


def own_preferences(office: Office, actor: Actor) -> PreferencesView:
    """The preferences of the account that asks."""
    with office.reading_as(actor) as (tx, actor):
        return PreferencesView.of(actor.account, preferences.preferences_of(tx, actor.account))


def change_preferences(office: Office, actor: Actor, changes: Mapping[str, object]) -> PreferencesView:
    """Changes the preferences of the account that asks, and gives all of them; what is not named stays as it is.

    Raises ValidationError for a value that does not fit, Refused for an address to which no mail can be sent, and for
    somebody who oversees others' cases and would no longer be told of them.
    """
    with office.writing_as(actor) as (tx, actor):
        before = preferences.preferences_of(tx, actor.account)
        after = Preferences.model_validate(before.model_dump() | dict(changes))
        require_told(actor, after)
        if after.address != before.address:
            require_deliverable(after.address, "address")
        preferences.set_preferences(tx, actor.account, after)
    return PreferencesView.of(actor.account, after)
