"""Random lives of cases, told straight to the book: whatever people ask, and the timer ringing when it is due."""

import random
import uuid
from datetime import UTC, datetime, timedelta

from temporalio.exceptions import ApplicationError

from activities.book import Book
from activities.calendar import french_calendar
from domain.actors import CLOCK, Actor
from domain.case import Case
from domain.commands import AnyCommand
from domain.exchange.cases import Ask, CommitRequest, Committed
from domain.lifecycle import fold
from domain.parts.alert import AnswerAlert, PassDeadlines
from domain.parts.assignment import Assign
from domain.parts.filing import WithdrawFiling
from domain.parts.intake import Open
from domain.parts.referral import WithdrawReferral
from domain.values import day_of, new_reference
from domain.vocabulary import AlertDecision, Level
from kit.storage.database import Database
from models import book as lines
from models.accounts import add_account
from tests.people import COLLEAGUE, HOME, LEAD, LILLE, MARSEILLE, PARTNER_WORKER, STAFF, SUPERVISOR, WORKER
from tests.support.builders import (
    closing as ending,
)
from tests.support.builders import complaint, samples, somebody_for
from tests.support.intakes import by_intake
from tests.support.servers import KEYS

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Lives:
    """Some cases in one database, each at its own time."""

    def __init__(self, database: Database, seed: int = 1) -> None:
        self.database, self.book = database, Book(database, KEYS, french_calendar())
        self.chance = random.Random(seed)  # noqa: S311 - dice
        self.times: dict[str, datetime] = {}
        with database.write() as tx:
            for person in STAFF:
                add_account(tx, person)

    def open(self, at: datetime = MONDAY, by: Actor = WORKER) -> str:
        reference = new_reference()
        KEYS.mint(reference)
        self.times[reference] = at
        content = complaint(received_at=at - timedelta(hours=1), commune=self.chance.choice([LILLE, MARSEILLE, None]))
        self.ask(reference, Open(complaint=content), by)
        return reference

    def ask(self, reference: str, command: AnyCommand, by: Actor, known_version: int = 0) -> Committed | None:
        """Asks a command of a case, and gives every line after the known version; None if the rules refuse."""
        command = by_intake(self.database, reference, command)
        ask = Ask(command=command, command_id=str(uuid.uuid4()), actor=by)
        try:
            return self.book.commit(
                CommitRequest(reference=reference, known_version=known_version, ask=ask, at=self.times[reference])
            )
        except ApplicationError as error:
            assert error.type == "Refused", error
            return None

    def ring(self, reference: str) -> None:
        self.ask(reference, PassDeadlines(), CLOCK)

    def case(self, reference: str) -> Case:
        with self.database.read() as tx:
            return fold(reference, lines.history(tx, KEYS, reference))

    def live(self, steps: int, *, closing: float = 0.05) -> str:
        """A case from its opening through so many steps: somebody acts, or time passes, or an alert is decided on."""
        reference = self.open(by=self.chance.choice([WORKER, WORKER, PARTNER_WORKER]))
        case, committed = self.case(reference), None

        def ask(command: AnyCommand, by: Actor) -> bool:
            # As a workflow, which is told what is new: a history that is read whole at every step grows with each.
            nonlocal committed
            answer = self.ask(reference, command, by, case.version)
            committed = answer or committed
            return answer is not None

        for _ in range(steps):
            self.times[reference] += timedelta(
                days=self.chance.choice([0, 0, 1, 5, 20]), hours=self.chance.randint(0, 9)
            )
            if committed is not None:
                case, committed = fold(reference, committed.entries, case), None
            today = day_of(self.times[reference])
            dice = self.chance.random()
            if dice < 0.4:
                ask(PassDeadlines(), CLOCK)
            elif dice < 0.65 and case.standing_alerts:
                alert = self.chance.choice(case.standing_alerts)
                decision = self.chance.choice(list(AlertDecision))
                until = today + timedelta(days=30) if decision is AlertDecision.EXTEND else None
                if decision is AlertDecision.REASSIGN:
                    other = COLLEAGUE if case.holder == WORKER.account else WORKER
                    ask(Assign(holder=other.account, organisation=HOME, reason="-"), SUPERVISOR)
                by = {Level.CASE_WORKER: WORKER, Level.SUPERVISOR: SUPERVISOR, Level.PLAN_LEAD: LEAD}[alert.level]
                by = self.chance.choice([by, SUPERVISOR, LEAD])
                ask(AnswerAlert(alert=alert.key, decision=decision, until=until, reason="-"), by)
            elif dice > 1 - closing:
                for referral in case.open_referrals:
                    ask(WithdrawReferral(referral=referral.id, reason="-"), SUPERVISOR)
                for filing in case.open_filings:
                    ask(WithdrawFiling(filing=filing.id, reason="-"), SUPERVISOR)
                ask(ending(), SUPERVISOR)
            else:
                for command in samples(case, today, self.chance):
                    if command.kind in ("close", "propose_closure", "countersign_closure"):
                        continue
                    by = somebody_for(case, command, self.chance)
                    if by and ask(command, by):
                        break
        return reference
