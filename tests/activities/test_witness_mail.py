"""The latest checkpoint reaches those who keep it by mail: once, in time, and whoever else is away."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.seal import Seal
from activities.witness_mail import WitnessMail
from bootstrap import witness_mail_of
from desk import office as desk_office
from domain.exchange.sealing import Sealed
from domain.log.checkpoint import recovered
from kit.crypto.witness import FolderWitness
from kit.mail.mailbox import Mailbox, Nowhere, OutboxFolder, SmtpMailbox
from kit.settings import Settings
from kit.storage.database import Database
from models import seals
from models.tables import witness_mails
from tests.people import WORKER
from tests.support.builders import complaint
from tests.support.clerk import Clerk
from tests.support.harness import running_case_worker
from tests.support.seals import ORIGIN, kinds, sealer
from tests.support.servers import KEYS, MASTER_KEY, VAULT_URL
from tests.support.sink import Server, Sink
from workflows.seal import SealBook

READERS = ("dpo@city.test", "auditor@audit.test")


class Office:
    """A book that is sealed, and those who are mailed its checkpoints."""

    def __init__(self, database: Database, mailbox: Mailbox, **options: Any) -> None:
        self.database, self.clerk = database, Clerk(database)
        self.seal: Seal = sealer(database)
        self.mails = WitnessMail(database, KEYS, mailbox, ORIGIN, READERS, **options)

    async def hour(self, *, lines: bool = True) -> int:
        """One hour: something is written or not, it is sealed, and mailed if it is time."""
        if lines:
            self.clerk.open()
        return await self.mail(self.seal.seal().size)

    async def mail(self, size: int) -> int:
        return int(await ActivityEnvironment().run(self.mails.mail_checkpoint, size))

    def pass_time(self, time: timedelta) -> None:
        """Puts the last mail so much further back."""
        with self.database.write() as tx:
            for row in tx.execute(witness_mails.select()).all():
                same = (witness_mails.c.reader == row.reader) & (witness_mails.c.size == row.size)
                tx.execute(update(witness_mails).where(same).values(sent_at=row.sent_at - time))

    def note(self, size: int) -> str:
        with self.database.read() as tx:
            row = seals.checkpoint_at(tx, size)
        assert row is not None
        return str(row.note)


async def not_taken(office: Office, size: int) -> None:
    with pytest.raises(ApplicationError) as failed:
        await office.mail(size)
    assert (failed.value.type, failed.value.non_retryable) == ("NotTaken", False)


async def test_each_witness_gets_the_note_in_the_text_and_as_a_file(
    database: Database, server: Server, sink: Sink
) -> None:
    office = Office(database, SmtpMailbox(server.settings()))
    assert await office.hour() == 2
    assert sorted(to for to, _ in sink.arrived) == sorted(READERS)
    for _, mail in sink.arrived:
        body, attached = mail.iter_parts()
        assert recovered(body.get_content()) == office.note(3)
        assert body.get_content().replace("\r\n", "\n").startswith(f"{office.note(3)}\n-- \n")
        assert (attached.get_filename(), attached.get_payload(decode=True)) == (
            "checkpoint-000000000003.txt", office.note(3).encode(),
        )  # fmt: skip
        assert ORIGIN in mail["Subject"] and mail["Auto-Submitted"] == "auto-generated"
    ids = set(sink.by_id)
    assert len(ids) == 2 and all(id.startswith("<checkpoint-3-") and id.endswith("@aboutir.test>") for id in ids)
    with database.read() as tx:
        kept = repr(tx.execute(witness_mails.select()).all())
    assert not any(word in kept for word in ("dpo", "auditor", "city.test", "audit.test")), "an address lies in a table"


async def test_what_was_attached_can_be_put_into_a_folder_and_verified_against(
    sqlite_database: Database, server: Server, sink: Sink, tmp_path: Any
) -> None:
    office = Office(sqlite_database, SmtpMailbox(server.settings()))
    await office.hour()
    (_, attached) = sink.arrived[0][1].iter_parts()
    (tmp_path / str(attached.get_filename())).write_bytes(attached.get_payload(decode=True))
    assert len(list(FolderWitness(tmp_path).notes())) == 1
    assert kinds(sqlite_database, FolderWitness(tmp_path)) == set()


async def test_a_mail_goes_once_a_day_and_only_when_there_is_something_new(
    sqlite_database: Database, server: Server, sink: Sink
) -> None:
    office = Office(sqlite_database, SmtpMailbox(server.settings()))
    assert [await office.hour() for _ in range(3)] == [2, 0, 0]
    office.pass_time(timedelta(hours=23))
    assert await office.hour() == 0
    office.pass_time(timedelta(minutes=58))  # the seal of the next day comes a little earlier in its hour
    assert await office.hour() == 2
    office.pass_time(timedelta(days=9))
    assert await office.hour(lines=False) == 0, "nothing is new"
    assert list(sink.by_id.values()) == [1] * 4


async def test_each_hour_when_it_is_asked_for(sqlite_database: Database, server: Server, sink: Sink) -> None:
    office = Office(sqlite_database, SmtpMailbox(server.settings()), every=timedelta(hours=1))
    for _ in range(3):
        assert await office.hour() == 2
        office.pass_time(timedelta(minutes=59))


async def test_an_answer_that_was_lost_makes_the_same_mail_arrive_again_and_nothing_else_does(
    sqlite_database: Database, server: Server, sink: Sink
) -> None:
    office = Office(sqlite_database, SmtpMailbox(server.settings()))
    sink.cut_after_data = 1
    with pytest.raises(ApplicationError):
        await office.hour()
    assert await office.mail(3) == 1, "the one that was heard of is not mailed again"
    assert await office.mail(3) == 0
    assert sorted(sink.by_id.values()) == [1, 2]


async def test_an_outage_delays_the_latest_and_loses_nothing(
    sqlite_database: Database, server: Server, sink: Sink
) -> None:
    office = Office(sqlite_database, SmtpMailbox(server.settings()))
    server.stop()
    for hour in range(3):
        office.clerk.open()
        size = office.seal.seal().size
        assert size == 2 * (hour + 1) + 1
        await not_taken(office, size)
    server.start()
    assert await office.mail(7) == 2
    assert {mail.get_body().get_content().splitlines()[1] for _, mail in sink.arrived} == {"7"}  # type: ignore[union-attr]


async def test_one_address_holds_up_no_other(sqlite_database: Database, server: Server, sink: Sink) -> None:
    office = Office(sqlite_database, SmtpMailbox(server.settings()))
    sink.to_recipient = lambda address: "450 4.2.0 Greylisted" if address == READERS[0] else None
    with pytest.raises(ApplicationError):
        await office.hour()
    assert [to for to, _ in sink.arrived] == [READERS[1]]
    sink.to_recipient = lambda address: "550 5.1.1 No such user here" if address == READERS[0] else None
    asked = len(sink.asked)
    assert await office.mail(3) == 0, "refused for good: the log says so, and the next seal tries again"
    assert sink.asked[asked:] == [READERS[0]]
    sink.to_recipient = lambda _: None
    assert await office.hour() == 1
    assert [to for to, _ in sink.arrived] == [READERS[1], READERS[0]]


async def test_without_a_server_or_a_folder_it_is_tried_again(sqlite_database: Database) -> None:
    office = Office(sqlite_database, Nowhere())
    office.clerk.open()
    await not_taken(office, office.seal.seal().size)


async def test_a_folder_of_mails_has_one_for_each(sqlite_database: Database, tmp_path: Any) -> None:
    office = Office(sqlite_database, OutboxFolder(tmp_path, "us@b.test"))
    assert await office.hour() == 2
    assert len(list(tmp_path.glob("checkpoint-3-*.eml"))) == 2


async def test_the_settings_say_who_is_written_to(sqlite_database: Database, server: Server, sink: Sink) -> None:
    sealer(sqlite_database, origin="aboutir").seal()
    said = server.settings(witness_mail=" one@a.test, two@a.test ,", witness_mail_hours=1)
    Clerk(sqlite_database).open()
    size = sealer(sqlite_database, origin="aboutir").seal().size
    assert await mailed(sqlite_database, said, SmtpMailbox(said), size) == 2
    assert sorted(sink.asked) == ["one@a.test", "two@a.test"]
    assert await mailed(sqlite_database, Settings(), Nowhere(), size) == 0


async def mailed(database: Database, settings: Settings, mailbox: Mailbox, size: int) -> int:
    """Has a checkpoint mailed as an installation with these settings would; gives how many mails were accepted."""
    settings = settings.model_copy(update={"vault_url": VAULT_URL, "master_key_file": MASTER_KEY})
    desk = desk_office.Office(database, settings, engine=None)
    with closing(desk.keys):
        return int(await ActivityEnvironment().run(witness_mail_of(desk, mailbox).mail_checkpoint, size))


# --- On the engine ----------------------------------------------------------------------------------------


async def test_no_witness_is_held_up_by_another_that_is_away(
    dev_server: WorkflowEnvironment, sqlite_database: Database, server: Server, sink: Sink
) -> None:
    mails = WitnessMail(sqlite_database, KEYS, SmtpMailbox(server.settings()), "test.example", READERS)
    async with running_case_worker(dev_server.client, sqlite_database, witness_mail=mails) as running:

        async def seal(number: int) -> Sealed:
            id = f"seal-{running.task_queue}-{number}"
            patience = timedelta(seconds=2)
            return await running.client.execute_workflow(SealBook.run, patience, id=id, task_queue=running.task_queue)

        seen = FolderWitness(running.folder / "seen")
        await running.desk.open(complaint(), WORKER)
        server.stop()
        before = datetime.now(UTC)
        assert await seal(1) == Sealed(size=3, added=2)
        assert datetime.now(UTC) - before < timedelta(seconds=30)
        assert [size for size, _ in seen.notes()] == [3], "the folder has it all the same"
        server.start()
        assert (await seal(2)).added == 0
        assert sorted(to for to, _ in sink.arrived) == sorted(READERS)
        # And the other way round: a folder that was told otherwise stops no mail.
        with sqlite_database.write() as tx:
            tx.execute(witness_mails.delete())
        seen.receive(5, "told otherwise\n")
        await running.desk.open(complaint(), WORKER)
        assert await seal(3) == Sealed(size=5, added=2)
        assert len(sink.arrived) == 4
