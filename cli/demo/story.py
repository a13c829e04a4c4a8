"""The demonstration: fictitious complaints, walked through every step and told as they go.

Nobody here exists. References and command ids are fixed, so that telling the stories twice opens and records nothing
twice: what the second telling prints is what the book answered the first time.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.demo.examples import COMPLAINT
from cli.pages.words import event_name
from cli.say import _, console, describe, label
from desk.office import Office
from desk.opening import open_case
from desk.submitting import submit_as_found
from domain.commands import COMMANDS
from domain.complaint import Complaint
from domain.errors import Refused
from domain.values import PARIS, reference_from
from domain.vocabulary import Step
from models.cases import find_case


@dataclass(frozen=True)
class Scene:
    """One thing that somebody does, and how many days after the complaint was received."""

    day: int
    account: str
    command: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    told: str = ""
    refused: bool = False
    """True if the rules are to say no: that is part of the story."""


@dataclass(frozen=True)
class Story:
    """A complaint, and everything that is done about it."""

    key: str
    title: str
    received: int
    """Days ago."""
    complaint: Mapping[str, Any]
    scenes: tuple[Scene, ...]
    account: str = "accueil"


def complaint_of(domain: str, criteria: list[str], narrative: str, **more: Any) -> dict[str, Any]:
    """A complaint of somebody who does not exist. `more` holds further fields, and the commune if it is not Lille."""
    facts = {"narrative": narrative, "place": {"commune": more.pop("commune", "59350")}}
    kept = {k: COMPLAINT[k] for k in ("complainant", "fictitious")}
    return {"channel": "DESK", "domain": domain, "criteria": criteria, "facts": facts, **kept, **more}


def _consent(scope: str, recipient: str | None = None) -> dict[str, Any]:
    return {"consent": {"scope": scope, "recipient": recipient, "form": "WRITTEN", "given_on": "{day}"}}


_TOLD = {"person_told_on": "{day}", "person_told_by": "MEETING"}


def _given_up(day: int, *kinds: tuple[str, str]) -> tuple[Scene, ...]:
    """Pieces that are waived on a day: each kind with its reason."""
    told = "Every other piece is explained, each kind with its own reason."
    return tuple(
        Scene(day, "accueil", "waive_pieces", {"pieces": pieces.split(), "reason": reason}, "" if number else told)
        for number, (pieces, reason) in enumerate(kinds)
    )


STORIES = (
    Story(
        "logement",
        "A flat that was suddenly let",
        40,
        complaint_of(
            "LOGEMENT_PRIVE",
            ["ORIGINE", "LIEU_RESIDENCE"],
            "L'agence a dit que le logement était loué ; une amie a appelé une heure après : il était libre.",
            acts=["DIRECTE"],
            respondent={"kind": "COMPANY", "name": "Agence Exemple (fictive)"},
        ),
        (
            Scene(
                0,
                "accueil",
                "refer",
                {"partner": "logement-pour-tous", "purpose": "Test de situation et accompagnement."},
                "The case worker wants to pass the case to a housing association. The person has not agreed yet:",
                refused=True,
            ),
            Scene(1, "accueil", "record_consent", _consent("REFERRAL", "logement-pour-tous"), "The person agrees."),
            Scene(
                1,
                "accueil",
                "refer",
                {"partner": "logement-pour-tous", "purpose": "Test de situation et accompagnement."},
                "Now the referral goes out.",
            ),
            Scene(
                3,
                "logement-pour-tous",
                "answer_referral",
                {"referral": "R1", "accept": True, "comment": "Nous appelons la personne demain."},
                "The partner accepts.",
            ),
            Scene(
                4,
                "logement-pour-tous",
                "receive_piece",
                {"piece": "EV034", "description": "Appel de contrôle : logement encore disponible."},
                "A control call the same day shows that the flat was free.",
            ),
            Scene(9, "logement-pour-tous", "complete_referral", {"referral": "R1", "result": "Visite obtenue."}),
            Scene(
                12,
                "accueil",
                "assess",
                {
                    "treatment": "STANDS",
                    "ground": "STANDS",
                    "link": "PARTIAL",
                    "reasoning": "Refus daté, appel de contrôle concordant.",
                },
                "Which legs of the proof stand?",
            ),
            Scene(
                20,
                "accueil",
                "close",
                {
                    "outcome": "SITUATION_REDRESSED",
                    "reason": "SETTLED",
                    "last_known_fact": "Bail signé après rappel de la loi à l'agence.",
                    **_TOLD,
                },
                "The agency lets a flat after all: the case came to something.",
            ),
        ),
    ),
    Story(
        "emploi",
        "A career that stopped at the first pregnancy",
        120,
        complaint_of(
            "EMPLOI_PRIVE",
            ["GROSSESSE", "SEXE"],
            "Depuis l'annonce de ma grossesse, plus aucune augmentation, et un poste promis donné à un autre.",
            acts=["DIRECTE"],
            respondent={"kind": "COMPANY", "name": "Société Modèle (fictive)"},
        ),
        (
            Scene(2, "accueil", "start_evidence", {}, "The evidence is gathered in earnest."),
            Scene(3, "accueil", "record_consent", _consent("RESPONDENT"), "The employer may be told."),
            Scene(
                4,
                "accueil",
                "request_piece",
                {"piece": "EV009", "from_whom": "RESPONDENT", "lever": "RGPD art. 15", "due": "{day+30}"},
                "Access to the personal file is asked of the employer.",
            ),
            Scene(
                36,
                "accueil",
                "record_piece_refusal",
                {"piece": "EV009", "silent": True, "explanation": "Aucune réponse après un mois."},
                "Silence: it is itself a fact of the case.",
            ),
            Scene(
                40,
                "accueil",
                "receive_piece",
                {"piece": "EV019", "description": "Bulletins de paie sur cinq ans."},
                "The pay slips are there.",
            ),
            Scene(45, "juriste", "prepare_filing", {"channel": "DELEGATE"}, "The Defender of Rights is to be seized."),
            Scene(45, "juriste", "file", {"filing": "F1"}, "Without the person's agreement:", refused=True),
            Scene(46, "juriste", "record_consent", _consent("DEFENDER"), "She agrees in writing."),
            Scene(46, "juriste", "file", {"filing": "F1"}, "Filed. That stops no time limit by itself."),
            Scene(58, "juriste", "acknowledge_filing", {"filing": "F1", "register_number": "DDD-FICTIF-0001"}),
            Scene(
                110,
                "juriste",
                "record_filing_decision",
                {"filing": "F1", "outcome": "MEDIATION", "summary": "Accord : rattrapage de carrière."},
                "The Defender mediates, and it works.",
            ),
            Scene(
                115,
                "juriste",
                "close",
                {
                    "outcome": "COMPENSATION",
                    "reason": "DECISION_OBTAINED",
                    "last_known_fact": "Rattrapage versé.",
                    **_TOLD,
                },
            ),
        ),
    ),
    Story(
        "soins",
        "A surgery that takes no patients with state-paid complementary health cover",
        60,
        complaint_of(
            "SANTE",
            ["VULN_ECONOMIQUE"],
            "Le secrétariat a raccroché quand j'ai dit que j'avais la complémentaire santé solidaire.",
            acts=["REFUS_SOINS"],
        ),
        (
            Scene(1, "accueil", "start_evidence"),
            Scene(
                20,
                "accueil",
                "propose_closure",
                {
                    "outcome": "NO_RESULT",
                    "reason": "LACK_OF_PROOF",
                    "last_known_fact": "Aucune trace écrite de l'appel.",
                    **_TOLD,
                },
                "Close it for lack of proof? Not while pieces are neither sought nor explained:",
                refused=True,
            ),
            Scene(
                21,
                "accueil",
                "receive_piece",
                {"piece": "EV041", "description": "Journal d'appels du téléphone."},
                "The call log exists after all.",
            ),
            *_given_up(
                30,
                ("EV002", "Personne n'a entendu l'appel."),
                ("EV001 EV003 EV005 EV013 EV014 EV015 EV016 EV042 EV044", "La personne n'a que son journal d'appels."),
                ("EV006 EV043", "Le secrétariat a changé de consigne depuis : un test ne dirait rien de ce jour-là."),
                ("EV004", "Rien n'a été publié."),
                ("EV007 EV008", "Les fichiers du cabinet ne disent pas qui appelle sans obtenir de rendez-vous."),
                ("EV009", "Le nom n'a pas été noté : le cabinet ne détient rien."),
                ("EV010", "Le cabinet n'est pas une administration."),
                ("EV052", "Il n'y a pas d'images : le refus a été dit au téléphone."),
                ("EV011", "Le refus était oral, et le cabinet n'a pas à le motiver."),
                ("EV012", "Aucun algorithme n'a décidé."),
                ("EV045", "La personne ne souhaite pas saisir la caisse."),
            ),
            Scene(
                31,
                "accueil",
                "assess",
                {
                    "treatment": "STANDS",
                    "ground": "MISSING",
                    "link": "MISSING",
                    "reasoning": "Rien ne montre que le motif a été dit.",
                },
            ),
            Scene(
                32,
                "accueil",
                "propose_closure",
                {
                    "outcome": "NO_RESULT",
                    "reason": "LACK_OF_PROOF",
                    "last_known_fact": "Journal d'appels reçu, motif non établi.",
                    **_TOLD,
                },
            ),
            Scene(
                33, "accueil", "countersign_closure", {"comment": "D'accord."}, "A second pair of eyes:", refused=True
            ),
            Scene(34, "superviseur", "countersign_closure", {"comment": "Liste épuisée, personne informée."}),
        ),
    ),
    Story(
        "controle",
        "Stopped three times in a month",
        12,
        complaint_of(
            "POLICE_JUSTICE",
            ["ORIGINE", "AGE"],
            "Trois contrôles d'identité au même endroit, sans motif donné.",
            acts=["CONTROLE_FACIES"],
            complainant=None,
        ),
        (
            Scene(
                0,
                "accueil",
                "request_piece",
                {
                    "piece": "EV057",
                    "from_whom": "ADMINISTRATION",
                    "lever": "Demande de conservation (CSI L252-5)",
                    "due": "{day+15}",
                },
                "The pictures are erased after a month: they are asked for on the first day, before anything else.",
            ),
            Scene(1, "accueil", "prepare_filing", {"channel": "ONLINE_FORM"}, "No name, no filing:", refused=True),
            Scene(
                2,
                "accueil",
                "pause",
                {"reason": "AT_PERSONS_REQUEST", "until": "{day+20}", "comment": "La personne veut réfléchir."},
                "A pause stops our own clocks, never the law's.",
            ),
        ),
    ),
    Story(
        "cantine",
        "A school canteen, in Marseille",
        25,
        complaint_of(
            "EDUCATION_FORMATION",
            ["CANTINE", "HANDICAP"],
            "La cantine refuse mon fils à cause de son projet d'accueil individualisé.",
            commune="13055",
            acts=["REFUS_AMENAGEMENT"],
        ),
        (Scene(1, "accueil-amp", "record_contact", {"medium": "PHONE", "summary": "Point sur les démarches faites."}),),
        account="accueil-amp",
    ),
)


async def tell(office: Office, now: datetime) -> list[str]:
    """Tells every story; gives the references of the cases. Told again, however late, it is the same story."""
    references = []
    for story in STORIES:
        console.print()
        console.rule(Text(_(story.title), "bold"), align="left")
        references.append(await _tell_one(office, story, now))
    console.print()
    return references


def reference_of(key: str) -> str:
    """The reference of the case of a story, the same at every telling."""
    return reference_from(int.from_bytes(hashlib.sha256(f"aboutir-demo-{key}".encode()).digest()[:8]))


def told_before(office: Office, account: str, reference: str) -> datetime | None:
    """The moment at which the complaint of a story was received, if it was told before.

    The dates of a story are those of its first telling.
    """
    actor = office.actor(account)
    with office.reading() as tx:
        row = find_case(tx, actor, reference)
    return row.received_at if row else None


async def _tell_one(office: Office, story: Story, now: datetime) -> str:
    reference = reference_of(story.key)
    received = _received(office, story, reference, now)
    complaint = Complaint.model_validate({**story.complaint, "received_at": received})
    opening = f"demo-{story.key}-open"
    receipt = await open_case(office, office.actor(story.account), complaint, command_id=opening, reference=reference)
    line_of(received, story.account, "open", receipt.events, receipt.step)
    told(None, reference, Text(complaint.facts.narrative, "dim"))
    for number, scene in enumerate(story.scenes):
        at = received + timedelta(days=scene.day, minutes=5 * number)
        fields = filled(scene.fields, at)
        await _play(office, reference, scene, fields, at, command_id=f"demo-{story.key}-{number}")
    return reference


def _received(office: Office, story: Story, reference: str, now: datetime) -> datetime:
    morning = (now - timedelta(days=story.received)).astimezone(PARIS)
    first = morning.replace(hour=10, minute=0, second=0, microsecond=0)
    return (told_before(office, story.account, reference) or first).astimezone(PARIS)


async def _play(
    office: Office, reference: str, scene: Scene, fields: dict[str, Any], at: datetime, *, command_id: str
) -> None:
    if scene.told:
        told(None, "", Text(_(scene.told), "italic"))
    command = COMMANDS[scene.command].model_validate({**fields, "happened_at": at})
    try:
        receipt = await submit_as_found(office, office.actor(scene.account), reference, command, command_id=command_id)
    except Refused as refusal:
        if not scene.refused:
            raise
        _print_refusal(at, scene.account, scene.command, refusal)
    else:
        line_of(at, scene.account, scene.command, receipt.events, receipt.step)


def filled(fields: Any, at: datetime) -> Any:
    """The fields of a scene, with its dates put in."""
    if isinstance(fields, Mapping):
        return {key: filled(value, at) for key, value in fields.items()}
    if isinstance(fields, str) and fields.startswith("{day"):
        days = int(fields.strip("{}").removeprefix("day") or 0)
        return (at + timedelta(days=days)).date().isoformat()
    return fields


def line_of(at: datetime, account: str, command: str, events: tuple[str, ...], step: Step) -> None:
    """Prints a command that was accepted, the events that it became, and where the case stands then."""
    what = ", ".join(event_name(tag) for tag in events)
    told(at, account, Text.assemble((command, "bold"), "  ", (what, "green"), ("  ▸ ", "dim"), label(step, Step)))


def _print_refusal(at: datetime, account: str, command: str, refusal: Refused) -> None:
    problem = describe(refusal)
    message, remedy = (problem["message"], "yellow"), (problem["remedy"], "dim")
    told(
        at,
        account,
        Text.assemble((command, "bold"), "  ", (_("Refused:") + " ", "bold yellow"), message, " ", remedy),
    )


def told(at: datetime | None, account: str, what: Text) -> None:
    """Prints one line of a story: when, who, what; the last folded under itself."""
    line = Table.grid(padding=(0, 1))
    line.add_column(width=5, style="dim")
    line.add_column(width=18, style="cyan")
    line.add_column(overflow="fold")
    line.add_row(f"{at:%d/%m}" if at else "", account, what)
    console.print(line)
