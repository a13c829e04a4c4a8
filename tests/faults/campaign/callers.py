"""Those who send commands without a pause, each under an id of its own, until it is answered."""

import asyncio
import contextlib
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from random import Random

from domain.actors import Actor
from domain.case import Case
from domain.errors import Away, Problem, Refused
from domain.exchange.cases import Receipt
from domain.lifecycle import decide, fold
from domain.parts.base import Command
from domain.parts.erasure import Erase, ProposeErasure
from domain.parts.files import AttachFile
from domain.values import day_of, new_reference
from domain.vocabulary import ErasureReason, Step
from kit.errors import StackError
from models import book
from models.keys import CaseErased
from tests.faults.campaign.ground import Ground, now
from tests.people import LILLE, SUPERVISOR, SUPERVISOR_2
from tests.people import WORKER as OPENER
from tests.support.builders import complaint, contact, note, samples, somebody_for
from tests.support.servers import KEYS, until_async
from workflows.cases import STOPPED, CaseClient

ENDED = "case_stopped"

PATIENCE = 180
"""Seconds within which everybody is answered: an outage lasts some, and a stack is there again soon after."""


@dataclass
class Sent:
    """A command on its way, and what became of it."""

    command_id: str
    reference: str
    receipt: Receipt | None = None
    refused: str = ""
    """Code of the refusal."""
    tries: int = 0
    ask: Callable[[], Awaitable[Receipt]] | None = None
    """Sends it, once more if need be."""

    @property
    def is_answered(self) -> bool:
        return self.receipt is not None or bool(self.refused)


@dataclass
class Known:
    """A case as a caller last saw it."""

    reference: str
    case: Case | None = None
    is_erased: bool = False


@dataclass
class Crowd:
    """Everybody who sends commands, and what they were answered."""

    ground: Ground
    desk: CaseClient
    dice: Random
    most_cases: int
    readers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(12))
    known: dict[str, Known] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    acknowledged: list[Sent] = field(default_factory=list)
    answered: int = 0
    told: Counter[str] = field(default_factory=Counter)
    """What callers were told who had to send again, by code."""
    again: int = 0
    """Commands sent again under their id though they had been acknowledged."""
    wrong: list[str] = field(default_factory=list)
    """Those of them that got another receipt."""
    is_over: bool = False

    async def has_answers(self, count: int, seconds: float = 900) -> None:
        """Waits until so many commands in all were answered."""
        await until_async(lambda: self.answered >= count, f"{count} answers", seconds)

    # --- One caller ---

    async def caller(self) -> None:
        own = await self.open()
        while not self.is_over:
            if len(self.known) < self.most_cases and self.dice.random() < 0.01:
                own = await self.open()
            reference = own if self.dice.random() < 0.5 else self.dice.choice([*self.known])
            known = await self.seen(reference)
            if known.is_erased or known.case is None:
                own = self.dice.choice([name for name, each in self.known.items() if not each.is_erased])
                continue
            if self.dice.random() < 0.02 and self.acknowledged:
                await self.send_again()
            command, who = await asyncio.to_thread(self.something, known.case)
            await self.submit(known, command, who)

    async def open(self) -> str:
        sent = Sent(str(uuid.uuid4()), new_reference())
        told = complaint(commune=self.dice.choice((LILLE, None)), received_at=now())
        self.known[sent.reference] = Known(sent.reference)
        await self.until_answered(
            sent, partial(self.desk.open, told, OPENER, reference=sent.reference, command_id=sent.command_id)
        )
        return sent.reference

    async def submit(self, known: Known, command: Command, who: Actor) -> Sent:
        assert known.case is not None
        sent = Sent(str(uuid.uuid4()), known.reference)
        ask = partial(
            self.desk.submit,
            known.reference,
            command,
            who,
            command_id=sent.command_id,
            expected_version=known.case.version if command.irreversible else None,
        )
        await self.until_answered(sent, ask)
        return sent

    async def until_answered(self, sent: Sent, ask: Callable[[], Awaitable[Receipt]]) -> None:
        sent.ask = ask
        self.sent.append(sent)
        began = time.monotonic()
        while not sent.is_answered and time.monotonic() - began < PATIENCE:
            sent.tries += 1
            try:
                sent.receipt = await ask()
            except Refused as refused:
                sent.refused = refused.code
            except (Away, StackError) as away:
                self.told[away.code] += 1
                if away.code == STOPPED and (await self.seen(sent.reference)).is_erased:
                    sent.refused = ENDED
                await asyncio.sleep(0.25)
            except Problem as problem:
                self.told[problem.code] += 1
                sent.refused = problem.code if problem.code != "internal" else ""
        self.answered += 1
        if sent.receipt is not None:
            self.acknowledged.append(sent)

    async def send_again(self) -> None:
        """Sends what is in the book once more: the same gets the same receipt, something else under its id nothing."""
        sent = self.dice.choice(self.acknowledged)
        assert sent.ask is not None
        self.again += 1
        is_same = self.dice.random() < 0.5
        other = partial(self.desk.submit, sent.reference, note("Another"), OPENER, command_id=sent.command_id)
        try:
            receipt = await (sent.ask if is_same else other)()
        except (Away, StackError):
            return
        except Problem as refused:
            if not is_same or (await self.seen(sent.reference)).is_erased:
                return
            self.wrong.append(f"{sent.command_id}: {refused.code}")
        else:
            if not is_same or receipt != sent.receipt:
                self.wrong.append(f"{sent.command_id}: {receipt}")

    # --- What they see ---

    async def seen(self, reference: str) -> Known:
        """The case as the book has it, or as it was last seen when the book cannot be read."""
        known = self.known[reference]
        with contextlib.suppress(Exception):
            await asyncio.get_running_loop().run_in_executor(self.readers, self._read, known)
        return known

    def _read(self, known: Known) -> None:
        try:
            with self.ground.database.read() as tx:
                before = known.case
                lines = book.history(tx, KEYS, known.reference, after=before.version if before else 0)
        except CaseErased:
            known.is_erased = True
            return
        if lines and known.case is before:
            known.case = fold(known.reference, lines, before)
            known.is_erased = known.case.step is Step.ERASED

    def something(self, case: Case) -> tuple[Command, Actor]:
        """Something that the rules accept, as far as can be known: now and then the end of a case."""
        at, chance = now(), Random(self.dice.random())  # noqa: S311 - dice
        if case.step is Step.CLOSED and chance.random() < 0.05:
            if case.erasure_proposed_by is None:
                return ProposeErasure(reason="-"), SUPERVISOR
            return Erase(reason=ErasureReason.PERSON_ASKED), SUPERVISOR_2
        if chance.random() < 0.6:
            return (note(), SUPERVISOR) if chance.random() < 0.5 else (contact(), SUPERVISOR)
        for command in samples(case, day_of(at), chance):
            if not isinstance(command, AttachFile) and (who := somebody_for(case, command, chance)):
                with contextlib.suppress(Refused):
                    decide(case, command, who, at)
                    return command, who
        return note(), SUPERVISOR
