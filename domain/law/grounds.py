"""The grounds on which the law stops a period or starts it again, each with its effect on each way of counting.

Filing with the Defender of Rights is none of them: by itself it neither interrupts nor suspends anything (LO 2011-333
art. 6 al. 3). The cases in which the law gives his action an effect are grounds of their own (DEFENDER_PRIOR_MEDIATION,
DEFENDER_TRANSACTION), and a mediation that both sides agreed to in writing before him is a MEDIATION if a jurist says
so.

Each ground acts on some ways of counting only: a mediation does not suspend a foreclosure (C. civ. 2220), a complaint
to the prosecutor does not stop the periods of the press.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.counting import Mode, Period


class Effect(StrEnum):
    """The effect of a ground on a period."""

    SUSPENDS = "SUSPENDS"
    INTERRUPTS = "INTERRUPTS"


class TollGround(StrEnum):
    """The reason for which a period is stopped or starts again."""

    MEDIATION = "MEDIATION"
    EVIDENCE_MEASURE = "EVIDENCE_MEASURE"
    IMPOSSIBILITY = "IMPOSSIBILITY"
    MINORITY = "MINORITY"
    COURT_ACTION = "COURT_ACTION"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    ENFORCEMENT = "ENFORCEMENT"
    ADMINISTRATIVE_APPEAL = "ADMINISTRATIVE_APPEAL"
    REASONS_REQUESTED = "REASONS_REQUESTED"
    EXPRESS_REFUSAL = "EXPRESS_REFUSAL"
    LEGAL_AID = "LEGAL_AID"
    ADMINISTRATIVE_MEDIATION = "ADMINISTRATIVE_MEDIATION"
    PRIOR_MEDIATION = "PRIOR_MEDIATION"
    DEFENDER_PRIOR_MEDIATION = "DEFENDER_PRIOR_MEDIATION"
    CLAIM_ON_PUBLIC_BODY = "CLAIM_ON_PUBLIC_BODY"
    PUBLIC_COURT_ACTION = "PUBLIC_COURT_ACTION"
    CRIMINAL_COMPLAINT = "CRIMINAL_COMPLAINT"
    PROSECUTION = "PROSECUTION"
    PRESS_PROSECUTION = "PRESS_PROSECUTION"
    DEFENDER_TRANSACTION = "DEFENDER_TRANSACTION"


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground as the law describes it."""

    label: str
    basis: str
    effects: Mapping[Mode, Effect]
    six_months_remain: bool = False
    """At least six months remain when the suspension ends."""
    at_once: bool = False
    """An act of one day: it has no length, and cannot be still going on."""
    at_most: Period | None = None
    """The longest time for which the law lets it act, however long it lasts."""
    can_be_undone: bool = False
    """Withdrawn, lapsed or rejected, it never was (C. civ. 2243)."""
    first_period_only: bool = False
    """It must come within the first period, and not after a mediation."""
    only: frozenset[str] = frozenset()
    """The only rows of the table it acts on; empty: whichever are counted in a way it acts on."""
    never: frozenset[str] = frozenset()

    def effect_on(self, clock: str, mode: Mode) -> Effect | None:
        """The effect on this row, counted in this way; None if there is none."""
        if clock in self.never or (self.only and clock not in self.only):
            return None
        return self.effects.get(mode)


_SUSPENDS_CIVIL = {Mode.PRESCRIPTION: Effect.SUSPENDS}
_INTERRUPTS_CIVIL = {Mode.PRESCRIPTION: Effect.INTERRUPTS, Mode.FORCLUSION: Effect.INTERRUPTS}
_APPEALS_AND_PRESCRIPTIONS = {
    Mode.FRANC: Effect.INTERRUPTS,
    Mode.PRESCRIPTION: Effect.SUSPENDS,
    Mode.YEAR_START: Effect.SUSPENDS,
}
MEDIATIONS = frozenset(
    {TollGround.ADMINISTRATIVE_MEDIATION, TollGround.PRIOR_MEDIATION, TollGround.DEFENDER_PRIOR_MEDIATION}
)
PRESS = frozenset({"PRESSE_DISCRIM", "PRESSE_COMMUN"})
"""The rows of loi du 29 juillet 1881, which has its own rules."""
_BEFORE_COURTS = frozenset(
    {
        *("EMP_PRIV_REPARATION", "EMP_PRIV_NULLITE", "EMP_PRIV_RUPTURE_AUTRES", "EMP_PRIV_EXECUTION_AUTRES"),
        *("EMP_PRIV_SALAIRE", "EMP_PRIV_RUPTURE_CONV", "EMP_PRIV_LIC_ECO", "EMP_PRIV_CSP", "EMP_PRIV_AVIS_MEDECIN"),
        *("EMP_HARCELEMENT_CIVIL", "CPH_APPEL", "EMP_PUB_REPARATION", "ADM_REP", "ADM_REP_IMPLICITE"),
        *("ADM_APPEL_TA", "CADA_TA", "DALO_TA", "CIVIL_GENERAL", "CIVIL_CORPOREL", "LOGEMENT_BAIL", "SECU_POLE"),
    }
)
"""Actions and appeals before courts of first instance or of appeal: décret 2020-1717 art. 43 speaks of every one.

Criminal courts are left out, where it is open to argument, and so is what is asked of somebody else than a court.
"""
_PRIOR_MEDIATION_ROWS = frozenset({"ADM_MPO", "ADM_REP", "ADM_REP_IMPLICITE", "EMP_PUB_REPARATION", "ADM_QUADRIENNALE"})

