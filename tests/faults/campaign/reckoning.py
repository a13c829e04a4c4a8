"""What came of a campaign: the answers that were given, held against the book, the mails, the files and the records."""

import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from sqlalchemy import select, text

from activities.calendar import french_calendar
from audit.strict import replay
from bootstrap import seal_of
from desk.verifying import verify_all
from domain.actors import CODE_ACTORS
from domain.lifecycle import fold
from domain.time.clocks import agenda, passed
from domain.time.policy import DEFAULT_POLICY
from domain.vocabulary import MailState
from kit.engine.histories import at_rest
from models import book, cases
from models.tables import alerts, mails
from tests.faults.campaign.callers import ENDED, Crowd, Sent
from tests.faults.campaign.files import Filer
from tests.faults.campaign.ground import Ground
from tests.faults.campaign.post_office import counted
from tests.people import OFFICE_AUDITOR
from tests.support.harness import audit
from tests.support.servers import KEYS
from workflows.complaint import ComplaintWorkflow


@dataclass
class Report:
    """The figures of a campaign. Those of `faults` are to be nothing."""

    figures: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        return not any(self.faults.values())

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"is_clean": self.is_clean}


def of_commands(ground: Ground, crowd: Crowd, filers: list[Filer], report: Report) -> None:
    """Each acknowledged command is in the book once, in its case, with the lines that its receipt names."""
    lines = _lines_by_command(ground)
    files = {kept.command_id: kept for filer in filers for kept in filer.kept}
    acknowledged = crowd.acknowledged
    refused = [sent for sent in crowd.sent if sent.refused]
    theirs = {sent.command_id for sent in acknowledged} | files.keys()
    gone = {sent.command_id for sent in crowd.sent if sent.refused == ENDED or not sent.is_answered}
    report.figures |= {
        "commands": len(crowd.sent) + len(files),
        "tries": sum(sent.tries for sent in crowd.sent),
        "sent again though acknowledged": crowd.again,
        "acknowledged": len(acknowledged) + len(files),
        "refused": len(refused),
        "refused, by code": dict(Counter(sent.refused for sent in refused).most_common(8)),
        "told to send again": dict(crowd.told),
        "cases": len(crowd.known),
        "lines in the book": sum(len(found) for found in lines.values()),
    }
    found = audit(ground.database)
    report.faults |= {
        "unanswered": [sent.command_id for sent in crowd.sent if not sent.is_answered],
        "lost": [id for id in theirs if id not in lines],
        "doubled": [id for id, times in found.commands.items() if times > 1],
        "wrong receipts": [*crowd.wrong, *(s.command_id for s in acknowledged if not _is_as_told(s, lines))],
        "refused and yet in the book": [s.command_id for s in refused if s.command_id in lines and s.refused != ENDED],
        "in the book, and nobody's": [
            id for id, (_, account, *_) in _openers(lines).items()
            if id not in theirs | gone and account not in _OF_THE_HOUSE
        ],
        "gaps": found.gaps,
        "broken chains": found.broken,
        "rows behind": found.behind,
    }  # fmt: skip


_OF_THE_HOUSE = CODE_ACTORS.keys()

_Line = tuple[str, str, int, str]
"""Case, account, version and tag."""


def _lines_by_command(ground: Ground) -> dict[str, list[_Line]]:
    by_command: dict[str, list[_Line]] = {}
    with ground.database.read() as tx:
        query = "select command_id, reference, account, version, tag from book order by reference, version"
        for id, *line in tx.execute(text(query)):
            by_command.setdefault(id, []).append(tuple(line))
    return by_command


def _openers(lines: dict[str, list[_Line]]) -> dict[str, _Line]:
    return {id: found[0] for id, found in lines.items()}


def _is_as_told(sent: Sent, lines: dict[str, list[_Line]]) -> bool:
    assert sent.receipt is not None
    last, events = sent.receipt.version, sent.receipt.events
    expected = list(zip(range(last - len(events) + 1, last + 1), events, strict=True))
    found = lines.get(sent.command_id, [])
    return [line[2:] for line in found] == expected and {line[0] for line in found} <= {sent.reference}


def of_time(ground: Ground, by: float, report: Report) -> None:
    """Each alert was told once, and none is missing that was due in time."""
    with ground.database.read() as tx:
        keys = Counter(tuple(row) for row in tx.execute(select(alerts.c.reference, alerts.c.key)))
        kinds = Counter(tx.execute(select(alerts.c.kind)).scalars())
        histories = {name: book.history(tx, KEYS, name) for name in cases.open_references(tx)}
    missed = []
    at = datetime.fromtimestamp(by, UTC)
    for reference, lines in histories.items():
        missed += [d.key for d in passed(agenda(fold(reference, lines), DEFAULT_POLICY, french_calendar()), at)]
    report.figures["alerts that timers raised"] = sum(keys.values())
    report.figures["alerts, by kind"] = dict(kinds.most_common())
    report.faults["alerts told twice"] = [key for key, times in keys.items() if times > 1]
    report.faults["alerts missed"] = missed


