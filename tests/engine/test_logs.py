"""What a person said appears in no log, whatever happens to it: the real worker, a whole journey, and its accidents."""

import asyncio
import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError

from domain import commands as c
from domain.complaint import Complaint
from domain.errors import Away, Problem, Refused
from domain.values import day_of
from kit.database import Database
from tests.builders import HOME, LILLE, PARTNER, PARTNER_WORKER, SUPERVISOR, WORKER
from tests.engine.harness import entries
from tests.faults.outages import locked, until_so
from tests.servers import ROOT, Engine, RealWorker
from workflows.desk import Desk

BUG = '''
"""worker.py, with a rule that fails on some notes and says what was in them."""
import asyncio

from domain import commands as c
from domain.rules import registry
from kit.leave import leave
from temporalio import activity

import worker

sound = registry.DECISIONS[c.AddNote]


def broken(case, command, actor, at):
    if "BUG-AT-THE-DOOR" in command.text or ("BUG-IN-THE-BOOK" in command.text and activity.in_activity()):
        raise KeyError(command.text)
    return sound(case, command, actor, at)


registry.DECISIONS[c.AddNote] = broken
if __name__ == "__main__":
    leave(asyncio.run(worker._main()))
'''


class Canaries:
    """Words that stand nowhere but where a person's words go. Each has a number, so as to know which one escaped."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1000)
        self.all: list[str] = []

    def __call__(self) -> str:
        word = f"kanarie{next(self._numbers)}"
        self.all.append(word)
        return word


def complaint_of(k: Canaries) -> Complaint:
    received = datetime.now(UTC) - timedelta(hours=1)

    def somebody() -> dict[str, Any]:
        return {
            "given_name": k(), "family_name": k(), "email": f"{k()}@example.org", "phone": "+33 987 65 41 23",
            "address": k(), "accessibility": k(),
        }  # fmt: skip

    return Complaint.model_validate(
        {
            "received_at": received,
            "channel": "DESK",
            "domain": "LOGEMENT_PRIVE",
            "criteria": ["ORIGINE"],
            "capacity": "LEGAL_REPRESENTATIVE",
            "facts": {"narrative": f"{k()} {k()}\n{k()}", "place": {"commune": LILLE, "detail": k()}},
            "complainant": somebody(),
            "concerned_person": somebody(),
            "respondent": {"kind": "COMPANY", "name": k(), "address": k()},
            "prior_steps": [{"kind": "OTHER", "to_whom": k(), "answer": k()}],
            "expectations": k(),
            "source": {"system": "register", "id": k()},
            "fictitious": True,
        }
    )


def journey_of(k: Canaries, told: Complaint) -> list[tuple[dict[str, Any], Any]]:
    today = day_of(datetime.now(UTC))
    due = today + timedelta(days=30)
    scope = {"scope": "REFERRAL", "recipient": PARTNER, "given_on": today}
    legs = {"treatment": "STANDS", "ground": "STANDS", "link": "PARTIAL"}
    corrected = told.model_copy(update={"expectations": k()})
    said = {"outcome": "ADVICE_GIVEN", "last_known_fact": k(), "not_told_because": k()}
    return [
        ({"kind": "amend_complaint", "complaint": corrected, "reason": k()}, WORKER),
        ({"kind": "qualify", "domain": "SANTE", "criteria": ["AGE"], "acts": ["DIRECTE"], "reasoning": k()}, WORKER),
        ({"kind": "assign", "holder": "dominique", "organisation": HOME, "reason": k()}, WORKER),
        ({"kind": "record_consent", "consent": scope}, WORKER),
        ({"kind": "record_contact", "medium": "PHONE", "summary": k()}, WORKER),
        ({"kind": "add_note", "text": k()}, WORKER),
        ({"kind": "refer", "partner": PARTNER, "purpose": k()}, WORKER),
        ({"kind": "answer_referral", "referral": "R1", "accept": True, "comment": k()}, PARTNER_WORKER),
        ({"kind": "complete_referral", "referral": "R1", "result": k()}, PARTNER_WORKER),
        ({"kind": "start_evidence"}, WORKER),
        ({"kind": "add_piece", "label": k(), "held_by": "RESPONDENT"}, WORKER),
        ({"kind": "request_piece", "piece": "P1", "from_whom": "COMPLAINANT", "lever": k(), "due": due}, WORKER),
        ({"kind": "record_piece_refusal", "piece": "P1", "explanation": k()}, WORKER),
        ({"kind": "receive_piece", "piece": "P1", "description": k()}, WORKER),
        ({"kind": "mark_unobtainable", "pieces": ["EV001"], "reason": k()}, WORKER),
        ({"kind": "assess", **legs, "reasoning": k()}, WORKER),
        ({"kind": "record_consent", "consent": {"scope": "DEFENDER", "given_on": today}}, WORKER),
        ({"kind": "prepare_filing", "channel": "POST"}, WORKER),
        ({"kind": "file", "filing": "F1", "register_number": k()}, WORKER),
        ({"kind": "acknowledge_filing", "filing": "F1", "register_number": k()}, WORKER),
        ({"kind": "record_filing_declined", "filing": "F1", "reason": k()}, WORKER),
        ({"kind": "pause", "reason": "HEALTH", "until": due, "comment": k()}, WORKER),
        ({"kind": "resume", "comment": k()}, WORKER),
        ({"kind": "withdraw_consent", "consent": "C1", "reason": k()}, WORKER),
        ({"kind": "close", "reason": "ADVICE_SUFFICED", **said}, SUPERVISOR),
        ({"kind": "reopen", "reason": k()}, SUPERVISOR),
    ]


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
async def test_no_log_line_repeats_what_a_person_said(sqlite_database: Database, tmp_path: Path, level: str) -> None:
    broken = tmp_path / "broken_worker.py"
    broken.write_text(BUG, encoding="utf-8")
    engine, url = Engine(tmp_path), sqlite_database.url.render_as_string()
    worker = RealWorker(tmp_path, engine.address, url, "logs", program=[str(broken)], ABOUTIR_LOG_LEVEL=level)
    try:
        engine.start()
        await asyncio.to_thread(worker.start)
        client = await engine.client()
        desk = Desk(client, "logs")
        k = Canaries()
        told = complaint_of(k)
        reference = (await desk.open(told, WORKER)).reference
        for said, who in journey_of(k, told):
            await desk.submit(reference, c.COMMANDS[said["kind"]].model_validate(said), who)
        book = b"".join(e.event.model_dump_json().encode() for e in entries(sqlite_database, reference)).decode()
        assert len(k.all) >= 44
        assert [word for word in k.all if word not in book] == []

        await accidents(client, engine, sqlite_database, desk, reference, told, k)
        lines = worker.output.splitlines()

        escaped = {word: line for word in k.all for line in lines if word in line}
        print(f"\nlogs: {len(k.all)} canaries, {len(lines)} lines at {level}, {len(escaped)} escaped")
        assert escaped == {}
        assert [line for line in lines if "987 65 41 23" in line or "example.org" in line] == []
        events = [json.loads(line)["event"] for line in lines]
        for event in ("worker_started", "commit_failed", "book_away", "an update validator failed"):
            assert event in events, "the journey has not met what it should"
    finally:
        worker.kill()
        engine.kill()


async def accidents(
    client: Client,
    engine: Engine,
    database: Database,
    desk: Desk,
    reference: str,
    told: Complaint,
    k: Canaries,
) -> None:
    """Refusals, bugs, wrong shapes, an outage, an engine that goes away: each with a word of its own."""
    for text in (f"BUG-AT-THE-DOOR {k()}", f"BUG-IN-THE-BOOK {k()}"):
        with pytest.raises(Problem) as failed:
            await desk.submit(reference, c.AddNote(text=text), WORKER)
        assert failed.value.code == "internal"
    with pytest.raises(Refused):
        await desk.submit(reference, c.AddNote(text=k()), WORKER, expected_version=1)
    with pytest.raises(Refused):
        await desk.open(told, WORKER)
    for wrong in ({"surprise": k()}, k(), {"command": {"kind": "add_note", "text": 7, k(): k()}}):
        with pytest.raises(WorkflowUpdateFailedError):
            await client.get_workflow_handle(reference).execute_update("add_note", wrong)
    with locked(database):
        id = str(uuid.uuid4())
        waiting = asyncio.create_task(desk.submit(reference, c.AddNote(text=k()), WORKER, command_id=id))

        async def waits() -> bool:
            events = (await client.get_workflow_handle(reference).fetch_history()).events
            return any(e.HasField("activity_task_scheduled_event_attributes") for e in events)

        await until_so(waits, "the command waits as an ordinary activity")
    await waiting
    engine.kill()
    with pytest.raises(Away):
        await desk.submit(reference, c.AddNote(text=k()), WORKER)
    await asyncio.to_thread(engine.start)
    await desk.submit(reference, c.AddNote(text=k()), WORKER)


def test_the_broken_worker_is_the_real_one() -> None:
    """What the test above runs is `worker.py` and nothing else, but for one rule."""
    assert "worker._main()" in BUG
    assert "asyncio.run(_main())" in (ROOT / "worker.py").read_text(encoding="utf-8")