GROUNDS: dict[TollGround, Ground] = {
    TollGround.MEDIATION: Ground(
        "Mediation or conciliation agreed in writing, or its first meeting",
        "C. civ. 2238",
        _SUSPENDS_CIVIL,
        six_months_remain=True,
    ),
    TollGround.EVIDENCE_MEASURE: Ground(
        "Evidence measure granted by a court before trial",
        "C. civ. 2239; CPC 145",
        _SUSPENDS_CIVIL,
        six_months_remain=True,
    ),
    TollGround.IMPOSSIBILITY: Ground("Impossibility to act", "C. civ. 2234", _SUSPENDS_CIVIL),
    TollGround.MINORITY: Ground(
        "Minority or guardianship", "C. civ. 2235", _SUSPENDS_CIVIL, never=frozenset({"EMP_PRIV_SALAIRE"})
    ),
    TollGround.COURT_ACTION: Ground(
        "Court action, even in summary proceedings or before the wrong court",
        "C. civ. 2241, 2242; C. trav. R1452-1",
        _INTERRUPTS_CIVIL,
        can_be_undone=True,
    ),
    TollGround.ACKNOWLEDGEMENT: Ground(
        "Acknowledgement of the right by the other side",
        "C. civ. 2240",
        {Mode.PRESCRIPTION: Effect.INTERRUPTS},
        at_once=True,
    ),
    TollGround.ENFORCEMENT: Ground("Act of enforcement", "C. civ. 2244", _INTERRUPTS_CIVIL, at_once=True),
    TollGround.ADMINISTRATIVE_APPEAL: Ground(
        "Informal or hierarchical appeal, until its refusal",
        "CRPA L411-2, L231-4; CJA R213-13",
        {Mode.FRANC: Effect.INTERRUPTS},
        at_most=Period(months=2),
        first_period_only=True,
        only=frozenset({"ADM_REP", "ADM_REP_IMPLICITE"}),
    ),
    TollGround.EXPRESS_REFUSAL: Ground(
        "Express refusal after an implied one",
        "CJA R421-2",
        {Mode.FRANC: Effect.INTERRUPTS},
        at_once=True,
        only=frozenset({"ADM_REP", "ADM_REP_IMPLICITE"}),
    ),
    TollGround.REASONS_REQUESTED: Ground(
        "Request for the reasons of an implied refusal, until they are given",
        "CRPA L232-4",
        {Mode.FRANC: Effect.INTERRUPTS},
        only=frozenset({"ADM_REP_IMPLICITE"}),
    ),
    TollGround.LEGAL_AID: Ground(
        "Application for legal aid, until its decision can no longer be contested or, later, a lawyer is designated",
        "décret 2020-1717 art. 43",
        {
            **_INTERRUPTS_CIVIL,
            Mode.FRANC: Effect.INTERRUPTS,
            Mode.PROCEDURE: Effect.INTERRUPTS,
        },
        only=_BEFORE_COURTS,
    ),
    TollGround.ADMINISTRATIVE_MEDIATION: Ground(
        "Mediation agreed with the administration",
        "CJA L213-6",
        _APPEALS_AND_PRESCRIPTIONS,
        six_months_remain=True,
    ),
    TollGround.PRIOR_MEDIATION: Ground(
        "Mandatory prior mediation: the mediator is seized",
        "CJA L213-13",
        _APPEALS_AND_PRESCRIPTIONS,
        only=_PRIOR_MEDIATION_ROWS,
    ),
    TollGround.DEFENDER_PRIOR_MEDIATION: Ground(
        "Defender of Rights seized of a decision subject to mandatory prior mediation",
        "CJA L213-14, R213-11",
        _APPEALS_AND_PRESCRIPTIONS,
        only=_PRIOR_MEDIATION_ROWS,
    ),
    TollGround.CLAIM_ON_PUBLIC_BODY: Ground(
        "Written claim, payment or answer about a debt of a public body",
        "loi 68-1250 art. 2",
        {Mode.YEAR_START: Effect.INTERRUPTS},
        at_once=True,
    ),
    TollGround.PUBLIC_COURT_ACTION: Ground(
        "Court action about a debt of a public body, until the decision is final",
        "loi 68-1250 art. 2",
        {Mode.YEAR_START: Effect.INTERRUPTS},
    ),
    TollGround.CRIMINAL_COMPLAINT: Ground(
        "Complaint to the prosecutor, until the answer",
        "CPP 85",
        {Mode.PENAL: Effect.SUSPENDS},
        at_most=Period(months=3),
        only=frozenset({"PENAL_DELIT"}),
    ),
    TollGround.PROSECUTION: Ground(
        "Act of prosecution, inquiry or investigation, or a judgment",
        "CPP 9-2",
        {Mode.PENAL: Effect.INTERRUPTS},
        at_once=True,
        never=PRESS,
    ),
    TollGround.PRESS_PROSECUTION: Ground(
        "Act of prosecution that names the offence and its text",
        "loi du 29 juillet 1881 art. 65",
        {Mode.PENAL: Effect.INTERRUPTS},
        at_once=True,
        only=PRESS,
    ),
    TollGround.DEFENDER_TRANSACTION: Ground(
        "Act towards a settlement proposed by the Defender of Rights",
        "LO 2011-333 art. 28 IV",
        {Mode.PENAL: Effect.INTERRUPTS},
        at_once=True,
        only=frozenset({"PENAL_DELIT"}),
    ),
}
