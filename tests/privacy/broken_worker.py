"""`worker.py` with two broken rules, each of which says in its exception what it was given."""

import asyncio
import threading
from datetime import datetime
from typing import Any

import worker
from domain.actors import Actor
from domain.case import Case
from domain.parts import registry
from domain.parts.base import Event
from domain.parts.contact import AddNote, RecordContact
from kit.process.leave import leave

_add_note = registry.DECISIONS[AddNote]


def record_contact(case: Case, command: RecordContact, actor: Actor, at: datetime) -> list[Event]:
    """Fails wherever it is asked: at the door of the case first."""
    raise KeyError(command.summary)


def add_note(case: Case, command: AddNote, actor: Actor, at: datetime) -> list[Event]:
    """Fails in the book only, on notes that ask for it."""
    if command.text.endswith("!") and threading.current_thread().name.startswith("commit"):
        raise KeyError(command.text)
    return _add_note(case, command, actor, at)


broken: dict[Any, Any] = {RecordContact: record_contact, AddNote: add_note}
registry.DECISIONS.update(broken)

if __name__ == "__main__":
    leave(asyncio.run(worker.main()))
