"""The policy: how long things may take here before somebody is told. Never the time limits of the law."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from domain.errors import fault
from domain.levels import Days, Ladder
from domain.values import Value
from domain.vocabulary import OPEN_STEPS, Domain, Step


def _stall() -> dict[Step, Ladder]:
    return {
        Step.INTAKE: Ladder(case_worker=5, supervisor=10, plan_lead=20),
        Step.REFERRAL: Ladder(case_worker=10, supervisor=20, plan_lead=30),
        Step.EVIDENCE: Ladder(case_worker=20, supervisor=30, plan_lead=45),
        Step.ESCALATION: Ladder(case_worker=60, supervisor=90, plan_lead=120),
    }


_UNSENT = Ladder(case_worker=5, supervisor=10, plan_lead=20)
_ENDED = Ladder(case_worker=2, supervisor=5, plan_lead=10)
_TRANSFER = Ladder(case_worker=3, supervisor=5, plan_lead=10)
"""Delays that policies stored before do not tell: left out while they are these, so that those stay as they are."""


ALONE = 92
"""Calendar days for which one person may pause a case, where no policy says otherwise: about three months."""


class Policy(Value):
    """The delays under which an agenda is computed. All in working days, unless the name says otherwise."""

    stall: dict[Step, Ladder] = Field(default_factory=_stall)
    """Nothing has moved: by step."""
    stall_by_domain: dict[Domain, dict[Step, Ladder]] = Field(default_factory=dict)
    """Ladders of domains that need another pace than the others."""
    no_contact: Ladder = Ladder(case_worker=30, supervisor=45, plan_lead=60)
    """The person was not reached since."""
    referral_reminder: Days = 5
    """An unanswered referral is recalled after this long..."""
    referral_expiry: Days = 15
    """... and comes back to its sender after this long, unless the referral sets its own date."""
    piece_overdue: Ladder = Ladder(case_worker=1, supervisor=10, plan_lead=20)
    """A requested piece has not come, counted from its due date."""
    filing_acknowledgement: Ladder = Ladder(case_worker=15, supervisor=25, plan_lead=40)
    """The Defender has not acknowledged."""
    filing_news: Ladder = Ladder(case_worker=65, supervisor=95, plan_lead=130)
    """The Defender acknowledged, and has not decided: about three months, as he takes on average."""
    filing_request: Ladder = Ladder(case_worker=1, supervisor=4, plan_lead=8)
    """The Defender awaits an answer: counted from six working days before it is due, or from the day he asked."""
    filing_unsent: Ladder = Field(_UNSENT, exclude_if=lambda ladder: ladder == _UNSENT)
    """A filing is prepared and not sent, or the person took their agreement back."""
    filing_ended: Ladder = Field(_ENDED, exclude_if=lambda ladder: ladder == _ENDED)
    """The Defender declined or decided, or the filing was withdrawn, and the person was not reached since."""
    transfer_answer: Ladder = Field(_TRANSFER, exclude_if=lambda ladder: ladder == _TRANSFER)
    """The other metropolis has not answered. It is told of the proposal at once; these delays are for both sides."""
    pause_alone: Annotated[int, Field(ge=1, le=183, exclude_if=lambda days: days == ALONE)] = ALONE
    """Calendar days for which one person may pause a case: a supervisor who does not hold it decides on more."""
    repeat: Days = 10
    """The highest level is told again after this long, until somebody decides."""
    limitation_notice: tuple[Annotated[int, Field(ge=0, le=800)], ...] = (180, 90, 30, 15, 3)
    """Calendar days before the prudent date of a limitation period at which it is recalled."""
    short_limitation_notice: tuple[Annotated[int, Field(ge=0, le=800)], ...] = (30, 15, 7, 3, 1)
    """The same for periods of three months or less, and for proof that perishes."""
    retention_years: Annotated[int, Field(ge=1, le=30)] = 2
    """Calendar years from closure (or the last contact, if later) to the end of the active period (CNIL, 2023-095)."""
    grace: Annotated[int, Field(ge=0, le=30)] = 1
    """The delay for facts that were late already when they were recorded: an imported backlog, a letter found."""

    @field_validator("stall")
    @classmethod
    def _complete(cls, stall: dict[Step, Ladder]) -> dict[Step, Ladder]:
        if set(stall) != OPEN_STEPS:
            raise fault(
                "ladder_steps",
                "There is one ladder for each open step.",
                "Give one for: {steps}.",
                steps=", ".join(sorted(OPEN_STEPS)),
            )
        return stall

    @field_validator("stall_by_domain")
    @classmethod
    def _of_open_steps(cls, by_domain: dict[Domain, dict[Step, Ladder]]) -> dict[Domain, dict[Step, Ladder]]:
        if any(set(ladders) - OPEN_STEPS for ladders in by_domain.values()):
            raise fault(
                "ladder_steps_domain",
                "A domain has ladders for open steps only.",
                "Give them for some of: {steps}.",
                steps=", ".join(sorted(OPEN_STEPS)),
            )
        return by_domain

    @field_validator("referral_expiry")
    @classmethod
    def _after_the_reminder(cls, expiry: int, info: ValidationInfo) -> int:
        if expiry < info.data.get("referral_reminder", 0):
            raise fault(
                "expiry_early",
                "A referral would come back before its reminder.",
                "Give at least as many days as for referral_reminder.",
            )
        return expiry

    @field_validator("limitation_notice", "short_limitation_notice")
    @classmethod
    def _nearer_and_nearer(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if not days or list(days) != sorted(set(days), reverse=True):
            raise fault("notice_order", "Notices come nearer and nearer.", "Give decreasing numbers of days.")
        return days

    def stall_ladder(self, step: Step, domain: Domain) -> Ladder | None:
        """The ladder for a case of this domain at this step; none for a step in which nothing is awaited."""
        return self.stall_by_domain.get(domain, {}).get(step) or self.stall.get(step)


DEFAULT_POLICY = Policy()
"""The policy with which a new installation begins."""
