"""Care of the keys, for whoever runs the service: a new master key, and removing keys that nothing needs any more."""

from datetime import UTC, datetime, timedelta

from desk.office import Office, asking_the_book
from desk.views.keys import Accepted, Forgotten, Orphans, Rotated, StoreHistory, StoreLine
from domain.access import Access
from domain.actors import Actor
from domain.errors import Action, Invalid, Refused
from domain.permissions import require_operator
from kit.crypto.vault import KeyFile
from models import journal
from models.cases import every_reference
from models.key_stores import history
from models.keys import JOURNAL, LINK


def rotate_master_key(office: Office, actor: Actor) -> Rotated:
    """Wraps every key with a new master key. In a file of ours it is made here; in a secret it is the last line.

    What is encrypted with the keys is not touched: cases go on meanwhile.
    """
    require_operator(actor)
    master = office.keys.master
    if isinstance(master, KeyFile):
        master.add()
    wrapped = office.keys.rewrap()
    return Rotated(master_key=master.id, wrapped=wrapped, file=master.path if isinstance(master, KeyFile) else None)


def orphan_keys(office: Office, actor: Actor, older_than: timedelta, *, destroy: bool = False) -> Orphans:
    """Counts the keys that belong to no case and are older than `older_than`; with `destroy`, destroys them for ever.

    An opening that fails leaves such a key. No schedule ever destroys them: if the book were lost, every key would
    look like one. For the same reason it is refused to destroy more of them than there are cases.
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


def accept_key_store(office: Office, actor: Actor, why: str) -> Accepted:
    """Goes on with the database of the keys as it is, when the right one is lost; names the cases whose keys are gone.

    Who accepted it, when and why stays in the history of the stores. Raises Refused where nothing is wrong with it.
    """
    require_operator(actor)
    if not why.strip():
        raise _reason_missing()
    with asking_the_book():
        if office.own_store.fault() is None:
            raise Refused(
                "key_store_right",
                "The database of the keys is the one of this book, with all that it must hold.",
                "Nothing to do.",
            )
        accepted = office.own_store.accept(actor.account, why.strip())
    return Accepted(store=accepted.mark.store, keys=accepted.mark.number, lost=accepted.lost)


def key_store_history(office: Office, actor: Actor) -> StoreHistory:
    """The stores of keys that this book has had: adopted, seen with more keys, or accepted, and by whom."""
    require_operator(actor)
    with office.reading() as tx:
        noted = history(tx)
    return StoreHistory(
        lines=tuple(
            StoreLine(
                at=line.at,
                what=line.what,
                store=line.mark.store,
                keys=line.mark.number,
                account=line.account,
                why=line.why,
                lost=line.lost,
            )
            for line in noted
        )
    )


def replace_link_key(office: Office, actor: Actor, why: str) -> None:
    """Replaces the key from which the secrets of links are derived: none of those made before opens anything any more.

    The capabilities stand as they were: their links are made anew when they are sent again. `why` stands in the access
    journal. Stopped half-way, it is asked again.
    """
    require_operator(actor)
    if not why.strip():
        raise _reason_missing()
    with office.writing() as tx:
        journal.note(tx, office.keys.of(JOURNAL), actor, Access.LINK_KEY, why=why.strip())
        office.keys.replace(LINK)


def forget_master_keys(office: Office, actor: Actor) -> Forgotten:
    """Removes the master keys that wrap nothing any more from their file. Raises Refused where they are in a secret."""
    require_operator(actor)
    master = office.keys.master
    if not isinstance(master, KeyFile):
        raise Refused(
            "master_key_elsewhere",
            "The master key is a secret of the settings, not a file of ours.",
            "Take out of the secret the lines above the last one.",
        )
    return Forgotten(master_key=master.id, forgotten=master.keep_only(office.keys.masters()))


def _reason_missing() -> Invalid:
    return Invalid("reason_missing", "The reason is missing.", "Say why.", field="why", action=Action.GIVE_REASON)
