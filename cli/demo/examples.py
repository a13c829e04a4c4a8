"""A complaint that can be opened as it is. The people are made up."""

from typing import Any

COMPLAINT: dict[str, Any] = {
    "received_at": "2026-03-02T10:30",
    "channel": "DESK",
    "domain": "LOGEMENT_PRIVE",
    "criteria": ["ORIGINE", "LIEU_RESIDENCE"],
    "acts": ["DIRECTE"],
    "facts": {
        "narrative": "J'ai téléphoné pour visiter un deux-pièces. Quand j'ai donné mon nom et mon quartier, l'agence a"
        " dit que le logement venait d'être loué. Une amie a appelé une heure après : il était libre.",
        "occurred_on": "2026-02-24",
        "revealed_on": "2026-02-24",
        "place": {"commune": "59350", "detail": "Agence Exemple, rue Fictive"},
    },
    "complainant": {
        "given_name": "Camille",
        "family_name": "Exemple",
        "email": "camille.exemple@example.org",
        "phone": "+33 3 00 00 00 00",
        "language": "fr",
        "residence": "MAINLAND",
    },
    "respondent": {"kind": "COMPANY", "name": "Agence Exemple (fictive)"},
    "relation": "HOUSING_APPLICANT",
    "prior_steps": [{"kind": "WRITTEN_COMPLAINT", "taken_on": "2026-02-26", "to_whom": "Agence Exemple (fictive)"}],
    "expectations": "Visiter un logement comme tout le monde, et que cela soit reconnu.",
    "consents": [{"scope": "REFERRAL", "recipient": "logement-pour-tous", "form": "WRITTEN", "given_on": "2026-03-02"}],
    "fictitious": True,
}
