"""The words to type for each action that a problem names."""

from collections.abc import Mapping

from domain.errors import Action
from domain.parts.base import Command

TYPED: Mapping[Action, str] = {
    Action.ACCEPT_KEYS: "One goes on with: starter.py keys accept --why REASON.",
    Action.ACT_AS: "The account is given with --as.",
    Action.AGENDA: "See: starter.py agenda {reference}.",
    Action.ATTACH_FILE: "See: starter.py attach.",
    Action.AUDIT_AS: "Another account is given with --as, a case with: starter.py verify REF.",
    Action.CERTIFICATE: "See: starter.py certificate {reference}.",
    Action.CHECKLIST: "See: starter.py checklist {reference}.",
    Action.DECLARE_LOST_KEY: "With: starter.py keys lost-seal --key KEY --why REASON.",
    Action.DECLARE_RESTORED: "With: starter.py seal --after-restore REASON.",
    Action.DESCRIBE_FILE: "It is given with --description.",
    Action.FETCH_ORIGINAL: "It is asked for with --original --why REASON.",
    Action.FIND_CASES: "See: starter.py find.",
    Action.GIVE_REASON: "It is given with --why REASON.",
    Action.LIST_ACCOUNTS: "List them with: starter.py account list.",
    Action.LIST_CASES: "See: starter.py list.",
    Action.LIST_COMMANDS: "See: starter.py commands, or open --print-example.",
    Action.MIGRATE: "It is migrated with: starter.py migrate.",
    Action.NAME_FILE: "It is given with --name.",
    Action.NAME_KEY: "It is given with --key.",
    Action.NAME_LEVER: "It is given with --lever. See: starter.py checklist.",
    Action.NAME_VERSION: "starter.py show {reference} shows it; it is given with --expect.",
    Action.PLACE_REFUSED: "It is given with --refused FILE.",
    Action.ROTATE_KEYS: "It is replaced with: starter.py keys rotate.",
    Action.REASON_POLICY: "It is given with --reason.",
    Action.SCAN_STORE: "At once, with: starter.py store scan.",
    Action.SEAL: "With: starter.py seal.",
    Action.SHOW_CASE: "See: starter.py show.",
    Action.START_STACK: "Start it with: starter.py up --data {folder}.",
    Action.VERIFY_ALL: "See: starter.py verify --all.",
    Action.VERIFY_CASE: "See: starter.py verify {reference}.",
    Action.WRITE_LETTER: "See: starter.py letter.",
}


def described(command: type[Command]) -> str:
    """The description of a command, and what is typed for the action that goes with it, in English."""
    return " ".join(filter(None, [command.explained(), TYPED[command.action] if command.action else ""]))
