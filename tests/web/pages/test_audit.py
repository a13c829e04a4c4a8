"""The auditor's pages: a case as it stood, the proof of a line, a verdict in words, the journal."""

import pytest

from tests.desk.scene import Corner, Scene
from tests.web.visiting import Pages

AUDITOR = "auditor-nord"


@pytest.fixture
def corner(scene: Scene) -> Corner:
    return scene.corners[0]


async def test_a_case_is_shown_as_it_stood_with_what_a_line_changed(pages: Pages, corner: Corner) -> None:
    where = f"/dossiers/{corner.reference}/histoire"
    async with pages.visitor(AUDITOR) as visitor:
        second = await visitor.get(where + "?b=2")
        assert "ligne 2 sur" in second.text
        both = await visitor.get(where + "?a=1&b=4")
        assert both.status_code == 200 and "Orientation" in both.text
        assert (await visitor.get(where + "?b=999")).status_code == 403


async def test_a_case_is_verified_in_words_and_each_line_has_its_proof(pages: Pages, corner: Corner) -> None:
    async with pages.visitor(AUDITOR) as visitor:
        verdict = await visitor.post(f"/dossiers/{corner.reference}/verifier")
        assert verdict.status_code == 200 and "le moteur n’a pas répondu" in verdict.text
        proof = await visitor.get(f"/dossiers/{corner.reference}/preuve/1")
        assert proof.text.startswith("c2sp.org/tlog-proof@v1") and "attachment" in proof.headers["content-disposition"]
        assert "— " in (await visitor.get("/verifier")).text, "the signed checkpoint"


async def test_every_case_is_verified_by_auditors_alone(pages: Pages, corner: Corner) -> None:
    async with pages.visitor(AUDITOR) as visitor:
        verdict = await visitor.post("/verifier", data={"sans_moteur": "1"})
        assert verdict.status_code == 200 and ("tient" in verdict.text or "tiennent" in verdict.text)
        assert (await visitor.post("/verifier", data={"suite": "{"})).status_code == 422
    async with pages.visitor(corner.holder.account) as visitor:
        assert (await visitor.post("/verifier", data={"sans_moteur": "1"})).status_code == 403
        refused = await visitor.get("/journal")
        assert refused.status_code == 403
    async with pages.visitor(AUDITOR) as visitor:
        denied = await visitor.get("/journal?acces=denied")
        assert denied.status_code == 200 and corner.holder.account in denied.text
