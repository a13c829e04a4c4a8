"""A case as its case worker reads it on a terminal, in both languages, without a stack: each thing by its name."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from cli import say
from cli.commands import alerts
from cli.pages import listing, show
from cli.pages.due import print_limits, print_running
from cli.pages.words import awaited, command_purpose, limit_body, limit_name
from desk.views.case import CaseView, HistoryView, LimitView, RunningLimitView
from domain import commands as c
from domain.access import Access
from domain.law.limitation import limitation_clocks
from domain.lifecycle import offered
from domain.parts.contact import AddNote, RecordContact
from domain.parts.referral import AnswerReferral, Refer
from domain.reference import limitation_periods
from domain.time.clock_id import limit_of
from domain.values import day_of
from domain.vocabulary import DeadlineKind
from kit.i18n import translate
from tests.domain.examples import CALENDAR, Story, to_partner
from tests.people import PARTNER, PARTNER_ORG, SUPERVISOR, WORKER
from tests.support.french import NOT_FRENCH
from tests.support.speaking import reads
from words import Words, accesses

Seen = Callable[..., str]
LANGUAGES = pytest.mark.parametrize("spoken", ["fr", "en"])
NAMES = sorted(set(c.COMMANDS) - c.OF_THE_SYSTEM)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """The text that is printed on a terminal of so many columns."""

    def look(spoken: str, what: Callable[..., None], *about: object, columns: int = 80) -> str:
        reads(monkeypatch, spoken)
        monkeypatch.setattr(say.console, "width", columns)
        with say.console.capture() as captured:
            what(*about)
        return captured.get()

    return look


def view_of(story: Story, spoken: str, offered: Sequence[str] = ()) -> CaseView:
    """The case of a story, as somebody who may ask for these commands sees it."""
    return CaseView.of(story.case, story.agenda(), offered, (), Words(spoken))


def in_one_line(lines: list[str]) -> str:
    """A text that was broken into lines, whole again. Non-breaking spaces stay."""
    return re.sub(" +", " ", " ".join(lines))


@pytest.fixture
def late() -> Story:
    """A case whose time limits were near when it came, or over."""
    facts = {"narrative": "A post went to somebody else", "occurred_on": "2021-03-10", "revealed_on": "2021-03-12"}
    return Story(facts=facts, domain="EMPLOI_PUBLIC").until("2026-03-04").pass_deadlines()


# --- What the person told ---------------------------------------------------------------------------------


def test_what_the_person_told_is_shown_whole(seen: Seen) -> None:
    child = {"given_name": "Maé", "family_name": "Exemple", "is_minor": True}
    parent = {"given_name": "Lou", "family_name": "Exemple", "language": "ar", "accessibility": "Gros caractères"}
    step = {"kind": "WRITTEN_COMPLAINT", "taken_on": "2026-02-25", "to_whom": "La direction", "answer": "Rien"}
    facts = {"narrative": "Refusé à la cantine", "occurred_on": "2026-02-01", "ended_on": "2026-02-20"}
    story = Story(
        facts=facts,
        capacity="LEGAL_REPRESENTATIVE",
        complainant=parent,
        concerned_person=child,
        prior_steps=[step],
        expectations="Des excuses",
    ).do(to_partner(), Refer(partner=PARTNER_ORG, purpose="Une médiation scolaire"))
    refusal = AnswerReferral(referral="R1", accept=False, reason="NO_CAPACITY", comment="Complet jusqu’en mai")
    shown = " ".join(seen("fr", show.print_case, view_of(story.do(refusal, by=PARTNER), "fr"), columns=200).split())
    for text in (
        *("du 01/02/2026, au 20/02/2026", "Représentant·e légal·e", "Maé Exemple (mineur·e)", "Gros caractères", "ar"),
        *("Réclamation écrite", "25/02/2026, La direction, Rien", "Des excuses", "Une médiation scolaire"),
        *("Pas de disponibilité", "Complet jusqu’en mai"),
    ):
        assert text.lower() in shown.lower(), text


def test_every_way_of_reading_has_its_words() -> None:
    assert set(accesses._TEXTS) == set(Access)


# --- What may be asked -----------------------------------------------------------------------------------


@LANGUAGES
@pytest.mark.parametrize("name", NAMES)
def test_each_command_is_told_in_one_clause(monkeypatch: pytest.MonkeyPatch, spoken: str, name: str) -> None:
    reads(monkeypatch, spoken)
    said = command_purpose(name)
    assert 10 < len(said) < 70
    assert translate(c.COMMANDS[name].explained(), spoken).startswith(said)
    assert said[-1].isalnum() or said[-1] == ")", "a whole clause"


@LANGUAGES
def test_no_two_commands_are_told_alike(monkeypatch: pytest.MonkeyPatch, spoken: str) -> None:
    reads(monkeypatch, spoken)
    assert len({command_purpose(name) for name in NAMES}) == len(NAMES)


@LANGUAGES
def test_a_case_ends_with_what_may_be_asked_of_it_line_by_line(seen: Seen, spoken: str) -> None:
    story = Story().referred()
    names = offered(WORKER, story.case, story.at)
    lines = seen(spoken, show.print_case, view_of(story, spoken, names)).splitlines()
    start = next(n for n, line in enumerate(lines) if translate("What may be asked now", spoken) in line)
    assert [line.split()[0] for line in lines[start + 1 :] if not line.startswith(" ")] == names
    told = ["answer_referral", *command_purpose("answer_referral").split()]
    assert [line.split() for line in lines].count(told) == 1


def test_to_whoever_only_looks_nothing_is_offered(seen: Seen) -> None:
    story = Story()
    assert "What may be asked now" not in seen("en", show.print_case, view_of(story, "en"))


# --- The time limits of the law --------------------------------------------------------------------------


@pytest.mark.parametrize("code", limitation_periods())
def test_every_time_limit_has_a_name_in_both_languages(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    names = {}
    for spoken in ("fr", "en"):
        reads(monkeypatch, spoken)
        names[spoken] = limit_name(code), limit_body(code)
    (french, before), (english, where) = names["fr"], names["en"]
    assert french and english and french != english
    assert bool(before) == bool(where)
    assert not NOT_FRENCH.search(french)


@pytest.mark.parametrize("spoken", ["fr", "en"])
def test_no_two_time_limits_are_called_alike(monkeypatch: pytest.MonkeyPatch, spoken: str) -> None:
    reads(monkeypatch, spoken)
    assert len({limit_name(code) for code in limitation_periods()}) == len(limitation_periods())


def test_to_an_english_reader_no_time_limit_has_its_french_name(seen: Seen, late: Story) -> None:
    limits = limitation_clocks(late.case, CALENDAR)
    views = [LimitView.of(limit, Words("en")) for limit in limits]
    said = in_one_line(seen("en", print_limits, views, date(2026, 3, 4)).splitlines())
    assert all(clock.action not in said for clock in limits)
    assert all(limitation_periods()[clock.code].action_en in said for clock in limits)
    assert all(clock.basis.replace(";", "\u202f;").split("\u202f")[0] in said for clock in limits), "the law is French"
    assert [view.action for view in views] == [limit_name(limit.code) for limit in limits]


def test_a_text_that_nobody_has_read_is_marked_under_its_time_limit_and_beside_it(seen: Seen, late: Story) -> None:
    limits = limitation_clocks(late.case, CALENDAR)
    words = Words("fr")
    views = [LimitView.of(limit, words) for limit in limits]
    whole = in_one_line(seen("fr", print_limits, views, day_of(late.at)).splitlines())
    assert "LO 2011-333 art. 5, 6, 24 Cité sans avoir été lu, à vérifier par un juriste" in whole
    short = seen("fr", print_running, [RunningLimitView.of(limit, words) for limit in limits], columns=300)
    marked = {line for line in short.splitlines() if "textes à vérifier" in line}
    assert len(marked) == sum(bool(limit.texts) for limit in limits) < len(limits)


@LANGUAGES
def test_an_alert_names_its_time_limit_and_shows_its_whole_key(seen: Seen, late: Story, spoken: str) -> None:
    case = late.case
    lines = seen(spoken, show.print_case, view_of(late, spoken)).splitlines()
    whole = in_one_line(lines)
    keys = [line.strip() for line in lines]
    of_law = [alert for alert in case.standing_alerts if limit_of(alert.clock)]
    assert of_law
    for alert in of_law:
        assert alert.key in keys, "to be copied into answer_alert"
        assert awaited(alert.kind, alert.part, alert.clock) in whole


@LANGUAGES
def test_the_list_of_alerts_says_the_same(seen: Seen, late: Story, spoken: str) -> None:
    rows = [
        SimpleNamespace(
            reference="0000-0000-0000",
            holder="camille",
            key=alert.key,
            below=(),
            to_nobody=False,
            **alert.model_dump(exclude={"key"}),
        )
        for alert in late.case.standing_alerts
    ]
    lines = [line.strip() for line in seen(spoken, alerts.print_alerts, rows).splitlines()]
    whole = " ".join(line.removeprefix("0000-0000-0000").strip() for line in lines)
    assert sum(line.startswith("0000-0000-0000") for line in lines) == len(rows) > 1
    for row in rows:
        assert any(line.endswith(row.key) for line in lines)
        assert awaited(row.kind, row.part, row.clock) in whole


def test_a_time_limit_that_left_the_table_keeps_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, "en")
    said = awaited(DeadlineKind.LIMITATION, None, "limit/GONE_SINCE/2026-03-31/30")
    assert said.endswith("GONE_SINCE, 2026-03-31")


def test_what_is_no_time_limit_is_told_with_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, "en")
    assert limit_of("perishes/P1/2026-03-31/3") is None
    assert awaited(DeadlineKind.PERISHABLE, "P1", "perishes/P1/2026-03-31/3") == "Proof perishes P1"


# --- A history, a list -----------------------------------------------------------------------------------


def test_a_history_says_when_something_was_recorded_where_that_was_not_at_once(seen: Seen) -> None:
    story = Story().do(AddNote(text="At once"))
    earlier = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    story.wait(days=3).do(RecordContact(medium="PHONE", summary="Days ago", happened_at=earlier), by=SUPERVISOR)
    whole = in_one_line(seen("en", show.print_history, HistoryView.of(story.entries).entries).splitlines())
    assert "Contact recorded sacha (Supervisor) recorded 2026-03-05 09:00" in whole
    assert whole.count("recorded 20") == 1, "all the rest was recorded at once"


def test_where_a_list_has_no_room_for_columns_each_date_says_what_it_is(seen: Seen) -> None:
    row = SimpleNamespace(
        reference="0000-0000-0000", step="INTAKE", domain="SANTE", neighbourhood=None, commune=None, metropolis="MEL",
        holder="camille", received_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC), stalled=True,
        next_due=datetime(2026, 3, 9, 8, 0, tzinfo=UTC), next_kind="STALL",
    )  # fmt: skip
    page = SimpleNamespace(cases=[row, row], total=2, next=None)
    whole = in_one_line(seen("en", listing.print_cases, page, columns=50).splitlines())
    assert whole.count("camille, received on 2026-03-02 2026-03-09 Nothing has moved STALLED") == 2


# --- For machines ----------------------------------------------------------------------------------------


def test_machines_are_told_every_instant_in_the_same_form(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    case = Story().case
    say.as_json({"row": case.opened_at, "day": case.opened_at.date(), "case": case.model_dump(mode="json")})
    said = json.loads(capsysbinary.readouterr().out)
    assert said["row"] == said["case"]["opened_at"] == "2026-03-02T08:00:00Z"
    assert said["day"] == "2026-03-02"
