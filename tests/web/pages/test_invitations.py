"""The page of an invitation: it asks for the other half of one that two administrators make, and for nothing else."""

from desk.signin.invitations import invite
from domain.vocabulary import Role
from models.accounts import add_account
from tests.desk.scene import Scene, everybody
from tests.people import person
from tests.web.visiting import Form, Pages


async def test_both_halves_of_an_invitation_are_brought_together_on_the_page_of_either(
    pages: Pages, scene: Scene
) -> None:
    first = next(actor for actor in everybody() if (actor.role, actor.metropolis) == (Role.ADMINISTRATOR, "MEL"))
    second = person("administrator-nord-2", Role.ADMINISTRATOR, first.organisation, "MEL")
    with scene.office.writing() as tx:
        add_account(tx, second)
    for account, is_halved in (("supervisor-nord", True), (scene.corners[0].colleague.account, False)):
        one, other = (invite(scene.office, by, account).token for by in (first, second))
        async with pages.visitor(None) as visitor:
            page = (await visitor.get(f"/invitation/{other}")).text
            fields = Form(page, "/invitation").fields
            assert ("autre" in fields) is is_halved
            assert fields["token"] == [other]
            if is_halved:
                alone = await visitor.post("/invitation", data={"token": other, "autre": ""})
                assert alone.status_code == 404
            pasted = f" https://aboutir.exemple.fr/invitation/{one} " if is_halved else ""
            taken = await visitor.post("/invitation", data={"token": other, "autre": pasted})
            assert (taken.status_code, taken.headers["location"]) == (303, "/moyens"), taken.text
