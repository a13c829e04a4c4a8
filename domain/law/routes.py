"""The routes: the row of the table of time limits that is open when, and what starts its period.

A row is open where the table of routes (`domain.reference.routes`) does not close it, by domain, relation and kind of
respondent, and where the facts tell what it takes: words, harassment, a step that the person took.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
    social_refusal,
    steps_of,
    utterance,
)
from domain.reference import limitation_periods
from domain.reference.routes import RouteState
from domain.vocabulary import Act, PriorStepKind

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
    "EMP_PRIV_CSP": "Joining a contract of professional security (CSP) is not recorded; "
    "EMP_PRIV_RUPTURE_AUTRES warns at twelve months meanwhile.",
    "CADA_TA": "It follows CADA_REFUS_CONFIRME: enter there the registration by the CADA, or here the refusal.",
    "DALO_TA": "The decision of the DALO commission is not recorded.",
    "MEDIATION_REPRISE": "It follows a suspension: the grounds of suspension apply it to the periods they suspend.",
}
"""The rows that no complaint opens by itself, and why: a jurist opens them with a `KnownStart`."""


FOLLOWS: dict[str, str] = {"CADA_TA": "CADA_REFUS_CONFIRME", "SECU_POLE": "SECU_CRA_SILENCE"}
"""The rows that start where the period of another row ends, once a jurist has entered from when that one runs."""


@dataclass(frozen=True)
class Route:
    """A row that a complaint can open: beside the table of routes, what the facts must tell, and what starts it."""

    starts: Callable[[Situation], Iterator[Start]]
    needs: Callable[[Situation], bool] = lambda _: True

    def is_open(self, situation: Situation, row: str) -> bool:
        """Tells if the row can run: nothing in the table closes it, and the facts tell what it takes."""
        return situation.route(row).state is not RouteState.CLOSED and self.needs(situation)


def _silent(s: Situation) -> bool:
    return bool(s.steps(*REQUESTS, unanswered=True))


def _appealed(s: Situation) -> bool:
    return bool(s.steps(PriorStepKind.ADMINISTRATIVE_APPEAL))


def _not_heard(s: Situation) -> bool:
    return bool(s.steps(PriorStepKind.ADMINISTRATIVE_APPEAL, unanswered=True))


def _complained(s: Situation) -> bool:
    return s.offence and bool(s.steps(PriorStepKind.CRIMINAL_COMPLAINT))


def _care_complaint(s: Situation) -> bool:
    return Act.REFUS_SOINS in s.acts and bool(s.steps(PriorStepKind.OTHER_AUTHORITY))


_CARE = Route(steps_of(PriorStepKind.OTHER_AUTHORITY, assumed=care_authority), _care_complaint)

ROUTES: dict[str, Route] = {
    "EMP_PRIV_REPARATION": Route(revelation),
    "EMP_PRIV_NULLITE": Route(revelation),
    "EMP_PRIV_RUPTURE_AUTRES": Route(notification),
    "EMP_PRIV_EXECUTION_AUTRES": Route(revelation),
    "EMP_PRIV_SALAIRE": Route(revelation),
    "EMP_PRIV_GROSSESSE": Route(notification, lambda s: s.pregnant),
    "EMP_PRIV_AVIS_MEDECIN": Route(notification, lambda s: s.unwell),
    "EMP_PRIV_MOTIFS": Route(notification),
    "EMP_PRIV_SOLDE": Route(notification),
    "EMP_HARCELEMENT_CIVIL": Route(revelation, lambda s: s.harassed),
    "EMP_PUB_REPARATION": Route(revelation),
    "ADM_REP": Route(notification),
    "ADM_CZABAJ": Route(notification),
    "ADM_SILENCE": Route(steps_of(*REQUESTS, unanswered=True, assumed=received_that_day), _silent),
    "ADM_REP_IMPLICITE": Route(implied_refusal, _silent),
    "ADM_MPO": Route(notification),
    "ADM_QUADRIENNALE": Route(debt),
    "ETAT_JUSTICE": Route(debt, lambda s: s.checked),
    "CIVIL_GENERAL": Route(revelation),
    "LOGEMENT_BAIL": Route(revelation),
    "PENAL_DELIT": Route(commission, lambda s: s.offence),
    "PENAL_PCPC": Route(steps_of(PriorStepKind.CRIMINAL_COMPLAINT), _complained),
    "PRESSE_DISCRIM": Route(utterance, lambda s: s.spoken_on_a_ground),
    "PRESSE_COMMUN": Route(utterance, lambda s: s.spoken),
    "CONTRAV_DISCRIM": Route(utterance, lambda s: s.spoken_on_a_ground),
    "CONTRAV_SEXISTE": Route(utterance, lambda s: s.sexist),
    "VIDEO_PERISSABLE": Route(recording, lambda s: s.filmed),
    "CAMERA_PIETON": Route(recording, lambda s: s.police),
    "SOINS_AR": _CARE,
    "SOINS_CONVOCATION": _CARE,
    "SOINS_CONCILIATION": _CARE,
    "SECU_CRA": Route(notification),
    "SECU_CRA_SILENCE": Route(
        steps_of(PriorStepKind.ADMINISTRATIVE_APPEAL, unanswered=True, assumed=received_that_day), _not_heard
    ),
    "SECU_POLE": Route(social_refusal, _appealed),
    "AIDE_SOCIALE_RAPO": Route(notification),
    "DDD_SAISINE": Route(anytime, lambda s: not s.anonymous),
    "MINEUR": Route(majority, lambda s: s.minor),
}


def following(row: str, known: Iterable[KnownStart]) -> Iterator[Start]:
    """The starting points of a row that follows another, from those that a jurist entered for the other."""
    before = limitation_periods().get(FOLLOWS.get(row, ""))
    for start in known:
        if before is not None and before.period is not None and start.clock == before.code:
            born = before.period.after(start.on)
            yield Start.on(
                born,
                in_words(
                    "It starts on {day}, where the period from {start} ends ({basis}).",
                    day=born,
                    start=start.on,
                    basis=before.legal_basis,
                ),
            )


def entered(start: KnownStart, route: Route | None, situation: Situation) -> Start:
    words = in_words("It starts on {day}, as it was entered: {reason}", day=start.on, reason=start.reason)
    first = situation.first
    backdated = route is not None and route.starts is revelation and first is not None and first < start.on
    return Start.on(start.on, words, worst=first if backdated else None)
