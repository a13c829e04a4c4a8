"""The day from which a time limit runs: nothing but the law and a jurist moves it."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from domain.law.entered import Toll
from domain.law.limitation import LimitationClock, Nature, limitation_clocks
from domain.law.routes import AWAITING_A_TRIGGER
from domain.parts.contact import AddNote
from domain.parts.filing import File
from domain.parts.intake import Qualify
from domain.parts.pause import Pause, Resume
from tests.domain.examples import Story, complaint
from tests.domain.law.limits import FRANCE, clocks, clocks_of, ends, known, step
from tests.domain.samples import cases
from tests.people import LOU, SAM

DAY = timedelta(days=1)


# --- From when ---


def test_the_day_of_the_facts_and_nothing_else() -> None:
    found = clocks()
    assert ends(found["CIVIL_GENERAL"]) == ("2031-02-20", "2031-02-19")
    assert "not recorded" in str(found["CIVIL_GENERAL"].assumed)
    assert ends(found["PENAL_DELIT"]) == ("2032-02-20", "2032-02-19")
    assert found["PENAL_DELIT"].assumed is None
    assert found["CIVIL_GENERAL"].basis == "C. civ. 2224; 2230-2232"


def test_the_revelation_starts_the_civil_period_and_the_worst_case_is_shown_beside_it() -> None:
    found = clocks(domain="EMPLOI_PRIVE", facts={"occurred_on": "2019-09-02", "revealed_on": "2025-06-10"})
    clock = found["EMP_PRIV_REPARATION"]
    assert (clock.start, ends(clock)) == (date(2025, 6, 10), ("2030-06-10", "2030-06-09"))
    assert (clock.assumed, clock.worst_case) == (None, date(2024, 9, 1))
    assert ends(found["PENAL_DELIT"]) == ("2025-09-02", "2025-09-01")


def test_effects_that_outlast_the_revelation_put_the_legal_date_off_and_not_the_prudent_one() -> None:
    lasted = {"occurred_on": "2019-09-02", "revealed_on": "2025-06-10", "ended_on": "2026-01-20"}
    clock = clocks(domain="EMPLOI_PRIVE", facts=lasted)["EMP_PRIV_REPARATION"]
    assert ends(clock) == ("2031-01-20", "2030-06-09")
    assert any("19-22.557" in str(words) for words in clock.counted)


def test_twelve_months_and_three_years_are_warned_of_beside_the_five() -> None:
    found = clocks(domain="EMPLOI_PRIVE")
    assert ends(found["EMP_PRIV_RUPTURE_AUTRES"]) == ("2027-02-20", "2027-02-19")
    assert ends(found["EMP_PRIV_SALAIRE"])[0] == "2029-02-20"
    assert ends(found["EMP_PRIV_EXECUTION_AUTRES"])[0] == "2028-02-20"


def test_two_clear_months_as_if_notified_on_the_day_of_the_facts() -> None:
    clock = clocks(domain="EMPLOI_PUBLIC")["ADM_REP"]
    assert ends(clock) == ("2026-04-21", "2026-04-20")
    assert "notification" in str(clock.assumed)
    known_day = clocks(domain="EMPLOI_PUBLIC", starts=[known("ADM_REP")])["ADM_REP"]
    assert (known_day.assumed, ends(known_day)) == (None, ("2026-04-27", "2026-04-25"))  # the 26th is a Sunday
    assert any("The letter is in the file." in str(words) for words in known_day.counted)


def test_a_public_debt_runs_from_the_next_new_year() -> None:
    assert ends(clocks(domain="EMPLOI_PUBLIC")["ADM_QUADRIENNALE"]) == ("2030-12-31", "2030-12-31")
    lasted = {"occurred_on": "2024-05-01", "ended_on": "2026-01-10"}
    assert ends(clocks(domain="EMPLOI_PUBLIC", facts=lasted)["ADM_QUADRIENNALE"]) == ("2030-12-31", "2028-12-31")
    hidden = {"occurred_on": "2024-05-01", "revealed_on": "2026-01-10"}
    assert ends(clocks(domain="EMPLOI_PUBLIC", facts=hidden)["ADM_QUADRIENNALE"]) == ("2030-12-31", "2028-12-31")


def test_facts_that_lasted_are_counted_from_their_last_day_and_prudently_from_the_first() -> None:
    found = clocks(facts={"occurred_on": "2025-01-15", "ended_on": "2026-01-20"})
    assert ends(found["PENAL_DELIT"]) == ("2032-01-20", "2031-01-14")
    assert ends(found["CIVIL_GENERAL"]) == ("2031-01-20", "2030-01-14")
    assert found["PENAL_DELIT"].assumed


def test_facts_that_go_on_are_counted_from_the_reception_and_prudently_from_the_first_day() -> None:
    clock = clocks(facts={"occurred_on": "2025-01-15", "ongoing": True})["PENAL_DELIT"]
    assert (clock.start, ends(clock)) == (date(2026, 3, 2), ("2032-03-02", "2031-01-14"))


def test_harassment_that_ended_is_counted_from_its_last_act() -> None:
    lasted = {"occurred_on": "2019-01-15", "ended_on": "2026-01-20"}
    found = clocks(acts=["HARCELEMENT_MORAL"], facts=lasted)["PENAL_DELIT"]
    assert (ends(found), found.worst_case) == (("2032-01-20", "2032-01-19"), date(2025, 1, 14))
    ongoing = clocks(acts=["HARCELEMENT_MORAL"], facts={"occurred_on": "2019-01-15", "ongoing": True})["PENAL_DELIT"]
    assert ends(ongoing) == ("2032-03-02", "2025-01-14")  # no last act is known yet
    both = clocks(acts=["HARCELEMENT_MORAL", "DIRECTE"], facts=lasted)["PENAL_DELIT"]
    assert ends(both) == ("2032-01-20", "2025-01-14")


def test_what_stays_online_is_counted_prudently_from_its_first_publication_and_new_words_from_the_last() -> None:
    found = clocks(acts=["PROPOS"], facts={"occurred_on": "2025-11-03", "revealed_on": "2026-02-20", "ongoing": True})
    assert ends(found["PRESSE_COMMUN"]) == ("2026-06-02", "2026-02-02")
    said = " ".join(str(words) for words in found["PRESSE_COMMUN"].counted)
    assert "stays readable" in said and "new utterance" in said


def test_pictures_go_a_month_after_the_facts_whatever_came_to_light_later() -> None:
    found = clocks(domain="POLICE_JUSTICE", facts={"occurred_on": "2026-02-20", "revealed_on": "2026-03-01"})
    for code in ("VIDEO_PERISSABLE", "CAMERA_PIETON"):
        assert found[code].perishable
        assert (found[code].start, ends(found[code])) == (date(2026, 2, 20), ("2026-03-20", "2026-03-19"))
    assert [clock.code for clock in clocks_of(complaint(domain="POLICE_JUSTICE"))][:2] == [
        "CAMERA_PIETON",
        "VIDEO_PERISSABLE",
    ]
    lasted = clocks(domain="POLICE_JUSTICE", facts={"occurred_on": "2026-01-05", "ended_on": "2026-02-20"})
    assert ends(lasted["VIDEO_PERISSABLE"]) == ("2026-03-20", "2026-02-04")


def test_without_a_day_no_date_is_promised_and_these_come_first() -> None:
    found = clocks_of(complaint(domain="EMPLOI_PUBLIC", acts=["PROPOS", "DIRECTE"], facts={"narrative": "No day."}))
    dated = [clock for clock in found if clock.nature is not Nature.UNDATED]
    assert len(dated) >= 8
    for clock in dated:
        assert clock.start_unknown
        assert (clock.deadline_legal, clock.deadline_prudent, clock.worst_case) == (None, None, None)
        assert "no date can be promised" in " ".join(str(words) for words in clock.counted)
        assert "2026-03-02" in " ".join(str(words) for words in clock.counted)
    mixed = clocks_of(complaint(domain="EMPLOI_PUBLIC", facts={"narrative": "No day.", "revealed_on": "2026-02-20"}))
    unknown = [clock.start_unknown for clock in mixed if clock.nature is not Nature.UNDATED]
    assert unknown == sorted(unknown, reverse=True)
    assert set(unknown) == {True, False}


def test_a_last_day_alone_does_not_date_an_offence() -> None:
    found = clocks(facts={"ended_on": "2026-02-20"})
    assert found["PENAL_DELIT"].start_unknown
    assert ends(clocks(acts=["HARCELEMENT_MORAL"], facts={"ended_on": "2026-02-20"})["PENAL_DELIT"])[0] == "2032-02-20"


def test_for_a_minor_without_a_date_of_birth_there_is_no_legal_date_and_the_prudent_one_leaves_it_out() -> None:
    child = LOU | {"is_minor": True}
    adult = SAM
    said = clocks(complainant=child)
    assert said["MINEUR"].nature is Nature.UNDATED
    assert ends(said["CIVIL_GENERAL"]) == ("None", ends(clocks()["CIVIL_GENERAL"])[1])
    assert told_of_minority(said["CIVIL_GENERAL"])
    assert said["PENAL_DELIT"] == clocks()["PENAL_DELIT"]
    work = clocks(domain="EMPLOI_PRIVE", complainant=child)
    assert not told_of_minority(work["EMP_PRIV_SALAIRE"])
    assert told_of_minority(work["EMP_PRIV_REPARATION"])
    assert "MINEUR" in clocks(complainant=adult, capacity="LEGAL_REPRESENTATIVE", concerned_person=child)
    assert "MINEUR" not in clocks(complainant=child, capacity="WITNESS", concerned_person=adult)


def told_of_minority(clock: LimitationClock) -> bool:
    return any("minor" in str(words) for words in clock.counted)


def test_a_date_of_birth_gives_the_day_of_majority_and_a_jurist_may_enter_another() -> None:
    child = LOU | {"is_minor": True, "born_on": "2012-06-01"}
    clock = clocks(complainant=child)["CIVIL_GENERAL"]
    assert ends(clock) == ("2035-06-01", "2031-02-19")
    assert clocks(complainant=child | {"born_on": "2000-06-01"})["CIVIL_GENERAL"] == clocks()["CIVIL_GENERAL"]
    until = toll("MINORITY", "2026-02-20", "2028-06-01", "CIVIL_GENERAL")
    assert ends(clocks(complainant=LOU | {"is_minor": True}, tolls=[until])["CIVIL_GENERAL"])[0] == "2033-06-01"


def test_far_away_an_appeal_may_come_later_and_not_knowing_is_said() -> None:
    def appeal(**person: str) -> LimitationClock:
        return clocks(domain="SERVICES_PUBLICS", complainant=LOU | person, starts=[known("ADM_REP")])["ADM_REP"]

    assert [ends(appeal(residence=where)) for where in ("MAINLAND", "OVERSEAS", "ABROAD")] == [
        ("2026-04-27", "2026-04-25"),
        ("2026-05-26", "2026-04-25"),
        ("2026-06-26", "2026-04-25"),
    ]
    assert ends(appeal()) == ends(appeal(residence="MAINLAND"))
    assert any("not recorded: overseas" in str(words) for words in appeal().counted)
    assert not any("overseas" in str(words) for words in appeal(residence="MAINLAND").counted)


def test_strike_jury_service_and_testimony_may_have_twelve_months_only() -> None:
    for ground, expected in (("GREVE", True), ("TEMOIN", True), ("JURE", True), ("AGE", False)):
        words = clocks(domain="EMPLOI_PRIVE", criteria=[ground])["EMP_PRIV_NULLITE"].counted
        assert any("twelve months" in str(sentence) for sentence in words) == expected


def test_after_the_commission_the_social_division_has_two_months() -> None:
    silent = clocks(domain="PROTECTION_SOCIALE", prior_steps=[step("ADMINISTRATIVE_APPEAL")])
    assert ends(silent["SECU_CRA_SILENCE"])[0] == "2026-04-23"
    assert (silent["SECU_POLE"].start, ends(silent["SECU_POLE"])[0]) == (date(2026, 4, 23), "2026-06-23")
    heard = clocks(domain="PROTECTION_SOCIALE", prior_steps=[step("ADMINISTRATIVE_APPEAL", answer="No")])
    assert (heard["SECU_POLE"].start, "SECU_CRA_SILENCE" in heard) == (date(2026, 2, 23), False)
    entered = clocks(domain="PROTECTION_SOCIALE", starts=[known("SECU_CRA_SILENCE")])
    assert entered["SECU_POLE"].start == date(2026, 4, 25)


def test_twenty_years_after_the_right_was_born_it_is_over_in_any_case() -> None:
    old = {"occurred_on": "2008-03-03", "revealed_on": "2026-02-20"}
    assert ends(clocks(facts=old)["CIVIL_GENERAL"]) == ("2028-03-03", "2028-03-02")
    assert ends(clocks(domain="EMPLOI_PRIVE", facts=old)["EMP_PRIV_REPARATION"]) == ("2031-02-20", "2028-03-02")


def test_a_row_that_awaits_a_trigger_opens_when_a_jurist_enters_it() -> None:
    for code in AWAITING_A_TRIGGER:
        clock = clocks(starts=[known(code)])[code]
        assert clock.start == date(2026, 2, 25)
        assert clock.deadline_legal and clock.deadline_prudent
    assert ends(clocks(starts=[known("CPH_APPEL")])["CPH_APPEL"])[0] == "2026-03-25"
    with pytest.raises(ValidationError, match="not a row of the table"):
        known("CPH_APEL")


# --- What moves a clock, and what does not ---


def toll(ground: str, from_day: str, until: str | None, *rows: str) -> Toll:
    return Toll(ground=ground, clocks=frozenset(rows), from_day=from_day, until=until, reason="Agreed in writing")


def test_a_toll_moves_the_rows_it_is_entered_for_and_no_other() -> None:
    bare = clocks(domain="EMPLOI_PRIVE")
    mediation = toll("MEDIATION", "2026-04-01", "2026-07-01", "EMP_PRIV_REPARATION", "PENAL_DELIT")
    found = clocks(domain="EMPLOI_PRIVE", tolls=[mediation])
    assert ends(found["EMP_PRIV_REPARATION"]) == ("2031-05-22", "2031-05-20")
    assert ends(found["PENAL_DELIT"]) == ends(bare["PENAL_DELIT"])  # a mediation stops nothing there, and that is said
    assert any("no effect" in str(words) for words in found["PENAL_DELIT"].counted)
    moved = {"EMP_PRIV_REPARATION", "PENAL_DELIT"}
    assert {k: v for k, v in found.items() if k not in moved} == {k: v for k, v in bare.items() if k not in moved}


def test_a_pending_court_action_leaves_the_prudent_date_alone() -> None:
    action = toll("COURT_ACTION", "2026-04-01", None, "CIVIL_GENERAL")
    assert ends(clocks(tolls=[action])["CIVIL_GENERAL"]) == ("None", "2031-02-19")


def test_no_twenty_years_after_a_court_action() -> None:
    old = {"occurred_on": "2008-03-03", "revealed_on": "2026-02-20"}
    action = toll("COURT_ACTION", "2026-02-25", "2029-01-31", "CIVIL_GENERAL")
    assert ends(clocks(facts=old, tolls=[action])["CIVIL_GENERAL"])[0] == "2034-01-31"


def test_nothing_that_happens_in_a_case_moves_a_legal_clock() -> None:
    first = limitation_clocks(Story().case, FRANCE)
    for name, case in cases().items():
        if case is not None and name not in ("intake, time limits entered", "closed, without an end"):
            assert limitation_clocks(case, FRANCE) == first, name
    story = Story().do(Pause(reason="HEALTH", until="2026-05-01", comment="In hospital")).until("2026-04-01")
    story.do(Resume(comment="Back"), AddNote(text="To call")).referred().prepared().do(File(filing="F1"))
    assert limitation_clocks(story.case, FRANCE) == first


def test_qualifying_a_case_opens_its_routes() -> None:
    qualify = Qualify(
        domain="EMPLOI_PUBLIC", criteria=("HANDICAP",), acts=("REFUS_AMENAGEMENT",), reasoning="An agent of the town"
    )
    found = {clock.code for clock in limitation_clocks(Story().do(qualify).case, FRANCE)}
    assert {"EMP_PUB_REPARATION", "ADM_REP", "ADM_MPO"} <= found
    assert "CIVIL_GENERAL" not in found


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_the_hour_of_reception_and_the_change_of_the_clocks_are_nothing_to_the_law(day: str) -> None:
    facts = {"narrative": "No.", "occurred_on": "2026-02-20", "ongoing": True}
    hours = ("00:30", "01:59", "03:30", "23:59")
    found = [clocks_of(complaint(received_at=f"{day}T{hour}", facts=facts)) for hour in hours]
    assert all(one == found[0] for one in found)
