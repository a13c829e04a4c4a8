"""A command through its form: asked once however often it is posted, refused at its field, nothing typed lost."""

import pytest

from models import book
from tests.desk.scene import Corner, Scene
from tests.web.visiting import Form, Pages


@pytest.fixture
def corner(scene: Scene) -> Corner:
    return scene.corners[0]


def form_of(corner: Corner, command: str) -> str:
    return f"/dossiers/{corner.reference}/actes/{command}"


async def test_a_form_that_is_sent_twice_counts_once(pages: Pages, scene: Scene, corner: Corner) -> None:
    where = form_of(corner, "add_note")
    async with pages.visitor(corner.holder.account) as visitor:
        filled = Form((await visitor.get(where)).text, where).fields
        filled["text"] = ["Rappeler <b>après</b> 17 h"]
        before = scene.versions()[corner.reference]
        answers = [await visitor.post(where, data=filled) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {303}
        assert scene.versions()[corner.reference] == before + 1
        shown = await visitor.get(answers[0].headers["location"])
        assert "Note ajoutée" in shown.text
        assert "Rappeler &lt;b&gt;après&lt;/b&gt; 17 h" in shown.text


async def test_a_fault_stands_at_its_field_and_what_was_typed_stays(pages: Pages, corner: Corner) -> None:
    where = form_of(corner, "refer")
    async with pages.visitor(corner.holder.account) as visitor:
        filled = Form((await visitor.get(where)).text, where).fields
        filled |= {
            "partner": ["personne-n-a-consenti"],
            "purpose": ["Un test de situation"],
            "answer_due": ["2020-01-01"],
        }
        answer = await visitor.post(where, data=filled)
        assert answer.status_code == 403
        assert "Erreur" in answer.text and 'href="#f-' in answer.text and 'aria-invalid="true"' in answer.text
        assert Form(answer.text, where).fields["purpose"] == ["Un test de situation"]


async def test_an_empty_form_names_what_is_missing(pages: Pages, corner: Corner) -> None:
    where = form_of(corner, "record_contact")
    async with pages.visitor(corner.holder.account, "en") as visitor:
        filled = Form((await visitor.get(where)).text, where).fields
        answer = await visitor.post(where, data=filled)
        assert answer.status_code == 422
        assert "2 things to put right" in answer.text


async def test_a_form_that_comes_back_still_leads_to_where_it_was_opened(pages: Pages, corner: Corner) -> None:
    where = form_of(corner, "add_note")
    async with pages.visitor(corner.holder.account) as visitor:
        filled = Form((await visitor.get(f"{where}?retour=/")).text, where).fields
        again = Form((await visitor.post(where, data=filled)).text, where).fields
        assert again["retour"] == ["/"]
        answer = await visitor.post(where, data=again | {"text": ["Rappeler demain"]})
        assert answer.headers["location"].startswith("/?fait=note_added.1")


async def test_a_stale_decision_keeps_what_was_typed_beside_what_changed(
    pages: Pages, scene: Scene, corner: Corner
) -> None:
    where, note = form_of(corner, "close"), form_of(corner, "add_note")
    async with pages.visitor(corner.holder.account) as visitor:
        filled = Form((await visitor.get(where)).text, where).fields
        filled |= {
            "outcome": ["ADVICE_GIVEN"],
            "reason": ["ADVICE_SUFFICED"],
            "last_known_fact": ["Conseil donné ce jour"],
        }
        filled |= {"not_told_because": ["Aucune adresse"]}
        other = Form((await visitor.get(note)).text, note).fields | {"text": ["Entre-temps"]}
        assert (await visitor.post(note, data=other)).status_code == 303
        answer = await visitor.post(where, data=filled)
        assert answer.status_code == 403
        assert "Pendant que vous écriviez" in answer.text and "Note ajoutée" in answer.text
        assert Form(answer.text, where).fields["last_known_fact"] == ["Conseil donné ce jour"]


async def test_an_amendment_changes_what_reads_otherwise_and_nothing_else(
    pages: Pages, scene: Scene, corner: Corner
) -> None:
    where = form_of(corner, "amend_complaint")
    async with pages.visitor(corner.holder.account) as visitor:
        filled = Form((await visitor.get(where)).text, where).fields
        assert filled["changes.complainant.given_name"] == ["Camille"]
        filled |= {"changes.facts.occurred_on": ["2026-03-02"], "reason": ["La personne a retrouvé la date"]}
        assert (await visitor.post(where, data=filled)).status_code == 303
    with scene.office.reading() as tx:
        entries = book.history(tx, scene.office.keys, corner.reference)
    before, after = entries[0].event.complaint, entries[-1].event.complaint  # type: ignore[union-attr]
    assert str(after.facts.occurred_on) == "2026-03-02"
    same = {"facts": {"occurred_on"}}
    assert before.model_dump(exclude=same) == after.model_dump(exclude=same)


async def test_a_complaint_is_taken_in_and_its_case_is_shown(pages: Pages, corner: Corner) -> None:
    async with pages.visitor(corner.holder.account) as visitor:
        filled = Form((await visitor.get("/accueillir")).text, "/accueillir").fields
        refused = await visitor.post("/accueillir", data=filled)
        assert refused.status_code == 422 and "Ce qui s’est passé" in refused.text
        filled |= {
            "facts.narrative": ["Le propriétaire a raccroché."],
            "facts.place.commune": ["59350"],
            "complainant.given_name": ["Sacha"],
            "complainant.family_name": ["Fictif"],
            "domain": ["LOGEMENT_PRIVE"],
            "criteria": ["ORIGINE"],
            "acts": ["DIRECTE"],
            "channel": ["DESK"],
        }
        answers = [await visitor.post("/accueillir", data=filled) for _ in range(2)]
        assert {answer.status_code for answer in answers} == {303}
        assert len({answer.headers["location"] for answer in answers}) == 1, "one case, however often it is posted"
        shown = await visitor.get(answers[0].headers["location"])
        assert "Sacha Fictif" in shown.text and "Réclamation ouverte" in shown.text
        day = await visitor.get("/")
        assert "Sacha Fictif" in day.text


async def test_a_name_is_looked_for_and_never_stands_in_an_address(pages: Pages, corner: Corner) -> None:
    async with pages.visitor(corner.holder.account) as visitor:
        found = await visitor.post("/chercher", data={"quoi": corner.name})
        assert corner.reference in found.text
        straight = await visitor.post("/chercher", data={"quoi": corner.reference.lower().replace("-", " ")})
        assert straight.headers["location"] == f"/dossiers/{corner.reference}"


async def test_what_was_typed_outlives_the_session(pages: Pages, corner: Corner) -> None:
    where = form_of(corner, "add_note")
    async with pages.visitor(corner.holder.account) as visitor:
        filled = Form((await visitor.get(where)).text, where).fields | {"text": ["Deux lignes\nà garder"]}
        visitor.cookies.clear()
        answer = await visitor.post(where, data=filled)
        assert answer.status_code == 401
        kept = Form(answer.text, "/connexion").fields
        assert kept["garde.text"] == ["Deux lignes\nà garder"]
        assert kept["garde.command_id"] == filled["command_id"]
        refused = await visitor.post("/connexion", data=kept | {"compte": "x", "mot_de_passe": "x", "code": "1"})
        assert Form(refused.text, "/connexion").fields["garde.text"] == ["Deux lignes\nà garder"]
