"""Finding a case by whom it is about, however that is typed, without the database ever holding it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from domain.actors import Actor
from domain.complaint import Complaint
from domain.identity import Trait, mark
from domain.parts.intake import AmendComplaint
from kit.storage.database import Database
from models.finding import cases_marked, possible_duplicates
from models.tables import blind_index
from tests.people import STRANGER, SUPERVISOR, WORKER
from tests.support.builders import complaint
from tests.support.clerk import Clerk
from tests.support.servers import KEYS

ZOE = {"given_name": "Zoé-Noël", "family_name": "D’Œuvre", "email": "Zoe@Example.org", "phone": "06 12 34 56 78"}


@pytest.mark.parametrize(
    ("trait", "said", "same"),
    [
        (Trait.NAME, "Zoé-Noël D’Œuvre", ["d'oeuvre ZOE NOEL", "ＺＯＥ noel D Œuvre", "D’ŒUVRE, Zoé Noël"]),
        (Trait.MAIL, "Zoe@Example.org", [" zoe@example.org", "ZOE@EXAMPLE.ORG\n"]),
        (
            Trait.PHONE,
            "06 12 34 56 78",
            ["+33612345678", "0033 6.12.34.56.78", "+33 (0)6 12 34 56 78", "06-12-34-56-78"],
        ),
    ],
)
def test_it_is_the_same_however_it_is_typed(trait: Trait, said: str, same: list[str]) -> None:
    assert {mark(trait, text) for text in same} == {mark(trait, said)}


def test_what_differs_stays_apart() -> None:
    assert mark(Trait.NAME, "Lou Exemple") != mark(Trait.NAME, "Lou Exemples")
    assert mark(Trait.PHONE, "06 12 34 56 78") != mark(Trait.PHONE, "+41 6 12 34 56 78")
    assert mark(Trait.NAME, "-") is None


@given(some.text(max_size=60), some.sampled_from(list(Trait)))
def test_what_is_in_its_one_form_stays_so(text: str, trait: Trait) -> None:
    if (found := mark(trait, text)) is not None:
        assert mark(trait, found.value) == found


def found(database: Database, who: Actor, trait: Trait, text: str) -> set[str]:
    marked = mark(trait, text)
    assert marked is not None
    with database.read() as tx:
        return {row.reference for row in cases_marked(tx, who, KEYS.digest, marked)}


def test_a_case_is_found_by_whom_it_is_about_and_no_longer_once_that_is_corrected(database: Database) -> None:
    clerk = Clerk(database)
    reference, other = clerk.open(complainant=ZOE), clerk.open()
    for trait, text in (
        (Trait.NAME, "noel zoe d'oeuvre"),
        (Trait.MAIL, "ZOE@example.org"),
        (Trait.PHONE, "+33612345678"),
    ):
        assert found(database, WORKER, trait, text) == {reference}
    assert found(database, WORKER, Trait.NAME, "Exemple Lou") == {other}
    assert found(database, WORKER, Trait.NAME, "Exemple") == set()
    told = clerk.case(reference).complaint
    corrected = told.model_copy(update={"complainant": told.complainant.model_copy(update={"phone": "0700000000"})})
    clerk.ask(reference, AmendComplaint(complaint=corrected, reason="-"))
    assert found(database, WORKER, Trait.PHONE, "+33612345678") == set()
    assert found(database, WORKER, Trait.PHONE, "+33700000000") == {reference}


def test_only_cases_that_one_may_see_are_found(database: Database) -> None:
    clerk = Clerk(database)
    reference = clerk.open(complainant=ZOE)
    assert found(database, STRANGER, Trait.MAIL, "zoe@example.org") == set()
    assert found(database, SUPERVISOR, Trait.MAIL, "zoe@example.org") == {reference}


def test_the_table_holds_no_word_and_no_digest_that_could_be_guessed(database: Database) -> None:
    import hashlib

    Clerk(database).open(complainant=ZOE)
    with database.read() as tx:
        digests = set(tx.execute(select(blind_index.c.digest)).scalars())
    assert len(digests) == 3
    for text in ("find|mail|zoe@example.org", "mail|zoe@example.org", "zoe@example.org", "+33612345678"):
        assert hashlib.sha256(text.encode()).hexdigest() not in digests


# --- Possible duplicates ---------------------------------------------------------------------------------


def told(**changes: Any) -> Complaint:
    content = {"complainant": ZOE, "respondent": {"kind": "COMPANY", "name": "Agence Exemple"}}
    return complaint(**(content | changes))


def test_the_same_matter_told_twice_is_proposed_and_nothing_is_merged(database: Database) -> None:
    clerk, now = Clerk(database, datetime.now(UTC)), datetime.now(UTC) - timedelta(hours=1)
    first = clerk.open(told=told(received_at=now))
    another_way = {"given_name": "zoe noel", "family_name": "d oeuvre"}
    not_alike = [
        told(complainant={"given_name": "Ola", "family_name": "Autre"}),
        told(respondent={"kind": "COMPANY", "name": "Une autre"}),
        told(respondent={"kind": "COMPANY"}),
        told(domain="SANTE"),
        told(received_at=now - timedelta(days=200)),
        told(complainant=None),
    ]
    with database.read() as tx:
        alike = told(complainant=another_way, respondent={"kind": "COMPANY", "name": "agence EXEMPLE"})
        assert possible_duplicates(tx, WORKER, KEYS.digest, alike, "") == [first]
        assert possible_duplicates(tx, WORKER, KEYS.digest, alike, first) == []
        for one in not_alike:
            assert possible_duplicates(tx, WORKER, KEYS.digest, one, "") == []
        assert possible_duplicates(tx, STRANGER, KEYS.digest, alike, "") == []
    second = clerk.open(told=told(complainant=another_way))
    assert clerk.case(first).complaint != clerk.case(second).complaint


def test_cases_are_found_by_who_is_complained_of(database: Database) -> None:
    clerk = Clerk(database)
    reference = clerk.open(respondent={"kind": "COMPANY", "name": "Agence Exemple"})
    clerk.open()
    assert found(database, WORKER, Trait.RESPONDENT, "agence EXEMPLE") == {reference}
    assert found(database, STRANGER, Trait.RESPONDENT, "agence EXEMPLE") == set()
