"""Names the ways of reading that the access journal tells apart."""

from domain.access import Access
from words.names import Names

_TEXTS = {
    Access.SHOW: "case looked at",
    Access.HISTORY: "history read",
    Access.AGENDA: "deadlines read",
    Access.FIND: "cases searched for",
    Access.DAY: "the day's work looked at",
    Access.FILES: "list of files read",
    Access.FILE: "file read",
    Access.REPLAY: "case of another day looked at",
    Access.EXPORT: "taken out of the system",
    Access.VERIFY: "records verified",
    Access.DECODE: "engine’s records read",
    Access.CERTIFICATE: "certificate read",
    Access.JOURNAL: "this journal read",
    Access.DECLARATION: "declaration about the sealed log",
    Access.DENIED: "refused for lack of right",
    Access.LINK: "link made, to be sent",
    Access.LINK_KEY: "key of the links replaced",
    Access.LOST: "entries of this journal lost",
}
"""Each way of reading, in words."""


class Accesses(Names):
    """Names ways of reading."""

    def access(self, access: Access) -> str:
        """A way of reading."""
        return self.say(_TEXTS[access])
