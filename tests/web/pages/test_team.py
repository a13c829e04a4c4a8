"""The supervisor's pages: a count equals its list, each figure opens it, and one decision is taken on several cases."""

import re

import pytest

from desk.listing import list_cases
from domain.choice import Filter
from domain.vocabulary import Role, Situation
from models import book
from tests.desk.scene import Corner, Scene, everybody
from tests.web.visiting import Form, Pages


@pytest.fixture
def corner(scene: Scene) -> Corner:
    return scene.corners[0]


SUPERVISOR = next(a for a in everybody() if a.role is Role.SUPERVISOR and a.account == "supervisor-nord")


async def test_every_figure_opens_a_list_of_as_many(pages: Pages, scene: Scene) -> None:
    async with pages.visitor(SUPERVISOR.account) as visitor:
        page = (await visitor.get("/equipe")).text
        figures = re.findall(r'<a href="(/[^"]*)"[^>]*><strong>(\d+)</strong>', page)
        figures += re.findall(r'<td class="number"><span[^>]*>[^<]*</span> <a href="([^"]*)">(\d+)<', page)
        assert len(figures) > len(Situation)
        for address, count in figures:
            shown = (await visitor.get(address.replace("&amp;", "&"))).text
            first = re.search(r'<p class="soft">(?:[^<]*\. )?(\d+) ', shown)
            listed = int(first[1]) if first else 0
            assert listed == int(count), address


async def test_the_situations_of_cases_are_those_of_the_book(scene: Scene, corner: Corner) -> None:
    counts = {each: list_cases(scene.office, SUPERVISOR, Filter(situation=each)).total for each in Situation}
    assert counts[Situation.OVERDUE] == 1, "the living case of the corner has stood for ninety days"
    assert counts[Situation.UNHELD] == 0


async def test_one_reason_decides_several_alerts_and_the_refused_stay_chosen(
    pages: Pages, scene: Scene, corner: Corner
) -> None:
    async with pages.visitor(SUPERVISOR.account) as visitor:
        page = (await visitor.get("/alertes?toutes=1&tout=1")).text
        filled = Form(page, "/alertes?toutes=1").fields
        assert filled["choix"], "all that are shown are ticked"
        lacking = await visitor.post("/alertes?toutes=1", data=filled)
        assert lacking.status_code == 422 and "Erreur" in lacking.text
        filled |= {"decision": ["EXTEND"], "until": ["2020-01-01"], "reason": ["Une semaine de plus"]}
        check = await visitor.post("/alertes?toutes=1", data=filled)
        assert "Une semaine de plus" in check.text and "L’inscrire dans" in check.text
        before = scene.versions()[corner.reference]
        sure = Form(check.text, "/alertes?toutes=1").fields
        refused = await visitor.post("/alertes?toutes=1", data=sure)
        assert scene.versions()[corner.reference] == before, "a day in the past is refused"
        assert "Non décidé" in refused.text
        again = Form(refused.text, "/alertes?toutes=1").fields
        assert again["choix"] == filled["choix"] and again["reason"] == ["Une semaine de plus"]
        again |= {"decision": ["ACT"], "until": [""], "sur": ["1"]}
        done = [await visitor.post("/alertes?toutes=1", data=again) for _ in range(2)]
        assert "dossier décidé" in done[0].text and "s’adresse à un niveau supérieur" in done[0].text
        with scene.office.reading() as tx:
            entries = book.history(tx, scene.office.keys, corner.reference)
        answers = [each for each in entries if each.event.tag == "alert_answered.1"]
        keys = [each.event.key for each in answers]  # type: ignore[union-attr]
        assert keys and len(keys) == len(set(keys)), "each is answered once, however often it is sent"


async def test_several_cases_are_given_to_somebody_with_one_reason(pages: Pages, scene: Scene, corner: Corner) -> None:
    where = f"/equipe/confier?suivi={corner.holder.account}&ouverts=1"
    async with pages.visitor(SUPERVISOR.account) as visitor:
        filled = Form((await visitor.get(where + "&tout=1")).text, where).fields
        assert filled["choix"] == [corner.reference]
        filled |= {"holder": [corner.colleague.account], "reason": ["Elle connaît le quartier"]}
        check = await visitor.post(where, data=filled)
        sure = Form(check.text, where).fields
        done = await visitor.post(where, data=sure)
        assert "1 dossier décidé" in done.text
    with scene.office.reading() as tx:
        entries = book.history(tx, scene.office.keys, corner.reference)
    assert entries[-1].event.tag == "case_assigned.1"


async def test_the_teams_are_for_those_who_watch_over_them(pages: Pages, corner: Corner) -> None:
    async with pages.visitor(corner.holder.account) as visitor:
        assert (await visitor.get("/equipe")).status_code == 403
        assert (await visitor.get("/courriels")).status_code == 403
        assert "Équipes" not in (await visitor.get("/")).text
