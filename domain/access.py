"""Access to cases as it is noted: who read what of which case, who was given which file, when and why."""

from datetime import datetime
from enum import StrEnum

from domain.values import Value
from domain.vocabulary import Role


class Access(StrEnum):
    """A way of reading that the access journal tells apart."""

    SHOW = "show"
    HISTORY = "history"
    AGENDA = "agenda"
    FIND = "find"
    DAY = "day"
    """Somebody looked at what comes first on the cases that they hold; `found` says of how many they were told."""
    FILES = "files"
    FILE = "file"
    """Somebody of the case was given the form of a file that is shown."""
    REPLAY = "replay"
    EXPORT = "export"
    VERIFY = "verify"
    DECODE = "decode"
    CERTIFICATE = "certificate"
    JOURNAL = "journal"
    DECLARATION = "declaration"
    """Something was declared about the sealed log: another key, or a restore."""
    DENIED = "denied"
    """Something was refused for lack of right: `why` is the code of the refusal, `reference` the case that was named.
    With `found` it stands for so many more, which are counted and not written one by one."""
    LINK = "link"
    """The link of a capability was made, to be sent."""
    LINK_KEY = "link_key"
    """The key of the links was replaced: none of those made before opens anything any more."""
    LOST = "lost"
    """Entries that waited to be chained were taken away; `found` says how many. Written by whoever chains."""


class Reading(Value):
    """One entry of the access journal."""

    access: Access
    account: str
    role: Role
    organisation: str
    reference: str | None = None
    file: str | None = None
    why: str | None = None
    found: int | None = None
    """Number of cases that a search found or a page told of, of entries that are missing, or of refusals."""


class Action(StrEnum):
    """A thing that was done with a file."""

    ADDED = "ADDED"
    READ = "READ"
    """The form of it that is shown was given to somebody of the case."""
    EXPORTED = "EXPORTED"
    """It was given as it was received, to leave this system."""
    REMOVED = "REMOVED"


class Custody(Value):
    """A line of the custody of a file: who did what with it, when and why."""

    file: str
    action: Action
    account: str
    role: Role
    organisation: str
    at: datetime
    reason: str | None = None
