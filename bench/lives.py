"""The life of a case here: it is opened, then takes eight commands that the rules accept. Nobody here exists."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.demo.examples import COMPLAINT
from cli.stack.embedded import STARTER_ACCOUNTS
from domain.actors import Actor
from domain.commands import COMMANDS
from domain.complaint import Complaint
from domain.parts.base import Command
from domain.values import day_of

STEPS = 8

_TODAY = day_of(datetime.now(UTC))
_SOON, _LATER = ((_TODAY + timedelta(days=days)).isoformat() for days in (10, 30))
_CONSENT = {"form": "WRITTEN", "given_on": _TODAY.isoformat()}

_REFERRED: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("accueil", "refer", {"partner": "logement-pour-tous", "purpose": "Test de situation et accompagnement."}),
    (
        "logement-pour-tous",
        "answer_referral",
        {"referral": "R1", "accept": True, "comment": "Nous appelons la personne demain."},
    ),
    (
        "logement-pour-tous",
        "receive_piece",
        {"piece": "EV034", "description": "Appel de contrôle : logement encore disponible."},
    ),
    ("accueil", "record_contact", {"medium": "PHONE", "summary": "La personne est informée du test."}),
    ("logement-pour-tous", "complete_referral", {"referral": "R1", "result": "Visite obtenue."}),
    (
        "accueil",
        "assess",
        {
            "treatment": "STANDS",
            "ground": "STANDS",
            "link": "PARTIAL",
            "reasoning": "Refus daté, appel de contrôle concordant.",
        },
    ),
    ("accueil", "add_note", {"text": "L'agence propose un rendez-vous de signature."}),
    (
        "accueil",
        "close",
        {
            "outcome": "SITUATION_REDRESSED",
            "reason": "SETTLED",
            "last_known_fact": "Bail signé après rappel de la loi à l'agence.",
            "person_told_on": _TODAY.isoformat(),
            "person_told_by": "MEETING",
        },
    ),
)

_FILED: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("accueil", "start_evidence", {}),
    ("accueil", "record_consent", {"consent": {"scope": "RESPONDENT", **_CONSENT}}),
    (
        "accueil",
        "request_piece",
        {"piece": "EV034", "from_whom": "RESPONDENT", "lever": "RGPD art. 15", "due": _LATER},
    ),
    (
        "juriste",
        "record_piece_refusal",
        {"piece": "EV034", "explanation": "L’agence refuse par téléphone."},
    ),
    ("juriste", "prepare_filing", {"channel": "DELEGATE"}),
    ("juriste", "record_consent", {"consent": {"scope": "DEFENDER", **_CONSENT}}),
    ("juriste", "file", {"filing": "F1"}),
    ("juriste", "acknowledge_filing", {"filing": "F1", "register_number": "DDD-FICTIF-0001"}),
)

_HANDED_ON: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    (
        "accueil",
        "assign",
        {"holder": "juriste", "organisation": "acces-droit-mel", "reason": "Qualification à faire par un juriste."},
    ),
    (
        "juriste",
        "qualify",
        {
            "domain": "LOGEMENT_PRIVE",
            "criteria": ["ORIGINE"],
            "acts": ["DIRECTE"],
            "reasoning": "L’agence loue pour un particulier.",
        },
    ),
    (
        "juriste",
        "record_contact",
        {"medium": "EMAIL", "reached": False, "summary": "Message laissé, sans réponse pour l'instant."},
    ),
    ("juriste", "add_note", {"text": "Rappeler en fin de semaine."}),
    ("superviseur", "pause", {"reason": "AT_PERSONS_REQUEST", "until": _SOON, "comment": "La personne est absente."}),
    ("juriste", "resume", {"comment": "La personne est revenue plus tôt."}),
    ("juriste", "add_piece", {"label": "Attestation d'une voisine", "held_by": "WITNESS"}),
    ("juriste", "receive_piece", {"piece": "P1", "description": "Attestation signée, avec copie de l'identité."}),
)

_ACTORS = {actor.account: actor for actor in STARTER_ACCOUNTS}

OPENER = _ACTORS["accueil"]
OPENED = Complaint.model_validate(COMPLAINT)

LIVES: tuple[tuple[tuple[Actor, Command], ...], ...] = tuple(
    tuple((_ACTORS[account], COMMANDS[name].model_validate(fields)) for account, name, fields in life)
    for life in (_REFERRED, _FILED, _HANDED_ON)
)
"""Referred and closed; escalated and waiting; handed on and gathering. Cases take them in turn."""
