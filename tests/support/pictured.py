"""The cases of a case worker whose day is full: what vanishes, what came back, what is late, what others wait for."""

from cli.demo.story import Scene, Story
from tests.people import ALIX, CARRIER, CLUB, LILLE, LONG_NAME, LOU, NOOR

WORKER, PARTNER, SUPERVISOR = "accueil", "logement-pour-tous", "superviseur"


def _agrees(day: int, scope: str, recipient: str | None = None) -> Scene:
    consent = {"scope": scope, "recipient": recipient, "form": "WRITTEN", "given_on": "{day}"}
    return Scene(day, WORKER, "record_consent", {"consent": consent})


def _referred(day: int, purpose: str) -> tuple[Scene, Scene]:
    return _agrees(day, "REFERRAL", PARTNER), Scene(day, WORKER, "refer", {"partner": PARTNER, "purpose": purpose})


PICTURED = (
    Story(
        "porte",
        "Turned away at the door, before a camera",
        3,
        {
            "channel": "DESK",
            "domain": "BIENS_SERVICES_PRIVES",
            "criteria": ["ORIGINE", "APPARENCE_PHYSIQUE"],
            "acts": ["DIRECTE"],
            "facts": {
                "narrative": "Le portier a dit que c’était complet. Deux groupes sont entrés après nous, sans attendre."
                "\nUne caméra filme l’entrée.",
                "occurred_on": "{day-2}",
                "place": {"commune": LILLE, "detail": "Discothèque Invention, rue Fictive"},
            },
            "complainant": NOOR,
            "respondent": CLUB,
            "expectations": "Que cela n’arrive plus à personne.",
        },
        (Scene(0, WORKER, "record_contact", {"medium": "PHONE", "summary": "Rappelée : elle garde les messages."}),),
    ),
    Story(
        "refus",
        "A partner who declines",
        20,
        {
            "channel": "PHONE",
            "domain": "LOGEMENT_PRIVE",
            "criteria": ["ORIGINE", "LIEU_RESIDENCE"],
            "facts": {
                "narrative": "Le dossier est complet, le revenu suffit ; l’agence ne rappelle jamais.",
                "occurred_on": "{day-12}",
                "place": {"commune": LILLE},
            },
            "complainant": LOU,
            "respondent": {"kind": "COMPANY", "name": "Agence Exemple (fictive)"},
            "relation": "HOUSING_APPLICANT",
        },
        (
            *_referred(1, "Test de situation et accompagnement."),
            Scene(
                4,
                PARTNER,
                "answer_referral",
                {"referral": "R1", "accept": False, "reason": "NO_CAPACITY", "comment": "Complet ce mois-ci."},
            ),
        ),
    ),
    Story(
        "quai",
        "A referral that nobody answers",
        38,
        {
            "channel": "EMAIL",
            "domain": "SERVICES_PUBLICS",
            "criteria": ["HANDICAP"],
            "acts": ["REFUS_AMENAGEMENT"],
            "facts": {
                "narrative": "La rampe est restée fermée : « on n’a pas le temps ». C’est la troisième fois.",
                "occurred_on": "{day-3}",
                "ongoing": True,
                "place": {"commune": LILLE},
            },
            "complainant": ALIX,
            "respondent": CARRIER,
        },
        _referred(2, "Rendez-vous avec le transporteur."),
    ),
    Story(
        "candidature",
        "A piece that was asked for, and does not come",
        70,
        {
            "channel": "DESK",
            "domain": "EMPLOI_PRIVE",
            "criteria": ["PATRONYME", "ORIGINE"],
            "acts": ["DIRECTE"],
            "facts": {
                "narrative": "Deux candidatures identiques, l’une sous un autre nom : elle seule a eu un entretien.",
                "occurred_on": "{day-25}",
                "place": {"commune": LILLE},
            },
            "complainant": LONG_NAME,
            "respondent": {"kind": "COMPANY", "name": "Société Modèle de Distribution et de Services Réunis (fictive)"},
            "relation": "CANDIDATE",
        },
        (
            Scene(3, WORKER, "start_evidence"),
            _agrees(3, "RESPONDENT"),
            Scene(
                4,
                WORKER,
                "request_piece",
                {"piece": "EV009", "from_whom": "RESPONDENT", "lever": "RGPD art. 15", "due": "{day+30}"},
            ),
            Scene(9, WORKER, "receive_piece", {"piece": "EV001", "description": "Récit signé, deux pages."}),
            Scene(9, WORKER, "add_note", {"text": "Elle préfère un courriel neutre, sans objet."}),
        ),
    ),
)
"""Each with how many days ago it was received; `{day}` is the day of what is told."""
