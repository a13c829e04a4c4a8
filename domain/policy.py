"""How long things may take here before somebody is told: the city's choices, as data. Never the law's time limits."""

from pydantic import Field

from domain.values import Value
from domain.vocabulary import Level, Step


class Ladder(Value):
    """After how many working days without progress each level is told."""

    case_worker: int
    supervisor: int
    plan_lead: int

    def rungs(self) -> tuple[tuple[Level, int], ...]:
        """The levels with their delays, lowest first."""
        return (
            (Level.CASE_WORKER, self.case_worker),
            (Level.SUPERVISOR, self.supervisor),
            (Level.PLAN_LEAD, self.plan_lead),
        )


class Policy(Value):
    """The delays under which an agenda is computed. All in working days, unless the name says otherwise."""

    version: int = 1
    stall: dict[Step, Ladder] = Field(
        default_factory=lambda: {
            Step.INTAKE: Ladder(case_worker=5, supervisor=10, plan_lead=20),
            Step.REFERRAL: Ladder(case_worker=10, supervisor=20, plan_lead=30),
            Step.EVIDENCE: Ladder(case_worker=20, supervisor=30, plan_lead=45),
            Step.ESCALATION: Ladder(case_worker=60, supervisor=90, plan_lead=120),
        }
    )
    referral_reminder: int = 5
    """An unanswered referral is recalled after this long..."""
    referral_expiry: int = 15
    """... and comes back to its sender after this long, unless the referral sets its own date."""
    filing_acknowledgement: int = 15
    """The Defender's acknowledgement is looked for after this long."""
    retention_years: int = 2
    """Calendar years after closure (or the last contact, if later) at which erasure is due (CNIL, délib. 2023-095)."""
    grace: int = 1
    """What was late already when it was recorded (an imported backlog, a letter found) falls due after this long."""


DEFAULT_POLICY = Policy()
