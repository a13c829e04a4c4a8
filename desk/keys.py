"""The keys of the cases, for whoever runs the service: another master key, and letting go of keys without a case."""

from datetime import UTC, datetime, timedelta

from desk.office import Office
from desk.views.keys import Forgotten, Orphans, Rotated
from domain.actors import Actor
from domain.errors import Refused
from domain.permissions import require_operator
from kit.crypto.vault import KeyFile
from models.cases import every_reference


def rotate_master_key(office: Office, actor: Actor) -> Rotated:
    """Wraps every key with a new master key: made here where it is a file of ours, else the last line of the secret.

    What the keys sealed is not touched: cases go on meanwhile.
    """
    require_operator(actor)
    master = office.keys.master
    if isinstance(master, KeyFile):
        master.add()
    wrapped = office.keys.rewrap()
    return Rotated(master_key=master.id, wrapped=wrapped, file=master.path if isinstance(master, KeyFile) else None)


def orphan_keys(office: Office, actor: Actor, older_than: timedelta, *, destroy: bool = False) -> Orphans:
    """Counts the keys that belong to no case and are older than that; with `destroy`, destroys them for ever.

    An opening that fails leaves such a key. Nothing is ever destroyed by the calendar: where the book was lost, every
    key would look like one of these. For the same reason more of them than there are cases are refused.
    """
    require_operator(actor)
    with office.reading() as tx:
        cases = every_reference(tx)
    orphans = sorted(office.keys.living(datetime.now(UTC) - older_than) - cases)
    if destroy and len(orphans) > len(cases):
        raise Refused(
            "too_many_orphans",
            "More keys belong to no case ({count}) than there are cases.",
            "Check that the book is whole before anything is destroyed.",
            count=len(orphans),
        )
    for reference in orphans if destroy else ():
        office.keys.destroy(reference)
    return Orphans(found=len(orphans), destroyed=len(orphans) if destroy else 0)


def forget_master_keys(office: Office, actor: Actor) -> Forgotten:
    """Takes the master keys that wrap nothing any more out of their file. Raises Refused where they are no file."""
    require_operator(actor)
    master = office.keys.master
    if not isinstance(master, KeyFile):
        raise Refused(
            "master_key_elsewhere",
            "The master key is a secret of the settings, not a file of ours.",
            "Take out of the secret the lines above the last one.",
        )
    return Forgotten(master_key=master.id, forgotten=master.keep_only(office.keys.masters()))
