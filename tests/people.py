"""Everybody in the tests: the people of Aboutir and their organisations, those who complain, and whom they complain of.

All are invented. Complainants are called Exemple and live in the rue Fictive.
"""

from typing import Any

from domain.actors import CLOCK, Actor
from domain.vocabulary import Role

# --- Organisations ---------------------------------------------------------------------------------------

HOME, PARTNER_ORG, THIRD_ORG = "maison-du-droit", "asso-nord", "asso-sud"
HOME_AMP = "acces-droit-amp"
METROPOLIS, METROPOLIS_AMP = "metropole", "metropole-amp"


# --- Those who work with cases ---------------------------------------------------------------------------


def person(account: str, role: Role, organisation: str = HOME, metropolis: str | None = "MEL") -> Actor:
    """Somebody with an account of this name."""
    return Actor(account=account, role=role, organisation=organisation, metropolis=metropolis)


def everywhere(actor: Actor) -> Actor:
    """The same, for both metropolises."""
    return actor.model_copy(update={"metropolis": None})


WORKER = person("camille", Role.CASE_WORKER)
COLLEAGUE = person("dominique", Role.CASE_WORKER)
HOME_SUPERVISOR = person("claude", Role.SUPERVISOR)  # of the same team, where the others oversee it
SUPERVISOR = person("sacha", Role.SUPERVISOR, METROPOLIS)
SUPERVISOR_2 = person("alix", Role.SUPERVISOR, METROPOLIS)
SUPERVISOR_AMP = person("maxime", Role.SUPERVISOR, METROPOLIS_AMP, "AMP")
LEAD = person("charlie", Role.PLAN_LEAD, METROPOLIS)
LEAD_AMP = person("ange", Role.PLAN_LEAD, METROPOLIS_AMP, "AMP")
WORKER_AMP = person("andrea", Role.CASE_WORKER, HOME_AMP, "AMP")
AUDITOR_AMP = person("sam", Role.AUDITOR, METROPOLIS_AMP, "AMP")
AUDITOR = person("morgan", Role.AUDITOR, METROPOLIS)
COMPLAINANT = person("lou", Role.COMPLAINANT)
PARTNER = person("lien-r1", Role.PARTNER, PARTNER_ORG)
PARTNER_WORKER = person("noa", Role.CASE_WORKER, PARTNER_ORG)
THIRD_PARTNER = person("lien-r2", Role.PARTNER, THIRD_ORG)
THIRD_WORKER = person("eden", Role.CASE_WORKER, THIRD_ORG)
STRANGER = person("ariel", Role.CASE_WORKER, "autre-equipe")

PEOPLE = (
    *(WORKER, COLLEAGUE, SUPERVISOR, SUPERVISOR_2, SUPERVISOR_AMP, LEAD, AUDITOR, COMPLAINANT),
    *(PARTNER, PARTNER_WORKER, THIRD_PARTNER, THIRD_WORKER, STRANGER, CLOCK),
)
"""Everybody above, and the clock."""
STAFF = (WORKER, COLLEAGUE, SUPERVISOR, LEAD, PARTNER_WORKER)
"""Those who have an account in a book where cases live."""
POPULATION = tuple(
    person(
        f"{role.value.lower().replace('_', '-')}-{organisation}-{(metropolis or 'both').lower()}",
        role,
        organisation,
        metropolis,
    )
    for role in Role
    for organisation in (HOME, PARTNER_ORG, THIRD_ORG, METROPOLIS)
    for metropolis in ("MEL", "AMP", None)
)
"""Somebody of every role, in every organisation, for each metropolis and for both."""

# Accounts that a new stack has (cli/stack/embedded.py).
OFFICE = person("accueil", Role.CASE_WORKER, "acces-droit-mel")
OFFICE_AUDITOR = person("auditeur", Role.AUDITOR, "audit", None)


def address_of(actor: Actor) -> str:
    """Address that somebody gets their mails at."""
    return f"{actor.account}.personnel@aboutir.test"


# --- Those who complain, and of whom ---------------------------------------------------------------------

LOU: dict[str, Any] = {"given_name": "Lou", "family_name": "Exemple"}
SAM: dict[str, Any] = {"given_name": "Sam", "family_name": "Exemple"}
LOU_BY_POST = LOU | {"address": "12 rue Fictive\n59000 Lille"}
AGENCY = {"kind": "COMPANY", "name": "Agence Exemple (fictive)", "address": "1 place Inventée\n59000 Lille"}

LILLE, MARSEILLE = "59350", "13055"

# Those whose complaints stand in the pictures of the pages (tests/support/site.py).
NOOR: dict[str, Any] = {
    "given_name": "Noor",
    "family_name": "Exemple",
    "phone": "+33 3 00 00 00 01",
    "email": "noor.exemple@example.org",
    "language": "ar",
    "accessibility": "Interprète en arabe ; préfère le téléphone, après 17 h.",
}
ALIX: dict[str, Any] = {"given_name": "Alix", "family_name": "Exemple", "phone": "+33 3 00 00 00 02"}
LONG_NAME: dict[str, Any] = {"given_name": "Marie-Antoinette", "family_name": "Exemple de la Longue-Rue-Fictive"}
CLUB = {"kind": "COMPANY", "name": "Discothèque Invention (fictive)"}
CARRIER = {"kind": "COMPANY", "name": "Transports Modèle (fictifs)"}
