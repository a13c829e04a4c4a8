"""Signing in at the pages: whoever does it again leaves no session behind, and ends those of other devices."""

from collections.abc import Callable
from datetime import timedelta

import httpx2

from counter.rates import Rates
from desk.signin.sessions import own_sessions
from tests.support.signing_in import PASSWORD, Person, later
from tests.web.pages.conftest import Opened
from tests.web.visiting import Pages

Opening = Callable[[Rates | None], Opened]


async def sign_in(visitor: httpx2.AsyncClient, person: Person) -> str:
    """Signs in by the form, a minute later; gives the token of the session."""
    later(person.office.database, timedelta(minutes=1))
    person.codes_used = 0
    form = {"compte": person.actor.account, "mot_de_passe": PASSWORD, "code": person.code(), "retour": "/compte"}
    answer = await visitor.post("/connexion", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/compte")
    return visitor.cookies["session"]


def count(person: Person) -> int:
    """The number of sessions of this person."""
    return len(own_sessions(person.office, person.actor, person.session).sessions)


async def is_good(pages: Pages, token: str) -> bool:
    """True if a session with this token is shown its account."""
    async with pages.visitor(None) as visitor:
        answer = await visitor.get("/compte", headers={"Cookie": f"session={token}"})
    return answer.status_code == 200


async def test_who_signs_in_again_at_a_browser_leaves_no_session_behind(signing_in: Opening) -> None:
    async with signing_in(None) as (pages, person), pages.visitor(None) as visitor:
        former = await sign_in(visitor, person)
        before = count(person)
        assert await sign_in(visitor, person) != former
        assert count(person) == before
        assert not await is_good(pages, former)


async def test_the_sessions_of_other_devices_are_ended_together(signing_in: Opening) -> None:
    async with signing_in(None) as (pages, person), pages.visitor(None) as visitor, pages.visitor(None) as other:
        await sign_in(other, person)
        await sign_in(visitor, person)
        assert 'action="/compte/autres-sessions"' in (await visitor.get("/compte")).text
        assert (await visitor.post("/compte/autres-sessions")).headers["location"] == "/compte"
        page = await visitor.get("/compte")
        assert page.status_code == 200 and "autres-sessions" not in page.text
        assert (await other.get("/compte")).status_code == 303


async def test_who_signs_out_is_signed_out_at_the_desk(signing_in: Opening) -> None:
    async with signing_in(None) as (pages, person), pages.visitor(None) as visitor:
        token = await sign_in(visitor, person)
        assert await is_good(pages, token)
        assert (await visitor.post("/deconnexion")).headers["location"] == "/connexion"
        assert not await is_good(pages, token)
