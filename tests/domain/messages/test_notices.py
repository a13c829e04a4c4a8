"""The pure part: everybody is told once of what is theirs, and the words hold only what they may."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from activities.calendar import french_calendar
from domain.actors import Actor
from domain.levels import OVERSEERS
from domain.messages.notices import LONGEST_DIGEST, Failed, Line, digest_letter, line_of, notice_letter, notices
from domain.messages.people import People, Person, Preferences
from domain.parts.alert import Alert
from domain.time.clocks import Awaited
from domain.time.limits import OF_LIMITS
from domain.vocabulary import DeadlineKind, Level, MailReason, MailWhen, Role, Step
from tests.domain.examples import Story

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
CASE = Story().case

accounts = st.sampled_from(["camille", "dominique", "sacha", "charlie", "alix"])
people = st.builds(
    lambda account, role, when, grace: Person(
        Actor(account=account, role=role, organisation="here", metropolis="MEL"),
        Preferences(when=when, grace=grace),
    ),
    accounts,
    st.sampled_from([Role.CASE_WORKER, Role.SUPERVISOR, Role.PLAN_LEAD]),
    st.sampled_from(list(MailWhen)),
    st.integers(0, 72),
)
everybody = st.lists(people, unique_by=lambda person: person.account, max_size=5)
away = st.dictionaries(accounts, accounts, max_size=4)
alerts = st.lists(
    st.builds(
        lambda n, kind, level: Alert(
            key=f"k{n}", clock=f"c{n}", kind=kind, level=level, due=AT, part=None, raised_at=AT
        ),
        st.integers(0, 99),
        st.sampled_from(
            [DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE, DeadlineKind.STALL, DeadlineKind.NO_CONTACT]
        ),
        st.sampled_from(list(Level)),
    ),
    unique_by=lambda alert: alert.key,
    max_size=6,
)


@given(everybody, away, alerts, alerts, accounts)
def test_each_new_alert_reaches_each_of_its_readers_once(
    persons: list[Person], away: dict[str, str], old: list[Alert], new: list[Alert], holder: str
) -> None:
    new = [alert for alert in new if alert.key not in {a.key for a in old}]
    before = CASE.model_copy(update={"alerts": tuple(old), "holder": holder, "version": 7})
    after = before.model_copy(update={"alerts": (*old, *new), "version": 9})
    found = notices(before, after, People(persons, away), AT)

    assert len({notice.id for notice in found}) == len(found)
    pairs = [(notice.account, key) for notice in found for key in notice.alerts]
    assert len(set(pairs)) == len(pairs), "nobody is told twice of the same"
    of_key = {alert.key: alert for alert in new}
    assert {key for _, key in pairs} <= set(of_key), "what was told before is not told again"

    by_name = {person.account: person for person in persons}
    for alert in new:
        readers = {account for account, key in pairs if key == alert.key}
        assert readers <= set(by_name)
        if alert.kind in OF_LIMITS:
            somebody = holder in by_name or any(p.actor.role in OVERSEERS for p in persons)
            assert bool(readers) == somebody, "the law is told to somebody whenever there is anybody"
        else:
            assert all(by_name[account].preferences.wants_all_at_once for account in readers)
    for notice in found:
        kinds = {of_key[key].kind in OF_LIMITS for key in notice.alerts}
        assert len(kinds) == 1
        grace = timedelta(0) if kinds == {True} else by_name[notice.account].preferences.patience
        assert notice.not_before == AT + grace
    assert notices(before, after, People(persons, away), AT) == found


def test_days_are_working_days_left_or_passed() -> None:
    calendar = french_calendar()
    alert = Alert(key="k", clock="c", kind=DeadlineKind.STALL, level=Level.CASE_WORKER, due=AT, part=None, raised_at=AT)

    def days(day: str, today: str, *, is_limit: bool) -> int:
        awaited = Awaited(date.fromisoformat(day), is_limit)
        return line_of(CASE, alert, awaited, date.fromisoformat(today), calendar).days

    assert days("2026-04-07", "2026-04-03", is_limit=True) == 1, "Good Friday to the Tuesday after Easter Monday"
    assert days("2026-03-09", "2026-03-06", is_limit=True) == 1
    assert days("2026-03-06", "2026-03-06", is_limit=True) == 0
    assert days("2026-03-01", "2026-03-06", is_limit=True) == 0, "over"
    assert days("2026-02-27", "2026-03-06", is_limit=False) == 5
    assert days("2026-03-06", "2026-03-06", is_limit=False) == 0


def say(template: str, **params: object) -> str:
    return template.format(**params)


def test_a_digest_is_readable_however_much_there_is() -> None:
    def line(number: int, *, is_limit: bool = False, is_new: bool = True) -> Line:
        return Line(f"R-{number}", Step.INTAKE, DeadlineKind.STALL, Level.SUPERVISOR, None, 3, is_limit, is_new)

    lines = [line(n) for n in range(LONGEST_DIGEST)] + [line(900, is_limit=True), line(901, is_new=False)]
    letter = digest_letter(lines, [], [Failed(None, MailReason.DAY_OVER)], lambda ref: f"at {ref}", say)
    assert letter.subject == "[Aboutir] Something waits for you"
    assert letter.body.index("R-900") < letter.body.index("R-0 "), "the law first"
    assert "R-901" not in letter.body and "And 2 more." in letter.body
    assert "Daily digest: The day was over" in letter.body
    only_failed = digest_letter([], [], [Failed("R-1", None)], lambda ref: f"at {ref}", say)
    assert "Mails that were not delivered (1)" in only_failed.body
    one, more = ([line(1, is_limit=True)], lines[:2])
    letters = [notice_letter(some, lambda ref: f"at {ref}", say, standing_in=False) for some in (one, more)]
    subjects = {each.subject for each in (letter, only_failed, *letters)}
    assert subjects == {"[Aboutir] Something waits for you"}, (
        "a subject tells neither the case nor the kind nor how many"
    )
