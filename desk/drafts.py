"""Drafts: what somebody types is kept before it is sent, for themselves alone, until they send it or until its day."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from desk.office import Office, asking_the_book
from desk.views.draft import DraftDropped, DraftKept, DraftLine, DraftsView, DraftView
from domain.actors import Actor
from domain.commands import COMMANDS
from domain.drafts import INTAKE, DraftContent, DraftId
from domain.errors import Invalid, NotFound
from domain.permissions import no_such_case, require_some
from domain.values import day_of
from domain.vocabulary import Step
from models import cases, drafts
from models.draft_keys import key_for
from models.drafts import Draft


def keep_draft(
    office: Office, actor: Actor, draft: DraftId, act: str, content: DraftContent, reference: str | None = None
) -> DraftKept:
    """Keeps what stands in a form under the id that its page has chosen, in the place of what was kept before.

    `act` is the name of its command, on the case `reference`; "open" for a complaint that is being taken in. Raises
    NotFound for somebody else's draft and for a case that the actor may not see, Refused for one draft too many.
    """
    if (act != INTAKE and act not in COMMANDS) or (act == INTAKE) is not (reference is None):
        raise Invalid("no_such_act", "There is no such act.", "Open its form again.", field="act")
    now = datetime.now(UTC)
    with office.reading_as(actor, reference) as (tx, actor):
        _require_may(tx, actor, act, reference)
        drafts.require_room(tx, actor.account, draft)
    key = key_for(office.keys, draft)
    until = day_of(now) + timedelta(days=office.settings.draft_days)
    with office.writing_as(actor, reference) as (tx, actor):
        drafts.require_room(tx, actor.account, draft)
        _require_may(tx, actor, act, reference)
        return _kept(drafts.write(tx, key, actor.account, draft, act, reference, content, now, until))


def draft(office: Office, actor: Actor, draft: DraftId) -> DraftView:
    """A draft of the account that asks. Raises NotFound for any other, and for one about a case that it may not see."""
    with office.reading_as(actor) as (tx, actor):
        row = drafts.find(tx, actor.account, draft)
        _require_may(tx, actor, row.act, row.reference)
    content = drafts.opened(office.keys, row)
    return DraftView(**_kept(row).model_dump(), act=row.act, reference=row.reference, content=content)


def list_drafts(office: Office, actor: Actor) -> DraftsView:
    """The drafts of the account that asks, but for those about cases that it may not see any more."""
    with office.reading_as(actor) as (tx, actor):
        rows = [row for row in drafts.of_owner(tx, actor.account) if _may_be_shown(tx, actor, row)]
    lines = (_line(office, row) for row in rows)
    return DraftsView(drafts=tuple(line for line in lines if line is not None))


def drop_draft(office: Office, actor: Actor, draft: DraftId) -> DraftDropped:
    """Throws a draft of the account that asks away, for good; one that is not there is none."""
    with office.reading_as(actor) as (tx, actor):
        is_own = drafts.owned(tx, actor.account, draft)
    if is_own:
        with asking_the_book():
            drafts.destroy(office.database, office.keys, [draft])
    return DraftDropped(id=draft)


def _require_may(tx: Connection, actor: Actor, act: str, reference: str | None) -> None:
    if act == INTAKE:
        require_some(actor, [COMMANDS[INTAKE]])
    elif reference is None or not _is_seen(tx, actor, reference):
        raise no_such_case()


def _is_seen(tx: Connection, actor: Actor, reference: str) -> bool:
    case = cases.find_case(tx, actor, reference)
    return case is not None and case.step != Step.ERASED


def _may_be_shown(tx: Connection, actor: Actor, row: Draft) -> bool:
    return row.reference is None or _is_seen(tx, actor, row.reference)


def _kept(row: Draft) -> DraftKept:
    return DraftKept(id=row.id, kept_at=row.kept_at, destroyed_on=row.destroyed_on)


def _line(office: Office, row: Draft) -> DraftLine | None:
    """The line of a draft; None if it is gone meanwhile."""
    try:
        typed = drafts.opened(office.keys, row).typed
    except NotFound:
        return None
    named = (typed.get(f"complainant.{part}", ()) for part in ("given_name", "family_name"))
    person = " ".join(text.strip() for texts in named for text in texts if text.strip())
    return DraftLine(**_kept(row).model_dump(), act=row.act, reference=row.reference, person=person)
