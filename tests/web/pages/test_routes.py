"""Every address, asked by every role about its own case, a foreign one and an erased one: no leak, and none fails."""

from collections import Counter

from domain.vocabulary import Role
from tests.desk.scene import Scene, everybody
from tests.web.visiting import Pages

OF_A_CASE = (
    *("/dossiers/{}", "/dossiers/{}/histoire", "/dossiers/{}/preuve/1"),
    *("/dossiers/{}/actes/add_note", "/dossiers/{}/actes/amend_complaint"),
)
OF_NO_CASE = (
    *("/", "/dossiers", "/dossiers?etape=INTAKE", "/dossiers?immobile=1", "/alertes", "/alertes?toutes=1"),
    *("/accueillir", "/connexion", "/rien", "/equipe", "/equipe/confier", "/courriels", "/verifier", "/journal"),
)


async def test_nobody_reads_of_a_case_that_is_none_of_theirs(pages: Pages, scene: Scene) -> None:
    outcomes, leaks = Counter[str](), list[str]()
    for actor in everybody():
        if actor.role is Role.SYSTEM:
            continue
        async with pages.visitor(actor.account) as visitor:
            cases = [case for corner in scene.corners for case in (corner.reference, corner.erased)]
            foreign = [corner for corner in scene.corners if not scene.sees_words(actor, corner)]
            words = [word for corner in foreign for word in corner.words]
            for path in (*OF_NO_CASE, *(path.format(case) for path in OF_A_CASE for case in cases)):
                answer = await visitor.get(path)
                assert answer.status_code < 500, (actor.account, path, answer.text)
                outcomes[str(answer.status_code)] += 1
                leaks += [f"{actor.account} {path}: {word}" for word in words if word in answer.text]
    assert leaks == []
    print(f"\nroutes: {outcomes.total()} tries {dict(outcomes)}, leaks 0")


async def test_whoever_is_not_signed_in_is_led_to_sign_in_and_comes_back(pages: Pages, scene: Scene) -> None:
    reference = scene.corners[0].reference
    async with pages.visitor(None) as visitor:
        for path in ("/", "/dossiers?etape=INTAKE", f"/dossiers/{reference}", "/alertes", "/accueillir", "/compte"):
            answer = await visitor.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/connexion"), path
            assert scene.corners[0].name not in answer.text


async def test_no_address_leads_elsewhere(pages: Pages) -> None:
    async with pages.visitor("case-worker-nord") as visitor:
        for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
            answer = await visitor.post("/langue", data={"langue": "en", "retour": elsewhere})
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            shown = await visitor.get("/connexion", params={"retour": elsewhere})
            assert "evil.example" not in shown.text and "javascript:" not in shown.text