def of_mails(ground: Ground, report: Report) -> None:
    """Each mail that was sent arrived, and came twice only where its sender had not heard, or died, the first time."""
    times = counted(ground.mail_server.file)
    with ground.database.read() as tx:
        states = {row.id: row.state for row in tx.execute(select(mails.c.id, mails.c.state))}
    again = {id: heard for id, heard in times.items() if len(heard) > 1}
    report.figures |= {
        "mails written": len(states),
        "mails, by state": dict(Counter(map(str, states.values()))),
        "mails that arrived": sum(map(len, times.values())),
        "mails that arrived again, unheard or unnoted the first time": sum(len(heard) - 1 for heard in again.values()),
        "answers to mails that were not heard": sum(not each for heard in times.values() for each in heard),
    }
    report.faults |= {
        "mails lost": [id for id, state in states.items() if state == MailState.SENT and id not in times],
        "mails of nobody": [id for id in times if id not in states],
        "mails given up": [id for id, state in states.items() if state == MailState.UNDELIVERED],
        "mails doubled": [id for id, heard in again.items() if any(heard[:-1]) and id not in ground.unnoted],
    }


def of_files(ground: Ground, filers: list[Filer], report: Report) -> None:
    kept = [file for filer in filers for file in filer.kept]
    store = Path(ground.settings.files)
    report.figures |= {
        "files attached": len(kept),
        "MB of files": sum(filer.size * len(filer.kept) for filer in filers) // 1_000_000,
        "files read": sum(filer.read for filer in filers),
        "with files, told to try again": dict(sum((filer.told for filer in filers), Counter())),
    }
    with ground.database.read() as tx:
        recorded = set(tx.execute(text("select distinct command_id from book")).scalars())
        taken_in = set(tx.execute(text("select stored from intakes union select stored from files")).scalars())
    whole, parts = ({path.stem for path in store.rglob(each)} for each in ("??/" + "?" * 32, "*.part"))
    report.figures["uploads killed, their leftovers"] = (ground.killed_uploads, len(parts))
    report.faults |= {
        "files half-written": [*(taken_in - whole), *(taken_in & parts), *sorted(parts)[ground.killed_uploads :]],
        "files that differ": [file.id for filer in filers for file in filer.differing],
        "files refused and yet in the book": [id for filer in filers for id in filer.uncertain if id in recorded],
    }


async def of_the_silent(ground: Ground, crowd: Crowd, report: Report) -> None:
    """Cases that left somebody without an answer, and what the engine has to say of them."""
    client = await ground.engine.client()
    for reference in {sent.reference for sent in crowd.sent if not sent.is_answered}:
        described = (await client.get_workflow_handle(reference).describe()).raw_description
        report.figures[f"silent: {reference}"] = MessageToDict(described)


async def of_records(ground: Ground, report: Report) -> None:
    """`seal`, then `verify --all`, as an auditor asks for it."""
    seal_of(ground.office).seal()
    verdict = await verify_all(ground.office, OFFICE_AUDITOR)
    report.figures |= {
        "verified": {name: getattr(verdict, name) for name in ("cases", "entries", "erased", "files")},
        "workers that died of an outage": ground.deaths,
    }
    report.faults["findings of verify --all"] = [finding.model_dump() for finding in verdict.findings]
    if kept := await kept_histories(ground, {finding.case for finding in verdict.findings if "replay" in finding.kind}):
        report.figures["histories that do not replay are in"] = str(kept)


async def kept_histories(ground: Ground, references: set[str]) -> Path | None:
    """Keeps, outside the folder of the campaign, each history of these cases in clear, and what a replay says of it.

    One that replays this time was only too slow the first time.
    """
    if not references:
        return None
    folder = Path(tempfile.mkdtemp(prefix="aboutir-histories-"))
    records = ground.office.records(await ground.engine.client())
    for reference in references:
        for run in (await records.of(reference)).runs:
            file = folder / f"{reference}-{run.run_id}.json"
            file.write_text(run.history.to_json())
            (outcome,) = await replay([at_rest(run.history)], ComplaintWorkflow, to_the_end=False)
            file.with_suffix(".txt").write_text("\n".join(map(str, (repr(outcome.failure), *outcome.differences))))
    return folder
