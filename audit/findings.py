"""Findings: all that can be wrong with the records.

A finding says where, and never what anybody said: it may be shown to whoever runs the service.
"""

from dataclasses import dataclass
from typing import Any

_TEXTS = {
    # the book and the store of the keys
    "other_keys": "Most cases have no key: this database of keys is not the one of this book. Restore it first.",
    # the book by itself
    "chain_broken": "A line of the book does not follow from the one before it.",
    "line_missing": "Lines of the book are missing.",
    "unreadable": "The book tells a history that this version cannot read.",
    "key_missing": "The key of this case is gone, and the book does not say that it was erased.",
    "key_alive": "The key of an erased case lives: it came back with an old copy of the database of the keys.",
    "keys_broken": "The list of all keys that were ever made was changed in the database of the keys.",
    "key_damaged": "The key of this case is not the one that was wrapped.",
    "not_opened": "A line of the book does not open with the key of its case.",
    "not_sealed": "A line of the book stands in clear where what was said is to be sealed.",
    "tag_differs": "A line of the book names another event than the one that it holds.",
    # the book and its seals
    "leaf_broken": "A leaf of the sealed log was changed.",
    "leaf_missing": "A leaf of the sealed log is missing.",
    "line_gone": "A sealed line is no longer in the book.",
    "line_changed": "A line of the book is not the one that was sealed.",
    "commitment_missing": "A line was sealed without its key: nothing shows that it says what it said then.",
    "commitment_differs": "What a line says is not what was committed to when it was sealed.",
    "root_differs": "A checkpoint does not fit the sealed log.",
    "signature_wrong": "A checkpoint is not signed with a known key.",
    "checkpoint_missing": "A checkpoint of the sealed log is missing.",
    "checkpoint_changed": "What is kept beside a checkpoint is not what was signed with it.",
    "declaration_unread": "A declaration about the sealed log is not signed by a known key.",
    "lost_in_restore": "Leaves of this checkpoint were lost when an older book was put back, as was declared then.",
    "witness_differs": "A witness was told of another log.",
    "witness_ahead": "A witness has seen more of the log than there is now.",
    "token_wrong": "A time-stamp does not attest to its checkpoint.",
    # the access journal and its seals
    "entry_changed": "Entries of the access journal are not those that were sealed.",
    "entry_gone": "Sealed entries of the access journal are missing.",
    # the accounts: their history, its seals, and what was done in their names
    "account_line_changed": "Lines of the history of the accounts are not those that were written, or sealed.",
    "account_line_gone": "Sealed lines of the history of the accounts are missing.",
    "account_differs": "An account is otherwise than its history tells it.",
    "account_unknown": "A line was written in the name of an account that was not there at that moment.",
    "account_closed": "A line was written in the name of an account that was closed at that moment.",
    # the book and what lists read
    "row_missing": "The book has a case that lists do not show.",
    "row_orphan": "Lists show a case that the book does not have.",
    "row_stray": "Rows stand in a list beside a case that no list shows.",
    "row_differs": "Lists show a case otherwise than its book tells it.",
    "alerts_differ": "The alerts in lists are not those that the book tells of.",
    "parties_differ": "The organisations that may read a case are not those that the book tells of.",
    "files_differ": "The files in lists are not those that the book tells of.",
    "mark_missing": "A case cannot be found by somebody whom its book names.",
    "mark_unknown": "A case is found by somebody whom its book does not name.",
    "policy_missing": "A version of the policy is missing.",
    # the book and the evidence files
    "file_missing": "The content of a file is not in the store.",
    "file_damaged": "The content of a file is not what was attached: it was changed, swapped or cut short.",
    # who read what
    "journal_broken": "An entry of the access journal does not follow from the one before it.",
    "journal_not_opened": "An entry of the access journal does not open with the key of the journal.",
    "journal_lost": "Entries of the access journal were taken away before they were chained.",
    "journal_held": "Entries that wait to be chained were changed, or put there twice.",
    "journal_waits": "Entries of the access journal have waited for more than a minute to be chained.",
    # the book and the engine
    "workflow_missing": "The case has no running workflow: nothing will remind anybody of it.",
    "workflow_orphan": "A workflow runs for a case that the book does not have.",
    "not_in_history": "The book has an event that no history of the engine has.",
    "not_in_book": "A history of the engine has an event that the book does not have.",
    "history_differs": "The book and a history of the engine tell the same event otherwise.",
    "command_not_in_book": "A history of the engine has a command that was answered and is not in the book.",
    "command_differs": "The book and a history of the engine name another author, answer or content for a command.",
    "state_differs": "A run of the engine began from another state than the book tells.",
    "history_missing": "The history of a run that went before is neither in the engine nor in our storage.",
    "kept_missing": "A history that was put away is no longer in our storage.",
    "kept_differs": "A history that was put away was changed.",
    "history_sealed": "A history does not open with the key of its case.",
    # the histories and today's code
    "replay_failed": "Today's code cannot replay a history.",
    "replay_differs": "Today's code would have said something else than a history has.",
}


@dataclass(frozen=True)
class Finding:
    """Something that does not hold. `case` is empty for what concerns the whole log."""

    kind: str
    where: str = ""
    """A version, a column, a run and what of it: for whoever looks further."""
    case: str = ""

    @property
    def what(self) -> str:
        """Text that names what is wrong: a template of the message catalogue."""
        return _TEXTS[self.kind]

    def as_dict(self) -> dict[str, Any]:
        """Makes it storable between two parts of a long look."""
        return {"kind": self.kind, "where": self.where, "case": self.case}
