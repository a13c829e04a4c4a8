"""Composes what each process works with from its settings: the desk's `Office`, and the workers that run upon it.

Functions import what only they need: a command that reads the book is not to wait for the engine's library.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from desk.office import Office
from kit.settings import Settings, revealed
from kit.storage.database import Database
from kit.storage.patience import patience_of

if TYPE_CHECKING:
    from temporalio.client import Client
    from temporalio.worker import Worker

    from activities.evidence import EvidenceCare
    from activities.post import PostOptions
    from activities.refusal_mail import RefusalMail
    from activities.seal import Seal
    from activities.witness_mail import WitnessMail
    from counter.bearer import Resolvers
    from kit.mail.mailbox import Mailbox
    from kit.process.health import HealthServer
    from workers.pulse import Pulse

    Workers = tuple[Worker, Worker, Worker]

SAFE_KEYS = frozenset(
    {
        *("reference", "workflow_id", "command", "version", "account", "port", "task_queue", "mail", "state", "why"),
        *("kind", "cases", "workflows", "found", "repaired", "overdue", "size"),
        *("service",),
        *("clean", "infected", "not_scanned", "failed", "seen", "deleted", "spared"),
    }
)
"""Keys that a log line may have beside its event. All others are withheld: no personal data in any log."""

SLACK = timedelta(seconds=30)
"""Time by which the hold on a mail outlasts the time that the mail server may take."""


def configure_logs(settings: Settings) -> None:
    """Has this process log JSON lines without personal data, at the level of the settings."""
    from kit.process.log_setup import configure

    configure(safe_keys=SAFE_KEYS, level=settings.log_level)


def office_of(settings: Settings, engine: str | None, folder: Path | None = None) -> Office:
    """Composes an office on the database of the settings. `engine` is its address, None when the stack is not up.

    `folder` is that of an embedded stack, where the settings are those of one.
    """
    password = revealed(settings.database_password)
    database = Database(settings.database_url, password, patience=patience_of(settings))
    return Office(database, settings, engine, folder)


def desk_office_of(settings: Settings) -> Office:
    """Composes the office of the desk's process: it never loads a key that signs, even where it could read one."""
    return replace(office_of(settings, settings.temporal_address), signs=False)


def resolvers() -> "Resolvers":
    """Gives what tells the desk's process who a token stands for."""
    from counter.bearer import Resolvers
    from desk.signin.resolving import resolve, resolve_enrolling

    return Resolvers(resolve, resolve_enrolling)


def workers_of(
    office: Office, client: "Client", threads: ThreadPoolExecutor, slow_threads: ThreadPoolExecutor
) -> "Workers":
    """Composes the workers of one process: for cases, for mails, for slow work."""
    from activities.archive import Archive
    from activities.book import Book
    from activities.calendar import french_calendar
    from kit.mail.mailbox import mailbox_of
    from workers.build import build_mailer, build_upkeep, build_worker

    queue, mailbox = office.settings.task_queue, mailbox_of(office.settings)
    book = Book(office.database, office.keys, french_calendar())
    archive = Archive(office.database, client, office.archive, office.keys)
    seal, mails, care = seal_of(office), witness_mail_of(office, mailbox), evidence_care_of(office, client)
    return (
        build_worker(client, queue, book, threads),
        build_mailer(client, queue, book, threads, mailbox, post_options_of(office.settings)),
        build_upkeep(client, queue, seal, mails, archive, care, slow_threads),
    )


def seal_of(office: Office) -> "Seal":
    """Composes what seals the book: the keys that sign, read at each seal, and the witnesses that are told."""
    from activities.seal import Seal

    origin = office.settings.seal_origin
    return Seal(office.database, office.keys, origin, lambda: office.signing_keys, office.witnesses, office.authority)


def witness_mail_of(office: Office, mailbox: "Mailbox") -> "WitnessMail":
    """Composes what mails checkpoints to the addresses of the settings."""
    from activities.witness_mail import WitnessMail

    settings = office.settings
    addresses = [address.strip() for address in settings.witness_mail.split(",") if address.strip()]
    every = timedelta(hours=settings.witness_mail_hours)
    return WitnessMail(office.database, office.keys, mailbox, settings.seal_origin, addresses, every)


def refusal_mail_of(office: Office) -> "RefusalMail":
    """Composes what mails at once that an account was refused often."""
    from activities.refusal_mail import RefusalMail
    from kit.mail.mailbox import mailbox_of

    return RefusalMail(office.database, mailbox_of(office.settings), post_options_of(office.settings))


def evidence_care_of(office: Office, client: "Client") -> "EvidenceCare":
    """Composes what looks after the evidence files, with the scanner of the settings if there is one."""
    from activities.care import Scanning, scanner_of
    from activities.evidence import EvidenceCare
    from domain.vocabulary import Door
    from models.taking_up import TakingUp
    from workflows.cases import CaseClient

    database, rescue = office.database, TakingUp(office.database, office.keys)
    cases = CaseClient(client, office.settings.task_queue, office.keys.mint, door=Door.SYSTEM, rescue=rescue)
    scanner = scanner_of(office.settings)
    scanning = Scanning(scanner, office.evidence, office.keys, database.read, database.write, cases.submit)
    return EvidenceCare(database.read, database.write, office.evidence.store, scanning)


def post_options_of(settings: Settings) -> "PostOptions":
    """Takes from the settings how mails are sent."""
    from activities.post import PostOptions

    return PostOptions(
        public_url=settings.public_url,
        give_up=timedelta(days=settings.mail_days),
        lease=timedelta(seconds=settings.mail_seconds) + SLACK,
    )


def health_of(settings: Settings, pulse: "Pulse", workers: "Workers", metrics_url: str) -> "HealthServer":
    """Composes what answers an orchestrator: alive while the loop turns, ready while all workers run."""
    from kit.process.health import HealthServer

    return HealthServer(
        settings.http_host,
        settings.http_port,
        live=pulse.is_beating,
        ready=lambda: {"worker": all(worker.is_running for worker in workers), **pulse.reaches()},
        metrics_url=metrics_url,
    )
