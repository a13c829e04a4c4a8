"""A row refers to the row it means, whatever was refused in between; the same file again changes nothing."""

from dataclasses import dataclass, field

import pytest

from domain.actors import Actor
from domain.case import Case
from importer.mapping import parse_mapping
from importer.rows import ComplaintPlan, RefusedRow, plan_rows
from importer.run import ImportReport, Known, _Rehearsal, run_import
from tests.importer.tables import rows
from tests.people import WORKER
from tests.support.servers import KEYS

MAPPING = """
[source]
system = "registre"
identity = ["Dossier"]
[complaint]
received_at = { column = "Date" }
channel = { value = "DESK" }
domain = { value = "SANTE" }
criteria = { value = ["ETAT_SANTE"] }
fictitious = { value = true }
facts.narrative = { template = "Dossier {Dossier}" }
[events]
activity = "Acte"
happened_at = { column = "Date" }
ignore = ["Constat"]
[events.activities."Envoi"]
command = "refer"
partner = { column = "Partenaire" }
purpose = { column = "Quoi" }
[events.activities."Accord"]
command = "record_consent"
consent.scope = { value = "REFERRAL" }
consent.recipient = { column = "Partenaire" }
consent.given_on = { column = "Date" }
[events.activities."Réponse"]
command = "answer_referral"
referral = { latest = "refer" }
accept = { column = "Quoi" }
"""
CONSENT = ("01/09/2026", "Accord", "x", "logement-pour-tous")
REGISTER = [
    ("01/09/2026", "Constat", "", ""),
    ("02/09/2026", "Envoi", "PREMIER", "logement-pour-tous"),
    ("03/09/2026", "Accord", "x", "conseil-externe"),
    ("04/09/2026", "Envoi", "SECOND", "conseil-externe"),
    ("05/09/2026", "Réponse", "oui", "conseil-externe"),
]


@dataclass
class Book:
    """A house that remembers what it accepted, in memory: the rules alone decide."""

    known: Known = field(default_factory=Known)
    refused: list[RefusedRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rehearsal = _Rehearsal(self._case, self._part)

    async def _case(self, _reference: str) -> Case:
        assert self.rehearsal._case is not None
        return self.rehearsal._case

    async def _part(self, _reference: str, _id: str) -> str | None:
        return None

    async def take(self, register: list[tuple[str, str, str, str]], actor: Actor = WORKER) -> ImportReport:
        names = ("Date", "Acte", "Quoi", "Partenaire")
        cells = [{"Dossier": "D3", **dict(zip(names, row, strict=True))} for row in register]
        plans = list(plan_rows(rows(*cells), parse_mapping(MAPPING), KEYS.digest))
        self.refused = []

        async def lookup(_keys: object, _ids: object) -> Known:
            return self.known

        report = await run_import(
            plans, self.rehearsal, actor, lookup, self.rehearsal.part_of, on_refused=self.refused.append, concurrency=1
        )
        for plan in plans:
            assert isinstance(plan, ComplaintPlan)
            self.known = Known({plan.key: plan.reference}, frozenset(self.rehearsal._parts))
        return report

    @property
    def answers(self) -> dict[str, str]:
        """What each referral is for, and where it stands."""
        assert self.rehearsal._case is not None
        return {referral.purpose: str(referral.status) for referral in self.rehearsal._case.referrals}


@pytest.mark.met("the latest of a row refused")
@pytest.mark.asyncio
async def test_an_answer_goes_to_the_referral_it_means_though_one_before_was_refused() -> None:
    book = Book()
    await book.take(REGISTER)
    assert [row.line for row in book.refused] == [3]
    assert book.answers == {"SECOND": "ACCEPTED"}


@pytest.mark.met("the latest of a row refused")
@pytest.mark.asyncio
async def test_what_was_mended_is_added_and_what_was_there_is_left_alone() -> None:
    book = Book()
    await book.take(REGISTER)
    again = await book.take(REGISTER)
    assert (again.commands, [row.line for row in book.refused]) == (0, [3])
    mended = await book.take([REGISTER[0], CONSENT, *REGISTER[1:]])
    assert (mended.commands, book.refused) == (2, [])
    assert book.answers == {"SECOND": "ACCEPTED", "PREMIER": "SENT"}


@pytest.mark.asyncio
async def test_what_refers_to_a_refused_row_is_refused_with_it() -> None:
    book = Book()
    await book.take([*REGISTER[:2], ("05/09/2026", "Réponse", "oui", "")])
    assert [(row.line, row.problems[0].code) for row in book.refused] == [
        (3, "consent_missing"),
        (4, "row_refused_before"),
    ]
