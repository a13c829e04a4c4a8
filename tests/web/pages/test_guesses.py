"""Ten thousand guesses against sign-in, by the pages' own door, from many places, over sixteen hours: none succeeds."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle, islice

import httpx2
import pyotp
import pytest

from counter.rates import Rates
from desk.signin.reading import read_record
from domain.vocabulary import SignInAct
from tests.people import AUDITOR, COLLEAGUE, SUPERVISOR
from tests.support.signing_in import PASSWORD, Person, later
from tests.web.pages.conftest import Opened
from tests.web.visiting import ORIGIN, Pages

pytestmark = pytest.mark.proof
GUESSES, AT_ONCE = 10_000, 20
PAUSE = timedelta(minutes=2)
PLACES = 250
USUAL = "192.0.2.17"
"""The address from which the person signed in before."""


def guesses(person: Person) -> Iterator[tuple[str, str, str]]:
    """Accounts, passwords and codes by turns: the password is known, the telephone is, or neither of them."""
    codes, others = pyotp.TOTP(person.secret), cycle((COLLEAGUE.account, SUPERVISOR.account, "nobody"))
    for number in range(GUESSES):
        step = int(time.time()) // 30
        good = {codes.generate_otp(each) for each in range(step - 2, step + 3)}
        # A code that is right by luck would be no fault: how often there can be one is counted below.
        code = next(code for each in range(9) if (code := f"{(number * 7919 + each) % 10**6:06}") not in good)
        match number % 3:
            case 0:
                yield person.actor.account, PASSWORD, code
            case 1:
                yield person.actor.account, f"dragon{number}mustang", codes.generate_otp(step)
            case _:
                yield next(others), PASSWORD, code


async def guess(pages: Pages, place: str, account: str, password: str, code: str) -> str:
    """How a guess ends."""
    transport = httpx2.ASGITransport(pages.app, client=(place, 40_000))
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as visitor:
        form = {"compte": account, "mot_de_passe": password, "code": code, "retour": "/"}
        answer = await visitor.post("/connexion", data=form)
    if answer.status_code == 303 or "set-cookie" in answer.headers:
        return "signed in"
    if answer.status_code in (403, 429) and "Wait" in answer.text:
        return "has to wait"
    return "refused" if "does not sign anybody in" in answer.text else f"{answer.status_code}"


async def test_ten_thousand_guesses_sign_nobody_in(signing_in: Callable[[Rates | None], Opened]) -> None:
    now, outcomes, codes = [0.0], Counter[str](), 0
    async with signing_in(Rates(clock=lambda: now[0])) as (pages, person):
        places = cycle(f"198.51.{number}.7" for number in range(PLACES))
        tried = guesses(person)
        while some := list(islice(tried, AT_ONCE)):
            ends = await asyncio.gather(*(guess(pages, next(places), *each) for each in some))
            outcomes.update(ends)
            codes += sum(end == "refused" and each[1] == PASSWORD for end, each in zip(ends, some, strict=True))
            later(person.office.database, PAUSE)
            now[0] += PAUSE.total_seconds()
        looked_at = outcomes["refused"]
        print(f"\nguesses: {outcomes.total()} tries {dict(outcomes)}, codes looked at {codes}")
        print(f"successes {outcomes['signed in']}")
        assert outcomes.total() == GUESSES
        assert outcomes.keys() == {"refused", "has to wait"}
        assert 3 * codes / 10**6 < 0.001, "so many codes were looked at that one could be right by luck"
        noted = read_record(person.office, AUDITOR, limit=500).lines
        assert sum(line.act is SignInAct.REFUSED for line in noted) == looked_at < 500
        # Whoever it was about signs in where they always do, at once: nobody was locked out.
        person.codes_used = 0
        assert await guess(pages, USUAL, person.actor.account, PASSWORD, person.code()) == "signed in"
