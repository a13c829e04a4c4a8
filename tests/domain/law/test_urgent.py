"""The first things that whoever opens a case is told."""

from datetime import date

from domain.law.urgent import urgent
from tests.domain.examples import complaint
from tests.domain.law.limits import FRANCE

MONDAY = date(2026, 3, 2)


def test_what_vanishes_first_with_its_letter_and_the_nearest_time_limit() -> None:
    first = urgent(complaint(domain="BIENS_SERVICES_PRIVES", acts=["PROPOS"]), FRANCE, MONDAY)
    (film,) = first.perishing
    assert (film.code, film.last_day, film.days_left) == ("VIDEO_PERISSABLE", date(2026, 3, 19), 18)
    assert (film.lever, film.piece) == ("CCTV", "EV052")
    assert first.nearest is not None
    assert (first.nearest.code, first.over, first.undated) == ("PRESSE_COMMUN", (), ())


def test_a_picture_that_may_be_gone_and_a_limit_that_may_be_over_are_told_as_such() -> None:
    facts = {"narrative": "-", "occurred_on": "2025-11-20"}
    first = urgent(complaint(domain="SANTE", acts=["PROPOS"], facts=facts), FRANCE, MONDAY)
    (film,) = first.perishing
    assert film.days_left < 0
    assert (film.lever, film.piece) == ("CCTV", "EV052")
    assert {clock.code for clock in first.over} == {"PRESSE_COMMUN", "ADM_REP"}
    assert first.nearest is not None and first.nearest.deadline_prudent == date(2026, 11, 19)


def test_facts_without_a_date_name_all_that_depends_on_it() -> None:
    first = urgent(complaint(domain="POLICE_JUSTICE", facts={"narrative": "-"}), FRANCE, MONDAY)
    assert (first.perishing, first.nearest, first.over) == ((), None, ())
    assert {clock.code for clock in first.undated} >= {"VIDEO_PERISSABLE", "CAMERA_PIETON", "ADM_REP", "PENAL_DELIT"}
