"""Asking a case something, waiting for its answer, and looking at more once it is there: one step for whoever asks."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import typer

from cli.say import fail, wait_for
from desk.office import Office
from domain.errors import Problem
from domain.exchange.cases import Receipt
from kit.errors import StackError

_Seen = TypeVar("_Seen")


@contextmanager
def stopped_waiting(command_id: str, machine: bool) -> Iterator[None]:
    """Whoever stops waiting for an answer (Ctrl-C) is told how to ask again without asking twice."""
    try:
        yield
    except KeyboardInterrupt:
        from workflows.cases import not_confirmed

        with suppress(typer.Exit):
            fail(not_confirmed(command_id), machine)
        raise


def asked(office: Office, account: str, what: Callable[..., Coroutine[Any, Any, Receipt]]) -> Receipt:
    """What a case answers to something that is asked at the desk, in the name of an account."""

    async def ask() -> Receipt:
        actor = office.actor(account)
        async with office.cases() as desk:
            return await what(desk, actor)

    receipt: Receipt = wait_for(ask())
    return receipt


def seen_afterwards(look: Callable[[], _Seen]) -> _Seen | None:
    """What is looked at once the answer is there; None when it cannot be, or somebody does not want to wait for it.

    What was asked is done: whatever happens to this, the answer is given.
    """
    try:
        return look()
    except (Problem, StackError, KeyboardInterrupt):
        return None
