"""Every page of a case in which nearly everything has happened, in French: no code, no tag, no date of machines."""

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from cli import say
from cli.commands import alerts
from cli.commands.proof import print_checklist
from cli.pages import difference, due, listing, next_steps, policy, show
from desk.checklist import _view as checklist_view
from desk.views.case import CaseView, ChangeView, ClosureReviewView, EntryView, HistoryView, LimitView
from desk.views.listing import CasesView, ListedCaseView
from desk.views.next_step import NextStepView
from documents import dossier as for_the_defender
from documents import history, letter
from domain.changes import changes
from domain.dossier import dossier
from domain.law.limitation import limitation_clocks
from domain.law.proof import asked_of, checklist
from domain.law.remaining import remaining
from domain.lifecycle import fold
from domain.messages.notices import Failed, Line, Refusals, digest_letter, notice_letter
from domain.next_steps import next_steps as steps_of
from domain.parts.closure import ProposeClosure
from domain.reference import levers
from domain.time.policy import DEFAULT_POLICY
from domain.values import day_of
from domain.vocabulary import DeadlineKind, Level, MailReason, Step
from tests.domain.examples import CALENDAR, Story, closing
from tests.domain.rich import rich
from tests.people import WORKER
from tests.support import reader
from tests.support.speaking import reads
from words import FRENCH

CODE = re.compile(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b|\b[a-z]+(?:_[a-z]+)*\.\d\b|\b\d{4}-\d\d-\d\d\b")
ENGLISH = re.compile(
    r"\b(?:the|and|is|was|were|with|not|from|has|have|nobody|somebody|when|until|since|case|alert|piece of|yes|"
    r"filing|closure|consent|letter|asked|due|held|days|hours)\b",
    re.IGNORECASE,
)
TYPED = re.compile(r"\S*/\S*|--set \S+|starter\.py [\w -]+")
"""What people copy into a command: keys of alerts, fields, commands themselves."""
COMMANDS = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b(?!\.\d)")


@pytest.fixture(scope="module")
def story() -> Story:
    return rich()


def shown(monkeypatch: pytest.MonkeyPatch, what: Callable[..., None], *about: object) -> str:
    reads(monkeypatch, "fr")
    monkeypatch.setattr(say.console, "width", 160)
    with say.console.capture() as captured:
        what(*about)
    return captured.get()


def pages(story: Story, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """Every page by its name."""
    case, today = story.case, day_of(story.at)

    def page(what: Callable[..., None], *about: object) -> str:
        return shown(monkeypatch, what, *about)

    running = limitation_clocks(case, CALENDAR)
    yield "show", page(show.print_case, CaseView.of(case, story.agenda(), (), running, FRENCH))
    yield "history", page(show.print_history, HistoryView.of(story.entries).entries)
    proof = checklist(case, CALENDAR, today)
    yield "checklist", page(print_checklist, checklist_view(proof, case.complaint.facts.occurred_on, FRENCH))
    limits = [LimitView.of(clock, FRENCH) for clock in running]
    yield "limits", page(due.print_limits, limits, today)
    steps = steps_of(case, WORKER, story.at, story.agenda(), CALENDAR)
    yield "next steps", page(next_steps.print_next_steps, [NextStepView.of(step, FRENCH) for step in steps])
    rows = [SimpleNamespace(**dict(a), reference="R", holder="camille", below=(), to_nobody=True) for a in case.alerts]
    yield "alerts", page(alerts.print_alerts, rows)
    yield "list", page(listing.print_cases, listed(story))
    yield "policy", page(policy.print_policy, DEFAULT_POLICY)
    then = fold(case.reference, story.entries[:5])
    first, last = (EntryView.of(entry) for entry in (story.entries[4], story.entries[-1]))
    differences = [ChangeView.of(change) for change in changes(then, case)]
    yield "differences", page(difference.print_differences, differences, first, last)
    proposed = Story().exhausted().do(closing(ProposeClosure, last_known_fact="Rien", not_told_because="Partie")).case
    review = ClosureReviewView.of(proposed, remaining(proposed, today, CALENDAR), FRENCH)
    yield "closure", page(show.print_closure_review, review).replace("Nobody holds it any more", "")


def listed(story: Story) -> CasesView:
    case = story.case
    row = {name: getattr(case, name, None) for name in ListedCaseView.model_fields}
    told = {
        "domain": case.complaint.domain,
        "received_at": case.complaint.received_at,
        "progress_at": None,
        "stalled": True,
        "next_due": story.at,
        "next_kind": DeadlineKind.STALL,
        "fictitious": True,
    }
    return CasesView(total=1, cases=(ListedCaseView.model_validate(row | told),), next=None)


def documents(story: Story) -> Iterator[tuple[str, str]]:
    """Every document that the case makes, and its mails."""
    case, today = story.case, day_of(story.at)
    file = dossier(case.reference, story.entries, CALENDAR)
    yield "file for the Defender", reader.text(for_the_defender.as_pdf(file))
    told = history.as_pdf(case.reference, story.entries, ["0" * 64] * len(story.entries))
    yield "history for a judge", reader.text(told)
    for code in ("REASONS_PRIVATE", "ATTESTATION", "PERSONAL_DATA"):
        lever = levers()[code]
        draft = letter.compose(case, lever, ["EV011"], today, CALENDAR, asked_of(lever, case.complaint))
        yield f"letter {code}", letter.as_text(draft)
    lines = [Line("R", Step.INTAKE, kind, level, "P1", 3, False) for kind in DeadlineKind for level in Level]
    failed = [Failed("R", reason) for reason in MailReason]
    refusals = [Refusals("camille", 12)]
    mails = (
        digest_letter(lines[:40], ["R"], failed, str, FRENCH.say, refusals),
        notice_letter(lines[40:], str, FRENCH.say, standing_in=True),
    )
    yield from (("mail", f"{mail.subject}\n{mail.body}") for mail in mails)


def test_no_page_shows_a_code_a_date_of_machines_or_english(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {name: found for name, text in pages(story, monkeypatch) if (found := faults(text))}
    assert wrong == {}


def test_no_document_and_no_mail_does(story: Story) -> None:
    wrong = {name: found for name, text in documents(story) if (found := faults(text))}
    assert wrong == {}


def faults(text: str) -> list[str]:
    own = COMMANDS.sub("", TYPED.sub("", text))
    return sorted({*CODE.findall(own), *ENGLISH.findall(own)})


def test_what_is_looked_for_would_be_found() -> None:
    planted = "Le 2026-03-02, pour CASE_WORKER : alert_raised.1, nobody decided"
    assert faults(planted) == ["2026-03-02", "CASE_WORKER", "alert_raised.1", "nobody"]
