"""Drafts: what somebody types is theirs alone, can be read by nobody once it is thrown away, and is bounded."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from desk.accounts import close_account
from desk.drafts import draft, drop_draft, keep_draft, list_drafts
from domain.actors import Actor
from domain.drafts import LARGEST, MOST, DraftContent
from domain.errors import NotFound, Refused
from domain.vocabulary import Role
from kit.storage.database import Database, sqlite_url
from models import draft_keys, drafts, tables
from models.keys import draft_keys as stored_keys
from models.migrate import migrate
from tests.desk.scene import Scene, scene_on
from tests.people import person
from tests.support.accounts import open_accounts

WORDS = "Le gardien lui a dit que le logement n'était pas pour des gens comme elle."


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("drafts")
    with closing(Database(sqlite_url(folder / "book.db"))) as database:
        migrate(database)
        yield scene_on(database, folder)


def typed(words: str = WORDS, **fields: str) -> DraftContent:
    texts = {path: (text,) for path, text in ({"facts.narrative": words} | fields).items()}
    return DraftContent(command_id="c-1", typed=texts)


def begun(scene: Scene, actor: Actor, reference: str | None = None) -> str:
    id = uuid.uuid4().hex
    keep_draft(scene.office, actor, id, "add_note" if reference else "open", typed(), reference)
    return id


def colleague(scene: Scene, name: str) -> Actor:
    """Somebody of the first corner's team who has no draft yet."""
    corner = scene.corners[0]
    worker = person(name, Role.CASE_WORKER, corner.holder.organisation, corner.metropolis)
    open_accounts(scene.office.database, [worker])
    return worker


def test_what_is_kept_last_is_what_is_given_back(scene: Scene) -> None:
    actor, id = scene.corners[0].holder, uuid.uuid4().hex
    keep_draft(scene.office, actor, id, "open", typed("Le début"))
    named = typed(WORDS, **{"complainant.given_name": "Zélie", "complainant.family_name": "Fictive"})
    kept = keep_draft(scene.office, actor, id, "open", named)
    assert draft(scene.office, actor, id).content == named
    line = next(line for line in list_drafts(scene.office, actor).drafts if line.id == id)
    assert (line.person, line.act, line.destroyed_on) == ("Zélie Fictive", "open", kept.destroyed_on)


def test_nobody_else_reads_replaces_or_drops_a_draft(scene: Scene) -> None:
    corner = scene.corners[0]
    id = begun(scene, corner.holder)
    for other in (corner.colleague, scene.corners[1].holder):
        with pytest.raises(NotFound):
            draft(scene.office, other, id)
        with pytest.raises(NotFound):
            keep_draft(scene.office, other, id, "open", typed("autre chose"))
        drop_draft(scene.office, other, id)
        assert id not in [line.id for line in list_drafts(scene.office, other).drafts]
    assert draft(scene.office, corner.holder, id).content == typed()


def test_the_database_holds_no_word_of_it_and_a_copy_of_it_opens_no_more_once_it_is_dropped(scene: Scene) -> None:
    actor = scene.corners[0].holder
    id = begun(scene, actor)
    with scene.office.reading() as tx:
        copy = drafts.find(tx, actor.account, id)
    assert b"gardien" not in copy.sealed
    drop_draft(scene.office, actor, id)
    with pytest.raises(NotFound):
        drafts.opened(scene.office.keys, copy)
    with scene.office.keys.store.read() as tx:
        assert id not in tx.execute(select(stored_keys.c.draft)).scalars().all()
    drop_draft(scene.office, actor, id)  # once more changes nothing


def test_a_draft_about_a_case_is_for_whoever_may_see_that_case(scene: Scene) -> None:
    mine, other = scene.corners
    with pytest.raises(NotFound):
        begun(scene, mine.holder, other.reference)
    with pytest.raises(NotFound):
        begun(scene, mine.holder, mine.erased)


def test_a_draft_goes_with_its_case(scene: Scene) -> None:
    corner = scene.corners[0]
    id, intake = begun(scene, corner.holder, corner.reference), begun(scene, corner.holder)
    drafts.destroy_those_of(scene.office.database, scene.office.keys, corner.reference)
    with pytest.raises(NotFound):
        draft(scene.office, corner.holder, id)
    assert draft_keys.key_of(scene.office.keys, id) is None
    assert draft(scene.office, corner.holder, intake).content == typed()


def test_the_sweep_destroys_what_is_over_and_the_keys_that_nothing_is_sealed_with(scene: Scene) -> None:
    actor, now = scene.corners[0].holder, datetime.now(UTC)
    over, lives, lost = begun(scene, actor), begun(scene, actor), begun(scene, actor)
    with scene.office.writing() as tx:
        past = tables.drafts.c.id == over
        tx.execute(update(tables.drafts).where(past).values(destroyed_on=now.date()))
        tx.execute(delete(tables.drafts).where(tables.drafts.c.id == lost))
    with pytest.raises(NotFound):  # even before the sweep
        draft(scene.office, actor, over)
    drafts.destroy_what_is_over(scene.office.database, scene.office.keys, now)
    assert draft_keys.key_of(scene.office.keys, over) is None
    assert draft_keys.key_of(scene.office.keys, lost) is not None, "its draft may be about to be written"
    drafts.destroy_what_is_over(scene.office.database, scene.office.keys, now + 2 * drafts.SPARED)
    assert draft_keys.key_of(scene.office.keys, lost) is None
    assert draft(scene.office, actor, lives).content == typed()


def test_drafts_are_bounded_in_number_and_size(scene: Scene) -> None:
    actor = colleague(scene, "nombreuse")
    ids = [begun(scene, actor) for _ in range(MOST)]
    with pytest.raises(Refused) as refusal:
        begun(scene, actor)
    assert refusal.value.code == "too_many_drafts"
    keep_draft(scene.office, actor, ids[0], "open", typed("Ceux qui sont là se gardent encore"))
    with pytest.raises(ValueError, match="too long"):
        typed("a" * (LARGEST + 1))


def test_the_drafts_of_whoever_leaves_go_to_who_takes_over(scene: Scene) -> None:
    leaving, taking = colleague(scene, "sur-le-depart"), colleague(scene, "la-suite")
    administrator = scene.office.actor("administrator-nord")
    id = begun(scene, leaving)
    asyncio.run(close_account(scene.office, administrator, leaving.account, "Départ", taking.account))
    assert draft(scene.office, taking, id).content == typed()


def test_another_master_key_wraps_the_keys_of_drafts_too(scene: Scene) -> None:
    actor = scene.corners[0].holder
    id = begun(scene, actor)
    assert scene.office.keys.rewrap() == 0
    with scene.office.keys.store.write() as tx:
        tx.execute(update(stored_keys).where(stored_keys.c.draft == id).values(master_key="former"))
    assert "former" in scene.office.keys.masters(), "it is not forgotten while it wraps a draft"
    with scene.office.keys.store.write() as tx:
        tx.execute(update(stored_keys).where(stored_keys.c.draft == id).values(master_key=scene.office.keys.master.id))
    assert draft(scene.office, actor, id).content == typed()
