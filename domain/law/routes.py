"""The routes: the row of the table of time limits that is open when, and what starts its period."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.counting import in_words
from domain.law.entered import KnownStart
from domain.law.situation import Situation
from domain.law.starts import (
    REQUESTS,
    Start,
    anytime,
    care_authority,
    commission,
    debt,
    implied_refusal,
    majority,
    notification,
    received_that_day,
    recording,
    revelation,
    steps_of,
    utterance,
)
from domain.vocabulary import Act, Domain, PriorStepKind

AWAITING_A_TRIGGER: dict[str, str] = {
    "EMP_PRIV_RUPTURE_CONV": "The approval of an agreed termination is not recorded; "
    "EMP_PRIV_RUPTURE_AUTRES warns at twelve months meanwhile.",
    "EMP_PRIV_LIC_ECO": "The notification of a redundancy is not recorded; "
    "EMP_PRIV_RUPTURE_AUTRES warns at twelve months meanwhile.",
    "CPH_APPEL": "The notification of a judgment is not recorded.",
    "SYNDICAT_OPPOSITION": "The letter by which a trade union says that it will sue is not recorded.",
    "ADM_MOTIFS": "The request for the reasons of an implied refusal is not recorded.",
    "ADM_APPEL_TA": "The notification of a judgment is not recorded.",
    "CIVIL_CORPOREL": "The day on which bodily harm has become stable is a medical finding, and is not recorded.",
    "CADA_REFUS": "The request for a document is not recorded as such.",
    "CADA_SAISINE": "The refusal of a document is not recorded as such.",
    "CADA_AVIS": "The registration by the CADA is not recorded.",
    "CADA_REFUS_CONFIRME": "The registration by the CADA is not recorded.",
    "RGPD_ACCES": "The request for access to personal data is not recorded as such.",
    "DDD_MEDIATION": "The appointment of a mediator by the Defender of Rights is not recorded.",
    "MEDIATION_REPRISE": "It follows a suspension: the grounds of suspension apply it to the periods they suspend.",
}
"""The rows that no complaint opens by itself, and why: a jurist opens them with a `KnownStart`."""


@dataclass(frozen=True)
class Route:
    is_open: Callable[[Situation], bool]
    starts: Callable[[Situation], Iterator[Start]]


def _silent(s: Situation) -> bool:
    return s.administrative and bool(s.steps(*REQUESTS, unanswered=True))


def _complained(s: Situation) -> bool:
    return s.offence and bool(s.steps(PriorStepKind.CRIMINAL_COMPLAINT))


def _care_complaint(s: Situation) -> bool:
    return Act.REFUS_SOINS in s.acts and bool(s.steps(PriorStepKind.OTHER_AUTHORITY))


_CARE = Route(_care_complaint, steps_of(PriorStepKind.OTHER_AUTHORITY, assumed=care_authority))

ROUTES: dict[str, Route] = {
    "EMP_PRIV_REPARATION": Route(lambda s: s.labour, revelation),
    "EMP_PRIV_NULLITE": Route(lambda s: s.labour, revelation),
    "EMP_PRIV_RUPTURE_AUTRES": Route(lambda s: s.labour, notification),
    "EMP_PRIV_EXECUTION_AUTRES": Route(lambda s: s.labour, revelation),
    "EMP_PRIV_SALAIRE": Route(lambda s: s.labour, revelation),
    "EMP_HARCELEMENT_CIVIL": Route(lambda s: s.labour and s.harassed, revelation),
    "EMP_PUB_REPARATION": Route(lambda s: s.public_agent, revelation),
    "ADM_REP": Route(lambda s: s.administrative, notification),
    "ADM_CZABAJ": Route(lambda s: s.administrative, notification),
    "ADM_SILENCE": Route(_silent, steps_of(*REQUESTS, unanswered=True, assumed=received_that_day)),
    "ADM_REP_IMPLICITE": Route(_silent, implied_refusal),
    "ADM_MPO": Route(lambda s: s.public_agent, notification),
    "ADM_QUADRIENNALE": Route(lambda s: s.administrative, debt),
    "CIVIL_GENERAL": Route(lambda s: s.civil, revelation),
    "PENAL_DELIT": Route(lambda s: s.offence, commission),
    "PENAL_PCPC": Route(_complained, steps_of(PriorStepKind.CRIMINAL_COMPLAINT)),
    "PRESSE_DISCRIM": Route(lambda s: s.spoken_on_a_ground, utterance),
    "PRESSE_COMMUN": Route(lambda s: s.spoken, utterance),
    "CONTRAV_DISCRIM": Route(lambda s: s.spoken_on_a_ground, utterance),
    "VIDEO_PERISSABLE": Route(lambda s: s.filmed, recording),
    "CAMERA_PIETON": Route(lambda s: s.police, recording),
    "SOINS_AR": _CARE,
    "SOINS_CONVOCATION": _CARE,
    "SOINS_CONCILIATION": _CARE,
    "SECU_CRA": Route(lambda s: s.domain is Domain.PROTECTION_SOCIALE, notification),
    "DDD_SAISINE": Route(lambda s: not s.anonymous, anytime),
    "MINEUR": Route(lambda s: s.minor, majority),
}


def entered(start: KnownStart, route: Route | None, situation: Situation) -> Start:
    words = in_words("It starts on {day}, as a jurist entered it: {reason}", day=start.on, reason=start.reason)
    first = situation.first
    backdated = route is not None and route.starts is revelation and first is not None and first < start.on
    return Start.on(start.on, words, worst=first if backdated else None)
