"""What an import would cause by itself: alerts and mails, until the grace for what was late already is over."""

from datetime import datetime

from domain.actors import CLOCK
from domain.case import Case
from domain.dates import WorkingCalendar, at_opening
from domain.lifecycle import decide, fold, record
from domain.messages.notices import notices
from domain.messages.people import People
from domain.parts.alert import Alert, PassDeadlines
from domain.time.clocks import agenda, passed
from domain.time.limits import was_over
from domain.time.policy import Policy
from domain.values import day_of


class Foresight:
    """Counts what each case of a rehearsal would cause if nobody touched it."""

    def __init__(self, people: People, policy: Policy, calendar: WorkingCalendar, at: datetime) -> None:
        """`at` is the moment of the import."""
        self._people, self._policy, self._calendar, self._at = people, policy, calendar, at
        self.until = at_opening(calendar.add(day_of(at), max(1, policy.grace)))
        """The moment up to which is counted: nine o'clock on the working day after the grace began."""
        self.alerts = 0
        self.mails = 0
        """Mails about one case. The digests come beside them: one to each reader and working day."""
        self.over = 0
        """Those of the alerts that tell what was over when its case was opened: they cause no mail."""

    def look_at(self, case: Case) -> None:
        """Counts what this case would cause."""
        for moment in (self._at, self.until):
            case = self._passing(case, moment)

    def _passing(self, case: Case, moment: datetime) -> Case:
        due = passed(agenda(case, self._policy, self._calendar), moment)
        if not due:
            return case
        events = decide(case, PassDeadlines(deadlines=due), CLOCK, moment)
        entries = record(
            events,
            after=case.version,
            command_id="",
            actor=CLOCK,
            happened_at=moment,
            recorded_at=moment,
        )
        after = fold(case.reference, entries, case)
        self._count(after, after.alerts[len(case.alerts) :])
        self.mails += sum(self._can_be_written_to(n.account) for n in notices(case, after, self._people, moment))
        return after

    def _count(self, case: Case, new: tuple[Alert, ...]) -> None:
        self.alerts += len(new)
        self.over += sum(was_over(alert.kind, alert.clock, day_of(case.opened_at)) for alert in new)

    def _can_be_written_to(self, account: str) -> bool:
        person = self._people.named(account)
        return person is not None and person.preferences.address is not None
